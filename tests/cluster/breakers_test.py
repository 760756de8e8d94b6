"""Circuit breakers of sources, for each node and shared by all: in redis, and in the core database without it."""

import json
import shutil
import subprocess
import threading
import time
import unittest

import harness
import postgres
from members_test import ADMIN, ThreeNodes

QUERY = "{ pg { t { id } } }"
ROWS = {"pg": {"t": [{"id": 1}]}}
OPEN = "SOURCE_CIRCUIT_OPEN"
AWAY = "SOURCE_UNAVAILABLE"
SECONDS = 2  # Until a circuit is open on every node.


class Redis:
    """A redis-server of its own, without anything on disk."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, harness.free_port(), None
        folder.mkdir()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        harness.wait_for("redis answers", lambda: self.command("PING") == "+PONG", 10)

    def stop(self):
        self.process.kill()
        self.process.wait(10)

    def command(self, *words):
        """The first line of an answer."""
        with harness.socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.makefile().readline().strip()


class BreakerTest(ThreeNodes):
    """Three nodes, of which each reaches the same PostgreSQL by a gate of its own."""

    def way(self):
        """The source's path through a gate, and the gate."""
        core = self.cluster.core
        if self.server is None:
            self.server = core.create_database("shop", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
            self.cluster.expect("pg")
        gate = self.cluster.gate(core.port)
        return self.server.replace(str(core.port), str(gate.port)), gate

    def setUp(self):
        super().setUp()
        self.server = None

    def settle(self, **settings):
        self.cluster.settings |= {"BREAKER_SHARED": "true"} | settings
        nodes = []
        for name, role in (("a", "management"), ("b", "worker"), ("c", "worker")):
            path, gate = self.way()
            node = self.cluster.member(name, role, WAY=path)
            node.gate = gate
            node.start(wait=False)
            nodes.append(node)
        for node in nodes:
            node.wait_ready()
        harness.wait_for("a leads", lambda: self.leader(nodes[0]) == "a", 15)
        harness.wait_for("all are up", lambda: [row["status"] for row in self.rows(nodes[2]).values()] == ["up"] * 3, 10)
        self.insert(nodes[0], "[$WAY]", "pg", "postgres")
        outcome = self.operate(nodes[0], 'load_source(name: "pg")')
        self.assertTrue(outcome["success"], outcome)
        self.assertEqual(self.codes(nodes), [None] * 3)
        return nodes

    def code(self, node):
        """The code of the answer to a query of the source; None when it has rows."""
        answer = node.answer(QUERY, ADMIN | {"X-Eider-Errors": "full"})
        if "errors" not in answer:
            self.assertEqual(answer["data"], ROWS)
            return None
        return answer["errors"][0]["extensions"]["code"]

    def codes(self, nodes):
        return [self.code(node) for node in nodes]

    def lose(self, node, times):
        """Has `times` connections to the source fail, one after the other."""
        node.gate.cut()
        time.sleep(0.1)
        for number in range(times):
            self.assertEqual(self.code(node), AWAY, number)

    def await_open(self, nodes):
        """The circuit opens on every node, also on the last one, whose own way is not blocked."""
        since = time.monotonic()
        harness.wait_for("the last one refuses", lambda: self.code(nodes[2]) == OPEN, SECONDS, 0.02)
        # A query would be a failure of its own.
        harness.wait_for("all do", lambda: self.gauges(nodes) == [1, 1, 1], SECONDS, 0.02)
        spent = time.monotonic() - since
        print(f"{self.id().rpartition('.')[2]}: open everywhere after {spent:.2f} s", flush=True)
        self.assertLess(spent, SECONDS)
        self.assertEqual(self.codes(nodes), [OPEN] * 3)

    def states(self, node):
        """State of the source by node, as `node` tells it."""
        rows = node.ask('{ core { cluster { node_sources(filter: {name: {eq: "pg"}}) { node state error } } } }', ADMIN)
        return {row["node"]: (row["state"], row["error"]) for row in rows["core"]["cluster"]["node_sources"]}

    def gauges(self, nodes):
        return [dict(node.metrics("eider_source_breaker_open"))['{source="pg"}'] for node in nodes]

    def check_three_and_two(self, nodes):
        """Check 20 of the specification, and what an open circuit answers."""
        self.lose(nodes[0], 3)
        time.sleep(1.2)
        self.assertEqual(self.code(nodes[2]), None)
        self.lose(nodes[1], 2)
        self.await_open(nodes)
        message = nodes[2].answer(QUERY, ADMIN)["errors"][0]["message"]
        self.assertRegex(message, r'^data source "pg": the circuit is open, it is tried again in \d+ s: nodes a, b cannot reach it$')
        started = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.code(nodes[2]), OPEN)
        self.assertLess(time.monotonic() - started, 1)

    def check_reset(self, nodes):
        for node in nodes:
            node.gate.open()
        self.assertEqual(self.codes(nodes), [OPEN] * 3)
        outcome = self.operate(nodes[1], 'reset_breaker(source: "pg")')
        self.assertTrue(outcome["success"], outcome)
        # Nothing that was told before opens it again.
        until = time.monotonic() + 2
        while time.monotonic() < until:
            self.assertEqual(self.codes(nodes), [None] * 3)
            time.sleep(0.1)
        self.assertEqual(self.gauges(nodes), [0, 0, 0])

    def check_alone(self, nodes):
        """Whoever alone cannot reach it refuses alone."""
        self.lose(nodes[0], 5)
        until = time.monotonic() + 2.2
        while time.monotonic() < until:
            self.assertEqual(self.codes(nodes), [OPEN, None, None])
            time.sleep(0.1)
        self.assertEqual(self.gauges(nodes), [1, 0, 0])


