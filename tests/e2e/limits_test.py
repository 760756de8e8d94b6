"""What a node does at its limits, with the real engine: time, memory, clients that leave, stops under load."""

import concurrent.futures
import json
import pathlib
import socket
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SDL = """
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7")
{ n: BigInt }
type wide @view(name: "wide", sql: "SELECT range AS id, repeat('x', 200) AS text FROM range(2000000)") { id: BigInt  text: String }
type small @view(name: "small", sql: "SELECT 1 AS id") { id: Int }
"""
CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                       "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
ENDLESS = "{ s { endless { n } } }"


class LimitsTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)

    def node(self, **environment):
        return cli_test.Node(self.folder, CONFIG, **environment)

    def running(self, node):
        text = node.send("GET", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith("eider_queries_running"))

    def wait_for(self, what, seconds):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), deadline, "it took too long")
            time.sleep(0.02)

    def post(self, node, query):
        body = json.dumps({"query": query}).encode()
        client = socket.create_connection(("127.0.0.1", node.port), timeout=cli_test.SECONDS)
        client.sendall(b"POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return client

    def test_a_client_that_leaves_ends_its_statement(self):
        with self.node() as node:
            client = self.post(node, ENDLESS)
            self.wait_for(lambda: self.running(node) == 1, 10)
            client.close()
            self.wait_for(lambda: self.running(node) == 0, 1.0)
            self.assertEqual(node.ask("{ s { small { id } } }")["s"]["small"], [{"id": 1}])

    def test_a_statement_ends_at_its_deadline(self):
        with self.node(QUERY_TIMEOUT="500ms") as node:
            started = time.monotonic()
            answer = json.loads(node.send("POST", "/query", json.dumps({"query": ENDLESS}))[1])
            self.assertLess(time.monotonic() - started, 1.5)
            self.assertEqual(answer, {"errors": [{"message": "query timeout", "extensions": {"code": "TIMEOUT"}}]})

    def test_memory_and_disk_have_limits_and_the_node_goes_on(self):
        with self.node(DB_MAX_MEMORY="64MB", DB_MAX_TEMP_DIRECTORY_SIZE="1MB") as node:
            query = '{ s { wide(order_by: [{field: "text"}, {field: "id", direction: DESC}], limit: 1999999) { id text } } }'
            answer = json.loads(node.send("POST", "/query", json.dumps({"query": query}))[1])
            # Memory is full and so is what it may spill to.
            self.assertIn(answer["errors"][0]["extensions"]["code"], ("MEMORY_LIMIT", "DISK_FULL"), answer)
            self.assertEqual(node.ask("{ s { small { id } } }")["s"]["small"], [{"id": 1}])

    def test_lookups_answer_beside_endless_scans(self):
        with self.node(MAX_CONCURRENT_REQUESTS="4") as node:
            clients = [self.post(node, ENDLESS) for _ in range(12)]
            self.wait_for(lambda: self.running(node) >= 1, 10)
            started = time.monotonic()
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "admin") { name } } }')["core"]["roles_by_pk"],
                             {"name": "admin"})
            self.assertLess(time.monotonic() - started, 5)
            for client in clients:
                client.close()
            self.wait_for(lambda: self.running(node) == 0, 5)

    def test_a_long_chain_of_fragments_is_refused(self):
        chain = "".join("fragment F%d on Query { ...F%d } " % (i, i + 1) for i in range(110000))
        with self.node() as node:
            query = "{ ...F0 } " + chain + "fragment F110000 on Query { __typename }"
            answer = json.loads(node.send("POST", "/query", json.dumps({"query": query}))[1])
            self.assertEqual(answer["errors"][0]["message"], "Document contains more than 2000 fragments")
            self.assertEqual(node.ask("{ s { small { id } } }")["s"]["small"], [{"id": 1}])

    def test_stop_waits_for_running_requests(self):
        with self.node(DRAIN_TIMEOUT="20s") as node, concurrent.futures.ThreadPoolExecutor(4) as pool:
            query = '{ s { wide(limit: 400000) { id text } } }'
            answers = [pool.submit(node.ask, query) for _ in range(4)]
            time.sleep(0.2)
            node.process.terminate()
            for answer in answers:
                self.assertEqual(len(answer.result()["s"]["wide"]), 400000)


if __name__ == "__main__":
    unittest.main()
