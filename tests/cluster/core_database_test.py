"""What nodes ask of their core database: its place, rights, migrations, and what becomes of its loss."""

import os
import subprocess
import tempfile
import threading
import time
import unittest

import harness
import postgres
from members_test import ADMIN, LEADER
from must_hold_test import Load

NEW_ROLE = "mutation($n: String!) { core { insert_roles(data: {name: $n, description: \"\"}) { name } } }"
ROLES = "{ core { roles { name } } }"
FAST = {"CLUSTER_HEARTBEAT": "1s", "CLUSTER_GHOST_TTL": "4s", "CLUSTER_LEASE_TTL": "4s", "CLUSTER_CHECK_INTERVAL": "1s",
        "CLUSTER_TIMEOUT": "2s", "CLUSTER_APPLY_TIMEOUT": "20s", "SOURCE_RETRY_MIN": "200ms", "SOURCE_RETRY_MAX": "1s"}


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is not installed")
class CoreTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_core_")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.failed = True

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def server(self):
        server = postgres.Server()
        self.addCleanup(server.close)
        return server

    def nodes_of(self, dsn, **settings):
        cluster = harness.Cluster(self.folder, **(FAST | {"CORE_DB_PATH": dsn, "CORE_DB_ENCRYPTION_KEY": harness.KEY,
                                                          "AUTOMIGRATE": "true"} | settings))
        self.addCleanup(lambda: cluster.__exit__(AssertionError if self.failed else None))
        return cluster

    def migrate(self, dsn, *arguments, **environment):
        done = subprocess.run([harness.BINARY, "migrate", *arguments], capture_output=True, text=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "CORE_DB_PATH": dsn} | environment, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr

    def leads(self, node):
        return node.ask(LEADER, ADMIN)["function"]["core"]["cluster"]["is_leader"]

    def roles(self, node):
        return {row["name"] for row in node.ask(ROLES, ADMIN)["core"]["roles"]}

    def insert(self, node, path, name="shop"):
        node.ask("mutation($n: String!, $p: String!) { core { insert_data_sources(data: {name: $n, type: \"files\", prefix: "
                 "\"\", as_module: true, self_defined: true, path: $p}) { name } } }", ADMIN, n=name, p=str(path))

    def operate(self, node, text):
        answer = node.ask("mutation { function { core { cluster { " + text + " { success message } } } } }", ADMIN)
        return next(iter(answer["function"]["core"]["cluster"].values()))

    def shop(self, rows=3):
        folder = os.path.join(self.folder, "shop")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "t.csv"), "w", encoding="utf-8") as out:
            out.write("id\n" + "".join(f"{n}\n" for n in range(rows)))
        return folder

    def count(self, node):
        return node.ask("{ shop { t_aggregation { _rows_count } } }", ADMIN)["shop"]["t_aggregation"]["_rows_count"]


