"""What a node does when a PostgreSQL source does not do its part: down, slow, full, restarted, killed."""

import concurrent.futures
import json
import pathlib
import signal
import socket
import sys
import tempfile
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]
import cli_test  # noqa: E402
import postgres  # noqa: E402

SDL = """
type items @table(name: "items") { id: Int! @pk  name: String }
type slow @view(name: "slow", sql: "SELECT 1 AS id, pg_sleep(20)::text AS t") { id: Int t: String }
type brief @view(name: "brief", sql: "SELECT 1 AS id, pg_sleep(0.3)::text AS t") { id: Int t: String }
type many @view(name: "many", sql: "SELECT g AS id, repeat('x', 100) AS t FROM generate_series(1, 3000000) g") { id: Int t: String }
"""
ITEMS = "{ s { items(order_by: [{field: \"id\"}]) { id name } } }"
ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
LOAD = 'mutation { function { core { load_data_source(name: "s") { success message } } } }'


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is not installed")
class PostgresTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.server = postgres.Server(settings={"max_connections": "30"})
        self.addCleanup(self.server.close)
        self.dsn = self.server.create_database(
            "items", "CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'a'), (2, 'b')")

    def node(self, path=None, **environment):
        config = {"sources": [{"name": "s", "type": "postgres", "path": path or self.dsn, "prefix": "", "as_module": True,
                               "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
        return cli_test.Node(pathlib.Path(self.scratch.name), config, **environment)

    def items(self, node):
        return node.ask(ITEMS)["s"]["items"]

    def error(self, node, query):
        answer = json.loads(node.send("POST", "/query", json.dumps({"query": query}))[1])
        self.assertIn("errors", answer)
        self.assertNotIn(postgres.PASSWORD + ":" + postgres.PASSWORD, str(answer))
        return answer["errors"][0]["message"]

    def load(self, node):
        return node.ask(LOAD)["function"]["core"]["load_data_source"]

    def test_a_server_that_is_down_at_load_is_loaded_later(self):
        self.server.stop()
        with self.node() as node:
            first = self.load(node)
            self.assertFalse(first["success"])
            self.assertIn("Connection refused", first["message"])
            self.server.start()
            self.assertEqual(self.load(node)["message"], "Datasource was loaded")
            self.assertEqual(self.items(node), ROWS)

    def test_a_restart_of_the_server_goes_unnoticed(self):
        with self.node() as node:
            self.assertEqual(self.items(node), ROWS)
            self.server.stop()
            self.assertIn("PostgreSQL", self.error(node, ITEMS))
            self.server.start()
            deadline = time.monotonic() + 10
            while "errors" in node.send("POST", "/query", json.dumps({"query": ITEMS}))[1]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
            self.assertEqual(self.items(node), ROWS)

    def test_a_server_that_is_down_is_refused_at_once(self):
        with self.node() as node:
            self.server.stop()
            for _ in range(5):
                self.error(node, ITEMS)
            start = time.monotonic()
            for _ in range(20):
                self.assertIn("not tried again for a moment", self.error(node, ITEMS))
            self.assertLess(time.monotonic() - start, 2)
            self.assertIn('eider_source_reachable{source="s"} 0', node.send("GET", "/metrics")[1])

    def test_a_session_that_was_ended_while_idle_is_replaced(self):
        with self.node() as node:
            for _ in range(3):
                self.assertEqual(self.items(node), ROWS)
                self.server.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'eider'")

    def test_a_crash_during_a_query_is_its_error(self):
        with self.node() as node, concurrent.futures.ThreadPoolExecutor() as threads:
            asked = threads.submit(self.error, node, "{ s { slow { id t } } }")
            time.sleep(0.5)
            self.server.stop(signal.SIGQUIT)
            self.assertRegex(asked.result(10), "connection|terminating")
            self.server.start()
            time.sleep(2.1)
            self.assertEqual(self.items(node), ROWS)

    def test_a_wrong_password_is_told_without_any(self):
        with self.node(self.dsn.replace(":eider@", ":s3cret@")) as node:
            answer = self.load(node)
            self.assertFalse(answer["success"])
            self.assertIn("password authentication failed", answer["message"])
            self.assertNotIn("s3cret", answer["message"])

    def test_a_slow_statement_ends_at_the_timeout_on_both_sides(self):
        with self.node(QUERY_TIMEOUT="500ms") as node:
            start = time.monotonic()
            self.assertEqual(self.error(node, "{ s { slow { id t } } }"), "query timeout")
            self.assertLess(time.monotonic() - start, 5)
            deadline = time.monotonic() + 5
            running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()"
            while self.server.sql(running).strip() != "0":
                self.assertLess(time.monotonic(), deadline, "the statement still runs")
                time.sleep(0.05)
            self.assertEqual(self.items(node), ROWS)

    def test_more_requests_than_sessions_take_turns(self):
        with self.node(self.dsn + "?pool_max_conns=2") as node, concurrent.futures.ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(lambda _: node.ask("{ s { brief { id } } }"), range(12)))
            self.assertEqual(answers, [{"s": {"brief": [{"id": 1}]}}] * 12)
            used = self.server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'eider'")
            self.assertLessEqual(int(used), 2 + 2)  # Those of the engine's own attachment come on top.

    def test_a_full_server_is_told(self):
        self.server.sql("CREATE ROLE app LOGIN PASSWORD 'eider'; GRANT SELECT ON items TO app", "items")
        with self.node(self.server.dsn("items", user="app")) as node:
            self.server.sql("ALTER ROLE app CONNECTION LIMIT 0")
            self.server.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'eider'")
            self.assertIn("too many connections", self.error(node, ITEMS))
            self.server.sql("ALTER ROLE app CONNECTION LIMIT -1")
            time.sleep(2.1)
            self.assertEqual(self.items(node), ROWS)

    def test_a_missing_extension_is_named_where_it_is_needed(self):
        with tempfile.TemporaryDirectory() as empty, self.node(EXTENSION_DIRECTORY=empty) as node:
            self.assertEqual(self.items(node), ROWS)
            message = self.error(node, "{ s { items @no_pushdown { id } } }")
            self.assertIn("postgres_scanner", message)
            self.assertIn("EXTENSION_DIRECTORY", message)

    def test_the_engine_reads_the_source_as_well(self):
        with self.node() as node:
            asked = '{ s { items(order_by: [{field: "id"}]) @no_pushdown { id name } } }'
            self.assertEqual(node.ask(asked)["s"]["items"], ROWS)

    def test_a_client_that_leaves_ends_its_statement(self):
        with self.node() as node:
            self.assertEqual(self.items(node), ROWS)
            body = json.dumps({"query": "{ s { slow { id t } } }"}).encode()
            client = socket.create_connection(("127.0.0.1", node.port), timeout=10)
            client.sendall(b"POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            time.sleep(0.5)
            client.close()
            deadline = time.monotonic() + 5
            running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()"
            while self.server.sql(running).strip() != "0":
                self.assertLess(time.monotonic(), deadline, "the statement still runs")
                time.sleep(0.05)
            self.assertEqual(self.items(node), ROWS)


if __name__ == "__main__":
    unittest.main()
