"""Rows of one source that must tie to rows of another: the smaller side gives its keys, whichever side that is."""

import contextlib
import json
import pathlib
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]

import cli_test  # noqa: E402
import postgres  # noqa: E402

# Each source has a table of few rows and one of many; `late` is filled after the sources are loaded.
ROWS = """
CREATE TABLE few (id INTEGER PRIMARY KEY, name VARCHAR, many_id INTEGER);
INSERT INTO few SELECT i, 'few ' || i, i * 10 FROM {series}(1, {few}) AS t(i);
CREATE TABLE many (id INTEGER PRIMARY KEY, name VARCHAR, few_id INTEGER);
INSERT INTO many SELECT i, 'many ' || i, i % 200 FROM {series}(1, {many}) AS t(i);
CREATE TABLE late (id INTEGER PRIMARY KEY, few_id INTEGER);
"""
SDL = """
type few @table(name: "few") { id: Int! @pk  name: String  many_id: Int }
type many @table(name: "many") { id: Int! @pk  name: String  few_id: Int }
type late @table(name: "late") { id: Int! @pk  few_id: Int }
"""
TIES = """
extend type pg_many @dependency(name: "duck") @dependency(name: "pg")
  @references(references_name: "duck_few", source_fields: ["few_id"], references_fields: ["id"], query: "few", references_query: "many")
extend type duck_many @dependency(name: "duck") @dependency(name: "pg")
  @references(references_name: "pg_few", source_fields: ["few_id"], references_fields: ["id"], query: "few", references_query: "many")
extend type pg_late @dependency(name: "duck") @dependency(name: "pg")
  @references(references_name: "duck_few", source_fields: ["few_id"], references_fields: ["id"], query: "few", references_query: "late")
"""


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is missing: ./x test installs it")
class SemiJoinTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import duckdb
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eider_semi_")))
            cls.server = stack.enter_context(postgres.Server())
            cls.server.sql(ROWS.format(series="generate_series", few=50, many=30000) + "ANALYZE;")
            with duckdb.connect(str(folder / "duck.duckdb")) as connection:
                connection.execute(ROWS.format(series="range", few=51, many=30001))
            cls.node = stack.enter_context(cli_test.Node(folder))
            for name, kind, path in (("duck", "duckdb", str(folder / "duck.duckdb")), ("pg", "postgres", cls.server.dsn())):
                cls.node.insert(name, type=kind, path=path, prefix=name, self_defined=False, catalogs=[{"name": name, "type": "text", "path": SDL}])
            cls.node.insert("ties", type="extension", path="", self_defined=False, catalogs=[{"name": "t", "type": "text", "path": TIES}])
            for name in ("duck", "pg", "ties"):
                outcome = cls.node.load(name)
                assert outcome == (True, "Datasource was loaded"), outcome
            cls.server.sql("INSERT INTO late SELECT i, i % 60 FROM generate_series(1, 500) AS t(i)")
            cls.addClassCleanup(stack.pop_all().close)

    def explained(self, query, **variables):
        """The data of an answer, and all SQL and parameters of its statements as one text."""
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("POST", "/query", json.dumps({"query": query, "variables": variables}), {"X-Eider-Explain": "true"})
            answer = json.loads(connection.getresponse().read())
        self.assertNotIn("errors", answer)
        parts = answer["extensions"]["explain"]
        return answer["data"], " ".join(part["sql"] + " " + " ".join(map(str, part["parameters"])) for part in parts)

    # --- the related rows are few: their keys go to the server of the many ---

    def test_few_related_rows_are_handed_to_the_server(self):
        data, text = self.explained("""{ pg { many(filter: {few: {name: {in: ["few 7", "few 9"]}}, id: {lte: 400}}, order_by: [{field: "id"}]) { id few { name } } } }""")
        self.assertEqual(data["pg"]["many"], [{"id": i, "few": {"name": f"few {i % 200}"}} for i in (7, 9, 207, 209)])
        self.assertRegex(text, r"""AND "few_id" = ANY\('\{("7","9"|"9","7")\}'::bigint\[\]\)""")

    def test_what_is_read_for_its_keys_has_a_cost(self):
        def limit(cost):
            self.node.ask("mutation($d: core_role_limits_mut_input_data!) { core { delete_role_limits(filter: {role: {eq: \"admin\"}}) "
                          "{ success } insert_role_limits(data: $d) { role } } }", d={"role": "admin", "max_cost": cost})
        self.addCleanup(self.node.ask, 'mutation { core { delete_role_limits(filter: {role: {eq: "admin"}}) { success } } }')
        # One row of the server, but every row of the other table is looked at for its key.
        query = '{ pg { many(filter: {few: {name: {like: "%7"}}, id: {eq: 7}}) { id } } }'
        alone = "{ pg { many(filter: {few_id: {eq: 7}, id: {eq: 7}}) { id } } }"
        limit(1000)
        self.assertEqual(self.node.ask(query)["pg"]["many"], [{"id": 7}])
        limit(5)
        self.assertEqual(self.node.ask(alone)["pg"]["many"], [{"id": 7}])
        with self.assertRaisesRegex(AssertionError, r"expected to cost \d+, and the role may use 5"):
            self.node.ask(query)

    def test_also_for_inner(self):
        data, text = self.explained("""query($n: String) { pg { many(filter: {name: {like: $n}}, order_by: [{field: "id"}], limit: 3, offset: 1) { id few(inner: true) { id } } } }""", n="many %5")
        self.assertEqual(data["pg"]["many"], [{"id": i, "few": {"id": i}} for i in (15, 25, 35)])
        self.assertRegex(text, r"""AND "few_id" = ANY\('\{("\d+",?){50}\}'::bigint""")

    def test_also_below_and_and_in_aggregations(self):
        data, text = self.explained("""{ pg { many_aggregation(filter: {_and: [{few: {id: {gt: 48}}}, {id: {gt: 0}}]}) { _rows_count }
          many_bucket_aggregation(filter: {few: {id: {eq: 3}}}) { key { few_id } aggregations { _rows_count } } } }""")
        self.assertEqual(data["pg"], {"many_aggregation": {"_rows_count": 300},
                                      "many_bucket_aggregation": [{"key": {"few_id": 3}, "aggregations": {"_rows_count": 150}}]})
        self.assertRegex(text, r"""AND "few_id" = ANY\('\{("49","50"|"50","49")\}'""")
        self.assertIn("""AND "few_id" = ANY('{"3"}'""", text)

    def test_what_may_be_met_otherwise_is_not_left_out(self):
        data, text = self.explained("""{ pg { a: many_aggregation(filter: {_or: [{few: {id: {eq: 1}}}, {id: {lte: 2}}]}) { _rows_count }
          b: many_aggregation(filter: {_not: {few: {id: {eq: 1}}}}) { _rows_count } c: many_aggregation(filter: {few: {}}) { _rows_count }
          d: many_aggregation(filter: {few: {id: {eq: -1}}}) { _rows_count } } }""")
        self.assertEqual([data["pg"][name]["_rows_count"] for name in "abcd"], [151, 29850, 30000, 0])
        self.assertNotIn('"few_id" = ANY(\'{"1"}\'', text)
        self.assertIn('"few_id" = ANY(\'{}\'', text)

    # --- the rows that are asked for are few: their keys go to the server of the related ones ---

    def test_few_rows_are_handed_to_the_server_of_those_they_tie_to(self):
        data, text = self.explained("""{ duck { few(filter: {many: {any_of: {name: {eq: "many 7"}}}, id: {lt: 9}}) { id } } }""")
        self.assertEqual(data["duck"]["few"], [{"id": 7}])
        self.assertRegex(text, r"""AND "few_id" = ANY\('\{("\d",?){8}\}'::bigint\[\]\)""")

    def test_quantifiers(self):
        data, text = self.explained("""{ duck { none: few_aggregation(filter: {many: {none_of: {id: {lte: 40}}}}) { _rows_count }
          all: few_aggregation(filter: {many: {all_of: {id: {gt: 40}}}}) { _rows_count }
          either: few_aggregation(filter: {_or: [{many: {any_of: {id: {lte: 2}}}}, {id: {gt: 48}}]}) { _rows_count } } }""")
        self.assertEqual(data["duck"], {"none": {"_rows_count": 10}, "all": {"_rows_count": 10}, "either": {"_rows_count": 4}})
        self.assertIn('AND "few_id" = ANY(', text)

    def test_inner_lists(self):
        data, text = self.explained("""{ duck { few(order_by: [{field: "id", direction: DESC}], limit: 2) { id many(inner: true, filter: {id: {lte: 210}}, order_by: [{field: "id"}]) { id } } } }""")
        self.assertEqual(data["duck"]["few"], [{"id": 50, "many": [{"id": 50}]}, {"id": 49, "many": [{"id": 49}]}])
        self.assertIn('AND "few_id" = ANY(', text)

    # --- who is handed what without a condition ---

    def test_all_of_few_rows_are_handed_over(self):
        data, text = self.explained("{ duck { few_aggregation { many { _rows_count } } } }")
        self.assertEqual(data["duck"]["few_aggregation"]["many"]["_rows_count"], 7500)
        self.assertIn('AND "few_id" = ANY(', text)

    def test_a_small_far_end_is_read_as_a_whole(self):
        data, text = self.explained("""{ duck { many(limit: 1000, order_by: [{field: "id"}]) { few { name } } } }""")
        self.assertEqual(sum(row["few"] is not None for row in data["duck"]["many"]), 250)
        self.assertNotIn("ANY(", text)
        data, text = self.explained("""{ duck { many(limit: 10, order_by: [{field: "id"}]) { few { name } } } }""")
        self.assertEqual(data["duck"]["many"][9], {"few": {"name": "few 10"}})
        self.assertIn("few 10", text)  # Fetched by keys before the statement.

    def test_without_an_estimate_nothing_is_taken_for_granted(self):
        data, text = self.explained("""{ pg { late_aggregation(filter: {few: {id: {lte: 2}}}) { _rows_count } } duck { few_aggregation(filter: {late: {any_of: {id: {lte: 3}}}}) { _rows_count } } }""")
        self.assertEqual((data["pg"]["late_aggregation"]["_rows_count"], data["duck"]["few_aggregation"]["_rows_count"]), (18, 3))
        self.assertNotIn("ANY(", text)

    def test_not_where_the_server_is_left_alone(self):
        data, text = self.explained("""query @no_pushdown { pg { many_aggregation(filter: {few: {id: {eq: 3}}}) { _rows_count } } duck { few_aggregation(filter: {many: {any_of: {id: {eq: 3}}}}) { _rows_count } } }""")
        self.assertEqual((data["pg"]["many_aggregation"]["_rows_count"], data["duck"]["few_aggregation"]["_rows_count"]), (150, 1))
        self.assertNotIn("ANY(", text)


if __name__ == "__main__":
    unittest.main()
