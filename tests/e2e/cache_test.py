"""The result cache with the real binary, redis-server and memcached: servers that die, hang and come back."""

import concurrent.futures
import contextlib
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SDL = """
type things @table(name: "things") { id: Int! @pk  name: String }
type ticks @view(name: "ticks", sql: "SELECT nextval('s.main.ticker') AS n") { n: BigInt }
type slow @view(name: "slow", sql: "SELECT nextval('s.main.ticker') AS n, (SELECT count(*) FROM range(20000000) a WHERE hash(a.range) % 7 = 1) AS c") { n: BigInt }
"""
THING = "{ s { things_by_pk(id: %d) @cache(ttl: %s) { name } } }"
UPDATE = 'mutation { s { update_things(filter: {id: {eq: %d}}, data: {name: "%s"}) { affected_rows } } }'
L1 = {"CACHE_L1_ENABLED": "true"}
SLOWER = 0.1   # What a failing cache server may cost a request, in seconds.
NOISE = 0.25   # What a busy machine may cost it.


def server_socket_answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Server:
    """A process that listens on a free port."""

    def __init__(self, test, folder, *command):
        self.port, self.folder, self.command = cli_test.free_port(), folder, command
        self.process = None
        test.addCleanup(self.stop)
        self.start()

    def start(self):
        command = [part.replace("@PORT@", str(self.port)) for part in self.command]
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not server_socket_answers(self.port):
            assert time.monotonic() < deadline, command
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


