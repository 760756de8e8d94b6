"""`eider migrate import`: the core database of another server, copied."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

import harness
import postgres

# As the other server's documentation lists the columns of its core module.
PEER = """
CREATE SCHEMA core;
CREATE TABLE core.data_sources (
  name varchar PRIMARY KEY, type varchar NOT NULL, prefix varchar NOT NULL, as_module boolean NOT NULL DEFAULT false,
  description varchar, path varchar NOT NULL, disabled boolean DEFAULT false, self_defined boolean DEFAULT false,
  read_only boolean DEFAULT false, added_later jsonb);
CREATE TABLE core.catalog_sources (name varchar PRIMARY KEY, type varchar NOT NULL, description varchar, path varchar NOT NULL);
CREATE TABLE core.data_source_catalogs (catalog_name varchar NOT NULL, data_source_name varchar NOT NULL);
CREATE TABLE core.roles (name varchar PRIMARY KEY, description varchar NOT NULL, disabled boolean DEFAULT false);
CREATE TABLE core.permissions (
  role varchar NOT NULL, type_name varchar NOT NULL, field_name varchar NOT NULL, hidden boolean DEFAULT false,
  disabled boolean DEFAULT false, filter jsonb, data jsonb, PRIMARY KEY (role, type_name, field_name));
CREATE TABLE core.api_keys (
  name varchar PRIMARY KEY, description varchar, key varchar NOT NULL UNIQUE, default_role varchar, disabled boolean DEFAULT false,
  is_temporal boolean DEFAULT false, expires_at timestamptz, headers jsonb, claims jsonb);
INSERT INTO core.data_sources (name, type, prefix, as_module, description, path, self_defined) VALUES
  ('shop', 'duckdb', 'shop', true, 'it''s a shop', '$folder/shop.duckdb', false),
  ('far', 'postgres', 'far', true, NULL, 'postgres://somebody:password-of-far@127.0.0.1:1/far', true);
INSERT INTO core.catalog_sources VALUES ('shop', 'text', NULL, 'type t @table(name: "t") { id: Int! @pk }');
INSERT INTO core.data_source_catalogs VALUES ('shop', 'shop'), ('gone', 'far');
INSERT INTO core.roles VALUES ('admin', 'Theirs', true), ('reader', 'Reads', false);
INSERT INTO core.permissions (role, type_name, field_name, disabled, filter) VALUES
  ('reader', 'Mutation', '*', true, NULL), ('reader', 'shop_t', 'id', false, '{"id": {"eq": 1}}'), ('ghost', 'a', 'b', true, NULL);
INSERT INTO core.api_keys (name, description, key, default_role, expires_at) VALUES
  ('one', NULL, 'key-one-of-the-other-server', 'reader', '2041-02-03 04:05:06.789+02'), ('short', NULL, 'short', 'reader', NULL),
  ('stray', NULL, 'key-of-nobody-in-particular', 'ghost', NULL);
