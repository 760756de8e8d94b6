"""A cluster over a core database that nobody writes: what its nodes share lies in the management node's memory."""

import json
import pathlib
import tempfile
import time
import unittest

import harness

ADMIN = {"x-hugr-secret": harness.SECRET}
SHOP = "{ shop { t(order_by: [{field: \"id\"}]) { id } } }"
SHOWN = {"shop": {"t": [{"id": 1}, {"id": 2}]}}
LEADER = "{ function { core { cluster { leader my_role is_leader management_url schema_version } } } }"
NODES = '{ core { cluster { nodes(order_by: [{field: "name"}]) { name role status is_leader } } } }'
STORAGES = ('{ core { storage { registered_object_storages { name type scope } } meta { secrets(filter: {name: {eq: "the store"}}) '
            '{ name } } } }')
REGISTER = ('register_storage(type: "s3", name: "the store", scope: "bucket", key: "AKID", secret: "secret-of-the-store", '
            'endpoint: "127.0.0.1:9", use_ssl: false, url_style: "path")')


class ReadOnlyCluster(unittest.TestCase):
    """A prepared file, and nodes over it."""

    settings = {}

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_readonly_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for name in ("shop", "spare"):
            (self.folder / name).mkdir()
            (self.folder / name / "t.csv").write_text("id\n1\n2\n")
        self.core = self.make_file("core.duckdb", "shop", "spare")
        self.cluster = harness.Cluster(scratch.name, **({
            "CORE_DB_PATH": str(self.core), "CORE_DB_READONLY": "true", "CLUSTER_HEARTBEAT": "1s", "CLUSTER_GHOST_TTL": "4s",
            "CLUSTER_LEASE_TTL": "4s", "CLUSTER_CHECK_INTERVAL": "1s", "CLUSTER_TIMEOUT": "2s",
            "CLUSTER_APPLY_TIMEOUT": "20s", "SOURCE_RETRY_MIN": "200ms", "SOURCE_RETRY_MAX": "1s"} | self.settings))
        self.failed = True
        self.addCleanup(lambda: self.cluster.__exit__(AssertionError if self.failed else None))

    def make_file(self, file, *sources):
        """A core database with data sources of these names, all of them made with the same key."""
        with harness.Cluster(self.folder, CLUSTER_ENABLED="false", CLUSTER_SECRET="") as alone:
            node = alone.start("first", CORE_DB_PATH=str(self.folder / file))
            for name in sources:
                node.ask('mutation($n: String!, $p: String!) { core { insert_data_sources(data: {name: $n, type: "files", prefix: $n, '
                         'as_module: true, self_defined: true, path: $p}) { name } } }', n=name, p=str(self.folder / name))
            node.ask('mutation { core { insert_roles(data: {name: "r", description: ""}) { name } } }')
        return self.folder / file

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def management(self):
        node = self.cluster.member("mgmt", "management").start()
        harness.wait_for("it leads", lambda: self.facts(node)["is_leader"], 10)
        return node

    def worker(self, name, **environment):
        url = self.cluster.members["mgmt"].url if "mgmt" in self.cluster.members else "http://127.0.0.1:1"
        return self.cluster.member(name, "worker", **({"CLUSTER_MANAGEMENT_URL": url} | environment))

    def facts(self, node):
        return node.ask(LEADER, ADMIN)["function"]["core"]["cluster"]

    def rows(self, node):
        return {row["name"]: row for row in node.ask(NODES, ADMIN)["core"]["cluster"]["nodes"]}

    def operate(self, node, text):
        answer = node.ask(f"mutation {{ function {{ core {{ cluster {{ {text} {{ success message affected_rows last_id }} }} }} }} }}", ADMIN)
        return next(iter(answer["function"]["core"]["cluster"].values()))

    def has(self, node, query=SHOP):
        return "errors" not in node.answer(query, ADMIN)

    def reasons(self, node):
        return {reason["code"] for reason in node.health()[1]["reasons"]}


