"""A cluster of three nodes with what may happen to them: stops, kills, pauses, wrong clocks; and what it shows."""

import http.client
import json
import socket
import tempfile
import threading
import time
import unittest

import harness
import postgres
import signing

ADMIN = {"x-hugr-secret": harness.SECRET}
NODES = ('{ core { cluster { nodes(order_by: [{field: "name"}]) { name role status ready is_leader schema_version epoch '
         '} } } }')
ROLE = '{ core { roles_by_pk(name: "admin") { name } } }'
LEADER = "{ function { core { cluster { leader my_name is_leader my_role } } } }"
NEW_KEY = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class ThreeNodes(unittest.TestCase):
    settings = {}

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_members_")
        self.addCleanup(scratch.cleanup)
        self.cluster = harness.Cluster(scratch.name, **({
            "CLUSTER_POLL_INTERVAL": "2s", "CLUSTER_HEARTBEAT": "1s", "CLUSTER_GHOST_TTL": "4s", "CLUSTER_LEASE_TTL": "4s",
            "CLUSTER_CHECK_INTERVAL": "1s", "CLUSTER_TIMEOUT": "2s", "CLUSTER_APPLY_TIMEOUT": "40s",
            "SOURCE_RETRY_MIN": "200ms", "SOURCE_RETRY_MAX": "1s"} | self.settings))
        self.failed = True
        self.addCleanup(lambda: self.cluster.__exit__(AssertionError if self.failed else None))

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def start(self):
        """Two management nodes and a worker, all at once."""
        nodes = [self.cluster.member("a", "management"), self.cluster.member("b", "management"), self.cluster.member("c")]
        for node in nodes:
            node.start(wait=False)
        for node in nodes:
            node.wait_ready()
        harness.wait_for("somebody leads", lambda: self.leader(nodes[2]), 15)
        harness.wait_for("all are up", lambda: {row["status"] for row in self.rows(nodes[2]).values()} == {"up"}, 10)
        return nodes

    def rows(self, node):
        return {row["name"]: row for row in node.ask(NODES, ADMIN)["core"]["cluster"]["nodes"]}

    def leader(self, node):
        return node.ask(LEADER, ADMIN)["function"]["core"]["cluster"]["leader"]

    def leading(self, nodes):
        """The nodes, the leader first."""
        name = self.leader(nodes[2])
        return sorted(nodes, key=lambda node: (node.name != name, node.name))

    def operate(self, node, text, **variables):
        """The outcome of one operation of core.cluster."""
        declared = "(" + ", ".join(f"${name}: String" for name in variables) + ")" if variables else ""
        answer = node.ask(f"mutation{declared} {{ function {{ core {{ cluster {{ {text} {{ success message affected_rows "
                          "last_id } } } } }", ADMIN, **variables)
        return next(iter(answer["function"]["core"]["cluster"].values()))

    def insert(self, node, path, name="shop", kind="files"):
        node.ask("mutation($n: String!, $t: String!, $p: String!) { core { insert_data_sources(data: {name: $n, type: $t, "
                 "prefix: $n, as_module: true, self_defined: true, path: $p}) { name } } }", ADMIN, n=name, t=kind,
                 p=str(path))

    def shop(self, rows=3, name="shop"):
        folder = self.cluster.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "t.csv").write_text("id,name\n" + "".join(f"{n},x\n" for n in range(rows)))
        return folder

    def count(self, node, name="shop"):
        return node.ask(f"{{ {name} {{ t_aggregation {{ _rows_count }} }} }}", ADMIN)[name]["t_aggregation"]["_rows_count"]