class PlaceTest(CoreTest):
    def test_tables_lie_in_the_schema_that_is_named(self):
        server, name = self.server(), 'The "core" of ours'
        cluster = self.nodes_of(server.dsn(), CORE_DB_SCHEMA=name)
        one, two = cluster.start("a", "management"), cluster.start("b")
        harness.wait_for("it leads", lambda: self.leads(one), 15)
        one.ask(NEW_ROLE, ADMIN, n="there")
        harness.wait_for("the other node has it", lambda: "there" in self.roles(two), 5)
        self.insert(two, self.shop())
        self.assertTrue(self.operate(two, 'load_source(name: "shop")')["success"])
        self.assertEqual([self.count(node) for node in (one, two)], [3, 3])
        places = server.sql("SELECT DISTINCT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind "
                            "= 'r' AND nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema'")
        self.assertEqual(places.strip(), name)
        quoted = '"' + name.replace('"', '""') + '"'
        self.assertEqual(server.sql(f"SELECT count(*) FROM {quoted}.roles WHERE name = 'there'").strip(), "1")
        # Another cluster may have the same database, in a schema of its own.
        self.assertIn("version 1: expand applied", self.migrate(server.dsn(), CORE_DB_SCHEMA="other")[1])
        self.assertEqual(server.sql("SELECT count(*) FROM other.cluster_nodes").strip(), "0")

    def test_rights_for_rows_are_enough_at_run_time(self):
        server = self.server()
        self.assertEqual(self.migrate(server.dsn())[0], 0)
        server.sql("CREATE ROLE app LOGIN PASSWORD 'app'; GRANT USAGE ON SCHEMA eider TO app; GRANT SELECT, INSERT, UPDATE, "
                   "DELETE ON ALL TABLES IN SCHEMA eider TO app; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        dsn = server.dsn(user="app", password="app")
        with self.assertRaises(RuntimeError):
            server.sql("SET ROLE app; CREATE TABLE eider.mine (id int)")
        cluster = self.nodes_of(dsn, AUTOMIGRATE="false")
        one, two = cluster.start("a", "management"), cluster.start("b")
        harness.wait_for("it leads", lambda: self.leads(one), 15)
        one.ask(NEW_ROLE, ADMIN, n="there")
        harness.wait_for("the other node has it", lambda: "there" in self.roles(two), 5)
        self.insert(one, self.shop())
        for operation in ('load_source(name: "shop")', 'reload_source(name: "shop")', 'drain_node(name: "b")',
                          'undrain_node(name: "b")', 'unload_source(name: "shop")'):
            outcome = self.operate(one, operation)
            self.assertTrue(outcome["success"], outcome)
        self.assertEqual(server.sql("SELECT extname FROM pg_extension").strip(), "plpgsql")


class ScriptsTest(CoreTest):
    def scripts(self, texts):
        folder = os.path.join(self.folder, "scripts")
        os.makedirs(folder, exist_ok=True)
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)
        return folder

    def test_further_scripts_run_by_name(self):
        server = self.server()
        folder = self.scripts({"20.sql": "INSERT INTO notes SELECT 'second; ' || count(*) FROM notes;",
                                 "10.sql": "CREATE TABLE IF NOT EXISTS notes (t text);\nINSERT INTO notes VALUES ('first')",
                                 "30.txt": "DROP TABLE notes"})
        code, out = self.migrate(server.dsn(), "-path", folder, "--dry-run")
        self.assertEqual(code, 0)
        self.assertIn("'second; '", out)
        self.assertEqual(server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'eider'").strip(), "0")
        code, out = self.migrate(server.dsn(), "-path", folder)
        self.assertEqual(code, 0, out)
        self.assertEqual(server.sql("SELECT * FROM eider.notes").split("\n")[:2], ["first", "second; 1"])
        # Each is one transaction, and one that fails is named.
        self.scripts({"25.sql": "INSERT INTO notes VALUES ('lost'); SELECT 1 / 0"})
        code, out = self.migrate(server.dsn(), "-path", folder)
        self.assertEqual(code, 3, out)
        self.assertIn("25.sql", out)
        self.assertIn("division by zero", out)
        self.assertNotIn("lost", server.sql("SELECT * FROM eider.notes"))
        code, out = self.migrate(server.dsn(), "-path", os.path.join(self.folder, "nowhere"))
        self.assertEqual(code, 2)
        self.assertIn("the folder of scripts cannot be read", out)

    def test_a_lock_is_waited_for_5_seconds_and_tried_again(self):
        server = self.server()
        self.assertEqual(self.migrate(server.dsn())[0], 0)
        folder = self.scripts({"1.sql": "ALTER TABLE roles ADD COLUMN note text"})
        reader = server.run("BEGIN; SELECT * FROM eider.roles; SELECT pg_sleep(9); COMMIT")
        harness.wait_for("it reads", lambda: server.sql("SELECT count(*) FROM pg_locks WHERE relation = "
                                                        "'eider.roles'::regclass").strip() != "0")
        slowest, ended = [0.0], threading.Event()

        def read():
            while not ended.is_set():
                started = time.monotonic()
                server.sql("SELECT count(*) FROM eider.roles")
                slowest[0] = max(slowest[0], time.monotonic() - started)
        reading = threading.Thread(target=read)
        reading.start()
        started = time.monotonic()
        code, out = self.migrate(server.dsn(), "-path", folder)
        took = time.monotonic() - started
        ended.set()
        reading.join()
        reader.wait(30)
        self.assertEqual(code, 0, out)
        # The first try has given up and let the others pass.
        self.assertGreater(took, 6)
        self.assertGreater(slowest[0], 2)
        self.assertLess(slowest[0], 8)
        self.assertIn("lock timeout", server.log())


class ListenTest(CoreTest):
    def test_without_announcements_the_database_is_asked_every_2_seconds(self):
        server = self.server()
        gate = harness.DeafGate(server.port)
        self.addCleanup(gate.close)
        dsn = f"postgres://eider:eider@127.0.0.1:{gate.port}/postgres?sslmode=disable&gssencmode=disable"
        cluster = self.nodes_of(dsn, CLUSTER_POLL_INTERVAL="60s", PERMISSION_POLL_INTERVAL="60s")
        nodes = [cluster.start("a", "management"), cluster.start("b"), cluster.start("c")]
        harness.wait_for("it leads", lambda: self.leads(nodes[0]), 15)
        for node in nodes:
            harness.wait_for("it is told", lambda node=node: "listen_unavailable" in
                             [reason["code"] for reason in node.health()[1]["reasons"]], 10)
            self.assertEqual((node.health()[0], node.health()[1]["status"]), (200, "degraded"))
            self.assertIn("it is asked every 2 s instead", node.log())
        # Nobody is told of a role but through the database.
        for number in range(4):
            nodes[number % 3].ask(NEW_ROLE, ADMIN, n=f"r{number}")
            started = time.monotonic()
            for node in nodes:
                harness.wait_for("the role", lambda node=node, n=number: f"r{n}" in self.roles(node), 10)
            self.assertLess(time.monotonic() - started, 4)
        self.insert(nodes[1], self.shop())
        outcome = self.operate(nodes[1], 'load_source(name: "shop")')
        self.assertTrue(outcome["success"], outcome)
        started = time.monotonic()
        self.assertEqual([self.count(node) for node in nodes], [3, 3, 3])
        self.assertLess(time.monotonic() - started, 2.5)

    def test_with_announcements_nothing_is_asked_so_often(self):
        server = self.server()
        node = self.nodes_of(server.dsn()).start("a", "management")
        harness.wait_for("it leads", lambda: self.leads(node), 15)
        self.assertNotIn("listen_unavailable", str(node.health()[1]))


class FailOverTest(CoreTest):
    def pair(self):
        """A server and one that follows it, and the text that names both; the one without writes first."""
        primary = self.server()
        standby = postgres.Standby(primary)
        self.addCleanup(standby.close)
        return primary, standby, f"postgres://eider:eider@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/postgres"

    def test_of_several_hosts_the_one_that_takes_writes(self):
        primary, standby, dsn = self.pair()
        self.assertEqual(standby.sql("SELECT pg_is_in_recovery()").strip(), "t")
        code, out = self.migrate(dsn)
        self.assertEqual(code, 0, out)
        node = self.nodes_of(dsn, AUTOMIGRATE="false").start("a", "management")
        node.ask(NEW_ROLE, ADMIN, n="written")
        self.assertEqual(primary.sql("SELECT count(*) FROM eider.roles WHERE name = 'written'").strip(), "1")

    def test_the_database_fails_over(self):
        primary, standby, dsn = self.pair()
        cluster = self.nodes_of(dsn)
        cluster.expect("core database")
        nodes = [cluster.start("a", "management"), cluster.start("b", "management"), cluster.start("c")]
        harness.wait_for("somebody leads", lambda: any(self.leads(node) for node in nodes), 15)
        self.insert(nodes[2], self.shop())
        self.assertTrue(self.operate(nodes[2], 'load_source(name: "shop")')["success"])
        nodes[0].ask(NEW_ROLE, ADMIN, n="before")
        harness.wait_for("the standby follows", lambda: standby.sql(
            "SELECT count(*) FROM eider.roles WHERE name = 'before'").strip() == "1", 10)
        with Load(nodes, "{ shop { t { id } t_aggregation { _rows_count } } core { roles { name } } }") as load:
            primary.stop(harness.signal.SIGQUIT)
            standby.promote()
            started = time.monotonic()
            harness.wait_for("roles are written", lambda: "errors" not in nodes[0].answer(NEW_ROLE, ADMIN, n="after"), 30)
            wrote = time.monotonic() - started
            harness.wait_for("operations work", lambda: self.operate(nodes[2], 'reload_source(name: "shop")')["success"], 30)
            operated = time.monotonic() - started
            harness.wait_for("all nodes have it", lambda: all("after" in self.roles(node) for node in nodes), 10)
        self.assertEqual(load.failures, [])
        self.assertGreater(load.sent, 30)
        # 10 s for one that idles; tests share their machine.
        self.assertLess(wrote, 20)
        self.assertLess(operated, 25)
        self.assertEqual(standby.sql("SELECT count(*) FROM eider.roles WHERE name IN ('before', 'after')").strip(), "2")
        nodes_known = standby.sql("SELECT string_agg(name, '' ORDER BY name) FROM eider.cluster_nodes").strip()
        self.assertEqual(nodes_known, "abc")


if __name__ == "__main__":
    unittest.main()