class OperationsTest(ReadOnlyCluster):
    def test_what_is_done_at_run_time_is_on_every_node_also_on_those_that_come_later(self):
        mgmt = self.management()
        one = self.worker("one").start()
        facts = self.facts(one)
        self.assertEqual((facts["leader"], facts["my_role"], facts["is_leader"]), ("mgmt", "worker", False))
        self.assertEqual(facts["management_url"], mgmt.url + "/ipc")
        harness.wait_for("both are known", lambda: {row["status"] for row in self.rows(one).values()} == {"up"}, 10)
        self.assertEqual([(row["name"], row["role"], row["is_leader"]) for row in self.rows(one).values()],
                         [("mgmt", "management", True), ("one", "worker", False)])
        for node in (mgmt, one):
            self.assertEqual(node.ask(SHOP, ADMIN), SHOWN)
            # Nobody can write a history here.
            self.assertEqual(node.ask("{ core { queries { history { request_id } } } }", ADMIN)["core"]["queries"]["history"], [])
        outcome = self.operate(one, 'unload_source(name: "shop")')
        self.assertEqual(outcome, {"success": True, "message": "forwarded to management", "affected_rows": 1, "last_id": 0})
        for node in (mgmt, one):
            self.assertFalse(self.has(node))
        two = self.worker("two").start()
        self.assertFalse(self.has(two))
        self.assertTrue(self.has(two, "{ spare { t { id } } }"))
        self.assertEqual(self.operate(mgmt, 'load_source(name: "shop")')["message"], "load_source: all workers ok")
        for node in (mgmt, one, two):
            self.assertEqual(node.ask(SHOP, ADMIN), SHOWN)
        # What the source has now, and not what it had when the file was made.
        (self.folder / "shop" / "t.csv").write_text("id,name\n1,a\n2,b\n")
        self.assertTrue(self.operate(two, 'reload_source(name: "shop")')["success"])
        three = self.worker("three").start()
        for node in (mgmt, one, two, three):
            self.assertEqual(node.ask("{ shop { t(limit: 1) { name } } }", ADMIN), {"shop": {"t": [{"name": "a"}]}})
        self.assertEqual(len(self.rows(three)), 4)

    def test_storages_are_there_while_the_management_node_runs(self):
        mgmt = self.management()
        one = self.worker("one").start()
        self.assertEqual(self.operate(one, REGISTER)["message"], "forwarded to management")
        two = self.worker("two").start()
        shown = {"storage": {"registered_object_storages": [{"name": "the store", "type": "s3", "scope": "s3://bucket"}]},
                 "meta": {"secrets": [{"name": "the store"}]}}
        for node in (mgmt, one, two):
            self.assertEqual(node.ask(STORAGES, ADMIN)["core"], shown)
        # A worker that looks at its sources just then says so.
        self.cluster.expect("the management node cannot be reached")
        self.assertEqual(mgmt.stop(), 0)
        mgmt.start()
        for node in (mgmt, one, two):
            harness.wait_for(f"{node.name} has forgotten it", lambda: node.ask(STORAGES, ADMIN)["core"]["meta"]["secrets"] == [])
        self.assertNotIn("secret-of-the-store", "".join(node.log() for node in self.cluster.members.values()))

    def test_nobody_writes(self):
        nodes = [self.management(), self.worker("one").start()]
        before = self.core.read_bytes()
        for node in nodes:
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "r") { name } } }', ADMIN)["core"]["roles_by_pk"], {"name": "r"})
            for change in ('insert_roles(data: {name: "x", description: ""}) { name }', "delete_roles { affected_rows }",
                           'update_data_sources(filter: {name: {eq: "shop"}}, data: {disabled: true}) { affected_rows }'):
                answer = node.answer("mutation { core { " + change + " } }", ADMIN)
                self.assertEqual(answer["errors"][0]["message"], "core database is read-only", change)
        self.assertEqual(self.operate(nodes[1], 'set_leader(node: "one")')["message"], "forwarded to management: set_leader: only the "
                         "management node leads while the core database is read-only")
        self.assertEqual(self.core.read_bytes(), before)

    def test_auth_settings_are_for_all_nodes(self):
        mgmt, one = self.management(), self.worker("one").start()
        self.assertTrue(self.operate(one, 'set_auth_config(config: {anonymous: {allowed: true, role: "r"}})')["success"])
        for node in (mgmt, one):
            harness.wait_for("it is used", lambda: "errors" not in node.answer("{ __typename }"), 10)


