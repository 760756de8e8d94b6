"""Everything at once: a cluster whose sources change all the time while nodes are killed, stopped, paused and cut off,
and queries that never stop. No answer may be wrong, no node that is not disturbed may fail a query, and in the end all
nodes are in the same state.

    EIDER_CHAOS_SECONDS=300 EIDER_CHAOS_SEED=7 python3 tests/cluster/chaos_test.py     # 45 s without it, an hour at most
"""

import collections
import contextlib
import datetime
import http.client
import json
import os
import random
import tempfile
import threading
import time
import unittest

import harness
import postgres
from members_test import ADMIN

LONGEST = float(min(3600, max(10, int(os.environ.get("EIDER_CHAOS_SECONDS", "45")))))
SEED = int(os.environ.get("EIDER_CHAOS_SEED", "1"))
SOURCES = ("s0", "s1", "s2")
# The gates add to what a busy machine takes.
SETTINGS = {"CLUSTER_POLL_INTERVAL": "2s", "CLUSTER_HEARTBEAT": "1s", "CLUSTER_GHOST_TTL": "8s", "CLUSTER_LEASE_TTL": "4s",
            "CLUSTER_CHECK_INTERVAL": "1s", "CLUSTER_TIMEOUT": "2s", "CLUSTER_APPLY_TIMEOUT": "10s",
            "CLUSTER_PROMOTE_DELAY": "1s", "SOURCE_RETRY_MIN": "200ms", "SOURCE_RETRY_MAX": "1s", "DRAIN_TIMEOUT": "5s"}
EXPECTED_ERRORS = ("core database", "was not loaded", "was taken over by another process", "is already in use by",
                   "cannot be listed", "management lease lost")


def rows_of(version):
    """What every node must answer for a version of a source."""
    return [{"v": version, "n": version * 1000 + n} for n in range(5 + version % 7)]


