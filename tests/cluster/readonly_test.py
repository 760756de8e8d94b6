"""A node over a core database that it may not write."""

import hashlib
import http.server
import json
import re
import tempfile
import threading
import unittest

import harness


class ObjectStorage:
    """As much of an object storage as reading takes: buckets with objects, by ranges, for one key."""

    def __init__(self, objects, key):
        self.objects, self.key, self.methods = objects, key, []
        storage = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, content=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def do_any(self):
                storage.methods.append(self.command)
                if f"Credential={storage.key}/" not in self.headers.get("Authorization", ""):
                    return self.answer(403)
                content = storage.objects.get(self.path)
                if content is None:
                    return self.answer(404)
                wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                if not wanted:
                    return self.answer(200, content, Accept_Ranges="bytes", ETag='"1"')
                first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
                return self.answer(206, content[first:last + 1], ETag='"1"',
                                   Content_Range=f"bytes {first}-{last}/{len(content)}")

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_any
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ReadOnlyTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_readonly_")
        self.addCleanup(scratch.cleanup)
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(self.cluster.__exit__, None)
        self.core = self.cluster.folder / "core.duckdb"

    def test_what_is_there_is_served_and_nothing_written(self):
        first = self.cluster.start("first", CORE_DB_PATH=str(self.core))
        first.ask('mutation { core { insert_roles(data: {name: "r", description: ""}) { name } } }')
        self.assertEqual(first.stop(), 0)
        before = hashlib.sha256(self.core.read_bytes()).hexdigest()
        nodes = [self.cluster.start(name, CORE_DB_PATH=str(self.core), CORE_DB_READONLY="true") for name in ("one", "two")]
        for node in nodes:
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "r") { name } } }')["core"]["roles_by_pk"], {"name": "r"})
            for change in ('insert_roles(data: {name: "x", description: ""}) { name }', "delete_roles { affected_rows }",
                           'update_roles(filter: {name: {eq: "r"}}, data: {disabled: true}) { affected_rows }',
                           'insert_many_roles(data: [{name: "x", description: ""}]) { name }'):
                answer = node.answer("mutation { core { " + change + " } }")
                self.assertEqual(answer["errors"][0]["message"], "core database is read-only", change)
            self.assertEqual(node.stop(), 0)
        self.assertEqual(hashlib.sha256(self.core.read_bytes()).hexdigest(), before)

    def test_a_core_database_in_an_object_storage(self):
        first = self.cluster.start("first", CORE_DB_PATH=str(self.core))
        first.ask('mutation { core { insert_roles(data: {name: "r", description: ""}) { name } insert_data_sources(data: {name: '
                  '"shop", type: "files", prefix: "", as_module: true, self_defined: true, path: $p}) { name } } }'
                  .replace("$p", json.dumps(self.shop())))
        self.assertEqual(first.stop(), 0)
        key = (self.cluster.folder / "eider.key").read_text().strip()
        storage = ObjectStorage({"/bucket/of/core.duckdb": self.core.read_bytes()}, "AKID-of-the-core")
        self.addCleanup(storage.close)
        settings = {"CORE_DB_PATH": "s3://bucket/of/core.duckdb", "CORE_DB_S3_ENDPOINT": storage.endpoint,
                    "CORE_DB_S3_REGION": "eu", "CORE_DB_S3_KEY": "AKID-of-the-core", "CORE_DB_S3_USE_SSL": "false",
                    "CORE_DB_S3_SECRET": "secret-of-the-core", "CORE_DB_ENCRYPTION_KEY": key}
        nodes = [self.cluster.start(name, **settings) for name in ("one", "two")]
        for node in nodes:
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "r") { name } } }')["core"]["roles_by_pk"], {"name": "r"})
            self.assertEqual(node.ask("{ shop { t { id } } }"), {"shop": {"t": [{"id": 1}, {"id": 2}]}})
            answer = node.answer('mutation { core { insert_roles(data: {name: "x", description: ""}) { name } } }')
            self.assertEqual(answer["errors"][0]["message"], "core database is read-only")
            self.assertNotIn("secret-of-the-core", node.log() + json.dumps(node.ask("{ core { meta { secrets { name scope } } } }")))
        self.assertEqual(set(storage.methods) - {"GET", "HEAD"}, set())
        for change, message in (({"CORE_DB_PATH": "s3://bucket/none.duckdb"}, "cannot open the core database s3://bucket/none.duckdb"),
                                ({"CORE_DB_S3_KEY": "AKID-of-nobody"}, "cannot open the core database s3://bucket/of/core.duckdb")):
            node = self.cluster.member("bad", **(settings | change)).start(wait=False)
            self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
            self.assertIn(message, node.log())
            self.assertNotIn("secret-of-the-core", node.log())

    def shop(self):
        folder = self.cluster.folder / "shop"
        folder.mkdir()
        (folder / "t.csv").write_text("id\n1\n2\n")
        return str(folder)

    def test_options_that_do_not_fit(self):
        for path in ("", "postgres://nowhere/x"):
            node = self.cluster.member("bad", CORE_DB_PATH=path, CORE_DB_READONLY="true").start(wait=False)
            self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
            self.assertIn("CORE_DB_READONLY=true is for a core database in a file", node.log())


if __name__ == "__main__":
    unittest.main()
