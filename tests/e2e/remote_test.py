"""Database files and SDL that are read over HTTP."""

import functools
import http.server
import pathlib
import sys
import tempfile
import threading
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import cli_test  # noqa: E402

SDL = "type items @table(name: \"items\") { id: Int! @pk  name: String }"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class RemoteTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_remote_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "served").mkdir()
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(self.folder / "served")))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.write_database("one")
        (self.folder / "served" / "items.graphql").write_text(SDL)

    def write_database(self, name):
        import duckdb
        path = self.folder / "served" / "shop.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR)")
            connection.execute("INSERT INTO items VALUES (1, $1)", [name])

    def test_a_database_file(self):
        with cli_test.Node(self.folder) as node:
            node.insert("shop", path=f"{self.url}/shop.duckdb")
            self.assertEqual(node.load("shop"), (True, "Datasource was loaded"))
            self.assertEqual(node.ask("{ shop { items { id name } } }"), {"shop": {"items": [{"id": 1, "name": "one"}]}})
            with self.assertRaisesRegex(AssertionError, "Cannot query field"):
                node.ask("mutation { shop { delete_items { success } } }")
            self.write_database("two")
            self.assertEqual(node.load("shop"), (True, "Datasource was loaded"))
            self.assertEqual(node.ask("{ shop { items { name } } }"), {"shop": {"items": [{"name": "two"}]}})
            node.insert("gone", path=f"{self.url}/gone.duckdb?token=sesame")
            success, message = node.load("gone")
            self.assertFalse(success)
            self.assertNotIn("sesame", message)
            self.assertEqual(node.status("gone"), "detached")

    def test_catalogs(self):
        with cli_test.Node(self.folder) as node:
            for name, kind, path in (("file", "uriFile", "/items.graphql"), ("uri", "uri", "/items.graphql")):
                node.insert(name, path=str(self.folder / f"{name}.duckdb"), self_defined=False,
                            catalogs=[{"name": name, "type": kind, "path": self.url + path}])
                self.assertEqual(node.load(name), (True, "Datasource was loaded"))
                self.assertEqual(node.ask('{ __type(name: "items") { name } }') if name == "file" else {"__type": {"name": "items"}},
                                 {"__type": {"name": "items"}})
                self.assertEqual(node.unload(name), (True, "Datasource was unloaded"))
            node.insert("none", path="", catalogs=[{"name": "none", "type": "uriFile", "path": self.url + "/none.graphql?key=sesame"}])
            success, message = node.load("none")
            self.assertFalse(success)
            self.assertIn("none.graphql", message)
            self.assertNotIn("sesame", message)
            (self.folder / "served" / "bad.graphql").write_text("type t @table(name: \"t\") {\n  id: Nothing\n}")
            node.insert("bad", path="", catalogs=[{"name": "bad", "type": "uriFile", "path": self.url + "/bad.graphql"}])
            self.assertIn("bad.graphql:2:7: [VALIDATE/Types]", node.load("bad")[1])


if __name__ == "__main__":
    unittest.main()