class Target:
    """A node with the gates in front of it and of its core database, and what is known of it."""

    def __init__(self, cluster, name, role, **settings):
        self.node = cluster.member(name, role, **settings)
        self.way_in = cluster.gate(self.node.port)
        self.way_to_core = cluster.gate(cluster.core.port)
        core = cluster.core.dsn().replace(str(cluster.core.port), str(self.way_to_core.port))
        self.node.environment |= {"CLUSTER_NODE_URL": f"http://127.0.0.1:{self.way_in.port}/ipc", "CORE_DB_PATH": core}
        self.lock = threading.Lock()
        self.disturbances = 0  # Begun or ended; odd while one is under way.
        self.is_down = False   # Nobody can expect answers.
        self.floors = {}       # The version of each source that it must have reached.

    @contextlib.contextmanager
    def disturbed(self, down):
        with self.lock:
            self.disturbances += 1
            self.is_down, self.floors = down, {}
        yield
        with self.lock:
            self.disturbances += 1
            self.is_down, self.floors = False, {}


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is not installed")
class ChaosTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_chaos_")
        self.addCleanup(scratch.cleanup)
        self.random = random.Random(SEED)
        self.cluster = harness.Cluster(scratch.name, **SETTINGS)
        self.failed = True
        self.addCleanup(lambda: self.cluster.__exit__(AssertionError if self.failed else None))
        for text in EXPECTED_ERRORS:
            self.cluster.expect(text)
        self.targets = [Target(self.cluster, "a", "management"), Target(self.cluster, "b", "management"),
                        Target(self.cluster, "c", "worker"), Target(self.cluster, "d", "worker", CLUSTER_AUTO_PROMOTE="true")]
        self.over, self.began, self.story = threading.Event(), time.monotonic(), collections.deque(maxlen=60)
        self.lock = threading.Lock()
        self.wrong, self.counts, self.leaders = [], collections.Counter(), {}
        self.versions = dict.fromkeys(SOURCES, 1)

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def note(self, what):
        with self.lock:
            self.wrong.append(what)
            if len(self.wrong) <= 10:
                print(f"after {time.monotonic() - self.began:.1f} s: {what}", flush=True)
            if len(self.wrong) == 1:
                print(*self.story, self.in_core_database(), sep="\n", flush=True)

    def tell(self, what):
        """What is printed when something is wrong."""
        self.story.append(f"{datetime.datetime.utcnow().time()} {what}")

    def in_core_database(self):
        with contextlib.suppress(RuntimeError):
            return self.cluster.core.sql("SELECT name, generation, epoch, changed_by, changed_at, spec FROM eider.source_desired; "
                                         "SELECT name, path FROM eider.data_sources; SELECT * FROM eider.node_sources ORDER BY name; "
                                         "SELECT * FROM eider.settings")
        return "the core database is away"

    def folder_of(self, source, version):
        folder = self.cluster.folder / f"{source}-{version}"
        folder.mkdir(exist_ok=True)
        lines = [f"{row['v']},{row['n']}" for row in rows_of(version)]
        # A column more with each version: the schema changes, too.
        head = "v,n" + "".join(f",c{number}" for number in range(version % 3))
        (folder / "t.csv").write_text("\n".join([head] + [line + ",0" * (version % 3) for line in lines]) + "\n")
        return str(folder)

    # Queries

    def judge(self, source, answer, floor):
        """What is wrong with an answer; nothing when it is that of one version, and not of one that is past."""
        rows = answer.get("data", {}).get(source, {}).get("t") if "errors" not in answer else None
        if not rows:
            return f"{source}: {json.dumps(answer)[:300]}"
        version = rows[0]["v"]
        if rows != rows_of(version) or not 1 <= version <= self.versions[source]:
            return f"{source}: rows of no version: {json.dumps(rows)[:300]}"
        return f"{source}: version {version} after {floor}" if version < floor else None

    def keep_asking(self, target):
        choose = random.Random(SEED + hash(target.node.name) % 1000)
        while not self.over.is_set():
            if target.is_down:
                time.sleep(0.02)
                continue
            source = choose.choice(SOURCES)
            with target.lock:
                before, floor = target.disturbances, target.floors.get(source, 0)
            try:
                query = f"{{ {source} {{ t(order_by: [{{field: \"n\"}}]) {{ v n }} }} }}"
                wrong = self.judge(source, target.node.answer(query, ADMIN), floor)
            except (OSError, ValueError, http.client.HTTPException) as error:
                wrong = f"{source}: {error!r}"
            self.counts["queries"] += 1
            with target.lock:
                # Nobody promises an answer of a process that ends meanwhile.
                is_excused = target.is_down or (target.disturbances != before and "rows of no" not in (wrong or ""))
            if wrong and not is_excused:
                self.note((target.node.name, wrong))
            time.sleep(0.03)

    def watch_leaders(self):
        while not self.over.is_set():
            for target in self.targets:
                with contextlib.suppress(Exception):
                    leads = target.node.metrics("eider_cluster_leader_is_self")[0][1]
                    epoch = target.node.metrics("eider_cluster_epoch")[0][1]
                    # Two looks: the lease may have gone between them.
                    if leads and target.node.metrics("eider_cluster_leader_is_self")[0][1]:
                        self.leaders.setdefault(epoch, set()).add(target.node.name)
            time.sleep(0.1)

    # Changes

    def operate(self, target, text, timeout=25):
        body = json.dumps({"query": "mutation { function { core { cluster { " + text + " { success message } } } } }"})
        answer = json.loads(target.node.send("POST", "/query", body, ADMIN, timeout=timeout)[1])
        return next(iter(answer["data"]["function"]["core"]["cluster"].values()))

    def change(self, target, source):
        """Begins the next version of a source on a node, for all."""
        version = self.versions[source] + 1
        path = self.folder_of(source, version)
        answer = target.node.answer("mutation($n: String!, $p: String!) { core { update_data_sources(filter: {name: {eq: $n}}, "
                                    "data: {path: $p}) { affected_rows } } }", ADMIN, n=source, p=path)
        # What was refused may be written all the same, when only the answer was lost.
        self.versions[source] = version
        self.tell(f"{source} is {version} by {target.node.name}: {answer}")
        if "errors" in answer:
            return False
        before = {other: other.disturbances for other in self.targets}
        outcome = self.operate(target, f'reload_source(name: "{source}")')
        self.counts["operations"] += 1
        self.tell(f"{source} {version} by {target.node.name}: {outcome}")
        if not outcome["success"]:
            return False
        self.counts["done"] += 1
        for other in self.targets:
            with other.lock:
                if other.disturbances == before[other] and other.disturbances % 2 == 0:
                    other.floors[source] = version
        return True

    def keep_changing(self):
        choose = random.Random(SEED + 1)
        while not self.over.is_set():
            target = choose.choice(self.targets)
            if target.is_down:
                continue
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
                self.change(target, choose.choice(SOURCES))
            if choose.random() < 0.2:
                with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                    target.node.answer('mutation($n: String!) { core { insert_roles(data: {name: $n, description: ""}) { name } } }',
                                       ADMIN, n=f"r{choose.randrange(10**9)}")
            time.sleep(choose.random() * 0.3)

    # Disturbances

    def kill(self, target, seconds):
        with target.disturbed(down=True):
            target.node.kill()
            time.sleep(seconds / 3)
            target.node.start()

    def restart(self, target, seconds):
        with target.disturbed(down=True):
            if target.node.stop() != 0:
                self.note((target.node.name, "ended badly"))
            time.sleep(seconds / 3)
            target.node.start()

    def pause(self, target, seconds):
        with target.disturbed(down=True):
            target.node.pause()
            time.sleep(seconds)
            target.node.resume()
            time.sleep(0.5)

    def cut_off(self, gate, target, seconds, how):
        with target.disturbed(down=False):
            how(gate)
            time.sleep(seconds)
            gate.open()
            # It must have heard of the others before anything is expected of it.
            time.sleep(3)

    def disturb(self, target, choose):
        seconds = 1 + 5 * choose.random()
        kind = choose.choice(["kill", "restart", "pause", "core cut", "core stalled", "unreachable"])
        self.counts[kind] += 1
        self.tell(f"{kind} {target.node.name} {seconds:.1f} s")
        if kind in ("kill", "restart", "pause"):
            getattr(self, kind)(target, seconds)
        elif kind == "unreachable":
            self.cut_off(target.way_in, target, seconds, harness.Gate.cut)
        else:
            self.cut_off(target.way_to_core, target, seconds,
                         harness.Gate.cut if kind == "core cut" else harness.Gate.stall)

    def lose_core(self, choose):
        """Nobody starts meanwhile; queries go on everywhere."""
        self.counts["core lost"] += 1
        self.tell("core lost")
        self.cluster.core.stop(choose.choice([harness.signal.SIGINT, harness.signal.SIGQUIT]))
        time.sleep(1 + 3 * choose.random())
        self.cluster.core.start()
        self.tell("core is back")

    def keep_disturbing(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.random.random() < 0.15:
                self.lose_core(self.random)
                continue
            if self.random.random() < 0.15:
                with contextlib.suppress(Exception):
                    self.operate(self.random.choice(self.targets), f'set_leader(node: "{self.random.choice("ab")}")', 5)
            chosen = self.random.sample(self.targets, self.random.choice([1, 1, 2]))
            seeds = [random.Random(self.random.random()) for _ in chosen]
            threads = [threading.Thread(target=self.disturb, args=pair) for pair in zip(chosen, seeds)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(self.random.random())

    # The whole

    def begin(self):
        for target in self.targets:
            target.node.start(wait=False)
        for target in self.targets:
            target.node.wait_ready()
        first = self.targets[0]
        for source in SOURCES:
            first.node.ask("mutation($n: String!, $p: String!) { core { insert_data_sources(data: {name: $n, type: \"files\", "
                           "prefix: $n, as_module: true, self_defined: true, path: $p}) { name } } }", ADMIN, n=source,
                           p=self.folder_of(source, 1))
            harness.wait_for(f"{source} is loaded", lambda source=source: self.operate(
                first, f'load_source(name: "{source}")')["success"], 30)

    def state_of(self, node):
        """What must be the same on all nodes in the end."""
        data = node.ask("{ core { roles(limit: 100000, order_by: [{field: \"name\"}]) { name } data_sources(order_by: [{field: \"name\"}]) { "
                        "name path } } function { core { cluster { schema_version leader } } } "
                        + " ".join(f"{source} {{ t(order_by: [{{field: \"n\"}}]) {{ v n }} }}" for source in SOURCES) + " }", ADMIN)
        return json.dumps(data, sort_keys=True)

    def settle(self):
        nodes = [target.node for target in self.targets]
        for source in SOURCES:
            harness.wait_for(f"{source} changes on all nodes", lambda source=source: self.change(self.targets[2], source), 60, 0.5)
        harness.wait_for("all are up", lambda: all(node.health()[1]["status"] == "up" for node in nodes), 40)
        harness.wait_for("all have the same state", lambda: len({self.state_of(node) for node in nodes}) == 1, 30)
        for source in SOURCES:
            for node in nodes:
                answer = node.ask(f"{{ {source} {{ t(order_by: [{{field: \"n\"}}]) {{ v n }} }} }}", ADMIN)
                self.assertEqual(answer[source]["t"], rows_of(self.versions[source]), (node.name, source))
        rows = nodes[0].ask("{ core { cluster { nodes { name status is_leader } node_sources { node name state generation } "
                            "sources { name generation } } } }", ADMIN)["core"]["cluster"]
        self.assertEqual({row["name"]: row["status"] for row in rows["nodes"]}, dict.fromkeys("abcd", "up"))
        self.assertEqual(sum(row["is_leader"] for row in rows["nodes"]), 1)
        wanted = {row["name"]: row["generation"] for row in rows["sources"]}
        self.assertEqual({(row["node"], row["name"]): (row["state"], row["generation"]) for row in rows["node_sources"]},
                         {(node.name, name): ("attached", wanted[name]) for node in nodes for name in SOURCES})

    def test_nothing_is_wrong_whatever_happens(self):
        print(f"chaos for {LONGEST:.0f} s, EIDER_CHAOS_SEED={SEED}", flush=True)
        self.begin()
        threads = [threading.Thread(target=self.keep_asking, args=(target,)) for target in self.targets for _ in range(2)]
        threads += [threading.Thread(target=self.keep_changing), threading.Thread(target=self.watch_leaders)]
        for thread in threads:
            thread.start()
        try:
            self.keep_disturbing(LONGEST)
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
        print(dict(self.counts), "epochs:", sorted(self.leaders), flush=True)
        self.assertEqual(self.wrong[:10], [], f"{len(self.wrong)} wrong answers")
        self.settle()
        self.assertEqual({epoch: names for epoch, names in self.leaders.items() if len(names) > 1}, {})
        self.assertGreater(self.counts["queries"], 5 * LONGEST)
        self.assertGreater(self.counts["done"], LONGEST / 20)


if __name__ == "__main__":
    unittest.main()