class CallsTest(ReadOnlyCluster):
    def test_only_nodes_call_the_core_database(self):
        mgmt, one = self.management(), self.worker("one").start()
        call = ('query($c: JSON!) { function { core { cluster { handle_core_call(call: $c) } } } }')
        for node in (mgmt, one):
            answer = node.answer(call, ADMIN, c={"kind": "read", "sql": "SELECT spec FROM eider.source_desired", "parameters": []})
            self.assertIn("only nodes of the cluster are answered here", json.dumps(answer["errors"]))

    def test_a_wrong_secret_or_key_ends_the_start(self):
        self.management()
        for change, message in (({"CLUSTER_SECRET": "another secret of the cluster"}, "CLUSTER_SECRET must be the same on all nodes"),
                                ({"CORE_DB_ENCRYPTION_KEY": harness.KEY}, "core encryption key does not match")):
            node = self.worker("bad", **change).start(wait=False)
            self.assertNotEqual(node.process.wait(harness.SECONDS), 0, change)
            self.assertIn(message, node.log())
            self.assertNotIn("another secret", node.log())

    def test_a_wrong_secret_is_found_out_later_too(self):
        mgmt = self.cluster.member("mgmt", "management")
        bad = self.worker("bad", CLUSTER_SECRET="another secret of the cluster").start()
        self.assertEqual(bad.health()[0], 200)
        self.cluster.expect("management node does not take this one")
        mgmt.start()
        harness.wait_for("it is told", lambda: "key_mismatch" in self.reasons(bad), 15)
        self.assertEqual(bad.health()[0], 503)
        self.assertNotIn("bad", self.rows(mgmt))

    def test_a_dedicated_management_node_answers_its_workers(self):
        mgmt = self.cluster.member("mgmt", "management", CLUSTER_SERVE_QUERIES="false").start(wait=False)
        harness.wait_for("it has started", lambda: "errors" not in mgmt.answer(LEADER, ADMIN), 15)
        harness.wait_for("it leads", lambda: self.facts(mgmt)["is_leader"], 15)
        one = self.worker("one").start()
        self.assertTrue(self.operate(one, 'unload_source(name: "shop")')["success"])
        self.assertFalse(self.has(one))

    def test_options_that_do_not_fit_end_the_start(self):
        for role, change, message in (
                ("worker", {}, "CLUSTER_MANAGEMENT_URL must be set on the workers"),
                ("worker", {"CLUSTER_MANAGEMENT_URL": "http://127.0.0.1:1", "CLUSTER_AUTO_PROMOTE": "true"}, "CLUSTER_AUTO_PROMOTE=true"),
                ("management", {"CLUSTER_MANAGEMENT_URL": "http://127.0.0.1:1"}, "names another management node"),
                ("management", {"CLUSTER_NODE_URL": "auto"}, "CLUSTER_NODE_URL=auto is for workers")):
            node = self.cluster.member("bad", role, **change).start(wait=False)
            self.assertNotEqual(node.process.wait(harness.SECONDS), 0, change)
            self.assertIn(message, node.log())