@unittest.skipUnless(shutil.which("redis-server"), "redis-server is not installed")
class RedisTest(BreakerTest):
    def settle(self, **settings):
        self.redis = Redis(self.cluster.folder / "redis")
        self.addCleanup(self.redis.stop)
        return super().settle(CACHE_L2_ENABLED="true", CACHE_L2_ADDRESSES=f"127.0.0.1:{self.redis.port}", **settings)

    def test_three_failures_and_two_open_it_everywhere_through_redis(self):
        nodes = self.settle(BREAKER_RESET="30s")
        self.check_three_and_two(nodes)
        # What was told goes by itself.
        self.assertRegex(self.redis.command("PTTL", "eider:cb:pg"), r"^:[1-9]\d{3,4}$")
        self.assertEqual(self.redis.command("HLEN", "eider:cb:pg"), ":2")
        self.check_reset(nodes)
        self.assertEqual(self.redis.command("EXISTS", "eider:cb:pg"), ":0")
        self.check_alone(nodes)
        # Another one adds to it.
        self.lose(nodes[1], 1)
        self.await_open(nodes)

    def test_without_redis_each_node_counts_for_itself(self):
        nodes = self.settle(BREAKER_RESET="5s")
        self.redis.stop()
        started = time.monotonic()
        self.lose(nodes[0], 5)
        self.assertEqual(self.code(nodes[0]), OPEN)
        self.lose(nodes[1], 2)
        self.assertLess(time.monotonic() - started, 2, "nobody waits for redis")
        time.sleep(1)
        self.assertEqual(self.codes(nodes), [OPEN, AWAY, None])
        self.assertIn("breakers are not shared, each node counts its own failures", nodes[0].log())
        for node in nodes:
            node.gate.open()
        harness.wait_for("all are back", lambda: self.codes(nodes) == [None] * 3, 6)
        # It is shared again when redis is back.
        self.redis.start()
        time.sleep(1)
        self.lose(nodes[1], 3)
        self.lose(nodes[0], 2)
        self.await_open(nodes)


class CoreTest(BreakerTest):
    def told(self):
        return self.cluster.core.sql("SELECT source, node, failures FROM eider.source_breakers ORDER BY node").split()

    def test_three_failures_and_two_open_it_everywhere_through_the_core_database(self):
        nodes = self.settle(BREAKER_RESET="30s")
        self.check_three_and_two(nodes)
        self.assertEqual(self.told(), ["pg|a|3", "pg|b|2"])
        self.check_reset(nodes)
        self.assertEqual(self.told(), [])
        self.check_alone(nodes)
        # Nobody waits for a core database that hangs.
        lock = threading.Thread(target=self.cluster.core.sql, args=(
            "BEGIN; LOCK TABLE eider.source_breakers IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT",))
        lock.start()
        time.sleep(0.5)
        started = time.monotonic()
        self.lose(nodes[1], 5)
        self.assertEqual(self.codes(nodes), [OPEN, OPEN, None])
        self.assertLess(time.monotonic() - started, 2)
        lock.join()
        self.assertIn("breakers are not shared, each node counts its own failures", nodes[1].log())
        harness.wait_for("it is shared again", lambda: self.code(nodes[2]) == OPEN, 5)

    def test_who_reaches_it_again_takes_back_what_it_said(self):
        nodes = self.settle(BREAKER_RESET="1500ms")
        self.lose(nodes[0], 3)
        self.lose(nodes[1], 2)
        self.await_open(nodes)
        nodes[0].gate.open()
        # The way of one is still blocked, and its own failures are too few for the others.
        harness.wait_for("two are back", lambda: self.codes(nodes[::2]) == [None] * 2, 6)
        harness.wait_for("it is told", lambda: self.told() == ["pg|b|2"], 4)
        nodes[1].gate.open()
        harness.wait_for("all are back", lambda: self.codes(nodes) == [None] * 3, 6)
        harness.wait_for("that is told", lambda: self.told() == [], 4)


