"""Sources whose path is the name of a secret that the engine keeps: PostgreSQL, MySQL, lakes, Iceberg catalogues."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]

import cli_test  # noqa: E402
import iceberg_rest  # noqa: E402
import mariadb  # noqa: E402
import postgres  # noqa: E402

PASSWORD = "open;sesame='1"
SDL = 'type items @table(name: "items") { id: Int! @pk  name: String }'
ITEMS = "{ %s { items(order_by: {field: \"id\"}) { id name } } }"
ROWS = [{"id": 1, "name": "one"}, {"id": 2, "name": None}]
KEEP = """
import duckdb, json, sys
folder, extensions, statements = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with duckdb.connect(config={"extension_directory": extensions, "secret_directory": folder}) as connection:
    for statement in statements:
        connection.execute(statement)
"""


class StoredSecretsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_stored_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def keep(self, *statements):
        """Runs statements in an engine that keeps its secrets where the node's engine looks for them."""
        subprocess.run([sys.executable, "-c", KEEP, str(self.folder / ".duckdb" / "stored_secrets"), cli_test.EXTENSIONS,
                        json.dumps(statements)], check=True)

    def node(self):
        return cli_test.Node(self.folder, HOME=str(self.folder))

    def rows(self, node, name, **members):
        node.insert(name, **{"self_defined": False, "catalogs": [{"name": name, "type": "text", "path": SDL}]} | members)
        self.assertEqual(node.load(name), (True, "Datasource was loaded"))
        return node.ask(ITEMS % name)[name]["items"]

    def refused(self, node, name, **members):
        node.insert(name, **members)
        loaded, message = node.load(name)
        self.assertFalse(loaded)
        self.assertNotIn(PASSWORD, message)
        return message

    @unittest.skipUnless(postgres.is_installed(), "PostgreSQL is missing: ./x setup --all")
    def test_postgres(self):
        with postgres.Server() as server:
            server.sql("CREATE ROLE reader LOGIN PASSWORD 'open;sesame=''1'; CREATE TABLE items (id int PRIMARY KEY, name text);"
                       "INSERT INTO items VALUES (1, 'one'), (2, NULL); GRANT ALL ON items TO reader;")
            port = server.dsn().rsplit(":", 1)[1].split("/")[0]
            secret = f"(TYPE postgres, HOST '127.0.0.1', PORT {port}, DATABASE 'postgres', USER 'reader', PASSWORD '%s')"
            self.keep("LOAD postgres_scanner",
                      "CREATE PERSISTENT SECRET shop_db " + secret % PASSWORD.replace("'", "''"),
                      "CREATE PERSISTENT SECRET odd_db " + secret % "a;port=1",
                      "CREATE PERSISTENT SECRET away_db (TYPE postgres, HOST '127.0.0.1', PORT 1, DATABASE 'x')")
            with self.node() as node:
                self.assertEqual(self.rows(node, "shop", type="postgres", path="shop_db"), ROWS)
                # The engine reads it as well, and the name stays what is shown.
                self.assertEqual(node.ask('{ shop { items(order_by: {field: "id"}) @no_pushdown { id name } } }')["shop"]["items"], ROWS)
                self.assertEqual(node.ask('{ core { data_sources { name path } } }')["core"]["data_sources"],
                                 [{"name": "shop", "path": "shop_db"}])
                self.assertIn("names no secret of type postgres", self.refused(node, "none", type="postgres", path="nobodys"))
                self.assertIn('has a further setting in it', self.refused(node, "odd", type="postgres", path="odd_db"))
                self.assertIn("port 1 failed", self.refused(node, "away", type="postgres", path="away_db"))
                # Another secret under the name is another database, once the source is loaded again.
                self.keep("LOAD postgres_scanner", "DROP PERSISTENT SECRET shop_db")
                self.assertIn("names no secret", node.load("shop")[1])
                self.assertEqual(node.ask(ITEMS % "shop")["shop"]["items"], ROWS)

    @unittest.skipUnless(mariadb.available(), "MariaDB is missing: ./x test installs it")
    def test_mysql(self):
        with mariadb.MariaDb() as server:
            server.run(f"CREATE DATABASE lib; CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}';"
                       "GRANT ALL ON lib.* TO 'reader'@'127.0.0.1'; USE lib; CREATE TABLE items (id INT PRIMARY KEY, name TEXT);"
                       "INSERT INTO items VALUES (1, 'one'), (2, NULL);")
            self.keep("LOAD mysql_scanner",
                      f"CREATE PERSISTENT SECRET my_db (TYPE mysql, HOST '127.0.0.1', PORT {server.port}, DATABASE 'lib', "
                      f"USER 'reader', PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}')")
            with self.node() as node:
                self.assertEqual(self.rows(node, "lib", type="mysql", path="my_db"), ROWS)
                self.assertIn("names no secret of type mysql", self.refused(node, "none", type="mysql", path="nobodys"))

    def test_a_lake(self):
        self.keep("LOAD ducklake",
                  f"CREATE PERSISTENT SECRET my_lake (TYPE ducklake, METADATA_PATH '{self.folder}/lake.ducklake', "
                  f"DATA_PATH '{self.folder}/lake')",
                  "ATTACH 'ducklake:my_lake' AS l", "CREATE TABLE l.items (id INTEGER, name VARCHAR)",
                  "INSERT INTO l.items VALUES (1, 'one'), (2, NULL)")
        with self.node() as node:
            self.assertEqual(self.rows(node, "a", type="ducklake", path="my_lake"), ROWS)
        with self.node() as node:
            self.assertEqual(self.rows(node, "b", type="ducklake", path="secret:my_lake"), ROWS)
            self.assertIn("nobodys", self.refused(node, "none", type="ducklake", path="secret:nobodys"))

    def test_a_catalogue(self):
        warehouse = self.folder / "warehouse"
        warehouse.mkdir()
        catalog = iceberg_rest.Catalog(warehouse, client="me", secret="open-sesame+1").__enter__()
        self.addCleanup(catalog.stop)
        catalog.fill(["CREATE SCHEMA ice.shop", "CREATE TABLE ice.shop.items (id INTEGER, name VARCHAR)",
                      "INSERT INTO ice.shop.items VALUES (1, 'one'), (2, NULL)"], cli_test.EXTENSIONS)
        self.keep("LOAD httpfs", "LOAD iceberg", "CREATE PERSISTENT SECRET my_catalogue (TYPE iceberg, CLIENT_ID 'me', "
                  f"CLIENT_SECRET 'open-sesame+1', OAUTH2_SERVER_URI '{catalog.endpoint}/v1/oauth/tokens')")
        with self.node() as node:
            self.assertEqual(self.rows(node, "lake", type="iceberg", path=catalog.path + "?default_schema=shop&secret=my_catalogue"), ROWS)
            message = self.refused(node, "twice", type="iceberg", path=catalog.path + "?secret=my_catalogue&token=x")
            self.assertIn("credentials and a secret", message)


if __name__ == "__main__":
    unittest.main()