class OutageTest(ReadOnlyCluster):
    def test_without_the_management_node_queries_go_on_and_it_comes_back_with_the_file(self):
        mgmt, one = self.management(), self.worker("one").start()
        self.assertTrue(self.operate(mgmt, 'unload_source(name: "shop")')["success"])
        (self.folder / "spare" / "t.csv").write_text("id,more\n1,a\n")
        self.assertTrue(self.operate(mgmt, 'reload_source(name: "spare")')["success"])
        version = self.facts(one)["schema_version"]
        mgmt.kill()
        more = "{ spare { t { more } } }"
        self.assertEqual(one.ask(more, ADMIN), {"spare": {"t": [{"more": "a"}]}})
        harness.wait_for("it is told", lambda: "core_unreachable" in self.reasons(one), 45)
        self.assertEqual(one.health()[0], 200)
        begun = time.monotonic()
        outcome = self.operate(one, 'load_source(name: "shop")')
        self.assertFalse(outcome["success"])
        self.assertRegex(outcome["message"], "^(forward to management: |cannot find management node)")
        self.assertLess(time.monotonic() - begun, 8)
        # One that starts meanwhile has what is in the file.
        late = self.worker("late").start()
        self.assertEqual(late.ask(SHOP, ADMIN), SHOWN)
        self.assertIn("core_unreachable", self.reasons(late))
        mgmt.start()
        harness.wait_for("all are known again", lambda: set(self.rows(mgmt)) == {"mgmt", "one", "late"}, 10)
        for node in (mgmt, one, late):
            harness.wait_for(f"{node.name} has what the file has", lambda: self.has(node), 10)
            harness.wait_for("all is well", lambda: self.reasons(node) == set(), 10)
        self.assertGreater(self.facts(one)["schema_version"], version)
        harness.wait_for("it leads", lambda: self.facts(one)["leader"] == "mgmt", 10)
        outcome = self.operate(late, 'unload_source(name: "spare")')
        self.assertEqual((outcome["message"], outcome["affected_rows"]), ("forwarded to management", 2))
        for node in (mgmt, one, late):
            self.assertFalse(self.has(node, "{ spare { t { id } } }"))

    def test_a_worker_that_is_cut_off_for_long_is_stale(self):
        self.cluster.settings |= {"PERMISSION_STALE_LIMIT": "3s", "PERMISSION_POLL_INTERVAL": "500ms", "SECRET_KEY": "the key"}
        self.cluster.expect("the management node cannot be reached")
        mgmt = self.management()
        gate = self.cluster.gate(mgmt.port)
        one = self.worker("one", CLUSTER_MANAGEMENT_URL=f"http://127.0.0.1:{gate.port}").start()
        # While it is heard of nothing becomes stale.
        time.sleep(4)
        self.assertEqual((self.reasons(mgmt), self.reasons(one)), (set(), set()))
        gate.cut()
        self.assertEqual(one.ask(SHOP, ADMIN), SHOWN)
        harness.wait_for("it is stale", lambda: "core_stale" in self.reasons(one), 10)
        self.assertEqual(one.health()[0], 503)
        body = json.dumps({"query": SHOP})
        status, answer = one.send("POST", "/query", body, ADMIN)
        self.assertEqual((status, json.loads(answer)["errors"][0]["message"]), (503, "permissions are stale"))
        self.assertEqual(one.send("POST", "/query", body, {"x-hugr-secret-key": "the key"})[0], 200)
        # What the management node has in its own memory is not.
        self.assertEqual((mgmt.health()[0], mgmt.ask(SHOP, ADMIN)), (200, SHOWN))
        gate.open()
        harness.wait_for("it serves again", lambda: self.has(one), 10)
        harness.wait_for("it is ready", lambda: self.reasons(one) == set(), 10)

    def test_a_worker_notices_a_quick_restart_at_once(self):
        # Nothing but the answers that it gets otherwise tells it so.
        self.cluster.settings |= {"CLUSTER_POLL_INTERVAL": "100s", "PERMISSION_POLL_INTERVAL": "100s"}
        self.cluster.expect("the management node cannot be reached")
        mgmt = self.management()
        one = self.worker("one").start()
        self.assertTrue(self.operate(one, REGISTER)["success"])
        self.assertTrue(self.operate(mgmt, 'unload_source(name: "shop")')["success"])
        self.assertFalse(self.has(one))
        mgmt.kill()
        mgmt.start()
        harness.wait_for("it has forgotten the storage", lambda: one.ask(STORAGES, ADMIN)["core"]["meta"]["secrets"] == [], 5)
        harness.wait_for("it has what the file has", lambda: self.has(one), 5)

    def test_a_source_that_the_new_file_does_not_have_is_gone_everywhere(self):
        mgmt, one = self.management(), self.worker("one").start()
        self.assertEqual(mgmt.stop(), 0)
        mgmt.start(CORE_DB_PATH=str(self.make_file("other.duckdb")))
        for name in ("shop", "spare"):
            harness.wait_for(f"{name} is gone", lambda: not self.has(one, "{ %s { t { id } } }" % name), 15)

    def test_workers_may_come_first(self):
        mgmt = self.cluster.member("mgmt", "management")
        one = self.worker("one").start()
        self.assertEqual(one.ask(SHOP, ADMIN), SHOWN)
        self.assertEqual(self.facts(one)["leader"], None)
        mgmt.start()
        harness.wait_for("it has joined", lambda: set(self.rows(mgmt)) == {"mgmt", "one"}, 10)
        harness.wait_for("it is well", lambda: self.reasons(one) == set(), 10)
        harness.wait_for("it knows who leads", lambda: self.facts(one)["leader"] == "mgmt", 10)
        self.assertTrue(self.operate(one, 'unload_source(name: "shop")')["success"])
        self.assertFalse(self.has(one))

    def test_a_paused_worker_is_forgotten_and_comes_back(self):
        mgmt, one = self.management(), self.worker("one").start()
        one.pause()
        harness.wait_for("it is forgotten", lambda: "one" not in self.rows(mgmt), 20)
        self.assertTrue(self.operate(mgmt, 'unload_source(name: "shop")')["success"])
        one.resume()
        harness.wait_for("it is back", lambda: "one" in self.rows(mgmt), 10)
        harness.wait_for("it has followed", lambda: not self.has(one), 10)

    def test_a_stopped_worker_is_no_member(self):
        mgmt, one = self.management(), self.worker("one").start()
        harness.wait_for("it is there", lambda: "one" in self.rows(mgmt), 10)
        self.assertEqual(one.stop(), 0)
        self.assertEqual(set(self.rows(mgmt)), {"mgmt"})

    def test_a_cut_link_heals(self):
        mgmt = self.management()
        gate = self.cluster.gate(mgmt.port)
        one = self.worker("one", CLUSTER_MANAGEMENT_URL=f"http://127.0.0.1:{gate.port}").start()
        gate.stall()
        self.assertEqual(one.ask(SHOP, ADMIN), SHOWN)
        self.operate(mgmt, 'unload_source(name: "shop")')
        gate.open()
        harness.wait_for("it follows", lambda: not self.has(one), 45)


class CacheTest(ReadOnlyCluster):
    settings = {"CACHE_L1_ENABLED": "true"}

    def test_what_one_node_drops_all_of_them_drop(self):
        mgmt, one, two = self.management(), self.worker("one").start(), self.worker("two").start()
        query = '{ shop { t(order_by: [{field: "id"}]) @cache(ttl: 600) { id } } }'
        for node in (mgmt, one, two):
            self.assertEqual(node.ask(query, ADMIN), SHOWN)
        (self.folder / "shop" / "t.csv").write_text("id\n7\n")
        for node in (mgmt, one, two):
            self.assertEqual(node.ask(query, ADMIN), SHOWN)
        self.assertEqual(self.operate(two, 'invalidate_cache(catalog: "shop")')["message"], "forwarded to management")
        for node in (mgmt, one, two):
            self.assertEqual(node.ask(query, ADMIN), {"shop": {"t": [{"id": 7}]}})


if __name__ == "__main__":
    unittest.main()
