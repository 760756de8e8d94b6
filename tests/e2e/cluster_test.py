"""Several real nodes on one machine over one core database in PostgreSQL."""

import base64
import contextlib
import http.client
import json
import pathlib
import signal
import sys
import tempfile
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]
import cli_test  # noqa: E402
import postgres  # noqa: E402

KEY = base64.b64encode(bytes(range(32))).decode()
SECRET = "a secret of this cluster alone"
SOURCES = "{ core { data_sources(order_by: [{field: \"name\"}]) { name path disabled } } }"
INSERT_ROLE = "mutation($n: String!) { core { insert_roles(data: {name: $n, description: \"\"}) { name } } }"
ROLES = "{ core { roles(order_by: [{field: \"name\"}]) { name } } }"


def setUpModule():
    global SERVER
    if not postgres.is_installed():
        raise unittest.SkipTest("PostgreSQL is not installed")
    SERVER = postgres.Server()


def tearDownModule():
    SERVER.close()


PATIENCE = 3  # Machines of tests are shared: so many times the time that an idle one needs at most.


def until(seconds, probe, what):
    """Waits until `probe` gives something true, and returns it with the seconds that it took."""
    start = time.monotonic()
    while True:
        with contextlib.suppress(OSError, AssertionError):
            found = probe()
            if found:
                return found, time.monotonic() - start
        if time.monotonic() - start > PATIENCE * seconds:
            raise AssertionError(f"not within {PATIENCE} x {seconds} s: {what}")
        time.sleep(0.05)


class CoreTest(unittest.TestCase):
    """A fresh core database for each test."""
    number = 0

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_cluster_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        CoreTest.number += 1
        self.database = f"core{CoreTest.number}"
        self.dsn = SERVER.create_database(self.database)
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def sql(self, text):
        return SERVER.sql("SET search_path = eider; " + text, self.database).strip()

    def make(self, name, **environment):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        settings = {"CORE_DB_PATH": self.dsn, "CORE_DB_ENCRYPTION_KEY": KEY, "AUTOMIGRATE": "true"}
        return cli_test.Node(folder, **(settings | environment))

    def start(self, name, *arguments, **environment):
        return self.stack.enter_context(self.make(name, *arguments, **environment))

    def log(self, name):
        return (self.folder / name / "node.log").read_text()

    def migrate(self, *arguments, **environment):
        return cli_test.run("migrate", *arguments, env={"CORE_DB_PATH": self.dsn} | environment)


