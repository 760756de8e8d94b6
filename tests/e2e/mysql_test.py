"""A source of type mysql over a MariaDB server: structure, rows, changes, and a server that goes away."""

import json
import pathlib
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]

import cli_test  # noqa: E402
import mariadb  # noqa: E402

PASSWORD = "open sesame@1"
BUILD = f"""
CREATE DATABASE lib;
CREATE DATABASE other;
CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON lib.* TO 'reader'@'127.0.0.1';
GRANT ALL ON other.* TO 'reader'@'127.0.0.1';
CREATE TABLE other.hidden (id INT PRIMARY KEY);
USE lib;
CREATE TABLE authors (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL COMMENT 'who', born DATE,
  d DECIMAL(10, 2), big BIGINT UNSIGNED, seen DATETIME(6), flag BOOLEAN) COMMENT 'people';
CREATE TABLE books (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(100) NOT NULL, author_id INT, price DOUBLE DEFAULT 5,
  FOREIGN KEY (author_id) REFERENCES authors (id), UNIQUE KEY by_title (title));
CREATE TABLE pairs (a INT, b INT, note TEXT, total INT AS (a + b) STORED, PRIMARY KEY (a, b));
CREATE VIEW titles AS SELECT id, title FROM books;
INSERT INTO authors (name, born, d, big, seen, flag) VALUES
  ('Ada', '1965-08-01', 12.34, 18446744073709551615, '2024-05-01 10:00:00.25', 1), ('Bo', NULL, NULL, NULL, NULL, NULL);
INSERT INTO books (title, author_id, price) VALUES ('Tides', 1, 9.5), ('Dunes', 1, NULL), ('Birds', NULL, 3);
"""
SDL = """type authors @table(name: "authors") {
\tid: Int! @pk @default
\t\"\"\"
\twho
\t\"\"\"
\tname: String!
\tborn: Date
\td: Float
\tbig: BigInt
\tseen: DateTime
\tflag: Boolean
}
type books @table(name: "books") @unique(fields: ["title"], query_suffix: "by_title") {
\tid: Int! @pk @default
\ttitle: String!
\tauthor_id: Int @field_references(references_name: "authors", field: "id", query: "authors", references_query: "books")
\tprice: Float
}
type pairs @table(name: "pairs") {
\ta: Int! @pk
\tb: Int! @pk
\tnote: String
\ttotal: Int
}
type titles @view(name: "titles") {
\tid: Int!
\ttitle: String!
}
"""


