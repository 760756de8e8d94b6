"""Sources of type iceberg: a REST catalogue with and without credentials, tables by their folders, rows of the past."""

import functools
import http.server
import pathlib
import shutil
import sys
import tempfile
import threading
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]

import cli_test  # noqa: E402
import iceberg_rest  # noqa: E402

BUILD = [
    "CREATE SCHEMA ice.shop",
    "CREATE SCHEMA ice.hidden",
    "CREATE TABLE ice.hidden.secrets (id INTEGER)",
    """CREATE TABLE ice.shop.items (id INTEGER, name VARCHAR, price DECIMAL(10, 2), big BIGINT, at_time TIMESTAMP,
         seen TIMESTAMPTZ, tags VARCHAR[], size STRUCT(w INTEGER, h INTEGER), flag BOOLEAN, day DATE)""",
    "CREATE TABLE ice.shop.moves (item_id INTEGER, place VARCHAR)",
    """INSERT INTO ice.shop.items VALUES
         (1, 'one', 1.5, 9007199254740993, '2024-05-01 10:00:00', '2024-05-01 10:00:00+02', ['a', 'b'], {'w': 1, 'h': 2}, true,
          '2024-05-01'), (2, 'two', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
    "INSERT INTO ice.shop.moves VALUES (1, 'here'), (1, 'there'), (3, 'here')",
    "INSERT INTO ice.shop.items (id, name) VALUES (3, 'three')",
    "SELECT snapshot_id FROM iceberg_snapshots('ice.shop.items') ORDER BY sequence_number",
]
ITEMS = [
    {"id": 1, "name": "one", "price": 1.5, "big": 9007199254740993, "at_time": "2024-05-01T10:00:00Z",
     "seen": "2024-05-01T08:00:00Z", "tags": ["a", "b"], "size": {"h": 2}, "flag": True, "day": "2024-05-01"},
    *({"id": i, "name": name, "price": None, "big": None, "at_time": None, "seen": None, "tags": None, "size": None,
       "flag": None, "day": None} for i, name in ((2, "two"), (3, "three")))]
FIELDS = "id name price big at_time seen tags size { h } flag day"
SDL = """
type items @table(name: "shop.items") { id: Int! @pk  name: String  price: Float }
type moves @table(name: "shop.moves") {
  item_id: Int @field_references(references_name: "items", field: "id", query: "item", references_query: "moves")
  place: String
}
"""
TOLD = '''type v @view(name: "v", sql: "SELECT 1.5::DECIMAL(38, 10) AS d, {'a': 1} AS s") { d: Float  s: S }
type S { a: Int }'''


class IcebergTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_iceberg_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.warehouse = self.folder / "warehouse"
        self.warehouse.mkdir()

    def catalog(self, **options):
        catalog = iceberg_rest.Catalog(self.warehouse, **options).__enter__()
        self.addCleanup(catalog.stop)
        self.versions = [row[0] for row in catalog.fill(BUILD, cli_test.EXTENSIONS)]
        return catalog

    def load(self, node, path, **members):
        node.insert("lake", **{"type": "iceberg", "path": str(path), "prefix": "lk", "self_defined": True} | members)
        self.assertEqual(node.load("lake"), (True, "Datasource was loaded"))

    def test_a_catalogue(self):
        catalog = self.catalog()
        with cli_test.Node(self.folder) as node:
            self.load(node, catalog.path + "?schema_filter=%5Eshop%24&access_delegation_mode=none")
            self.assertEqual(node.ask(f'{{ lake {{ shop {{ shop_items(order_by: {{field: "id"}}) {{ {FIELDS} }} }} }} }}'),
                             {"lake": {"shop": {"shop_items": ITEMS}}})
            self.assertEqual(node.ask('{ _module(name: "lake") { modules { name } } }'),
                             {"_module": {"modules": [{"name": "lake.shop"}]}})
            data = node.ask("""{ lake { shop {
              first: shop_items(order_by: {field: "id"}) @at(version: %d) { id }
              none: shop_items(order_by: {field: "id"}) @at(timestamp: "2999-01-01") { id }
              shop_items_aggregation @at(version: %d) { _rows_count }
              shop_moves_bucket_aggregation(order_by: {field: "key.place"}) { key { place } aggregations { _rows_count } }
            } } }""" % (self.versions[0], self.versions[0]))
            self.assertEqual(data["lake"]["shop"], {
                "first": [{"id": 1}, {"id": 2}], "none": [{"id": 1}, {"id": 2}, {"id": 3}],
                "shop_items_aggregation": {"_rows_count": 2},
                "shop_moves_bucket_aggregation": [{"key": {"place": "here"}, "aggregations": {"_rows_count": 2}},
                                                  {"key": {"place": "there"}, "aggregations": {"_rows_count": 1}}]})
            with self.assertRaisesRegex(AssertionError, "77"):
                node.ask("{ lake { shop { shop_items @at(version: 77) { id } } } }")

    def test_relations_and_changes(self):
        catalog = self.catalog()
        with cli_test.Node(self.folder) as node:
            self.load(node, catalog.path, self_defined=False,
                      catalogs=[{"name": "lake", "type": "text", "path": SDL}])
            data = node.ask("""mutation { lake {
              insert_items(data: {id: 4, name: "four", moves: [{place: "yard"}]}) { name price moves { place } }
              update_items(filter: {name: {like: "t%"}}, data: {price: 3}) { affected_rows }
              delete_moves(filter: {item: {name: {eq: "three"}}}) { affected_rows }
              upsert_many_items(data: [{id: 1, name: "ONE"}, {id: 5, name: "five"}]) { affected_rows }
              upsert_items(data: {id: 5, price: 9.5, name: "FIVE"}) { id name price } } }""")
            self.assertEqual(data["lake"], {
                "insert_items": {"name": "four", "price": None, "moves": [{"place": "yard"}]},
                "update_items": {"affected_rows": 2}, "delete_moves": {"affected_rows": 1},
                "upsert_many_items": {"affected_rows": 2}, "upsert_items": {"id": 5, "name": "FIVE", "price": 9.5}})
            self.assertEqual(
                node.ask("""{ lake { items(order_by: {field: "id"}) { id price moves(nested_order_by: {field: "place"}) { place } }
                                     items_by_pk(id: 2) { name } } }""")["lake"],
                {"items": [{"id": 1, "price": 1.5, "moves": [{"place": "here"}, {"place": "there"}]},
                           {"id": 2, "price": 3, "moves": None}, {"id": 3, "price": 3, "moves": None},
                           {"id": 4, "price": None, "moves": [{"place": "yard"}]}, {"id": 5, "price": 9.5, "moves": None}],
                 "items_by_pk": {"name": "two"}})
            with self.assertRaisesRegex(AssertionError, "@at directive is not allowed on mutations"):
                node.ask("mutation { lake { delete_items(filter: {id: {eq: 1}}) @at(version: 1) { success } } }")
        self.assertEqual(catalog.fill(["SELECT count(*), sum(price) FROM ice.shop.items"], cli_test.EXTENSIONS)[0][0], 5)

    def test_read_only_has_no_mutations(self):
        catalog = self.catalog()
        with cli_test.Node(self.folder) as node:
            self.load(node, catalog.path, read_only=True)
            with self.assertRaisesRegex(AssertionError, "Cannot query field"):
                node.ask("mutation { lake { shop { delete_shop_items { success } } } }")

    def test_credentials(self):
        catalog = self.catalog(client="me", secret="open-sesame+1")
        tokens = f"&oauth2_server_uri={catalog.endpoint}/v1/oauth/tokens"
        with cli_test.Node(self.folder) as node:
            self.load(node, catalog.path + "?client_id=me&client_secret=open-sesame%2B1" + tokens)
            self.assertEqual(node.ask("{ lake { shop { shop_items_aggregation { _rows_count } } } }"),
                             {"lake": {"shop": {"shop_items_aggregation": {"_rows_count": 3}}}})
            for name, query in (("wrong", "?client_id=me&client_secret=sesame" + tokens), ("none", "")):
                node.insert(name, type="iceberg", path=catalog.path + query)
                success, message = node.load(name)
                self.assertFalse(success)
                self.assertIn("cannot attach the Iceberg catalogue " + catalog.endpoint, message)
                self.assertNotIn("sesame", message)
        self.assertNotIn("sesame", (self.folder / "node.log").read_text())

    def test_a_catalogue_that_goes_away(self):
        catalog = self.catalog()
        database = self.folder / "own.duckdb"
        import duckdb
        with duckdb.connect(str(database)) as connection:
            connection.execute("CREATE TABLE t (a INTEGER)")
        with cli_test.Node(self.folder) as node:
            self.load(node, catalog.path)
            node.insert("own", path=str(database))
            self.assertEqual(node.load("own"), (True, "Datasource was loaded"))
            catalog.stop()
            with self.assertRaises(AssertionError):
                node.ask("{ lake { shop { shop_items { id } } } }")
            self.assertEqual(node.ask("{ own { t { a } } }"), {"own": {"t": []}})
            # The engine lists the tables of everything that is attached; what was loaded keeps serving.
            success, message = node.load("own")
            self.assertFalse(success)
            self.assertIn(catalog.endpoint, message)
            self.assertEqual(node.ask("{ own { t { a } } }"), {"own": {"t": []}})
            # A source with SDL needs no list.
            node.insert("told", path="", self_defined=False, prefix="told", catalogs=[{"name": "told", "type": "text", "path": TOLD}])
            self.assertEqual(node.load("told"), (True, "Datasource was loaded"))
            self.assertEqual(node.ask("{ told { v { d s { a } } } }"), {"told": {"v": [{"d": 1.5, "s": {"a": 1}}]}})
            self.assertEqual(node.unload("lake"), (True, "Datasource was unloaded"))
            self.assertEqual(node.load("own"), (True, "Datasource was loaded"))

    def test_tables_by_their_folders(self):
        self.catalog()
        moved = self.folder / "moved"
        shutil.move(self.warehouse, moved)
        with cli_test.Node(self.folder) as node:
            self.load(node, moved / "shop")
            self.assertEqual(node.ask(f'{{ lake {{ items(order_by: {{field: "id"}}) {{ {FIELDS} }} }} }}'), {"lake": {"items": ITEMS}})
            data = node.ask("""{ lake { first: items(order_by: {field: "id"}) @at(version: %d) { id } moves { place }
              late: items_aggregation @at(timestamp: "2999-01-01") { _rows_count }
              early: items_aggregation @at(timestamp: "1999-01-01") { _rows_count } } }""" % self.versions[0])
            self.assertEqual(data["lake"]["first"], [{"id": 1}, {"id": 2}])
            self.assertEqual(data["lake"]["late"], {"_rows_count": 3})
            self.assertEqual(data["lake"]["early"], {"_rows_count": 0})
            with self.assertRaisesRegex(AssertionError, "Cannot query field"):
                node.ask("mutation { lake { delete_items { success } } }")
            shutil.rmtree(moved / "shop" / "moves")
            self.assertEqual(node.load("lake"), (True, "Datasource was loaded"))
            with self.assertRaisesRegex(AssertionError, "Cannot query field"):
                node.ask("{ lake { moves { place } } }")

    def test_a_table_with_a_version_hint_over_http(self):
        self.catalog()
        metadata = self.warehouse / "shop" / "items" / "metadata"
        newest = max(int(file.name[1:].split(".")[0]) for file in metadata.glob("v*.metadata.json"))
        (metadata / "version-hint.text").write_text(str(newest))
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(self.warehouse))
        handler.log_message = lambda *_: None
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with cli_test.Node(self.folder) as node:
                self.load(node, f"http://127.0.0.1:{server.server_port}/shop/items")
                self.assertEqual(node.ask('{ lake { items(order_by: {field: "id"}) { id } } }'),
                                 {"lake": {"items": [{"id": 1}, {"id": 2}, {"id": 3}]}})
            server.shutdown()

    def test_paths_that_cannot_be_read(self):
        (self.folder / "empty").mkdir()
        with cli_test.Node(self.folder) as node:
            for number, (path, message) in enumerate((
                    ("", "is empty"), ("iceberg://", "names no host"), ("iceberg://h/w?colour=red", 'has no setting "colour"'),
                    ("iceberg+glue://1234", "other catalogues than REST"), ("iceberg://h/w?client_id=a", "client_secret together"),
                    (str(self.folder / "nowhere"), "does not exist"), (str(self.folder / "empty"), "no Iceberg table"))):
                node.insert(f"bad{number}", type="iceberg", path=path)
                success, answer = node.load(f"bad{number}")
                self.assertFalse(success, path)
                self.assertIn(message, answer)


if __name__ == "__main__":
    unittest.main()