CREATE ROLE looker LOGIN PASSWORD 'looks';
GRANT USAGE ON SCHEMA core TO looker;
GRANT SELECT ON ALL TABLES IN SCHEMA core TO looker;
"""
FIRST = """catalog_sources: 1 added, 0 changed, 0 unchanged
data_sources: 2 added, 0 changed, 0 unchanged
data_source_catalogs: 2 added, 0 changed, 0 unchanged
roles: 1 added, 1 changed, 0 unchanged
permissions: 2 added, 0 changed, 0 unchanged
api_keys: 1 added, 0 changed, 0 unchanged
roles (admin): it is disabled there; here it cannot be
permissions (ghost, a, b): left out: there is no role "ghost"
api_keys (short): left out: api key is too short; give the client another one
api_keys (stray): left out: there is no role "ghost"
"""
KEY = {"x-hugr-api-key": "key-one-of-the-other-server"}
ADMIN = {"x-hugr-secret-key": "the key of the administrators"}


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is not installed")
class ImportTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_import_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.server = postgres.Server()
        self.addCleanup(self.server.close)
        self.server.create_database("peer")
        self.server.sql(PEER.replace("$folder", str(self.folder)), "peer")
        self.peer = self.server.dsn("peer").replace("eider:eider@", "looker:looks@")
        self.core = str(self.folder / "core.duckdb")
        self.environment = {"CORE_DB_ENCRYPTION_KEY": harness.KEY}

    def run_import(self, *arguments, core=None, **environment):
        return subprocess.run([harness.BINARY, "migrate", "import", *arguments], capture_output=True, text=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, timeout=harness.SECONDS,
                              env={"PATH": os.environ["PATH"], "CORE_DB_PATH": core or self.core} | self.environment | environment)

    def check(self, done, code, text):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(text, done.stdout + done.stderr)
        self.assertNotIn("password-of-far", done.stdout + done.stderr)

    def node(self, core):
        cluster = harness.Cluster(self.folder, CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(cluster.__exit__, None)
        cluster.expect("source was not loaded")
        return cluster.start("node", CORE_DB_PATH=core, SECRET_KEY=ADMIN["x-hugr-secret-key"], ALLOW_MANAGED_API_KEYS="true",
                             **self.environment)

    def has_all(self, core):
        node = self.node(core)
        data = node.ask('{ core { data_sources(order_by: [{field: "name"}]) { name type prefix as_module description self_defined '
                        'path catalogs { name type } } roles(order_by: [{field: "name"}]) { name description disabled } '
                        'permissions: role_permissions(filter: {role: {eq: "reader"}}, order_by: [{field: "type_name"}]) '
                        '{ type_name field_name disabled filter } api_keys { name default_role expires_at key } } }', ADMIN)["core"]
        far, shop = data["data_sources"]
        self.assertEqual((far["path"], far["description"]), ("postgres://somebody:***@127.0.0.1:1/far", None))
        self.assertEqual((shop["as_module"], shop["description"], shop["catalogs"]),
                         (True, "it's a shop", [{"name": "shop", "type": "text"}]))
        self.assertEqual([(role["name"], role["description"], role["disabled"]) for role in data["roles"]],
                         [("admin", "Theirs", False), ("public", "Public role", False), ("reader", "Reads", False),
                          ("readonly", "Readonly role", False)])
        self.assertEqual(data["permissions"], [
            {"type_name": "Mutation", "field_name": "*", "disabled": True, "filter": None},
            {"type_name": "shop_t", "field_name": "id", "disabled": False, "filter": {"id": {"eq": 1}}}])
        self.assertEqual([(key["name"], key["default_role"], key["expires_at"][:23], key["key"]) for key in data["api_keys"]],
                         [("one", "reader", "2041-02-03T02:05:06.789", "****rver")])
        self.assertEqual(node.ask("{ function { core { auth { me { role } } } } }", KEY)["function"]["core"]["auth"]["me"]["role"], "reader")
        self.assertEqual(node.stop(), 0)

    def test_into_a_file_and_again(self):
        self.check(self.run_import("--from", self.peer, "--dry-run"), 0, FIRST)
        self.check(self.run_import("--from", self.peer), 0, FIRST)
        self.assertNotIn(b"password-of-far", pathlib.Path(self.core).read_bytes())
        self.assertNotIn(b"key-one-of-the-other-server", pathlib.Path(self.core).read_bytes())
        self.has_all(self.core)
        same = self.run_import("-from", self.peer)
        self.check(same, 0, "api_keys: 0 added, 0 changed, 1 unchanged")
        self.assertEqual([line for line in same.stdout.splitlines() if "unchanged" in line and " 0 added, 0 changed" not in line], [])
        self.server.sql("UPDATE core.data_sources SET path = path || '?x=1' WHERE name = 'far'; DELETE FROM core.roles WHERE name = "
                        "'reader'; DELETE FROM core.permissions WHERE type_name = 'Mutation'", "peer")
        more = self.run_import("--from", self.peer)
        self.check(more, 0, "data_sources: 0 added, 1 changed, 1 unchanged")
        self.check(more, 0, "roles: 0 added, 0 changed, 1 unchanged")

    def files(self):
        return {path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()) for path in self.folder.iterdir()}

    def test_a_dry_run_leaves_nothing_behind(self):
        self.environment = {}
        self.check(self.run_import("--from", self.peer, "--dry-run"), 0, FIRST)
        self.assertEqual(self.files(), {})
        self.check(self.run_import("--from", self.peer), 0, FIRST)
        self.assertEqual(set(self.files()), {"core.duckdb", "eider.key"})
        before = self.files()
        self.server.sql("UPDATE core.data_sources SET path = path || '?x=1' WHERE name = 'far'", "peer")
        done = self.run_import("--from", self.peer, "--dry-run")
        self.check(done, 0, "data_sources: 0 added, 1 changed, 1 unchanged")
        self.check(done, 0, "api_keys: 0 added, 0 changed, 1 unchanged")
        self.assertEqual(self.files(), before)
        # Neither is a key made for a file that has another one.
        (self.folder / "eider.key").unlink()
        self.check(self.run_import("--from", self.peer, "--dry-run"), 3, "core encryption key does not match")
        self.assertEqual(set(self.files()), {"core.duckdb"})
        self.check(self.run_import("--from", self.peer, "--dry-run", core=str(self.folder / "none" / "core.duckdb")), 3, "does not exist")

    def test_a_dry_run_leaves_postgresql_alone(self):
        core = self.server.dsn()
        schema = "SELECT count(*) FROM pg_namespace WHERE nspname = 'eider'"
        self.check(self.run_import("--from", self.peer, "--dry-run", core=core), 3, "must be migrated")
        self.check(self.run_import("--from", self.peer, "--dry-run", core=core, AUTOMIGRATE="true"), 0, FIRST)
        self.assertEqual(self.server.sql(schema).strip(), "0")
        done = subprocess.run([harness.BINARY, "migrate", "--core-db", core], capture_output=True, text=True, cwd=self.folder,
                              env={"PATH": os.environ["PATH"]}, timeout=harness.SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        everything = ("SELECT (SELECT json_agg(s ORDER BY key) FROM eider.settings s), (SELECT json_agg(r) FROM eider.roles r), "
                      "(SELECT count(*) FROM eider.data_sources), (SELECT count(*) FROM eider.api_keys)")
        before = self.server.sql(everything)
        self.check(self.run_import("--from", self.peer, "--dry-run", core=core), 0, FIRST)
        self.assertEqual(self.server.sql(everything), before)
        # It is still nobody's: the first real import says with which key it is written.
        other = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        self.check(self.run_import("--from", self.peer, core=core, CORE_DB_ENCRYPTION_KEY=other), 0, FIRST)
        before = self.server.sql(everything)
        self.check(self.run_import("--from", self.peer, "--dry-run", core=core), 2, "core encryption key does not match")
        done = self.run_import("--from", self.peer, "--dry-run", core=core, CORE_DB_ENCRYPTION_KEY=other)
        self.check(done, 0, "api_keys: 0 added, 0 changed, 1 unchanged")
        self.assertEqual(self.server.sql(everything), before)

    def test_into_postgresql(self):
        core = self.server.dsn()
        self.check(self.run_import("--from", self.peer, core=core), 3, "must be migrated")
        self.check(self.run_import("--from", self.peer, "--core-db", core, AUTOMIGRATE="true"), 0, FIRST)
        self.assertNotIn("password-of-far", self.server.sql("SELECT string_agg(path, '') FROM eider.data_sources"))
        self.assertNotIn("key-one", self.server.sql("SELECT string_agg(key, '') FROM eider.api_keys"))
        self.has_all(core)
        self.check(self.run_import("--from", self.peer, core=core), 0, "data_sources: 0 added, 0 changed, 2 unchanged")

    def test_a_peer_that_is_away_changes_nothing(self):
        self.check(self.run_import("--from", self.peer), 0, "data_sources: 2 added")
        before = pathlib.Path(self.core).read_bytes()
        gate = harness.Gate(self.server.port)
        self.addCleanup(gate.close)
        far = self.peer.replace(f":{self.server.port}/", f":{gate.port}/")
        gate.cut()
        self.check(self.run_import("--from", far), 3, "the other server: ")
        self.check(self.run_import("--from", self.peer.replace("looks", "guesses")), 3, "the other server: ")
        self.assertEqual(pathlib.Path(self.core).read_bytes(), before)

    def test_what_does_not_fit(self):
        self.check(self.run_import(), 2, "--from must name")
        self.check(self.run_import("--from", "mysql://x"), 2, "--from must be postgres://")
        self.check(self.run_import("--from", self.server.dsn()), 2, "is it the core database of the other server?")
        self.check(self.run_import("--from", self.peer, "--from-schema", "none"), 2, "in schema none")
        self.check(self.run_import("--from", self.peer, CORE_DB_READONLY="true"), 2, "core database is read-only")
        self.check(self.run_import("--from", self.peer, CORE_DB_PATH=""), 2, "CORE_DB_PATH must name")
        self.server.sql("CREATE SCHEMA old; CREATE TABLE old.data_sources AS FROM core.data_sources".replace("AS FROM", "AS TABLE"), "peer")
        self.check(self.run_import("--from", self.server.dsn("peer")), 2, "name one with --from-schema: core, old")
        self.check(self.run_import("--from", self.server.dsn("peer"), "--from-schema", "old"), 0, "data_sources: 2 added")

    def test_a_database_that_is_in_use_is_named(self):
        node = self.node(self.core)
        self.check(self.run_import("--from", self.peer), 3, "it is locked by another process")
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