class CoreDatabaseTest(CoreTest):
    def test_core_tables_in_postgresql(self):
        one, two = self.start("one"), self.start("two")
        one.insert("shop", path="postgres://me:hidden-word@nowhere/shop", description="It's \"here\" | \\ \u00e9")
        self.assertEqual(one.ask(SOURCES)["core"]["data_sources"][0]["path"], "postgres://me:***@nowhere/shop")
        shown, _ = until(2, lambda: two.ask(SOURCES)["core"]["data_sources"], "the row on the other node")
        self.assertEqual(shown[0]["path"], "postgres://me:***@nowhere/shop")
        self.assertNotIn("hidden-word", self.sql("SELECT path FROM data_sources"))
        self.assertEqual(self.sql("SELECT description FROM data_sources"), "It's \"here\" | \\ \u00e9")
        two.ask("mutation { core { update_data_sources(filter: {name: {eq: \"shop\"}}, data: {disabled: true}) "
                "{ affected_rows } } }")
        until(2, lambda: one.ask(SOURCES)["core"]["data_sources"][0]["disabled"], "the change on the first node")
        one.ask("mutation { core { delete_data_sources(filter: {name: {eq: \"shop\"}}) { affected_rows } } }")
        until(2, lambda: not two.ask(SOURCES)["core"]["data_sources"], "the row gone")
        self.assertEqual(self.sql("SELECT count(*) FROM data_sources"), "0")

    def test_a_restart_finds_everything(self):
        keys = "{ core { api_keys { name key_hint expires_at grace } role_limits { role max_cost query_timeout } } }"
        with self.make("one") as node:
            node.ask("mutation { core { insert_roles(data: {name: \"r\", description: \"\"}) { name } insert_api_keys("
                     "data: {name: \"k\", description: \"\", key: \"a-key-that-is-long-enough-1234\", default_role: \"r\","
                     " expires_at: \"2031-02-03T04:05:06.789Z\", grace: \"1 hour\"}) { name } insert_role_limits(data: "
                     "{role: \"r\", max_cost: 1.5, query_timeout: \"90 seconds\"}) { role } } }")
            before = node.ask(keys)
        with self.make("one") as node:
            self.assertEqual(node.ask(keys), before)
            self.assertEqual(before["core"]["api_keys"][0]["key_hint"], "1234")
        self.assertEqual(self.sql("SELECT permission_version FROM (SELECT value AS permission_version FROM settings "
                                  "WHERE key = 'permission_version') v"), "2")

    def test_writers_on_two_nodes(self):
        one, two = self.start("one"), self.start("two")
        for number in range(5):
            one.ask(INSERT_ROLE, n=f"one{number}")
            until(2, lambda: len(two.ask(ROLES)["core"]["roles"]) == 4 + 2 * number, "a role on the other node")
            two.ask(INSERT_ROLE, n=f"two{number}")
            until(2, lambda: len(one.ask(ROLES)["core"]["roles"]) == 5 + 2 * number, "a role on the first node")
        self.assertEqual(self.sql("SELECT value FROM settings WHERE key = 'permission_version'"), "11")
        with self.assertRaisesRegex(AssertionError, "exist|uplicate|constraint"):
            one.ask(INSERT_ROLE, n="two1")

    def test_outage(self):
        server = postgres.Server()
        self.stack.callback(server.close)
        node = self.start("one", CORE_DB_PATH=server.dsn())
        node.ask(INSERT_ROLE, n="before")
        server.stop()
        start = time.monotonic()
        answer = json.loads(node.send("POST", "/query", json.dumps(
            {"query": INSERT_ROLE, "variables": {"n": "lost"}}))[1])
        self.assertLess(time.monotonic() - start, PATIENCE * 3)
        self.assertEqual(answer["errors"][0]["extensions"]["code"], "CORE_UNAVAILABLE")
        self.assertNotIn("lost", json.dumps(node.ask(ROLES)))
        self.assertIn("before", json.dumps(node.ask(ROLES)))
        server.start()
        server.sql("SET search_path = eider; INSERT INTO roles VALUES ('other', '', false, false); UPDATE settings SET "
                   "value = to_jsonb((value #>> '{}')::bigint + 1) WHERE key IN ('rows_version', 'permission_version')")
        until(6, lambda: "other" in json.dumps(node.ask(ROLES)), "what was written meanwhile")
        until(3, lambda: node.ask(INSERT_ROLE, n="after"), "writing again")

    def test_other_keys_are_refused(self):
        self.start("one")
        other = base64.b64encode(bytes(32)).decode()
        with self.assertRaises(AssertionError):
            self.make("two", CORE_DB_ENCRYPTION_KEY=other).__enter__()
        self.assertIn("core encryption key does not match", self.log("two"))


class MigrateTest(CoreTest):
    def expect(self, result, code, text):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertIn(text, result.stdout + result.stderr)

    def test_migrate(self):
        with self.assertRaises(AssertionError):
            self.make("one", AUTOMIGRATE="false").__enter__()
        self.assertIn("core database must be migrated", self.log("one"))
        self.expect(self.migrate("--dry-run"), 0, "CREATE TABLE data_sources")
        self.assertEqual(SERVER.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'eider'", self.database), "0\n")
        self.expect(self.migrate("-to-version", "1"), 0, "version 1: expand applied")
        self.expect(self.migrate(), 0, "version 2: expand applied")
        self.assertEqual(self.migrate().stdout, "")
        self.start("one", AUTOMIGRATE="false")
        self.expect(self.migrate("--to-version", "99"), 2, "not known")
        self.expect(self.migrate(CORE_DB_PATH=""), 2, "not in PostgreSQL")

    def test_contract_waits_for_old_nodes(self):
        self.expect(self.migrate(), 0, "")
        self.sql("INSERT INTO cluster_nodes (name, url, role, incarnation, status, binary_schema) VALUES "
                 "('old', 'http://x', 'worker', 'i', 'up', 0)")
        self.expect(self.migrate("--contract"), 3, "contract refused: node old runs 0")
        self.sql("DELETE FROM cluster_nodes")
        self.expect(self.migrate("--contract"), 0, "")

    def test_versions_that_do_not_fit(self):
        self.expect(self.migrate(), 0, "")
        self.sql("UPDATE migrations SET checksum = 'x'")
        self.expect(self.migrate(), 3, "migration 1 (expand) was applied in another form")
        self.sql("UPDATE settings SET value = '{\"min_binary\": 7}' WHERE key = 'config'")
        with self.assertRaises(AssertionError):
            self.make("one", AUTOMIGRATE="false").__enter__()
        self.assertIn("core database requires a newer eider", self.log("one"))

    def test_many_at_once(self):
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: self.migrate(), range(4)))
        self.assertEqual([result.returncode for result in done], [0] * 4, done)
        self.assertEqual(sum("applied" in result.stdout for result in done), 1)