class MembersTest(ThreeNodes):
    def test_three_at_once_lead_and_follow(self):
        nodes = self.start()
        rows = self.rows(nodes[2])
        self.assertEqual(sorted(rows), ["a", "b", "c"])
        self.assertEqual({row["status"] for row in rows.values()}, {"up"})
        self.assertEqual(sum(row["is_leader"] for row in rows.values()), 1)
        self.assertEqual(sum("version 1: expand" in node.log() for node in nodes), 1)
        self.assertEqual(sum(node.metrics("eider_cluster_leader_is_self")[0][1] for node in nodes), 1)
        harness.wait_for("all have heard of the leader",
                         lambda: {node.metrics("eider_cluster_epoch")[0][1] for node in nodes} == {1}, 5)

        def members():
            return sum(value for _, value in nodes[2].metrics("eider_cluster_nodes"))
        harness.wait_for("the members are counted", lambda: members() == 3, 5)
        self.assertEqual(nodes[2].metrics("eider_cluster_schema_lag"), [("", 0.0)])
        self.assertGreater(nodes[2].metrics("eider_cluster_heartbeat_seconds_count")[0][1], 0)
        self.assertEqual(nodes[2].metrics("eider_cluster_heartbeat_failures_total"), [("", 0.0)])
        calls = dict(nodes[2].metrics("eider_core_db_seconds_count"))
        self.assertGreater(calls['{op="read",state="ok"}'], 0)
        leader = self.leading(nodes)[0]
        self.assertGreater(leader.metrics("eider_cluster_lease_remaining_seconds")[0][1], 0)

    def test_a_killed_leader_is_followed_and_forgotten(self):
        nodes = self.start()
        dead = self.leading(nodes)[0]
        epoch = nodes[2].metrics("eider_cluster_epoch")[0][1]
        dead.kill()
        harness.wait_for("another one leads", lambda: self.leader(nodes[2]) not in (None, dead.name), 10)
        self.assertEqual(nodes[2].metrics("eider_cluster_epoch")[0][1], epoch + 1)
        self.assertEqual(nodes[2].metrics("eider_cluster_leader_changes_total")[0][1], 1)
        harness.wait_for("the dead one is forgotten", lambda: dead.name not in self.rows(nodes[2]), 15)
        dead.start()
        self.assertIn(dead.name, self.rows(nodes[2]))

    def test_a_graceful_stop_of_the_leader_is_quick(self):
        nodes = self.start()
        old = self.leading(nodes)[0]
        stopping = threading.Thread(target=old.stop)
        stopping.start()
        harness.wait_for("another one leads", lambda: self.leader(nodes[2]) not in (None, old.name), 6)
        stopping.join()
        harness.wait_for("its row is gone", lambda: old.name not in self.rows(nodes[2]), 3)

    def test_a_wrong_clock_changes_nothing(self):
        shift = harness.clock_shift(3600)
        if shift is None:
            self.skipTest("libfaketime is not installed")
        nodes = self.start()
        late = self.cluster.start("d", **shift)
        harness.wait_for("it is a member", lambda: self.rows(nodes[2]).get("d", {}).get("status") == "up", 10)
        # Signed with the database's time, in both directions.
        query = json.dumps({"query": ROLE})
        headers = signing.headers_of(harness.SECRET, "a", "d", query)
        self.assertEqual(signing.send(late.port, headers, query)[0], 200)
        self.assertAlmostEqual(late.metrics("eider_cluster_clock_offset_seconds")[0][1], -3600, delta=5)
        time.sleep(5)
        self.assertEqual(set(self.rows(nodes[2])), {"a", "b", "c", "d"})

    def test_nobody_writes_rows_of_nodes(self):
        node = self.start()[0]
        row = '{name: "x", url: "http://127.0.0.1:1", role: "worker", status: "up", ready: true, is_leader: false}'
        for change in (f"insert_nodes(data: {row}) {{ name }}", f"insert_many_nodes(data: [{row}]) {{ name }}",
                       f"upsert_nodes(data: {row}) {{ name }}", "delete_nodes { affected_rows }",
                       'update_nodes(filter: {name: {eq: "a"}}, data: {url: "http://127.0.0.1:1"}) { affected_rows }'):
            answer = node.answer("mutation { core { cluster { " + change + " } } }", ADMIN)
            self.assertEqual(answer, {"errors": [{"message": "forbidden"}]}, change)
        self.assertEqual(set(self.rows(node)), {"a", "b", "c"})

    def test_a_new_key_beside_the_former_one(self):
        first = self.cluster.start("a", "management")
        self.insert(first, "/nowhere")
        both = self.cluster.start("b", "management", CORE_DB_ENCRYPTION_KEY=NEW_KEY, CORE_DB_ENCRYPTION_KEYS_OLD=harness.KEY)
        self.assertEqual(both.ask("{ core { data_sources { path } } }", ADMIN)["core"]["data_sources"], [{"path": "/nowhere"}])
        late = self.cluster.member("c").start(wait=False)
        self.assertNotEqual(late.process.wait(harness.SECONDS), 0)
        self.assertIn("core encryption key does not match", late.log())


