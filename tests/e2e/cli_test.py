"""Runs the real binary from the outside: commands, exit codes, restarts and bad input."""

import contextlib
import http.client
import json
import os
import pathlib
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from free_ports import free_port  # noqa: E402

BINARY = pathlib.Path(os.environ.get("EIDER_BINARY", ROOT / "build" / "dev" / "eider")).resolve()
SECONDS = 60
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
EXTENSIONS = os.environ.get("EXTENSION_DIRECTORY", str(CACHE / "eider" / "extensions"))

INSERT = "mutation($d: core_data_sources_mut_input_data!) { core { insert_data_sources(data: $d) { name } } }"
LOAD = "mutation($n: String!) { function { core { load_data_source(name: $n) { success message } } } }"
UNLOAD = "mutation($n: String!) { function { core { unload_data_source(name: $n) { success message } } } }"
STATUS = "query($n: String!) { function { core { data_source_status(name: $n) } } }"


def run(*arguments, **options):
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=SECONDS,
                          stdin=subprocess.DEVNULL, env=environment | options.pop("env", {}), **options)


class Node:
    """One server in a scratch folder; a context manager that stops it and checks how it ended."""

    def __init__(self, folder, config=None, **environment):
        self.folder, self.environment, self.port = folder, environment, free_port()
        self.arguments = []
        if config is not None:
            (folder / "config.yaml").write_text(json.dumps(config))
            self.arguments = ["--config", "config.yaml"]

    def __enter__(self):
        environment = {"PATH": os.environ["PATH"], "BIND": f"127.0.0.1:{self.port}", "DRAIN_DELAY": "0s",
                       "EXTENSION_DIRECTORY": EXTENSIONS}
        self.log = open(self.folder / "node.log", "ab")
        self.process = subprocess.Popen([BINARY, "serve", *self.arguments], cwd=self.folder, stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL, env=environment | self.environment)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.send("GET", "/health/ready")[0] == 200:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError("the node did not come up: " + (self.folder / "node.log").read_text()[-2000:])

    def __exit__(self, *_):
        self.log.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(SECONDS)
        assert code == 0, f"the node ended with {code}: " + (self.folder / "node.log").read_text()[-2000:]

    def send(self, method, target, body=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=SECONDS)
        try:
            connection.request(method, target, body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ask(self, query, **variables):
        answer = json.loads(self.send("POST", "/query", json.dumps({"query": query, "variables": variables}))[1])
        if "errors" in answer:
            raise AssertionError(answer["errors"])
        return answer["data"]

    def load(self, name):
        outcome = self.ask(LOAD, n=name)["function"]["core"]["load_data_source"]
        return outcome["success"], outcome["message"]

    def unload(self, name):
        outcome = self.ask(UNLOAD, n=name)["function"]["core"]["unload_data_source"]
        return outcome["success"], outcome["message"]

    def status(self, name):
        return self.ask(STATUS, n=name)["function"]["core"]["data_source_status"]

    def insert(self, name, **members):
        row = {"name": name, "type": "duckdb", "prefix": "", "as_module": True, "self_defined": True} | members
        self.ask(INSERT, d=row)


class ScratchTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="eider_cli_")
        self.folder = pathlib.Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def expect(self, result, code, out="", err=""):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertIn(out, result.stdout)
        self.assertIn(err, result.stderr)