@unittest.skipUnless(mariadb.available(), "MariaDB is missing: ./x test installs it")
class MysqlTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_mysql_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.server = mariadb.MariaDb().__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.server.run(BUILD)

    def load(self, node, name="lib", path=None, **members):
        path = path or f"mysql://reader:open%20sesame%401@127.0.0.1:{self.server.port}/lib"
        node.insert(name, type="mysql", path=path, prefix=name, **members)
        self.assertEqual(node.load(name), (True, "Datasource was loaded"))

    def test_structure_and_rows(self):
        with cli_test.Node(self.folder) as node:
            self.load(node)
            describe = '{ function { core { describe_data_source_schema(name: "lib") } } }'
            sdl = node.ask(describe)["function"]["core"]["describe_data_source_schema"]
            self.assertEqual(sdl, '"""\npeople\n"""\n' + SDL)
            data = node.ask("""{ lib {
              authors(order_by: {field: "id"}) { name born d big seen flag books(nested_order_by: {field: "id"}) { title } }
              books(order_by: {field: "price"}) { title price authors { name } }
              cut: books(order_by: {field: "price"}, limit: 2) { title }
              titles_aggregation { _rows_count }
              some: books_aggregation(filter: {title: {eq: "Tides"}}) { _rows_count }
              books_by_title(title: "Dunes") { id }
              books_bucket_aggregation(order_by: {field: "key.author_id"}) { key { author_id } aggregations { price { sum } } } } }""")
            self.assertEqual(data["lib"], {
                "authors": [{"name": "Ada", "born": "1965-08-01", "d": 12.34, "big": 18446744073709551615,
                             "seen": "2024-05-01T10:00:00.25Z", "flag": True, "books": [{"title": "Tides"}, {"title": "Dunes"}]},
                            {"name": "Bo", "born": None, "d": None, "big": None, "seen": None, "flag": None, "books": None}],
                "books": [{"title": "Birds", "price": 3, "authors": None}, {"title": "Tides", "price": 9.5, "authors": {"name": "Ada"}},
                          {"title": "Dunes", "price": None, "authors": {"name": "Ada"}}],
                "cut": [{"title": "Birds"}, {"title": "Tides"}],
                "titles_aggregation": {"_rows_count": 3},
                "some": {"_rows_count": 1},
                "books_by_title": {"id": 2},
                "books_bucket_aggregation": [{"key": {"author_id": 1}, "aggregations": {"price": {"sum": 9.5}}},
                                             {"key": {"author_id": None}, "aggregations": {"price": {"sum": 3}}}]})

    def test_changes(self):
        with cli_test.Node(self.folder) as node:
            self.load(node, path=f"host=127.0.0.1 port={self.server.port} user=reader password='{PASSWORD}' database=lib")
            data = node.ask("""mutation { lib {
              insert_authors(data: {name: "Cy", books: [{title: "One", price: 1}, {title: "Two"}]}) { id books(nested_order_by: {field: "id"}) { title price } }
              up: update_books(filter: {title: {ilike: "t%"}}, data: {price: 7}) { affected_rows }
              same: update_books(filter: {title: {ilike: "t%"}}, data: {price: 7}) { affected_rows }
              related: update_books(filter: {authors: {name: {eq: "Cy"}}}, data: {price: null}) { affected_rows }
              gone: delete_books(filter: {authors: {name: {eq: "Cy"}}}) { affected_rows }
              insert_pairs(data: {a: 1, b: 2}) { a b note total }
              pairs: update_pairs(filter: {note: {is_null: true}}, data: {note: "x"}) { affected_rows } } }""")
            self.assertEqual(data["lib"], {
                "insert_authors": {"id": 3, "books": [{"title": "One", "price": 1}, {"title": "Two", "price": 5}]},
                "up": {"affected_rows": 2}, "same": {"affected_rows": 2}, "related": {"affected_rows": 2},
                "gone": {"affected_rows": 2}, "insert_pairs": {"a": 1, "b": 2, "note": None, "total": 3}, "pairs": {"affected_rows": 1}})
            with self.assertRaisesRegex(AssertionError, "'message': \"?'?Duplicate entry"):
                node.ask('mutation { lib { a: insert_books(data: {title: "New"}) { id } b: insert_books(data: {title: "Tides"}) { id } } }')
            self.assertEqual(node.ask("{ lib { books_aggregation { _rows_count } } }")["lib"]["books_aggregation"], {"_rows_count": 3})

    def test_upserts(self):
        with cli_test.Node(self.folder) as node:
            self.load(node)
            data = node.ask("""mutation { lib {
              old: upsert_books(data: {id: 1, title: "Tides II"}) { id title price }
              same: upsert_books(data: {id: 1, title: "Tides II"}) { id title price }
              new: upsert_books(data: {title: "Fresh", author_id: 2}) { id title price authors { name } }
              by_title: upsert_books(data: {title: "Dunes", price: 8}, on_conflict: ["title"]) { id title price }
              kept: upsert_books(data: {title: "Dunes", price: 9}, on_conflict: ["title"], update: []) { id price }
              many: upsert_many_pairs(data: [{a: 1, b: 1, note: "x"}, {a: 1, b: 2, note: "y"}, {a: 2, b: 2}]) { affected_rows }
              again: upsert_many_pairs(data: [{a: 1, b: 1, note: "it's"}, {a: 1, b: 2, note: "y"}, {a: 3, b: 3}]) { affected_rows }
            } }""")
            self.assertEqual(data["lib"], {
                "old": {"id": 1, "title": "Tides II", "price": 9.5}, "same": {"id": 1, "title": "Tides II", "price": 9.5},
                "new": {"id": 4, "title": "Fresh", "price": 5, "authors": {"name": "Bo"}},
                "by_title": {"id": 2, "title": "Dunes", "price": 8}, "kept": {"id": 2, "price": 8},
                "many": {"affected_rows": 3}, "again": {"affected_rows": 3}})
            self.assertEqual([f["name"] for f in node.ask('{ __type(name: "lib_pairs_mut_input_data") { inputFields { name } } }')["__type"]["inputFields"]], ["a", "b", "note"])
            self.assertEqual(node.ask('{ lib { pairs(order_by: [{field: "a"}, {field: "b"}]) { a b note } } }')["lib"]["pairs"], [
                {"a": 1, "b": 1, "note": "it's"}, {"a": 1, "b": 2, "note": "y"}, {"a": 2, "b": 2, "note": None},
                {"a": 3, "b": 3, "note": None}])
            with self.assertRaisesRegex(AssertionError, "must name all columns of the primary key or of a @unique"):
                node.ask('mutation { lib { upsert_books(data: {id: 1, title: "x"}, on_conflict: ["author_id"]) { id } } }')

    def test_a_server_that_goes_away_harms_no_other_source(self):
        database = self.folder / "own.duckdb"
        import duckdb
        with duckdb.connect(str(database)) as connection:
            connection.execute("CREATE TABLE t (a INTEGER)")
        with cli_test.Node(self.folder) as node:
            self.load(node)
            self.server.kill()
            status, text = node.send("POST", "/query", '{"query": "{ lib { authors { name } } }"}')
            self.assertEqual(status, 200)
            self.assertIn("errors", text)
            self.assertNotIn("sesame", text)
            node.insert("own", path=str(database))
            self.assertEqual(node.load("own"), (True, "Datasource was loaded"))
            self.assertEqual(node.ask("{ own { t { a } } }"), {"own": {"t": []}})
            self.assertEqual(node.unload("lib"), (True, "Datasource was unloaded"))
        self.assertNotIn("sesame", (self.folder / "node.log").read_text())

    def test_a_server_that_is_down_is_refused_at_once_and_used_when_it_is_back(self):
        query = '{"query": "{ lib { authors(order_by: [{field: \\"id\\"}]) { name } } }"}'
        by_key = '{"query": "{ lib { authors_by_pk(id: 1) { name } } }"}'
        with cli_test.Node(self.folder, BREAKER_RESET="2s", ERROR_EXTENSIONS="true") as node:
            self.load(node)

            def ask(text=query):
                return json.loads(node.send("POST", "/query", text)[1])

            def code(answer):
                return answer["errors"][0]["extensions"]["code"]
            right = ask()
            self.assertEqual(right["data"]["lib"]["authors"], [{"name": "Ada"}, {"name": "Bo"}])
            # What the server answers is no failure.
            for _ in range(8):
                self.assertIn("errors", ask('{"query": "mutation { lib { insert_books(data: {title: \\"Tides\\"}) { affected_rows } } }"}'))
            self.assertEqual(ask(), right)
            self.server.kill()
            codes = [code(ask()) for _ in range(5)]
            self.assertEqual(codes, ["SOURCE_UNAVAILABLE"] * 5)
            started = time.monotonic()
            for text in (query, by_key) * 5:
                answer = ask(text)
                self.assertEqual(code(answer), "SOURCE_CIRCUIT_OPEN")
                self.assertIn('data source "lib": the circuit is open', answer["errors"][0]["message"])
                self.assertNotIn("sesame", answer["errors"][0]["message"])
            self.assertLess(time.monotonic() - started, 1)
            self.assertIn('eider_source_breaker_open{source="lib"} 1', node.send("GET", "/metrics")[1])
            time.sleep(5)  # The pause has grown.
            ask()
            self.server.start()
            until = time.monotonic() + 10
            while ask() != right and time.monotonic() < until:
                time.sleep(0.1)
            self.assertEqual(ask(), right)
            self.assertEqual(ask(by_key)["data"]["lib"]["authors_by_pk"], {"name": "Ada"})
            self.assertIn('eider_source_breaker_open{source="lib"} 0', node.send("GET", "/metrics")[1])

    def test_a_server_that_hangs_starves_no_other_source(self):
        import duckdb
        with duckdb.connect(str(self.folder / "own.duckdb")) as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        there, own = '{"query": "{ lib { authors { name } } }"}', '{"query": "{ own { t { a } } }"}'
        with cli_test.Node(self.folder, MAX_CONCURRENT_REQUESTS="6", QUERY_TIMEOUT="30s") as node:
            self.load(node)
            node.insert("own", path=str(self.folder / "own.duckdb"))
            self.assertEqual(node.load("own"), (True, "Datasource was loaded"))
            right = node.send("POST", "/query", there)
            told, slowest = [], 0

            def ask():
                started = time.monotonic()
                told.append((node.send("POST", "/query", there)[1], time.monotonic() - started))
            self.server.process.send_signal(signal.SIGSTOP)
            try:
                # More than the node runs at once.
                waiting = [threading.Thread(target=ask) for _ in range(10)]
                for thread in waiting:
                    thread.start()
                until = time.monotonic() + 6
                while time.monotonic() < until:
                    started = time.monotonic()
                    self.assertEqual(node.send("POST", "/query", own)[1], '{"data":{"own":{"t":[{"a":1}]}}}')
                    slowest = max(slowest, time.monotonic() - started)
                    time.sleep(0.05)
                for thread in waiting:
                    thread.join()
                ask()
            finally:
                self.server.process.send_signal(signal.SIGCONT)
            self.assertLess(slowest, 8)
            self.assertLess(max(spent for _, spent in told), 12)
            for text, _ in told:
                self.assertIn("errors", text)
                self.assertNotIn("sesame", text)
            self.assertIn("takes connections and does not answer; requests of it are refused until it does", told[-1][0])
            self.assertIn("MySQL at mysql://127.0.0.1", told[-1][0])
            until = time.monotonic() + 20
            while node.send("POST", "/query", there) != right and time.monotonic() < until:
                time.sleep(0.2)
            self.assertEqual(node.send("POST", "/query", there), right)

    def test_a_wrong_password_is_not_shown(self):
        with cli_test.Node(self.folder) as node:
            node.insert("lib", type="mysql", path=f"mysql://reader:sesame@127.0.0.1:{self.server.port}/lib")
            success, message = node.load("lib")
            self.assertFalse(success)
            self.assertIn("Access denied for user 'reader'", message)
            self.assertNotIn("sesame", message)
        self.assertNotIn("sesame", (self.folder / "node.log").read_text())


if __name__ == "__main__":
    unittest.main()
