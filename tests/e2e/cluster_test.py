"""Several real nodes on one machine over one core database in PostgreSQL."""

import base64
import contextlib
import json
import os
import pathlib
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


def until(seconds, probe, what):
    """Waits until `probe` gives something true, and returns it with the seconds that it took."""
    start = time.monotonic()
    while True:
        with contextlib.suppress(OSError, AssertionError):
            found = probe()
            if found:
                return found, time.monotonic() - start
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
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

    def start(self, name, **environment):
        return self.stack.enter_context(self.make(name, **environment))

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
        self.assertLess(time.monotonic() - start, 3)
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


if __name__ == "__main__":
    unittest.main()