class OptionsTest(ThreeNodes):
    def test_a_dedicated_node_serves_no_queries(self):
        boss = self.cluster.member("boss", "management", CLUSTER_SERVE_QUERIES="false").start(wait=False)
        harness.wait_for("it is started", lambda: boss.health()[1]["status"] == "dedicated_management", 20)
        worker = self.cluster.start("c")
        harness.wait_for("it leads", lambda: self.leader(worker) == "boss", 15)
        self.insert(worker, self.shop())
        self.assertEqual(self.operate(worker, 'load_source(name: "shop")')["message"], "forwarded to management")
        self.assertEqual(self.count(worker), 3)
        for query in ("{ shop { t { id } } }", "{ a: shop { t_aggregation { _rows_count } } core { roles { name } } }",
                      "query { ...F } fragment F on Query { shop { t { id } } }",
                      '{ jq(query: ".") { shop { t { id } } } }'):
            status, body = boss.send("POST", "/query", json.dumps({"query": query}), ADMIN)
            self.assertEqual((status, json.loads(body)["errors"][0]["message"]), (503, "node does not serve queries"), query)
        for query in (ROLE, LEADER, "{ __schema { queryType { name } } }", "{ __typename }", NODES):
            self.assertNotIn("errors", boss.answer(query, ADMIN))

    def test_addresses_and_versions(self):
        node = self.cluster.start("a", "management", CLUSTER_NODE_URL="auto", CLUSTER_NODE_NAME="hostname")
        rows = node.ask("{ core { cluster { nodes { name url } } } }", ADMIN)["core"]["cluster"]["nodes"]
        self.assertEqual(rows, [{"name": socket.gethostname(), "url": node.url + "/ipc"}])
        harness.wait_for("it leads", lambda: self.leader(node), 15)
        self.insert(node, self.shop())

        def send(version=None):
            headers = ADMIN | ({"X-Eider-Min-Schema-Version": str(version)} if version is not None else {})
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
            connection.request("POST", "/query", json.dumps({"query": ROLE}), headers)
            response = connection.getresponse()
            body = json.loads(response.read())
            connection.close()
            return response.status, int(response.headers["X-Eider-Schema-Version"]), body
        before = send()[1]
        self.assertTrue(self.operate(node, 'load_source(name: "shop")')["success"])
        self.assertEqual(send()[1], before + 1)
        self.assertEqual(send(before + 1)[0], 200)
        self.assertEqual(send("much")[0], 400)
        started = time.monotonic()
        status, _, body = send(before + 2)
        self.assertEqual((status, body["errors"][0]["extensions"]["code"]), (503, "SCHEMA_NOT_READY"))
        self.assertGreater(time.monotonic() - started, 4)
        # Reached while the request waits.
        late = threading.Timer(1, lambda: self.operate(node, 'unload_source(name: "shop")'))
        late.start()
        self.assertEqual(send(before + 2)[0], 200)
        late.join()

    def test_a_strict_start_ends_with_a_failed_source(self):
        self.cluster.expect("was not loaded")
        node = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(node), 15)
        folder = self.shop()
        self.insert(node, folder)
        self.assertTrue(self.operate(node, 'load_source(name: "shop")')["success"])
        self.assertEqual(self.cluster.start("b", CLUSTER_STRICT_START="true").stop(), 0)
        (folder / "t.csv").unlink()
        folder.rmdir()
        late = self.cluster.members["b"].start(wait=False)
        self.assertNotEqual(late.process.wait(harness.SECONDS), 0)
        self.assertIn('CLUSTER_STRICT_START: data source \\"shop\\" was not loaded', late.log().replace('"shop"', '\\"shop\\"'))
        self.assertEqual(set(self.rows(node)), {"a"})

    def test_an_operation_is_not_done_twice(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop())

        def load(node, key):
            headers = ADMIN | ({"Idempotency-Key": key} if key else {})
            answer = node.ask('mutation { function { core { cluster { reload_source(name: "shop") { success message } } } } }',
                              headers)
            self.assertTrue(answer["function"]["core"]["cluster"]["reload_source"]["success"])
            return nodes[0].ask("{ core { cluster { sources { generation } } } }", ADMIN)["core"]["cluster"]["sources"]
        self.assertEqual(load(nodes[0], "one"), [{"generation": 1}])
        self.assertEqual(load(nodes[0], "one"), [{"generation": 1}])
        self.assertEqual(load(nodes[2], "one"), [{"generation": 1}])
        self.assertEqual(load(nodes[2], "two"), [{"generation": 2}])
        self.assertEqual(load(nodes[1], "two"), [{"generation": 2}])
        self.assertEqual(load(nodes[0], ""), [{"generation": 3}])

    def test_a_source_that_fails_on_one_node_alone(self):
        self.cluster.expect("was not loaded")
        nodes = self.leading(self.start())
        self.assertEqual(nodes[2].stop(), 0)
        # Of another path on that node alone.
        own = self.shop()
        for node in nodes[:2]:
            self.assertEqual(node.stop(), 0)
            node.start(SHOP=str(own))
        nodes[2].start(SHOP="/nowhere")
        harness.wait_for("somebody leads", lambda: self.leader(nodes[0]), 15)
        harness.wait_for("all are up", lambda: [row["status"] for row in self.rows(nodes[0]).values()] == ["up"] * 3, 10)
        self.insert(nodes[0], "[$SHOP]")
        outcome = self.operate(nodes[0], 'load_source(name: "shop")')
        self.assertEqual((outcome["success"], outcome["last_id"]), (False, 1))
        self.assertEqual(nodes[2].health()[0], 200)
        harness.wait_for("it leaves the balancer", lambda: nodes[2].health()[1]["status"] == "source_diverged", 60)
        self.assertEqual([node.health()[0] for node in nodes[:2]], [200, 200])
        self.assertEqual(self.count(nodes[1]), 3)
        harness.wait_for("it says so", lambda: not self.rows(nodes[0])[nodes[2].name]["ready"], 5)


