"""Attempts to get past identity and limits below GraphQL: smuggled headers and bodies, oversized everything, timing of keys."""

import contextlib
import json
import pathlib
import re
import socket
import statistics
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SECRET = "the-secret-key-of-this-hostile-test"
CORE = "{ core { roles { name } } }"
FORBIDDEN = '{"errors":[{"message":"forbidden"}]}'
BODY = json.dumps({"query": CORE})
ADMIN = f"x-hugr-secret-key: {SECRET}"

# Each request is whole, from a client without credentials. None may be answered as the administrator.
SMUGGLED = {
    "secret key with a space before the colon": f"x-hugr-secret-key : {SECRET}",
    "wrong key folded onto a second line": f"x-hugr-secret-key:\r\n {SECRET}x",
    "right key behind a line of its own name": f"x-hugr-secret-key: x\r\n {SECRET}",
    "secret key behind a tab": f"x-a: b\r\n\tx-hugr-secret-key: {SECRET}x",
    "wrong key, then the right one": f"x-hugr-secret-key: wrong\r\n{ADMIN}",
    "right key, then a wrong one": f"{ADMIN}\r\nx-hugr-secret-key: wrong",
    "two keys joined by a comma": f"x-hugr-secret-key: {SECRET},{SECRET}",
    "key with underscores": f"x_hugr_secret_key: {SECRET}",
    "key in a header of the proxy": f"x-forwarded-x-hugr-secret-key: {SECRET}",
    "key in a trailer's announcement": f"trailer: x-hugr-secret-key\r\nx-trailer: {SECRET}",
    "key as a cookie": f"cookie: x-hugr-secret-key={SECRET}",
    "key as an authorization scheme": f"authorization: x-hugr-secret-key {SECRET}",
    "key as basic authorization": f"authorization: Basic {SECRET}",
    "role without a credential": "x-hugr-role: admin",
    "identity without a credential": "x-hugr-role: admin\r\nx-hugr-user-id: root\r\nx-hugr-user-name: root",
    "impersonation without a credential": "x-hugr-impersonated-role: admin",
    "impersonated user without a role": "x-hugr-impersonated-user-id: root",
    "full access asked for": "x-eider-full-access: true\r\nx-hugr-full-access: true",
    "signature of nobody": "x-eider-signature: v1=00\r\nx-eider-node: n\r\nx-eider-target: n\r\nx-eider-time: 1\r\nx-eider-nonce: 00",
    "identity on behalf of a node": "x-eider-on-behalf: eyJyb2xlIjoiYWRtaW4ifQ==",
    "identity of a proxy": "x-forwarded-user: admin\r\nx-remote-user: admin\r\nx-forwarded-for: 127.0.0.1",
    "empty role": "x-hugr-role:",
    "method override": "x-http-method-override: DELETE\r\nx-original-url: /api/queries\r\nx-rewrite-url: /metrics",
}

