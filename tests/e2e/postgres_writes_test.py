"""Changes in PostgreSQL when something goes wrong, and tables that take them in their own way."""

import json
import pathlib
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import cli_test  # noqa: E402
import postgres  # noqa: E402

SQL = """
CREATE TABLE items (id integer PRIMARY KEY, name text, price numeric(12,4), tags text[], facts jsonb, made timestamptz);
INSERT INTO items VALUES (1, 'one', 1, NULL, NULL, NULL), (2, 'two', 2, NULL, NULL, NULL);
CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, twice text GENERATED ALWAYS AS (name || name) STORED,
  born timestamptz NOT NULL DEFAULT '2024-01-01 00:00:00+00');
CREATE TABLE checked (id integer PRIMARY KEY, amount integer CHECK (amount > 0), item_id integer REFERENCES items (id), other text NOT NULL DEFAULT 'x');
CREATE VIEW some_items AS SELECT id, name FROM items;
CREATE TABLE slow (id integer PRIMARY KEY, n integer);
INSERT INTO slow VALUES (1, 0);
"""
SDL = """
type items @table(name: "items") { id: Int! @pk  name: String  price: Float  tags: [String]  facts: JSON  made: Timestamp }
type numbered @table(name: "numbered") { id: Int! @pk @default(sequence: "numbered_id_seq")  name: String  twice: String  born: Timestamp }
type checked @table(name: "checked") { id: Int! @pk  amount: Int
  item_id: Int @field_references(references_name: "items", field: "id", query: "item", references_query: "checks")  other: String }
type some_items @table(name: "some_items") { id: Int! @pk  name: String }
type slow @table(name: "slow") { id: Int! @pk  n: Int @default(update_exp: "(SELECT 1 FROM pg_sleep(%s))") }
"""


class PostgresWritesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.server = postgres.Server()
        except postgres.Missing as problem:
            raise unittest.SkipTest(str(problem))
        cls.databases = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        type(self).databases += 1
        self.database = f"w{self.databases}"
        self.server.create_database(self.database, SQL)

    def node(self, sleep="0", **environment):
        source = {"name": "p", "type": "postgres", "path": self.server.dsn(self.database), "prefix": "p", "as_module": True,
                  "catalogs": [{"name": "p", "type": "text", "path": SDL % sleep}]}
        return cli_test.Node(self.folder, {"sources": [source]}, **environment)

    def send(self, node, query, variables=None):
        return json.loads(node.send("POST", "/query", json.dumps({"query": query, "variables": variables or {}}))[1])

    def message(self, node, query, variables=None):
        answer = self.send(node, query, variables)
        self.assertNotIn("data", answer)
        return answer["errors"][0]["message"]

    def sql(self, text):
        return self.server.sql(text, self.database).strip()

    def test_what_the_database_makes_itself(self):
        with self.node() as node:
            answer = node.ask('mutation { p { insert_numbered(data: {name: "a"}) { id name twice born } insert_many_numbered(data: '
                              '[{name: "b"}, {name: "c", born: "2020-01-01T00:00:00Z"}]) { id twice born } } }')["p"]
            born = "2024-01-01T00:00:00Z"
            self.assertEqual(answer["insert_numbered"], {"id": 1, "name": "a", "twice": "aa", "born": born})
            self.assertEqual(answer["insert_many_numbered"], [{"id": 2, "twice": "bb", "born": born},
                                                              {"id": 3, "twice": "cc", "born": "2020-01-01T00:00:00Z"}])

    def test_constraints_name_the_value(self):
        with self.node() as node:
            self.assertRegex(self.message(node, 'mutation { p { insert_items(data: {id: 1}) { id } } }'),
                             r'violates unique constraint "items_pkey": Key \(id\)=\(1\) already exists')
            self.assertRegex(self.message(node, "mutation { p { insert_checked(data: {id: 1, item_id: 99}) { id } } }"),
                             r'violates foreign key constraint .*: Key \(item_id\)=\(99\) is not present in table "items"')
            self.assertRegex(self.message(node, "mutation { p { insert_checked(data: {id: 1, amount: -1}) { id } } }"),
                             'violates check constraint "checked_amount_check"')
            self.assertRegex(self.message(node, "mutation { p { insert_checked(data: {id: 1, other: null}) { id } } }"),
                             'null value in column "other" .* violates not-null constraint')
            many = "mutation($d: [p_checked_mut_input_data!]!) { p { insert_many_checked(data: $d, return_rows: false) { id } } }"
            rows = [{"id": i, "amount": i % 700} for i in range(1, 1000)]
            self.assertRegex(self.message(node, many, {"d": rows}), 'violates check constraint "checked_amount_check"')
            self.assertEqual(self.sql("SELECT count(*) FROM checked"), "0")

    def test_a_lost_connection_leaves_nothing(self):
        with self.node("2") as node:
            answers = []
            thread = threading.Thread(target=lambda: answers.append(self.send(
                node, 'mutation { p { insert_items(data: {id: 50}) { id } update_slow(filter: {id: {eq: 1}}, data: {id: 1}) { success } } }')))
            thread.start()
            time.sleep(0.7)
            self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()")
            thread.join(cli_test.SECONDS)
            self.assertNotIn("data", answers[0])
            self.assertEqual(answers[0]["errors"][0]["extensions"]["code"], "SOURCE_UNAVAILABLE", answers)
            self.assertEqual(self.sql("SELECT count(*) FROM items"), "2")
            self.assertEqual(node.ask("mutation { p { insert_items(data: {id: 50}) { id } } }"), {"p": {"insert_items": {"id": 50}}})

    def test_a_deadline_rolls_back(self):
        with self.node("5", QUERY_TIMEOUT="500ms") as node:
            self.assertEqual(self.message(node, 'mutation { p { insert_items(data: {id: 60}) { id } update_slow(filter: '
                                                '{id: {eq: 1}}, data: {id: 1}) { success } } }'), "query timeout")
            self.assertEqual(self.sql("SELECT count(*) FROM items"), "2")
            self.assertEqual(node.ask("mutation { p { insert_items(data: {id: 60}) { id } } }"), {"p": {"insert_items": {"id": 60}}})

    def test_deadlocked_writers(self):
        with self.node("0.7") as node:
            def change(first, second):
                return self.send(node, "mutation { p { a: update_items(filter: {id: {eq: %d}}, data: {price: 1}) { affected_rows } "
                                       "s: update_slow(filter: {id: {eq: %d}}, data: {id: %d}) { success } "
                                       "b: update_items(filter: {id: {eq: %d}}, data: {price: 2}) { affected_rows } } }"
                                       % (first, first, first, second))
            self.sql("INSERT INTO slow VALUES (2, 0)")
            answers = []
            threads = [threading.Thread(target=lambda pair=pair: answers.append(change(*pair))) for pair in ((1, 2), (2, 1))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(cli_test.SECONDS)
            failed = [a["errors"][0]["message"] for a in answers if "errors" in a]
            self.assertEqual(len(failed), 1, answers)
            self.assertRegex(failed[0], 'data source "p": another request changed the same rows .* send the request again')

    def test_many_rows(self):
        made = "2024-05-01T10:00:00Z"
        rows = [{"id": i, "name": f"na\\me\t{i}\n\"é", "price": i / 4, "tags": ["a,b", None, '"x\\'], "facts": {"k": [i, None]}, "made": made}
                for i in range(10, 20_010)]
        query = ("mutation($d: [p_items_mut_input_data!]!) { p { insert_many_items(data: $d, return_rows: %s)"
                 " { id name price tags facts made } } }")
        with self.node() as node:
            self.assertEqual(self.send(node, query % "false", {"d": rows}), {"data": {"p": {"insert_many_items": []}}})
            self.assertEqual(self.sql("SELECT count(*), sum(price), count(DISTINCT name) FROM items WHERE id > 9"),
                             f"20000|{sum(range(10, 20_010)) / 4:.4f}|20000")
            node.ask("mutation { p { delete_items(filter: {id: {gt: 9}}) { affected_rows } } }")
            answer = self.send(node, query % "true", {"d": rows})["data"]["p"]["insert_many_items"]
            self.assertEqual(answer[:3], rows[:3])
            self.assertEqual(answer, rows)

    def test_many_related_rows(self):
        items = [{"id": 100 + i, "checks": [{"id": 1000 * i + k, "amount": k} for k in range(1, 301)]} for i in range(3)]
        query = ("mutation($d: [p_items_mut_input_data!]!) { p { insert_many_items(data: $d) { id checks_aggregation "
                 "{ _rows_count amount { sum } } checks(order_by: {field: \"id\"}, limit: 900) { id } } } }")
        with self.node() as node:
            answer = self.send(node, query, {"d": items})["data"]["p"]["insert_many_items"]
            self.assertEqual([item["id"] for item in answer], [100, 101, 102])
            for item, given in zip(answer, items):
                self.assertEqual(item["checks_aggregation"], {"_rows_count": 300, "amount": {"sum": 45150}})
                self.assertEqual(item["checks"], [{"id": check["id"]} for check in given["checks"]][:300])

    def test_views_take_no_copy(self):
        rows = [{"id": i, "name": str(i)} for i in range(100, 1100)]
        query = "mutation($d: [p_some_items_mut_input_data!]!) { p { insert_many_some_items(data: $d) { id name } } }"
        with self.node() as node:
            self.assertEqual(self.send(node, query, {"d": rows})["data"]["p"]["insert_many_some_items"], rows)

    def test_upserts(self):
        with self.node() as node:
            answer = node.ask('mutation { p { upsert_items(data: {id: 1, name: "new"}) { id name price } upsert_many_items(data: '
                              '[{id: 1, price: 9}, {id: 7, price: 8}], update: []) { affected_rows } } }')["p"]
            self.assertEqual(answer, {"upsert_items": {"id": 1, "name": "new", "price": 1}, "upsert_many_items": {"affected_rows": 1}})
            self.assertEqual(self.message(node, 'mutation { p { upsert_items(data: {id: 1}, on_conflict: ["name"]) { id } } }'),
                             "upsert_items: on_conflict must name all columns of the primary key or of a unique constraint of the table")
            self.assertEqual(self.message(node, "mutation { p { upsert_many_items(data: [{id: 1, price: 1}, {id: 1, price: 2}]) { success } } }"),
                             "upsert_many_items: two rows of data have the same key")


if __name__ == "__main__":
    unittest.main()