class ClusterTest(CoreTest):
    """Nodes of one cluster, with short times."""
    FAST = {"CLUSTER_ENABLED": "true", "CLUSTER_SECRET": SECRET, "CLUSTER_HEARTBEAT": "500ms", "CLUSTER_GHOST_TTL": "3s",
            "CLUSTER_LEASE_TTL": "2s", "CLUSTER_CHECK_INTERVAL": "500ms", "CLUSTER_TIMEOUT": "1s",
            "CLUSTER_APPLY_TIMEOUT": "6s", "CLUSTER_PROMOTE_DELAY": "500ms", "SOURCE_RETRY_MIN": "200ms",
            "SOURCE_RETRY_MAX": "1s", "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "admin"}
    FACTS = "{ function { core { cluster { my_role my_name leader management_url is_leader schema_version } } } }"
    NODES = ("{ core { cluster { nodes(order_by: [{field: \"name\"}]) { name url role status ready is_leader epoch error "
             "version binary_schema schema_version started_at last_heartbeat load } } } }")

    def make(self, name, role="worker", **environment):
        node = super().make(name, CLUSTER_NODE_NAME=name, CLUSTER_ROLE=role, **(self.FAST | environment))
        node.environment.setdefault("CLUSTER_NODE_URL", f"http://127.0.0.1:{node.port}/ipc")
        return node

    def facts(self, node):
        return node.ask(self.FACTS)["function"]["core"]["cluster"]

    def nodes(self, node):
        return {row["name"]: row for row in node.ask(self.NODES)["core"]["cluster"]["nodes"]}

    def leading(self, node, seconds=8):
        return until(seconds, lambda: self.facts(node)["is_leader"], "the lease")[1]

    def operate(self, node, operation, name, argument="name"):
        answer = node.ask(f"mutation($n: String!) {{ function {{ core {{ cluster {{ {operation}({argument}: $n) {{ success "
                          "message affected_rows last_id } } } } }", n=name)
        return answer["function"]["core"]["cluster"][operation]

    def kill(self, node):
        """Ends a process without a word; the context manager is content with it."""
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
        self.killed.append(node)

    def setUp(self):
        super().setUp()
        self.killed = []
        leave = cli_test.Node.__exit__

        def forgiving(node, *error):
            if node in self.killed:
                node.log.close()
            else:
                leave(node, *error)
        cli_test.Node.__exit__ = forgiving
        self.addCleanup(setattr, cli_test.Node, "__exit__", leave)


class MembershipTest(ClusterTest):
    def test_options(self):
        for change, message in (({"CLUSTER_ROLE": "boss"}, "CLUSTER_ROLE must be management or worker"),
                                ({"CLUSTER_GHOST_TTL": "1s"}, "CLUSTER_GHOST_TTL must be at least three times"),
                                ({"CLUSTER_NODE_URL": ""}, "CLUSTER_NODE_URL must be set"),
                                ({"CLUSTER_SECRET": ""}, "CLUSTER_SECRET must be set"),
                                ({"CLUSTER_NODE_NAME": "a b"}, "CLUSTER_NODE_NAME must be"),
                                ({"CLUSTER_SERVE_QUERIES": "false"}, "is for management nodes")):
            node = self.make("bad")
            node.environment |= change
            with self.assertRaises(AssertionError):
                node.__enter__()
            self.assertIn(message, self.log("bad"))

    def test_nodes_know_each_other(self):
        leader, worker = self.start("a", "management"), self.start("b")
        self.leading(leader)
        rows, _ = until(3, lambda: (rows := self.nodes(worker))["a"]["is_leader"] and rows["b"]["ready"] and rows, "rows")
        self.assertEqual(set(rows), {"a", "b"})
        self.assertEqual((rows["a"]["role"], rows["b"]["role"]), ("management", "worker"))
        self.assertEqual((rows["a"]["status"], rows["a"]["error"]), ("up", None))
        self.assertEqual(rows["b"]["url"], f"http://127.0.0.1:{worker.port}/ipc")
        self.assertGreater(rows["b"]["load"]["memory_bytes"], -1)
        facts, _ = until(2, lambda: (facts := self.facts(worker))["leader"] and facts, "the leader's name")
        self.assertEqual((facts["my_role"], facts["my_name"], facts["leader"], facts["is_leader"]),
                         ("worker", "b", "a", False))
        self.assertEqual(facts["management_url"], f"http://127.0.0.1:{leader.port}/ipc")
        info = worker.ask("{ function { core { info { cluster_mode node_role node_name } } } }")
        self.assertEqual(info["function"]["core"]["info"],
                         {"cluster_mode": True, "node_role": "worker", "node_name": "b"})

    def test_a_stopped_node_leaves(self):
        leader = self.start("a", "management")
        with self.make("b"):
            self.leading(leader)
            self.assertIn("b", self.nodes(leader))
        self.assertNotIn("b", self.nodes(leader))

    def test_a_paused_node_is_forgotten_and_comes_back(self):
        leader, worker = self.start("a", "management", CLUSTER_GHOST_TTL="9s"), self.start("b")
        self.leading(leader)
        worker.process.send_signal(signal.SIGSTOP)
        try:
            until(8, lambda: self.nodes(leader).get("b", {}).get("status") == "unreachable", "unreachable")
            until(12, lambda: "b" not in self.nodes(leader), "forgotten")
            self.assertEqual(self.operate(leader, "remove_node", "b")["success"], False)
        finally:
            worker.process.send_signal(signal.SIGCONT)
        until(2, lambda: "b" in self.nodes(leader), "the row again")
        self.assertFalse(self.operate(leader, "remove_node", "b")["success"])

    def test_two_of_one_name(self):
        first = self.start("a", "management")
        self.leading(first)
        second = self.make("other", "management")
        second.environment |= {"CLUSTER_NODE_NAME": "a"}
        with self.assertRaises(AssertionError):
            self.enter_for(second, 4)
        self.assertIn('node name \\"a\\" is already in use by', self.log("other"))
        self.assertTrue(self.facts(first)["is_leader"])

    def enter_for(self, node, seconds):
        """Starts a node that never gets ready."""
        was, cli_test.SECONDS = cli_test.SECONDS, seconds
        try:
            node.__enter__()
        finally:
            cli_test.SECONDS = was
            node.process.kill()
            node.process.wait()
            node.log.close()


class LeaseTest(ClusterTest):
    def epoch(self):
        return int(self.sql("SELECT epoch FROM cluster_lease"))

    def test_a_killed_leader_is_followed(self):
        first = self.start("a", "management")
        self.leading(first)
        second = self.start("b", "management")
        epoch = self.epoch()
        self.assertFalse(self.facts(second)["is_leader"])
        self.kill(first)
        self.leading(second, 2 + 2)
        self.assertEqual(self.epoch(), epoch + 1)

    def test_a_stopped_leader_hands_over(self):
        second = None
        with self.make("a", "management", CLUSTER_LEASE_TTL="60s") as first:
            self.leading(first)
            second = self.start("b", "management", CLUSTER_LEASE_TTL="60s")
        self.leading(second, 2)

    def test_a_paused_leader_is_none(self):
        first = self.start("a", "management")
        self.leading(first)
        second = self.start("b", "management")
        first.process.send_signal(signal.SIGSTOP)
        try:
            self.leading(second, 4)
        finally:
            first.process.send_signal(signal.SIGCONT)
        self.assertFalse(self.facts(first)["is_leader"])
        until(5, lambda: self.nodes(second)["a"]["status"] == "up", "a standby")

    def test_workers_lead_only_when_they_may(self):
        first = self.start("a", "management")
        self.leading(first)
        plain, promoted = self.start("b"), self.start("c", CLUSTER_AUTO_PROMOTE="true")
        self.kill(first)
        self.leading(promoted, 8)
        self.assertEqual(self.facts(promoted)["my_role"], "management")
        self.assertEqual(self.nodes(plain)["c"]["role"], "management")
        again = self.start("a", "management")
        self.leading(again, 8)
        self.assertFalse(self.facts(promoted)["is_leader"])

    def test_the_lease_is_moved_on_request(self):
        first, second = self.start("a", "management"), self.start("b", "management")
        until(4, lambda: self.facts(first)["is_leader"] or self.facts(second)["is_leader"], "a leader")
        leader, other = (first, second) if self.facts(first)["is_leader"] else (second, first)
        name = self.facts(other)["my_name"]
        until(3, lambda: self.nodes(other)[name]["status"] == "up", "a live standby")
        self.assertFalse(self.operate(leader, "set_leader", "nobody", "node")["success"])
        self.assertTrue(self.operate(leader, "set_leader", name, "node")["success"])
        self.leading(other, 3)
        self.assertFalse(self.facts(leader)["is_leader"])

    def test_a_lost_lease_changes_nothing(self):
        leader = self.start("a", "management", CLUSTER_LEASE_TTL="60s")
        self.leading(leader)
        leader.insert("s", path=":memory:")
        self.sql("UPDATE cluster_lease SET epoch = epoch + 1, node_id = 'x', incarnation = 'x'")
        outcome = self.operate(leader, "load_source", "s")
        self.assertFalse(outcome["success"])
        self.assertIn(outcome["message"], ("management lease lost",
                                           "cannot find management node: no node holds the management lease"))
        self.assertEqual(self.sql("SELECT count(*) FROM source_desired"), "0")


class SourceTest(ClusterTest):
    COUNT = "{ shop { t_aggregation { _rows_count } } }"

    def files(self, rows):
        """A CSV file, readable by all nodes."""
        path = self.folder / "shop" / "t.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("id,name\n" + "".join(f"{n},x\n" for n in range(rows)))
        return str(path.parent)

    def three(self):
        nodes = [self.start("a", "management"), self.start("b"), self.start("c")]
        self.leading(nodes[0])
        until(3, lambda: sum(row["status"] == "up" for row in self.nodes(nodes[0]).values()) == 3, "three nodes")
        until(3, lambda: all(self.facts(node)["leader"] == "a" for node in nodes), "a known leader")
        return nodes

    def count(self, node):
        return node.ask(self.COUNT)["shop"]["t_aggregation"]["_rows_count"]

    def test_load_everywhere(self):
        leader, one, two = self.three()
        one.insert("shop", type="files", path=self.files(3))
        outcome = self.operate(one, "load_source", "shop")
        self.assertEqual(outcome, {"success": True, "message": "forwarded to management", "affected_rows": 2, "last_id": 0})
        for node in (leader, one, two):
            self.assertEqual(self.count(node), 3)
            self.assertEqual(node.status("shop"), "attached")
        self.assertEqual(self.operate(leader, "reload_source", "shop")["message"], "reload_source: all workers ok")
        rows = one.ask("{ core { cluster { sources { name generation desired orphaned changed_by } node_sources("
                       "order_by: [{field: \"node\"}]) { node state generation error } } } }")["core"]["cluster"]
        self.assertEqual(rows["sources"], [{"name": "shop", "generation": 2, "desired": "loaded", "orphaned": False,
                                            "changed_by": "a"}])
        self.assertEqual([(row["node"], row["state"], row["generation"]) for row in rows["node_sources"]],
                         [("a", "attached", 2), ("b", "attached", 2), ("c", "attached", 2)])
        self.assertEqual(self.operate(two, "unload_source", "shop")["message"], "forwarded to management")
        for node in (leader, one, two):
            self.assertEqual(node.status("shop"), "detached")
        self.assertEqual(self.operate(two, "unload_source", "shop")["message"],
                         "forwarded to management: unload source locally: data source already unloaded")
        self.assertEqual(self.operate(leader, "load_source", "none")["message"],
                         "load source locally: data source not found")

    def test_the_peers_functions_are_for_all_nodes(self):
        leader, one, two = self.three()
        folder = self.files(2)
        done = one.ask("mutation($p: String!) { core { insert_data_sources(data: {name: \"shop\", type: \"files\", prefix: "
                       "\"\", as_module: true, self_defined: true, path: $p}) { name } } function { core { "
                       "load_data_source(name: \"shop\") { success message } } } }", p=folder)
        self.assertEqual(done["function"]["core"]["load_data_source"],
                         {"success": True, "message": "Datasource was loaded"})
        self.assertEqual([self.count(node) for node in (leader, one, two)], [2, 2, 2])
        self.assertEqual(two.unload("shop"), (True, "Datasource was unloaded"))
        self.assertEqual(leader.status("shop"), "detached")

    def test_rows_change_nothing_until_a_reload(self):
        leader, one, _ = self.three()
        one.insert("shop", type="files", path=self.files(3))
        self.operate(leader, "load_source", "shop")
        one.ask("mutation { core { update_data_sources(filter: {name: {eq: \"shop\"}}, data: {path: \"/nowhere\"}) { "
                "affected_rows } } }")
        with self.make("d") as late:
            self.assertEqual([self.count(node) for node in (leader, one, late)], [3, 3, 3])
        outcome = self.operate(one, "reload_source", "shop")
        self.assertFalse(outcome["success"])
        self.assertIn("forwarded to management: reload source locally: ", outcome["message"])
        self.assertEqual([self.count(node) for node in (leader, one)], [3, 3])
        one.ask("mutation { core { delete_data_sources(filter: {name: {eq: \"shop\"}}) { affected_rows } } }")
        until(2, lambda: leader.ask("{ core { cluster { sources { orphaned } } } }")["core"]["cluster"]["sources"]
              == [{"orphaned": True}], "an orphan")
        self.assertEqual(self.count(leader), 3)

    def test_a_paused_worker_is_named_and_catches_up(self):
        leader, one, two = self.three()
        leader.insert("shop", type="files", path=self.files(3))
        two.process.send_signal(signal.SIGSTOP)
        try:
            outcome = self.operate(leader, "load_source", "shop")
        finally:
            two.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.count(one), 3)
        until(5, lambda: self.count(two) == 3, "the source on the paused node")
        self.assertFalse(outcome["success"])
        self.assertRegex(outcome["message"], r"^load_source: partial failure: \[c: ")
        self.assertEqual((outcome["affected_rows"], outcome["last_id"]), (2, 1))

    def test_a_failed_source_is_tried_again(self):
        leader, one, _ = self.three()
        server = postgres.Server()
        self.stack.callback(server.close)
        server.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
        leader.insert("shop", type="postgres", path=server.dsn())
        self.assertEqual(self.operate(leader, "load_source", "shop")["message"], "load_source: all workers ok")
        version = self.sql("SELECT value FROM settings WHERE key = 'schema_version'")
        server.stop()
        with self.make("d") as late:
            self.assertEqual(late.status("shop"), "detached")
            rows = self.sql("SELECT state FROM node_sources WHERE node = 'd'")
            self.assertEqual(rows, "failed")
            server.start()
            until(10, lambda: late.status("shop") == "attached" and self.count(late) == 1, "the source")
        self.assertEqual(self.sql("SELECT value FROM settings WHERE key = 'schema_version'"), version)

    def test_no_leader(self):
        worker = self.start("b")
        self.assertEqual(self.operate(worker, "load_source", "x")["message"],
                         "cannot find management node: no node holds the management lease")
        self.assertIsNone(self.facts(worker)["management_url"])

    def test_handlers_are_for_nodes(self):
        worker = self.start("b")
        outcome = self.operate(worker, "handle_source_load", "x")
        self.assertEqual((outcome["success"], outcome["message"]), (False, "cluster secret required"))


class StaleTest(ClusterTest):
    def test_stale_permissions_are_refused(self):
        server = postgres.Server()
        self.stack.callback(server.close)
        node = self.start("one", "management", CORE_DB_PATH=server.dsn(), PERMISSION_STALE_LIMIT="2s",
                          PERMISSION_POLL_INTERVAL="500ms", SECRET_KEY="the secret key of this node")
        node.ask(ROLES)
        server.stop()
        node.ask(ROLES)

        def refused():
            status, body = node.send("POST", "/query", json.dumps({"query": ROLES}))
            return status == 503 and "permissions are stale" in body
        until(5, refused, "a refusal")
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
        connection.request("POST", "/query", json.dumps({"query": ROLES}),
                           {"x-hugr-secret-key": "the secret key of this node"})
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertEqual(node.send("GET", "/health/ready")[0], 503)
        server.start()
        until(6, lambda: node.ask(ROLES), "served again")
        until(6, lambda: node.send("GET", "/health/ready")[0] == 200, "ready again")


if __name__ == "__main__":
    unittest.main()