class OneNodeTest(BreakerTest):
    def settle(self, **settings):
        path, gate = self.way()
        node = self.cluster.start("a", "management", **settings)
        node.gate = gate
        harness.wait_for("it leads", lambda: self.leader(node) == "a", 15)
        self.insert(node, path, "pg", "postgres")
        self.assertTrue(self.operate(node, 'load_source(name: "pg")')["success"])
        self.assertEqual(self.code(node), None)
        return node

    def test_a_pause_that_has_grown_ends_when_the_source_is_back(self):
        node = self.settle(BREAKER_FAILURES="2", BREAKER_RESET="2s")
        self.lose(node, 2)
        self.assertEqual(self.code(node), OPEN)
        # As a status for those who ask for it.
        headers = ADMIN | {"Accept": "application/graphql-response+json"}
        self.assertEqual(node.send("POST", "/query", json.dumps({"query": QUERY}), headers)[0], 503)
        # The second pause is up to 4 s long, the third one 6 to 8 s.
        for _ in range(2):
            harness.wait_for("it is tried", lambda: self.code(node) == AWAY, 6)
        node.gate.open()
        started = time.monotonic()
        harness.wait_for("it is back", lambda: self.code(node) is None, 5)
        print(f"back after {time.monotonic() - started:.1f} s")

    def test_a_source_with_an_open_circuit_is_degraded_until_it_closes(self):
        node = self.settle(BREAKER_FAILURES="2", BREAKER_RESET="1s", CLUSTER_HEARTBEAT="20s", CLUSTER_GHOST_TTL="60s")
        self.assertEqual(self.states(node), {"a": ("attached", None)})
        self.lose(node, 2)
        harness.wait_for("it is degraded", lambda: self.states(node)["a"][0] == "degraded", 3)
        self.assertIn("127.0.0.1", self.states(node)["a"][1])
        # It serves what else there is, and says what is wrong: at once, and not with the next heartbeat.
        status, body = node.health()
        self.assertEqual((status, body["status"], [reason["code"] for reason in body["reasons"]]), (200, "degraded", ["source_failed"]))
        self.assertIn("pg: its circuit is open: ", body["reasons"][0]["detail"])
        harness.wait_for("its row says so", lambda: self.rows(node)["a"]["status"] == "degraded", 3)
        self.assertIn(('{source="pg",state="degraded"}', 1.0), node.metrics("eider_source_state"))
        self.assertEqual(node.ask('{ function { core { data_source_status(name: "pg") } } }', ADMIN)["function"]["core"],
                         {"data_source_status": "attached"})
        node.gate.open()
        harness.wait_for("it is back", lambda: self.code(node) is None, 5)
        harness.wait_for("it is attached", lambda: self.states(node) == {"a": ("attached", None)}, 3)
        harness.wait_for("its row says so", lambda: self.rows(node)["a"]["status"] == "up", 3)
        self.assertEqual(node.health()[1], {"ready": True, "status": "up", "reasons": []})

    def test_options_that_fit_nothing_stop_the_start(self):
        alone = harness.Cluster(self.cluster.folder / "alone", CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        for number, (options, message) in enumerate((
                ({"BREAKER_SHARED": "true"}, "BREAKER_SHARED=true is for nodes of a cluster"),
                ({"BREAKER_FAILURES": "0"}, "BREAKER_FAILURES must be a number from 1 to 1000"),
                ({"BREAKER_RESET": "99ms"}, "BREAKER_RESET must be at least 100ms"))):
            node = alone.member(f"n{number}", **options)
            node.start(wait=False)
            self.assertNotEqual(node.process.wait(30), 0)
            self.assertIn(message, node.log())


if __name__ == "__main__":
    unittest.main()