class StoredModelTest(ThreeNodes):
    def test_types_stay_while_a_source_is_away(self):
        self.cluster.expect("was not loaded")
        server = postgres.Server()
        self.addCleanup(server.close)
        server.sql("CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'x'); CREATE VIEW v AS "
                   "SELECT id FROM t")
        nodes = self.leading(self.start())
        self.insert(nodes[0], server.dsn(), "pg", "postgres")
        outcome = self.operate(nodes[0], 'load_source(name: "pg")')
        self.assertTrue(outcome["success"], outcome)
        # What is added to the source is nobody's before it is loaded again.
        server.sql("ALTER TABLE t ADD COLUMN more int")
        worker = nodes[2]
        fields = '{ __type(name: "pg_t") { fields { name } } }'
        before = nodes[0].ask(fields, ADMIN)
        self.assertEqual(worker.stop(), 0)
        server.stop()
        worker.start()
        self.assertEqual(worker.ask(fields, ADMIN), before)
        for query in ("{ pg { t { id } } }", "{ pg { t_aggregation { _rows_count } } core { roles { name } } }",
                      "{ pg { v { id } } }", "{ pg { t_by_pk(id: 1) { name } } }",
                      'mutation { pg { insert_t(data: {id: 2, name: "y"}) { id } } }',
                      "mutation { pg { delete_t { affected_rows } } }"):
            answer = worker.answer(query, ADMIN | {"X-Eider-Errors": "full"})
            error = answer["errors"][0]
            self.assertEqual((error["message"], error["extensions"]["code"]),
                             ('data source "pg" is not available', "SOURCE_UNAVAILABLE"), query)
        self.assertEqual(worker.ask('{ function { core { data_source_status(name: "pg") } } }', ADMIN)
                         ["function"]["core"]["data_source_status"], "detached")
        self.assertEqual(worker.health()[0], 200)
        server.start()
        harness.wait_for("it is attached", lambda: "errors" not in worker.answer("{ pg { t { id name } } }", ADMIN), 20)
        self.assertEqual(worker.ask(fields, ADMIN), before)
        self.assertTrue(self.operate(nodes[0], 'reload_source(name: "pg")')["success"])
        for node in nodes:
            self.assertEqual(node.ask("{ pg { t { id more } } }", ADMIN), {"pg": {"t": [{"id": 1, "more": None}]}})

    def test_a_source_that_is_away_may_be_unloaded(self):
        self.cluster.expect("was not loaded")
        nodes = self.leading(self.start())
        folder = self.shop()
        self.insert(nodes[0], folder)
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        self.assertEqual(nodes[2].stop(), 0)
        (folder / "t.csv").unlink()
        nodes[2].start()
        self.assertIn("is not available", str(nodes[2].answer("{ shop { t { id } } }", ADMIN)))
        self.assertEqual(self.operate(nodes[0], 'unload_source(name: "shop")')["message"], "unload_source: all workers ok")
        for node in nodes:
            self.assertIn('Cannot query field', str(node.answer("{ shop { t { id } } }", ADMIN)))


class DeadMembersTest(ThreeNodes):
    # Heartbeats and probes tell of a death only after minutes.
    settings = {"CLUSTER_HEARTBEAT": "60s", "CLUSTER_GHOST_TTL": "5m", "CLUSTER_CHECK_INTERVAL": "60s"}

    def test_nobody_waits_for_the_dead(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop())
        nodes[2].kill()
        started = time.monotonic()
        outcome = self.operate(nodes[0], 'load_source(name: "shop")')
        took = time.monotonic() - started
        self.assertRegex(outcome["message"], r"^load_source: partial failure: \[c: .*takes no connections")
        self.assertEqual((outcome["success"], outcome["affected_rows"], outcome["last_id"]), (False, 2, 1))
        self.assertLess(took, 15)
        self.assertEqual([self.count(nodes[0]), self.count(nodes[1])], [3, 3])
        # One that comes back while it is waited for is not named.
        waiting = {}
        thread = threading.Thread(target=lambda: waiting.update(self.operate(nodes[0], 'reload_source(name: "shop")')))
        thread.start()
        nodes[2].start()
        thread.join()
        self.assertEqual(self.count(nodes[2]), 3)

    def test_one_that_stops_in_between_is_not_named(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop())
        self.assertEqual(nodes[2].stop(), 0)
        self.assertEqual(self.operate(nodes[0], 'load_source(name: "shop")')["message"], "load_source: all workers ok")


if __name__ == "__main__":
    unittest.main()