# Two requests in one: nothing behind the first may be answered as a request of its own.
AMBIGUOUS = {
    "two lengths": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\n",
    "length and chunks": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "length with a sign": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\n",
    "length in hexadecimal": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x10\r\n\r\n",
    "length beyond 64 bits": "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551617\r\n\r\n",
    "unknown encoding": "POST /query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunk size with a sign": "POST /query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "chunk size beyond 64 bits": "POST /query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    "no version": "POST /query\r\n\r\n",
    "NUL in a header": "POST /query HTTP/1.1\r\nHost: localhost\r\nx-a: \0\r\nContent-Length: 0\r\n\r\n",
    "line feeds alone": "POST /query HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n",
}


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-hostile-")))

    def node(self, **environment):
        environment = {"SECRET_KEY": SECRET, "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "public", "AUDIT_SINK": "",
                       "AUTH_FAIL_LIMIT": "0"} | environment
        return self.stack.enter_context(cli_test.Node(self.folder, {}, **environment))

    def raw(self, node, data, seconds=5):
        """Everything that the node answers before it closes, or within some seconds."""
        out = b""
        with socket.create_connection(("127.0.0.1", node.port), timeout=seconds) as client, contextlib.suppress(OSError):
            client.sendall(data.encode("latin-1") if isinstance(data, str) else data)
            while part := client.recv(65536):
                out += part
        return out.decode("latin-1")

    def post(self, headers="", body=BODY, path="/query"):
        lines = headers + "\r\n" if headers else ""
        return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}"
                f"Content-Length: {len(body)}\r\n\r\n{body}")

    def test_nobody_becomes_an_administrator_by_headers(self):
        node = self.node()
        self.assertIn('"admin"', self.raw(node, self.post(ADMIN)))
        self.assertIn(FORBIDDEN, self.raw(node, self.post()))
        for name, headers in SMUGGLED.items():
            with self.subTest(name):
                self.assertNotIn('"name":"admin"', self.raw(node, self.post(headers)))

    def test_nothing_is_smuggled_behind_a_request(self):
        node = self.node()
        inner = self.post(ADMIN)
        for name, head in AMBIGUOUS.items():
            with self.subTest(name):
                answer = self.raw(node, head + inner, seconds=2)
                self.assertNotIn('"name":"admin"', answer)
                self.assertLessEqual(len(re.findall(r"HTTP/1\.[01] 200", answer)), 0, answer[:300])
        # The key of one request is not that of the next on the same connection.
        first = self.post(ADMIN).replace("Connection: close\r\n", "")
        answer = self.raw(node, first + self.post())
        self.assertEqual((answer.count('"name":"admin"'), answer.count(FORBIDDEN)), (1, 1), answer)

    def test_oversized_everything(self):
        node = self.node(MAX_BODY_SIZE="1MB")
        deep = "{ a" * 100_000
        members = ",".join(f'"m{i}":1' for i in range(50_000))
        cases = {
            "a header of a megabyte": self.post("x-a: " + "a" * (1 << 20)),
            "ten thousand headers": self.post("\r\n".join(f"x-{i}: a" for i in range(10_000))),
            "a key of a megabyte": self.post("x-hugr-secret-key: " + "k" * (1 << 20)),
            "a target of a megabyte": self.post(path="/query?" + "q" * (1 << 20)),
            "a body beyond the limit": self.post(body=json.dumps({"query": CORE + " " * (2 << 20)})),
            "a document nested without end": self.post(body=json.dumps({"query": deep})),
            "a list nested without end": self.post(body=json.dumps({"query": "{ f(a: " + "[" * 100_000 + ") }"})),
            "variables nested without end": self.post(body='{"query":"{ __typename }","variables":' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"),
            "a hundred thousand aliases": self.post(body=json.dumps({"query": "{" + " ".join(f"a{i}: __schema {{ types {{ name }} }}" for i in range(20_000)) + "}"})),
            "fragments that double": self.post(body=json.dumps({"query": "{ ...f0 } " + " ".join(
                f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(60)) + " fragment f60 on Query { __typename }"})),
            "fragments in a circle": self.post(body=json.dumps({"query": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"})),
            "a name of a megabyte": self.post(body=json.dumps({"query": "{ " + "n" * 900_000 + " }"})),
            "fifty thousand members": self.post(body='{"query":"{ __typename }","variables":{' + members + "}}"),
            "a jq program without end": self.post(path="/jq-query", body=json.dumps({"query": "{ __typename }", "jq": "[" * 100_000})),
            "a request id of a megabyte": self.post("x-request-id: " + "i" * (1 << 20)),
            "a number of a megabyte": self.post(body=json.dumps({"query": "{ __type(name: " + "9" * 900_000 + ") { name } }"})),
        }
        for name, request in cases.items():
            with self.subTest(name):
                started = time.monotonic()
                answer = self.raw(node, request, seconds=20)
                self.assertLess(time.monotonic() - started, 15)
                self.assertNotIn('"name":"admin"', answer)
                self.assertIsNone(node.process.poll())
        self.assertIn('"data"', self.raw(node, self.post(ADMIN)))

    def test_errors_tell_nothing(self):
        node = self.node(ERROR_EXTENSIONS="true")
        for query in (CORE, "{ core { api_keys { name } } }", "{ core { audit_log { detail } } }", "{ core { role_limits { role } } }",
                      "{ core { api_keys_aggregation { _rows_count } } }", "{ core { roles { permissions { role } } } }",
                      "{ core { data_sources { name } roles_by_pk(name: \"admin\") { name } } }",
                      "{ a: core { b: roles(order_by: [{field: \"name\"}]) { c: name } } }",
                      "query($x: Boolean = true) { core { roles @include(if: $x) { name } } }",
                      "{ jq(query: \".\") { core { roles { name } } } }",
                      "query @stats { core { roles { name } } }", "{ core { roles_bucket_aggregation { key { name } } } }"):
            with self.subTest(query):
                answer = self.raw(node, self.post(body=json.dumps({"query": query})))
                self.assertIn('"message":"forbidden"', answer)
                for word in ("roles", "api_keys", "audit", "SELECT", "eider.", "data-object"):
                    self.assertNotIn(word, answer.split("\r\n\r\n", 1)[1])

    def test_what_is_left_out_is_not_read(self):
        """A field that a directive takes out is not asked for: its name is in the schema, and nothing of it is answered."""
        node = self.node()
        query = "query($x: Boolean = false) { core { roles @include(if: $x) { name } } }"
        self.assertTrue(self.raw(node, self.post(body=json.dumps({"query": query}))).endswith('{"data":{"core":{}}}'))
        self.assertIn(FORBIDDEN, self.raw(node, self.post(body=json.dumps({"query": query, "variables": {"x": True}}))))

    def test_a_folded_header_is_one_value(self):
        """RFC 9112, 5.2 lets a server read folded lines as one value, whose key is then right or wrong as any other."""
        node = self.node()
        self.assertIn('"name":"admin"', self.raw(node, self.post(f"x-hugr-secret-key:\r\n {SECRET}")))

    def test_a_key_that_is_nearly_right_takes_no_longer(self):
        """Medians of many tries; only what compares byte by byte over long common beginnings would stand out."""
        node = self.node()
        near, far = SECRET[:-1] + "?", "?" * len(SECRET)
        times = {near: [], far: []}
        with socket.create_connection(("127.0.0.1", node.port), timeout=10) as client:
            for turn in range(600):
                for key in (near, far) if turn % 2 else (far, near):
                    request = (f"POST /query HTTP/1.1\r\nHost: localhost\r\nx-hugr-secret-key: {key}\r\nContent-Length: 2\r\n\r\n{{}}").encode()
                    started = time.perf_counter()
                    client.sendall(request)
                    answer = client.recv(65536)
                    times[key].append(time.perf_counter() - started)
                    self.assertTrue(answer.startswith(b"HTTP/1.1 401"), answer[:100])
        a, b = (statistics.median(part) for part in times.values())
        self.assertLess(abs(a - b), max(a, b) * 0.25 + 20e-6)


if __name__ == "__main__":
    unittest.main()