class CommandTest(ScratchTest):
    def test_help_teaches(self):
        for command in ([], ["serve"], ["query"], ["schema", "print"], ["version"]):
            self.expect(run(*command, "--help"), 0, out="Exit codes:")

    def test_unknown_words_get_a_suggestion(self):
        self.expect(run(), 2, err="Usage:")
        self.expect(run("serv"), 2, err='did you mean "serve"?')
        self.expect(run("schema", "prin"), 2, err='did you mean "schema print"?')
        self.expect(run("query", "{ a }", "--sorce", "x"), 2, err='did you mean "--source"?')
        self.expect(run("serve", "--no-such-flag"), 2, err="unknown flag")

    def test_version(self):
        self.expect(run("version"), 0, out="duckdb v")
        self.assertEqual(set(json.loads(run("version", "--json").stdout)), {"version", "build_date", "duckdb"})

    def test_wrong_usage(self):
        self.expect(run("query"), 2, err="give one query")
        self.expect(run("query", "{ a }", "--url", "x", "--source", "y"), 2, err="exclude each other")
        self.expect(run("query", "{ a }", "--variables", "[1]"), 2, err="no JSON object")
        self.expect(run("query", "{ a }", "--format", "xml"), 2, err="unknown format")
        self.expect(run("query", "@nosuch.graphql"), 2, err="cannot read nosuch.graphql")
        self.expect(run("serve", "--config", "nosuch.yaml"), 2, err="nosuch.yaml")

    def test_no_server(self):
        self.expect(run("query", "{ a }", "--url", f"127.0.0.1:{free_port()}"), 3, err="cannot connect to")


class FileQueryTest(ScratchTest):
    def test_csv(self):
        path = self.write("sales.csv", "id,name,price\n1,tea,2.50\n2,coffee,3.25\n")
        query = "query Q($m: Float) { sales(filter: {price: {gt: $m}}, order_by: [{field: \"id\"}]) { name price } } query R { x: sales { id } }"
        result = run("query", query, "--source", path, "--variables", '{"m": 3}', "--operation", "Q")
        self.expect(result, 0)
        self.assertEqual(json.loads(result.stdout), {"data": {"sales": [{"name": "coffee", "price": 3.25}]}})
        self.expect(run("query", "{ sales { name } }", "--source", path, "--format", "jsonl"), 0,
                    out='{"name":"tea"}\n{"name":"coffee"}\n')
        self.expect(run("query", "{ sales { name price } }", "--source", path, "--format", "table"), 0,
                    out="name    price\n──────  ─────\ntea       2.5\n")

    def test_json_and_query_from_file(self):
        path = self.write("events.jsonl", '{"id": 1, "at": {"place": "here"}}\n{"id": 2, "at": null}\n')
        query = self.write("q.graphql", "{ events(order_by: [{field: \"id\"}]) { id at { place } } }")
        result = run("query", "@" + query, "--source", path)
        self.assertEqual(json.loads(result.stdout)["data"]["events"],
                         [{"id": 1, "at": {"place": "here"}}, {"id": 2, "at": None}])

    def test_errors_of_the_query(self):
        path = self.write("sales.csv", "id\n1\n")
        self.expect(run("query", "{ sales { nope } }", "--source", path), 1, out='"errors"')
        self.expect(run("query", "{ sales { nope } }", "--source", path, "--format", "table"), 1,
                    err='error: Cannot query field "nope" on type "sales". (line 1, column 11)')

    def test_bad_files(self):
        cases = {
            "empty.csv": (b"", "the file is empty"),
            "binary.csv": (bytes(range(256)) * 40, "it holds binary data"),
            "broken.parquet": (b"no parquet at all", "cannot read Parquet file"),
            "broken.json": (b'{"a": 1,\n nope', "cannot read JSON file"),
            "broken.duckdb": (b"x" * 9999, "not a DuckDB database file"),
            "notes.txt": (b"hello", "not a Parquet, CSV or JSON file"),
        }
        for name, (content, message) in cases.items():
            path = self.write(name, content)
            result = run("query", "{ a { b } }", "--source", path)
            self.expect(result, 3, err=message)
            self.assertIn(path, result.stderr)
        self.expect(run("query", "{ a }", "--source", "nosuch.csv"), 3, err="does not exist")

    def test_schema_print(self):
        path = self.write("sales.csv", "id,name\n1,tea\n")
        self.expect(run("schema", "print", "--source", path), 0, out="type sales {\n  id: BigInt\n  name: String\n")

    def test_table_on_a_terminal(self):
        path = self.write("sales.csv", "id,name\n1,tea\n")
        try:
            main, side = pty.openpty()
        except OSError as error:
            self.skipTest(f"this machine has no terminals: {error}")
        with subprocess.Popen([BINARY, "query", "{ sales { name } }", "--source", path], stdout=side) as process:
            self.assertEqual(process.wait(SECONDS), 0)
        os.close(side)
        with os.fdopen(main, "rb", buffering=0) as terminal:
            self.assertIn("(1 row)", terminal.read(1000).decode())


