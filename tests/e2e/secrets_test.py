"""Secrets with the real binary: who reads connection texts, a new encryption key, rates and caches behind TLS and redis."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import ssl  # noqa: F401
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SECRET = "a secret of sufficient length"
ADMIN = {"x-hugr-secret-key": SECRET}
PATH = "postgres://ada:pass-4711-word@db.example/x"
PATHS = "{ core { data_sources { name path } catalog_sources { path } } }"
ADD = ('mutation { core { insert_data_sources(data: {name: "s", type: "postgres", prefix: "", path: "%s", catalogs: '
       '[{name: "c", type: "uriFile", path: "https://u:pass-4711-word@h/f.graphql"}]}) { name } } }' % PATH)


class SecretsTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-secrets-")))
        self.nodes = self.stack.enter_context(contextlib.ExitStack())

    def node(self, **environment):
        environment = {"SECRET_KEY": SECRET, "CORE_DB_PATH": "core.duckdb"} | environment
        return self.nodes.enter_context(cli_test.Node(self.folder, {}, **environment))

    def send(self, node, query, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request("POST", "/query", json.dumps({"query": query}), dict(headers))
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, json.loads(text) if response.status == 200 else text, response.headers
        finally:
            connection.close()

    def ask(self, node, query, headers=()):
        return self.send(node, query, headers)[1]

    # --- who reads them ---

    def test_only_named_roles_read_paths_whole(self):
        node = self.node(SECRETS_VISIBLE_ROLES="keeper", CACHE_L1_ENABLED="true", ALLOW_MANAGED_API_KEYS="true")
        self.assertIn("data", self.ask(node, ADD, ADMIN))
        self.ask(node, 'mutation { core { insert_roles(data: {name: "keeper", description: ""}) { name } insert_api_keys(data: '
                       '{name: "k", description: "", key: "stored-key-0123456789abcdef", default_role: "keeper"}) { name } } }', ADMIN)
        keeper = ADMIN | {"x-hugr-role": "keeper"}
        whole = [{"name": "s", "path": PATH}]
        for _ in range(2):
            self.assertEqual(self.ask(node, PATHS, keeper)["data"]["core"], {"data_sources": whole, "catalog_sources": [
                {"path": "https://u:pass-4711-word@h/f.graphql"}]})
            for headers in (ADMIN, ADMIN | {"x-hugr-role": "public"}):
                self.assertEqual(self.ask(node, PATHS, headers)["data"]["core"]["data_sources"],
                                 [{"name": "s", "path": PATH.replace("pass-4711-word", "***")}])
        cached = "{ core { data_sources @cache(ttl: 60) { path } } }"
        for headers, seen in ((keeper, True), (ADMIN, False), (keeper, True)):
            status, answer, got = self.send(node, cached, headers)
            self.assertEqual(("pass-4711-word" in json.dumps(answer), got["X-Eider-Cache"]), (seen, "bypass"))
        # Nothing else is shown to them.
        self.assertEqual(self.ask(node, "{ core { api_keys { key } } }", keeper), {"errors": [{"message": "forbidden"}]})
        self.assertNotIn("pass-4711-word", json.dumps(self.ask(node, "{ core { data_sources(filter: {path: {like: \"%4711%\"}}) { name } } }", keeper)))
        self.assertNotIn("pass-4711-word", (self.folder / "node.log").read_text())

    # --- a new key ---

    def test_keys_of_clients_outlive_a_new_encryption_key(self):
        old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
        key = {"x-hugr-api-key": "stored-key-0123456789abcdef"}
        node = self.node(ALLOW_MANAGED_API_KEYS="true", CORE_DB_ENCRYPTION_KEY=old)
        self.assertIn("data", self.ask(node, ADD, ADMIN))
        self.ask(node, 'mutation { core { insert_api_keys(data: {name: "k", description: "", key: "stored-key-0123456789abcdef", '
                       'default_role: "public"}) { name } } }', ADMIN)
        self.assertEqual(self.send(node, "{ __typename }", key)[0], 200)
        self.nodes.close()
        database = {"CORE_DB_PATH": "core.duckdb"}
        refused = cli_test.run("keys", "rotate", env=database | {"CORE_DB_ENCRYPTION_KEY": new}, cwd=self.folder)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("core encryption key does not match", refused.stderr)
        self.assertEqual(cli_test.run("keys", "rotate", env=database, cwd=self.folder).returncode, 2)
        # Both keys are enough for a node, too.
        node = self.node(ALLOW_MANAGED_API_KEYS="true", CORE_DB_ENCRYPTION_KEY=new, CORE_DB_ENCRYPTION_KEYS_OLD=old)
        self.assertEqual(self.send(node, "{ __typename }", key)[0], 200)
        self.assertIn("eider keys rotate", (self.folder / "node.log").read_text())
        self.nodes.close()
        done = cli_test.run("keys", "rotate", cwd=self.folder,
                            env=database | {"CORE_DB_ENCRYPTION_KEY": new, "CORE_DB_ENCRYPTION_KEYS_OLD": old})
        self.assertEqual((done.returncode, done.stdout), (0, "2 secrets are encrypted with the new key\n"), done.stderr)
        node = self.node(ALLOW_MANAGED_API_KEYS="true", CORE_DB_ENCRYPTION_KEY=new, SECRETS_VISIBLE_ROLES="admin")
        self.assertEqual(self.send(node, "{ __typename }", key)[0], 200)
        self.assertEqual(self.send(node, "{ __typename }", {"x-hugr-api-key": "stored-key-0123456789abcdeg"})[0], 401)
        self.assertEqual(self.ask(node, PATHS, ADMIN)["data"]["core"]["data_sources"], [{"name": "s", "path": PATH}])
        again = 'mutation { core { insert_api_keys(data: {name: "k2", description: "", key: "another-key-0123456789abcdef", default_role: "public"}) { name } } }'
        self.ask(node, again, ADMIN)
        self.assertEqual(self.send(node, "{ __typename }", {"x-hugr-api-key": "another-key-0123456789abcdef"})[0], 200)
        self.nodes.close()
        ended = cli_test.run("serve", env=database | {"CORE_DB_ENCRYPTION_KEY": old, "BIND": "127.0.0.1:0"}, cwd=self.folder)
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("core encryption key does not match", ended.stdout + ended.stderr)
        stored = b"".join(path.read_bytes() for path in self.folder.glob("core.duckdb*"))
        self.assertNotIn(b"pass-4711-word", stored)

    def test_last_use_of_a_key_to_the_minute(self):
        node = self.node(ALLOW_MANAGED_API_KEYS="true")
        self.ask(node, 'mutation { core { insert_api_keys(data: {name: "k", description: "", key: "stored-key-0123456789abcdef", '
                       'default_role: "public"}) { name } } }', ADMIN)
        used = lambda: self.ask(node, "{ core { api_keys { last_used_at } } }", ADMIN)["data"]["core"]["api_keys"][0]["last_used_at"]  # noqa: E731
        self.assertIsNone(used())
        before = time.strftime("%Y-%m-%dT%H:%M:00", time.gmtime())
        self.assertEqual(self.send(node, "{ __typename }", {"x-hugr-api-key": "stored-key-0123456789abcdef"})[0], 200)
        after = time.strftime("%Y-%m-%dT%H:%M:00", time.gmtime())
        deadline = time.monotonic() + 10
        while used() is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertIn(used()[:19].replace(" ", "T"), (before, after))

    # --- redis ---

    def redis(self, *options, tls=None):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        port = cli_test.free_port()
        ports = ["--port", str(port)] if tls is None else ["--port", "0", "--tls-port", str(port), "--tls-cert-file", tls + ".crt",
                                                           "--tls-key-file", tls + ".key", "--tls-ca-cert-file", tls + ".crt",
                                                           "--tls-auth-clients", "no"]
        process = subprocess.Popen(["redis-server", *ports, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *options],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        import socket
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return port, process
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    @unittest.skipUnless(shutil.which("redis-server"), "redis-server is needed")
    def test_nodes_share_the_rate_of_a_principal(self):
        port, process = self.redis()
        shared = {"RATE_LIMIT_RPM": "60", "RATE_LIMIT_BURST": "4", "RATE_LIMIT_SHARED": "true", "CACHE_L2_ENABLED": "true",
                  "CACHE_L2_ADDRESSES": f"127.0.0.1:{port}", "CORE_DB_PATH": "", "AUDIT_SINK": ""}
        nodes = []
        for name in ("a", "b"):
            (self.folder / name).mkdir()
            nodes.append(self.nodes.enter_context(cli_test.Node(self.folder / name, {}, SECRET_KEY=SECRET, **shared)))
        answers = [self.send(nodes[i % 2], "{ __typename }", ADMIN) for i in range(4)]
        self.assertEqual([status for status, _, _ in answers], [200] * 4)
        self.assertEqual([headers["RateLimit-Remaining"] for _, _, headers in answers][:2], ["3", "2"])
        statuses = [self.send(nodes[i % 2], "{ __typename }", ADMIN)[0] for i in range(4)]
        self.assertGreaterEqual(statuses.count(429), 3, statuses)
        # Another user has a bucket of his own, and without redis each node counts for itself.
        process.kill()
        process.wait()
        started = time.monotonic()
        statuses = [self.send(nodes[0], "{ __typename }", ADMIN)[0] for i in range(8)]
        self.assertIn(200, statuses)
        self.assertIn(429, statuses)
        self.assertLess(time.monotonic() - started, 5)
        refused = cli_test.run("serve", env={"BIND": "127.0.0.1:0", "RATE_LIMIT_SHARED": "true"}, cwd=self.folder)
        self.assertIn("RATE_LIMIT_SHARED needs redis", refused.stdout + refused.stderr)

    def certificate(self, name, host):
        path = str(self.folder / name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName={host}", "-keyout", path + ".key", "-out", path + ".crt"],
                       check=True, capture_output=True)
        return path

    def shares(self, port, name, **environment):
        """How often two nodes computed one result that is to be shared."""
        config = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True, "catalogs": [
            {"name": "s", "type": "text", "path": 'type t @view(name: "t", sql: "SELECT 1 AS id") @cache(ttl: 60) { id: Int }'}]}]}
        states = []
        for i in range(2):
            folder = self.folder / f"{name}{i}"
            folder.mkdir()
            node = self.nodes.enter_context(cli_test.Node(folder, config, SECRET_KEY=SECRET, CACHE_L2_ENABLED="true", CACHE_L1_ENABLED="true",
                                                          CACHE_L2_ADDRESSES=f"127.0.0.1:{port}", CACHE_L2_TIMEOUT="2s", AUDIT_SINK="", **environment))
            status, answer, headers = self.send(node, "{ s { t { id } } }", ADMIN)
            self.assertEqual(answer, {"data": {"s": {"t": [{"id": 1}]}}})
            states.append(headers["X-Eider-Cache"])
            time.sleep(0.5)
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
            connection.request("GET", "/metrics", headers=ADMIN)
            self.metrics = connection.getresponse().read().decode()
            connection.close()
        return states

    @unittest.skipUnless(shutil.which("redis-server") and shutil.which("openssl"), "redis-server and openssl are needed")
    def test_results_are_shared_over_tls(self):
        trusted = self.certificate("trusted", "IP:127.0.0.1")
        port, _ = self.redis(tls=trusted)
        self.assertEqual(self.shares(port, "good", CACHE_L2_TLS="true", SSL_CERT_FILE=trusted + ".crt"), ["miss", "hit"])
        for op in ("l2\",op=\"get", "get\"", "l1"):
            self.assertIn("eider_cache_op_seconds_count{", self.metrics, op)
        self.assertRegex(self.metrics, r'eider_cache_op_seconds_count\{level="l2",op="get"\} [1-9]')
        # An unknown certificate, one of another host, and a server without TLS: each computes for itself.
        self.assertEqual(self.shares(port, "unknown", CACHE_L2_TLS="true"), ["miss", "miss"])
        self.assertEqual(self.shares(port, "plain"), ["miss", "miss"])
        other = self.certificate("other", "DNS:cache.example")
        port, _ = self.redis(tls=other)
        self.assertEqual(self.shares(port, "host", CACHE_L2_TLS="true", SSL_CERT_FILE=other + ".crt"), ["miss", "miss"])


if __name__ == "__main__":
    unittest.main()