@unittest.skipUnless(shutil.which("redis-server") and shutil.which("memcached"), "redis-server and memcached are needed")
class CacheTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)

    def redis(self, *options):
        folder = self.folder / f"redis{random.randrange(10**9)}"
        folder.mkdir()
        return Server(self, folder, "redis-server", "--port", "@PORT@", "--bind", "127.0.0.1", "--save", "", *options)

    def memcached(self):
        return Server(self, self.folder, "memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", "@PORT@")

    def node(self, name="node", **environment):
        folder = self.folder / name
        folder.mkdir()
        database = folder / "s.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute("CREATE SEQUENCE ticker; CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR)")
            connection.execute("INSERT INTO things SELECT range, 'first' FROM range(1000)")
        # The path is part of what results are shared by, so all nodes name the same one.
        config = {"sources": [{"name": "s", "type": "duckdb", "path": "s.duckdb", "prefix": "", "as_module": True,
                               "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
        return cli_test.Node(folder, config, **environment)

    def l2(self, server, backend="redis"):
        return {"CACHE_L2_ENABLED": "true", "CACHE_L2_BACKEND": backend, "CACHE_L2_ADDRESSES": f"127.0.0.1:{server.port}"}

    def query(self, node, query, headers=None):
        """The data, what the cache did, and how long it took."""
        started = time.monotonic()
        connection = cli_test.http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request("POST", "/query", json.dumps({"query": query}), headers or {})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        self.assertNotIn("errors", answer)
        return answer["data"], response.getheader("X-Eider-Cache"), time.monotonic() - started

    def name_of(self, node, thing, ttl=60):
        data, state, _ = self.query(node, THING % (thing, ttl))
        return data["s"]["things_by_pk"]["name"], state

    def wait_for(self, what, seconds, message="it took too long"):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), deadline, message)
            time.sleep(0.02)

    def metric(self, node, name):
        for line in node.send("GET", "/metrics")[1].splitlines():
            if line.startswith(name + " ") or line.startswith(name + "{"):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(name)

    def test_a_thousand_identical_misses_execute_once(self):
        body = json.dumps({"query": "{ s { slow @cache { n } } }"}).encode()
        request = b"POST /query HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        with self.node(**L1) as node:
            self.query(node, "{ s { slow @no_cache { n } } }")
            clients = [socket.create_connection(("127.0.0.1", node.port), cli_test.SECONDS) for _ in range(1000)]
            clients[0].sendall(request)
            time.sleep(0.05)
            for client in clients[1:]:
                client.sendall(request)
            # The one that began it goes.
            clients[0].close()
            answers = set()
            for client in clients[1:]:
                received = b""
                while piece := client.recv(65536):
                    received += piece
                client.close()
                answers.add(received.split(b"\r\n\r\n", 1)[1])
            self.assertEqual(answers, {b'{"data":{"s":{"slow":[{"n":2}]}}}'})

    def test_an_entry_ends_at_its_time_without_access(self):
        with self.node(CACHE_L1_CLEAN_TIME="250ms", **L1) as node:
            self.assertEqual(self.name_of(node, 1, 3), ("first", "miss"))
            started = time.monotonic()
            self.assertEqual(self.metric(node, "eider_cache_entries"), 1)
            time.sleep(2)
            self.assertEqual(self.name_of(node, 1, 3), ("first", "hit"))
            self.wait_for(lambda: self.metric(node, "eider_cache_entries") == 0, 3)
            self.assertAlmostEqual(time.monotonic() - started, 3, delta=1)
            self.assertEqual(self.metric(node, "eider_cache_bytes"), 0)
            self.assertEqual(self.name_of(node, 1, 3), ("first", "miss"))

    def test_nothing_stale_after_a_change_was_answered(self):
        redis = self.redis()
        with self.node(**L1, **self.l2(redis)) as node:
            announced, stop, stale = [0] * 4, threading.Event(), []

            def write(thing):
                for version in range(1, 60):
                    node.ask(UPDATE % (thing, version))
                    announced[thing] = version

            def read(seed):
                dice = random.Random(seed)
                while not stop.is_set():
                    thing = dice.randrange(4)
                    floor = announced[thing]
                    name, state = self.name_of(node, thing)
                    if floor and int(name) < floor:
                        stale.append((thing, name, floor, state))

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                readers = [pool.submit(read, seed) for seed in range(4)]
                for writer in [pool.submit(write, thing) for thing in range(4)]:
                    writer.result()
                stop.set()
                for reader in readers:
                    reader.result()
            self.assertEqual(stale, [])
            self.assertGreater(self.metric(node, 'eider_cache_requests_total{level="l1",result="hit"}'), 0)

    def test_users_never_share_results(self):
        secret = "a secret of sufficient length"
        with self.node(SECRET_KEY=secret, **L1) as node:
            def state(user, role="admin", **headers):
                given = {"x-hugr-secret-key": secret, "x-hugr-user-id": user, "x-hugr-role": role} | headers
                return self.query(node, THING % (1, 60), given)[1]

            self.assertEqual([state("a"), state("a"), state("b"), state("b"), state("a")],
                             ["miss", "hit", "miss", "hit", "hit"])
            self.assertEqual([state("a", "public"), state("a", "public")], ["miss", "hit"])
            self.assertEqual(state("a", **{"X-Hugr-Timezone": "Asia/Kolkata"}), "miss")

    def share(self, server, backend):
        with self.node("a", **L1, **self.l2(server, backend)) as a, self.node("b", **L1, **self.l2(server, backend)) as b:
            time.sleep(1)  # Both have begun to listen.
            self.query(a, "{ s { ticks @cache { n } } }")
            self.assertEqual(self.query(a, "{ s { ticks @cache { n } } }")[1], "hit")
            # Stored behind the answer.
            self.wait_for(lambda: self.query(b, "{ s { ticks @cache(ttl: 61) { n } } }")[1] == "hit", 5)
            self.assertEqual(self.name_of(a, 5), ("first", "miss"))
            self.wait_for(lambda: self.name_of(b, 5)[1] == "hit", 5)
            # Each node has rows of its own here, so only the first sees the change itself; the other must look again.
            a.ask(UPDATE % (5, "second"))
            self.assertEqual(self.name_of(a, 5), ("second", "miss"))
            self.wait_for(lambda: self.name_of(b, 5)[0] == "second" or self.name_of(b, 5)[1] == "miss", 2)
            a.ask("mutation { function { core { cache { invalidate { success } } } } }")
            self.wait_for(lambda: self.query(b, "{ s { ticks @cache(ttl: 61) { n } } }")[1] == "miss", 2)

    def test_nodes_share_results_through_redis(self):
        self.share(self.redis(), "redis")

    def test_nodes_share_results_through_memcached(self):
        self.share(self.memcached(), "memcached")

    def under_load(self, node, fail, back):
        """Runs queries while the cache server fails and comes back; none may fail or be much slower."""
        durations, stop = [], threading.Event()

        def load(seed):
            dice = random.Random(seed)
            while not stop.is_set():
                durations.append(self.query(node, THING % (dice.randrange(1000), 60))[2])

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load, seed) for seed in range(4)]
            time.sleep(1)
            usual = sorted(durations)[-1]
            fail()
            durations.clear()
            time.sleep(3)
            worst = max(durations)
            back()
            time.sleep(1)
            stop.set()
            for each in loads:
                each.result()
        self.assertLess(worst, usual + SLOWER + NOISE)

    def no_stale_row(self, server, backend, fail, back):
        with self.node(**self.l2(server, backend)) as node:
            self.assertEqual(self.name_of(node, 7), ("first", "miss"))
            self.wait_for(lambda: self.name_of(node, 7) == ("first", "hit"), 5)
            fail()
            started = time.monotonic()
            node.ask(UPDATE % (7, "second"))
            self.assertLess(time.monotonic() - started, 0.5 + SLOWER + NOISE)
            self.assertEqual(self.name_of(node, 7), ("second", "miss"))
            back()
            deadline = time.monotonic() + 15
            state = "miss"
            while state != "hit":
                name, state = self.name_of(node, 7)
                self.assertEqual(name, "second")
                self.assertLess(time.monotonic(), deadline, "the server is never used again")
                time.sleep(0.05)

    def save_and_kill(self, redis):
        with socket.create_connection(("127.0.0.1", redis.port), 5) as client:
            client.sendall(b"SAVE\r\n")
            client.recv(100)
        redis.process.kill()
        redis.process.wait()

    def test_redis_is_killed_and_comes_back_with_what_it_knew(self):
        redis = self.redis()
        self.no_stale_row(redis, "redis", lambda: self.save_and_kill(redis), redis.start)

    def test_redis_is_killed_under_load(self):
        redis = self.redis()
        with self.node(**self.l2(redis)) as node:
            self.under_load(node, lambda: self.save_and_kill(redis), redis.start)

    def test_memcached_hangs_and_goes_on(self):
        memcached = self.memcached()
        self.no_stale_row(memcached, "memcached", lambda: memcached.process.send_signal(signal.SIGSTOP),
                          lambda: memcached.process.send_signal(signal.SIGCONT))

    def test_memcached_hangs_under_load(self):
        memcached = self.memcached()
        with self.node(**self.l2(memcached, "memcached")) as node:
            self.under_load(node, lambda: memcached.process.send_signal(signal.SIGSTOP),
                            lambda: memcached.process.send_signal(signal.SIGCONT))

    def test_a_cluster_of_redis(self):
        servers = [self.redis("--cluster-enabled", "yes", "--cluster-port", str(cli_test.free_port())) for _ in range(3)]
        addresses = [f"127.0.0.1:{server.port}" for server in servers]
        subprocess.run(["redis-cli", "--cluster", "create", *addresses, "--cluster-yes"], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        environment = self.l2(servers[0]) | {"CACHE_L2_ADDRESSES": ",".join(addresses)}
        with self.node(**environment) as node:
            for thing in range(20):
                self.wait_for(lambda thing=thing: self.name_of(node, thing) == ("first", "hit"), 10)
            node.ask(UPDATE % (3, "second"))
            self.assertEqual(self.name_of(node, 3), ("second", "miss"))

    def test_sentinels_name_the_master(self):
        master = self.redis()
        folder = self.folder / "sentinel"
        folder.mkdir()
        (folder / "sentinel.conf").write_text(f"sentinel monitor kept 127.0.0.1 {master.port} 1\n")
        sentinel = Server(self, folder, "redis-server", "sentinel.conf", "--sentinel", "--port", "@PORT@", "--bind", "127.0.0.1")
        with self.node(CACHE_L2_SENTINEL_MASTER="kept", **self.l2(sentinel)) as node:
            self.wait_for(lambda: self.name_of(node, 1) == ("first", "hit"), 10)

    def test_what_cannot_be_applied_is_refused(self):
        for environment, message in (({"CACHE_L2_ADDRESSES": "x:y"}, "CACHE_L2_ADDRESSES"),
                                     ({"CACHE_L2_ADDRESSES": ""}, "CACHE_L2_ADDRESSES"),
                                     ({"CACHE_L2_BACKEND": "memcached", "CACHE_L2_DATABASE": "1"}, "memcached knows no"),
                                     ({"CACHE_L1_ENABLED": "true", "CACHE_L1_SHARDS": "0"}, "CACHE_L1_SHARDS"),
                                     ({"CACHE_IDENTITY": "nobody"}, "must be one of full, projection")):
            given = {"CACHE_L2_ENABLED": "true", "CACHE_L2_ADDRESSES": "127.0.0.1:1"} | environment
            ended = cli_test.run("serve", "--bind", "127.0.0.1:0", env=given)
            self.assertNotEqual(ended.returncode, 0, environment)
            self.assertIn(message, ended.stderr + ended.stdout)


if __name__ == "__main__":
    unittest.main()