class ServeTest(ScratchTest):
    def test_a_registered_source_survives_a_restart(self):
        core = {"CORE_DB_PATH": "core.duckdb"}
        with Node(self.folder, **core) as node:
            node.insert("shop", path=str(self.folder / "[$SHOP]"), self_defined=False,
                        catalogs=[{"name": "shop", "type": "text", "path": 'type t @table(name: "t") { id: Int! @pk }'}])
            self.assertEqual(node.load("shop"), (False, "environment variable is not set: SHOP"))
            self.assertEqual(node.status("shop"), "detached")
        with Node(self.folder, SHOP="shop.duckdb", **core) as node:
            self.assertEqual(node.status("shop"), "attached")
            self.assertEqual(node.load("shop"), (True, "Datasource was loaded"))
            self.assertEqual(node.unload("shop"), (True, "Datasource was unloaded"))
            self.assertEqual(node.unload("shop"), (False, "data source already unloaded"))
            self.assertEqual(node.load("nosuch"), (False, "data source not found"))
        self.assertTrue((self.folder / "shop.duckdb").exists())

    def test_files_follow_a_reload(self):
        self.write("data/a.csv", "n\n1\n2\n")
        config = {"sources": [{"name": "data", "type": "files", "path": "data", "as_module": True}]}
        with Node(self.folder, config) as node:
            self.assertEqual(node.ask("{ data { a_aggregation { _rows_count } } }")["data"]["a_aggregation"]["_rows_count"], 2)
            self.write("data/b.csv", "m\nx\n")
            self.assertEqual(node.load("data"), (True, "Datasource was loaded"))
            self.assertEqual(node.ask("{ data { b { m } } }"), {"data": {"b": [{"m": "x"}]}})
            self.write("data/c.parquet", "broken")
            success, message = node.load("data")
            self.assertFalse(success)
            self.assertIn("cannot read Parquet file", message)
            self.assertEqual(node.ask("{ data { b { m } } }"), {"data": {"b": [{"m": "x"}]}})

    def test_bad_sources_do_not_stop_the_node(self):
        self.write("sdl/books.graphql", 'type books @table(name: "books") {\n  id: Int! @pk\n  a: Nosuch\n}\n')
        self.write("text.duckdb", b"x" * 9999)
        self.write("bad.csv", bytes(range(256)) * 40)
        source = {"type": "duckdb", "self_defined": True, "as_module": True}
        config = {"sources": [
            source | {"name": "gone", "path": "gone.duckdb"},
            source | {"name": "text", "path": "text.duckdb"},
            source | {"name": "strange", "type": "oracle", "path": ""},
            source | {"name": "csv", "type": "files", "path": "bad.csv"},
            source | {"name": "sdl", "path": "", "catalogs": [{"name": "sdl", "type": "localFS", "path": "sdl"}]},
            source | {"name": "off", "path": "", "disabled": True},
        ]}
        service_port = free_port()
        with Node(self.folder, config, SERVICE_BIND=f"127.0.0.1:{service_port}") as node:
            expected = {"gone": "database file does not exist: ", "text": "not a DuckDB database file: ",
                        "strange": "unknown data source type", "csv": "cannot read CSV file ",
                        "sdl": 'compile catalog "sdl": catalog schema is invalid: books.graphql:3:'}
            ready = json.loads(node.send("GET", "/health/ready", port=service_port)[1])
            self.assertEqual((ready["ready"], ready["status"]), (True, "degraded"))
            details = " ".join(reason["detail"] for reason in ready["reasons"] if reason["code"] == "source_failed")
            for name, message in expected.items():
                self.assertIn(message, node.load(name)[1])
                self.assertIn(f"{name}: {message}", details)
                self.assertEqual(node.status(name), "attached" if name == "sdl" else "detached")
            self.write("sdl/books.graphql", 'type books @table(name: "books") { id: Int! @pk }')
            self.assertEqual(node.load("sdl"), (True, "Datasource was loaded"))
            self.assertEqual(node.status("off"), "detached")

    def test_a_locked_file(self):
        config = {"sources": [{"name": "shop", "type": "duckdb", "path": "shop.duckdb"}]}
        with Node(self.folder, config) as first:
            self.assertEqual(first.status("shop"), "attached")
            other = self.folder / "other"
            other.mkdir()
            config["sources"][0]["path"] = "../shop.duckdb"
            with Node(other, config) as second:
                success, message = second.load("shop")
                self.assertFalse(success)
                self.assertIn(f"locked by another process (PID {first.process.pid})", message)
            result = run("serve", cwd=self.folder, env={"CORE_DB_PATH": "shop.duckdb", "BIND": "127.0.0.1:0"})
            self.expect(result, 3, err="locked by another process")

    def test_a_core_database_that_cannot_be_used(self):
        self.write("core.duckdb", b"x" * 9999)
        for path, message in (("core.duckdb", "not a valid DuckDB database file"), ("no/such/core.duckdb", "folder of the core database")):
            self.expect(run("serve", cwd=self.folder, env={"CORE_DB_PATH": path, "BIND": "127.0.0.1:0"}), 3, err=message)

    def test_an_address_in_use(self):
        with Node(self.folder) as node:
            self.expect(run("serve", cwd=self.folder, env={"BIND": f"127.0.0.1:{node.port}"}), 3, err=str(node.port))

    def test_only_loopback_is_served_without_providers(self):
        node = Node(self.folder)
        node.environment = {"BIND": f"0.0.0.0:{node.port}"}
        with node:
            log = (self.folder / "node.log").read_text()
            with socket.socket() as other:  # Another address of this machine.
                other.settimeout(5)
                self.assertNotEqual(other.connect_ex(("127.0.0.2", node.port)), 0)
        for name in ("ALLOWED_ANONYMOUS", "SECRET_KEY", "AUTH_CONFIG_FILE"):
            self.assertIn(name, log)

    def test_a_mutation_is_explained(self):
        with Node(self.folder, {"sources": []}) as node:
            change = 'mutation { core { insert_catalog_sources(data: {name: "c", type: "text", path: "x"}) { name } } }'
            shown = run("query", change, "--explain", "--format", "table", "--url", f"http://127.0.0.1:{node.port}")
            self.expect(shown, 0, out="core.insert_catalog_sources  runs in engine, 1 rows")
            self.assertIn("INSERT INTO", shown.stdout)
            self.assertIn("SELECT", shown.stdout)
            rows = run("query", 'mutation { core { delete_catalog_sources(filter: {name: {eq: "c"}}) { affected_rows } } }',
                       "--explain", "--format", "jsonl", "--url", f"http://127.0.0.1:{node.port}").stdout.splitlines()
            self.assertEqual([json.loads(row)["parameters"] for row in rows], [["c"]])

    def test_first_query_and_schema_print(self):
        self.write("data/a.csv", "n\n1\n")
        self.write("first.graphql", "{ data { a { n } } }")
        config = {"sources": [{"name": "data", "type": "files", "path": "data", "as_module": True}]}
        node = Node(self.folder, config)
        node.arguments += ["--first-query", "first.graphql"]
        with node:
            deadline = time.monotonic() + SECONDS
            while '{"data":{"data":{"a":[{"n":1}]}}}' not in (text := (self.folder / "node.log").read_text()):
                self.assertLess(time.monotonic(), deadline, text)
                time.sleep(0.05)
            self.assertIn(f"answers GraphQL at http://127.0.0.1:{node.port}/query", text)
            self.assertIn("loaded", text)
            url = f"127.0.0.1:{node.port}"
            self.expect(run("schema", "print", "--url", url), 0, out="type a {")
            self.expect(run("query", "{ data { a { n } } }", "--url", url), 0, out='{"data":{"data":{"a":[{"n":1}]}}}')
        printed = run("schema", "print", "--config", "config.yaml", cwd=self.folder)
        self.expect(printed, 0, out="type a {")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
