"""What becomes of changes when something goes wrong: other writers, time, clients that leave, commits that fail."""

import json
import pathlib
import socket
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "gqltest")]
import cli_test  # noqa: E402
import source_sets  # noqa: E402

SQL = """
CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR, price DOUBLE, pages INTEGER);
INSERT INTO items VALUES (1, 'one', 1, 1);
CREATE TABLE slow (id INTEGER PRIMARY KEY, n BIGINT);
INSERT INTO slow VALUES (1, 0), (2, 0);
"""
SDL = """
type items @table(name: "items") { id: Int! @pk  name: String  price: Float  pages: Int }
type slow @table(name: "slow") { id: Int! @pk  n: BigInt @default(update_exp: "%s")
  mark: Int @sql(exp: "1") }
"""
ENDLESS = "(SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7)"
SOME = "(SELECT count(*) FROM range(30000) a, range(%d) b WHERE a.range + b.range <> 7)"


class WritesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        script = self.folder / "build.sql"
        script.write_text(SQL)
        for name in ("a", "b"):
            source_sets.run_sql(script, self.folder, self.folder / f"{name}.duckdb")

    def node(self, expression, **environment):
        sdl = SDL % expression.replace("\\", "\\\\")
        sources = [{"name": name, "type": "duckdb", "path": str(self.folder / f"{name}.duckdb"), "prefix": name,
                    "as_module": True, "catalogs": [{"name": name, "type": "text", "path": sdl}]} for name in ("a", "b")]
        return cli_test.Node(self.folder, {"sources": sources}, **environment)

    def send(self, node, query, variables=None):
        return json.loads(node.send("POST", "/query", json.dumps({"query": query, "variables": variables or {}}))[1])

    def name_of(self, node, source, key):
        row = node.ask("{ %s { items_by_pk(id: %d) { name } } }" % (source, key))[source]["items_by_pk"]
        return row and row["name"]

    def beside(self, node, query):
        """Sends a request from a thread; returns a function that waits for its answer."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.send(node, query)))
        thread.start()

        def wait():
            thread.join(cli_test.SECONDS)
            return answers[0]
        return wait

    def some(self):
        """An expression that takes a good second here."""
        with self.node(SOME % 1000) as node:
            started = time.monotonic()
            node.ask("mutation { a { update_slow(filter: {id: {eq: 2}}, data: {id: 2}) { affected_rows } } }")
            took = time.monotonic() - started
        return SOME % max(1000, int(1000 * 1.5 / max(took, 0.01)))

    def test_a_deadline_rolls_back(self):
        with self.node(ENDLESS, QUERY_TIMEOUT="500ms") as node:
            answer = self.send(node, 'mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "new"}) { success }'
                                     ' update_slow(filter: {id: {eq: 1}}, data: {id: 1}) { success } } }')
            self.assertEqual(answer, {"errors": [{"message": "query timeout", "extensions": {"code": "TIMEOUT"}}]})
            self.assertEqual(self.name_of(node, "a", 1), "one")
            node.ask('mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "after"}) { success } } }')
            self.assertEqual(self.name_of(node, "a", 1), "after")

    def test_a_client_that_leaves_rolls_back(self):
        with self.node(ENDLESS) as node:
            body = json.dumps({"query": 'mutation { a { insert_items(data: {id: 2, name: "lost"}) { id }'
                                        ' update_slow(filter: {id: {eq: 1}}, data: {id: 1}) { success } } }'}).encode()
            client = socket.create_connection(("127.0.0.1", node.port), timeout=cli_test.SECONDS)
            client.sendall(b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            time.sleep(0.5)
            client.close()
            deadline = time.monotonic() + 5
            while True:
                answer = self.send(node, 'mutation { a { insert_items(data: {id: 2, name: "mine"}) { name } } }')
                if "errors" not in answer:
                    break
                self.assertLess(time.monotonic(), deadline, answer)
                time.sleep(0.05)
            self.assertEqual(self.name_of(node, "a", 2), "mine")

    def test_writers_in_each_others_way(self):
        with self.node(self.some()) as node:
            first = self.beside(node, 'mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "first"}) { success }'
                                      ' update_slow(filter: {id: {eq: 1}}, data: {id: 1}) { success } } }')
            time.sleep(0.4)
            answer = self.send(node, 'mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "second"}) { success } } }')
            self.assertNotIn("data", answer)
            self.assertRegex(answer["errors"][0]["message"],
                             'data source "a": another request changed the same rows at the same time; nothing was '
                             "written, send the request again")
            self.assertIn("data", first())
            self.assertEqual(self.name_of(node, "a", 1), "first")
            again = self.send(node, 'mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "second"}) { success } } }')
            self.assertIn("data", again)

    def test_a_second_commit_that_fails_names_the_first(self):
        with self.node(self.some()) as node:
            first = self.beside(node, 'mutation { a { update_items(filter: {id: {eq: 1}}, data: {name: "kept"}) { success } }'
                                      ' b { insert_items(data: {id: 9, name: "late"}) { id } }'
                                      ' x: a { update_slow(filter: {id: {eq: 1}}, data: {id: 1}) { success } } }')
            time.sleep(0.4)
            self.assertIn("data", self.send(node, 'mutation { b { insert_items(data: {id: 9, name: "early"}) { id } } }'))
            answer = first()
            self.assertNotIn("data", answer)
            self.assertRegex(answer["errors"][0]["message"],
                             'data source "b" could not commit: .*; the changes to "a" were committed before and stay')
            self.assertEqual(self.name_of(node, "a", 1), "kept")
            self.assertEqual(self.name_of(node, "b", 9), "early")

    def test_a_hundred_thousand_rows(self):
        rows = [{"id": i, "name": f"name {i}", "price": i / 2, "pages": i % 1000} for i in range(10, 100_010)]
        query = ("mutation($d: [a_items_mut_input_data!]!) { a { insert_many_items(data: $d, return_rows: %s)"
                 " { id name } } }")
        with self.node("0") as node:
            before = self.memory(node)
            started = time.monotonic()
            answer = self.send(node, query % "false", {"d": rows})
            self.assertEqual(answer, {"data": {"a": {"insert_many_items": []}}})
            self.assertLess(time.monotonic() - started, 10)
            self.assertLess(self.memory(node) - before, 600 << 20)
            total = node.ask("{ a { items_aggregation { _rows_count id { sum } } } }")["a"]["items_aggregation"]
            self.assertEqual(total, {"_rows_count": 100_001, "id": {"sum": sum(range(10, 100_010)) + 1}})
            node.ask("mutation { a { delete_items(filter: {id: {gt: 1}}) { affected_rows } } }")
            answer = self.send(node, query % "true", {"d": rows})["data"]["a"]["insert_many_items"]
            self.assertEqual(answer, [{"id": row["id"], "name": row["name"]} for row in rows])

    def memory(self, node):
        status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10


if __name__ == "__main__":
    unittest.main()
