"""Listing and ending queries, and turns among principals, with the real binary."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import re
import socket
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402
from limits_test import CONFIG, ENDLESS  # noqa: E402

RUNNING = "{ function { core { queries { running(all_nodes: true) { id node role protocol state elapsed_ms sources operation_name text } } } } }"
CANCEL = 'mutation { function { core { queries { cancel(id: "%s", reason: "too heavy") { success message affected_rows } } } } }'
CANCELLED = {"errors": [{"message": "query cancelled", "extensions": {"code": "CANCELLED"}}]}
SECRET = "a secret of sufficient length"
ADMIN = {"x-hugr-secret-key": SECRET}
PUBLIC = {"ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "public", "SECRET_KEY": SECRET}


class KillTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.addCleanup(self.pool.shutdown)

    def node(self, **environment):
        return cli_test.Node(pathlib.Path(self.scratch.name), CONFIG, **environment)

    def send(self, node, method, target, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request(method, target, body, {k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return response.status, json.loads(response.read() or "null")
        finally:
            connection.close()

    def query(self, node, query, headers=None, **members):
        return self.send(node, "POST", "/query", json.dumps({"query": query} | members), **(headers or {}))[1]

    def running(self, node, headers=None):
        answer = self.query(node, RUNNING, headers)
        self.assertIn("data", answer, answer)
        listed = answer["data"]["function"]["core"]["queries"]["running"]
        return [query for query in listed if "endless" in query["text"]]

    def wait_for(self, what, seconds):
        deadline = time.monotonic() + seconds
        while not (found := what()):
            self.assertLess(time.monotonic(), deadline, "it took too long")
            time.sleep(0.02)
        return found

    def test_a_query_is_listed_and_cancelled(self):
        with self.node() as node:
            victim = self.pool.submit(self.query, node, "query slowly " + ENDLESS, {"x_request_id": "q-1"}, operationName="slowly")
            (listed,) = self.wait_for(lambda: [q for q in self.running(node) if q["state"] == "running"], 10)
            self.assertEqual((listed["id"], listed["role"], listed["protocol"], listed["operation_name"], listed["sources"]),
                             ("q-1", "admin", "http", "slowly", ["s"]))
            started = time.monotonic()
            answer = self.query(node, CANCEL % "q-1")
            self.assertEqual(answer["data"]["function"]["core"]["queries"]["cancel"],
                             {"success": True, "message": "query cancelled", "affected_rows": 1})
            self.assertEqual(victim.result(), CANCELLED)
            self.assertLess(time.monotonic() - started, 1)
            self.wait_for(lambda: not self.running(node), 1)
            answer = self.query(node, CANCEL % "q-1")
            self.assertEqual(answer["data"]["function"]["core"]["queries"]["cancel"],
                             {"success": False, "message": "query is not running", "affected_rows": 0})

    def test_over_http_paths(self):
        with self.node() as node:
            victim = self.pool.submit(self.query, node, ENDLESS, {"x_request_id": "q-2"})
            self.wait_for(lambda: self.running(node), 10)
            status, answer = self.send(node, "GET", "/api/queries?all_nodes=true")
            self.assertEqual((status, [q["id"] for q in answer["queries"]]), (200, ["q-2"]))
            self.assertEqual(self.send(node, "DELETE", "/api/queries/nothing")[0], 404)
            self.assertEqual(self.send(node, "DELETE", "/api/queries/q-2"), (200, {"success": True}))
            self.assertEqual(victim.result(), CANCELLED)

    def test_cancel_where(self):
        with self.node() as node:
            victims = [self.pool.submit(self.query, node, ENDLESS) for _ in range(2)]
            self.wait_for(lambda: len(self.running(node)) == 2, 10)
            where = "mutation { function { core { queries { cancel_where(%s) { success affected_rows } } } } }"
            outcome = lambda arguments: self.query(node, where % arguments)["data"]["function"]["core"]["queries"]["cancel_where"]  # noqa: E731
            self.assertEqual(outcome('older_than: "1h"'), {"success": False, "affected_rows": 0})
            self.assertEqual(outcome('role: "public"'), {"success": False, "affected_rows": 0})
            time.sleep(0.05)
            self.assertEqual(outcome('role: "admin", older_than: "10ms"'), {"success": True, "affected_rows": 2})
            for victim in victims:
                self.assertEqual(victim.result(), CANCELLED)
            self.assertIn("needs user_id, role or older_than", self.query(node, where % 'role: ""')["errors"][0]["message"])
            self.assertIn("older_than must be a duration", self.query(node, where % 'older_than: "long"')["errors"][0]["message"])

    def test_nobody_sees_or_ends_queries_of_others(self):
        with self.node(**PUBLIC) as node:
            victim = self.pool.submit(self.query, node, ENDLESS, ADMIN | {"x_request_id": "q-3"})
            (listed,) = self.wait_for(lambda: self.running(node, ADMIN), 10)
            self.assertEqual(self.send(node, "GET", "/api/queries"), (200, {"queries": []}))
            self.assertEqual(self.send(node, "DELETE", "/api/queries/q-3")[0], 404)
            self.assertEqual(self.send(node, "DELETE", "/api/queries/q-3", **ADMIN)[0], 200)
            self.assertEqual(victim.result(), CANCELLED)

    def test_a_waiting_query_is_cancelled_too(self):
        with self.node(MAX_CONCURRENT_REQUESTS="2", ADMIN_RESERVED_SLOTS="0") as node:
            victims = [self.pool.submit(self.query, node, ENDLESS, {"x_request_id": f"q-{i}"}) for i in range(4)]
            listed = lambda: self.send(node, "GET", "/api/queries")[1]["queries"]  # noqa: E731
            self.wait_for(lambda: len(listed()) == 4, 10)
            self.assertIn("queued", {q["state"] for q in listed()})
            for i in (3, 2, 1, 0):
                self.assertEqual(self.send(node, "DELETE", f"/api/queries/q-{i}")[0], 200)
            for victim in victims:
                self.assertEqual(victim.result(), CANCELLED)

    def resident(self, node):
        """MiB that the node's process holds."""
        status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) >> 10

    def test_a_flood_leaves_room_for_the_administrator(self):
        with self.node(MAX_CONCURRENT_REQUESTS="6", MAX_QUEUED_REQUESTS="4", **PUBLIC) as node:
            before = self.resident(node)
            body = json.dumps({"query": ENDLESS}).encode()
            request = b"POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            clients = [socket.create_connection(("127.0.0.1", node.port), cli_test.SECONDS) for _ in range(100)]
            for client in clients:
                client.sendall(request)
            self.wait_for(lambda: len(self.running(node, ADMIN)) >= 5, 30)
            # The surplus is refused at once.
            started = time.monotonic()
            status, answer = self.send(node, "POST", "/query", body)
            self.assertLess(time.monotonic() - started, 0.3)
            self.assertEqual((status, answer["errors"][0]["extensions"]["code"]), (503, "OVERLOADED"))
            self.assertLess(self.resident(node) - before, 200)
            # Queries of all kinds and the kill still work for an administrator.
            self.assertEqual(self.query(node, "{ s { small { id } } }", ADMIN), {"data": {"s": {"small": [{"id": 1}]}}})
            kill = 'mutation { function { core { queries { cancel_where(role: "public") { success affected_rows } } } } }'
            outcome = self.query(node, kill, ADMIN)["data"]["function"]["core"]["queries"]["cancel_where"]
            self.assertTrue(outcome["success"])
            self.assertGreaterEqual(outcome["affected_rows"], 4)
            for client in clients:
                with contextlib.suppress(OSError):
                    client.close()
            self.wait_for(lambda: not self.running(node, ADMIN), 20)


if __name__ == "__main__":
    unittest.main()
