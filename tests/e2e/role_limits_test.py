"""What a role may use, and memory grants, with the real binary."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SECRET = "a secret of sufficient length"
ADMIN = {"x-hugr-secret-key": SECRET}
SDL = """
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7")
{ n: BigInt }
type wide @view(name: "wide", sql: "SELECT range AS id, repeat('x', 200) AS text FROM range(200000)") { id: BigInt  text: String }
type pairs @view(name: "pairs", sql: "SELECT a.range AS id FROM range(2000) a, range(2000) b WHERE a.range < b.range") { id: BigInt }
type large @view(name: "large", sql: "SELECT count(*) AS n FROM (SELECT md5(range::VARCHAR) AS s, count(*) FROM range(4000000) GROUP BY s)") { n: BigInt }
type small @table(name: "small") { id: Int! @pk }
"""
ENDLESS = "{ s { endless { n } } }"
CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True, "read_only": False,
                       "catalogs": [{"name": "s", "type": "text", "path": SDL.replace("@table", "@view").replace(
                           'name: "small"', 'name: "small", sql: "SELECT range::INTEGER AS id FROM range(10)"')}]}]}
SET = ("mutation($d: core_role_limits_mut_input_data!) { core { delete_role_limits(filter: {role: {eq: \"public\"}}) { success } "
       "insert_role_limits(data: $d) { role } } }")


class RoleLimitsTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-limits-")))
        self.pool = self.stack.enter_context(concurrent.futures.ThreadPoolExecutor(32))

    def node(self, **environment):
        environment = {"SECRET_KEY": SECRET, "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "public", "AUDIT_SINK": ""} | environment
        return self.stack.enter_context(cli_test.Node(self.folder, CONFIG, **environment))

    def send(self, node, query, headers=(), path="/query", **members):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request("POST", path, json.dumps({"query": query} | members), dict(headers))
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ask(self, node, query, headers=(), **variables):
        return json.loads(self.send(node, query, headers, variables=variables)[1])

    def limit(self, node, **limits):
        answer = self.ask(node, SET, ADMIN, d={"role": "public"} | limits)
        self.assertIn("data", answer, answer)

    def refused(self, answer, code):
        self.assertNotIn("data", answer)
        self.assertEqual(answer["errors"][0]["extensions"]["code"], code)
        return answer["errors"][0]["message"]

    def test_rows(self):
        node = self.node(CACHE_L1_ENABLED="true")
        self.limit(node, max_rows=5)
        self.assertEqual(len(self.ask(node, "{ s { small(limit: 5) { id } } }")["data"]["s"]["small"]), 5)
        self.assertIn("more than the 5 rows", self.refused(self.ask(node, "{ s { small(limit: 6) { id } } }"), "ROW_LIMIT"))
        # Together, however they are asked for.
        for query in ("{ s { a: small(limit: 3) { id } b: small(limit: 3) { id } } }", "{ s { small { id } } }",
                      "{ s { small(limit: 6) @cache(ttl: 60) { id } } }", "{ s { wide(limit: 100000) { id text } } }",
                      "{ s { wide(limit: 2) { id } small(limit: 4) @no_pushdown { id } } }"):
            with self.subTest(query):
                self.refused(self.ask(node, query), "ROW_LIMIT")
        status, text = self.send(node, {"query": "{ s { small { id } } }"}, path="/jq-query", jq=".data")
        self.assertEqual((status, "rows that the role may have" in text), (400, True), text)
        self.assertEqual(len(self.ask(node, "{ s { small { id } } }", ADMIN)["data"]["s"]["small"]), 10)
        self.limit(node, max_rows=0)
        self.refused(self.ask(node, "{ s { small(limit: 1) { id } } }"), "ROW_LIMIT")
        self.limit(node, priority=1)
        self.assertEqual(len(self.ask(node, "{ s { small { id } } }")["data"]["s"]["small"]), 10)

    def test_bytes(self):
        node = self.node(CACHE_L1_ENABLED="true")
        self.limit(node, max_result_bytes=1000)
        self.assertEqual(len(self.ask(node, "{ s { wide(limit: 3) { id text } } }")["data"]["s"]["wide"]), 3)
        for query in ("{ s { wide(limit: 5) { id text } } }", "{ s { wide(limit: 100000) { id text } } }",
                      "{ s { wide(limit: 5) @cache(ttl: 60) { id text } } }", "{ s { wide(limit: 5) @cache(ttl: 60) { id text } } }",
                      "{ __schema { types { name fields { name } } } }"):
            with self.subTest(query):
                self.assertIn("1000", self.refused(self.ask(node, query), "RESULT_TOO_LARGE"))
        status, text = self.send(node, {"query": "{ s { small(limit: 1) { id } } }"}, path="/jq-query", jq='"x" * 2000')
        self.assertEqual((status, "1000 bytes" in text), (400, True), text)

    def test_an_answer_beyond_what_is_held_back_breaks_off(self):
        node = self.node()
        self.limit(node, max_result_bytes=20 << 20)
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.send(node, "{ s { wide(limit: 200000) { id text } } }")
        self.assertEqual(len(self.ask(node, "{ s { wide(limit: 80000) { id text } } }")["data"]["s"]["wide"]), 80000)

    def test_depth_and_cost(self):
        node = self.node()
        self.limit(node, max_depth=2)
        self.assertIn("limit of 2", self.refused(self.ask(node, "{ s { small { id } } }"), "QUERY_TOO_COMPLEX"))
        self.refused(self.ask(node, "fragment f on _module_s_query { small { id } } { s { ...f } }"), "QUERY_TOO_COMPLEX")
        self.assertIn("data", self.ask(node, "{ s { __typename } }"))
        self.assertIn("data", self.ask(node, "{ s { small { id } } }", ADMIN))
        self.limit(node, max_cost=10000)
        self.assertEqual(len(self.ask(node, "{ s { small { id } } }")["data"]["s"]["small"]), 10)
        started = time.monotonic()
        message = self.refused(self.ask(node, ENDLESS), "QUERY_TOO_COMPLEX")
        self.assertRegex(message, r"expected to cost \d+, and the role may use 10000")
        self.refused(self.ask(node, "{ s { small { id } pairs(limit: 1) { id } } }"), "QUERY_TOO_COMPLEX")
        self.assertLess(time.monotonic() - started, 10)

    def test_time(self):
        node = self.node()
        self.limit(node, query_timeout="300 milliseconds")
        started = time.monotonic()
        self.assertEqual(self.refused(self.ask(node, ENDLESS), "TIMEOUT"), "query timeout")
        self.assertLess(time.monotonic() - started, 3)
        self.refused(self.ask(node, ENDLESS, {"x-eider-timeout": "1h"}), "TIMEOUT")
        self.refused(self.ask(node, ENDLESS, ADMIN | {"x-eider-timeout": "100ms"}), "TIMEOUT")

    def test_concurrency_and_queue(self):
        node = self.node(QUEUE_TIMEOUT="20s")
        self.limit(node, max_concurrency=1, max_queued=1)
        first = self.pool.submit(self.send, node, ENDLESS, {"x-request-id": "c-1"})
        self.wait_for(lambda: self.states(node).get("c-1") == "running")
        second = self.pool.submit(self.send, node, ENDLESS, {"x-request-id": "c-2"})
        self.wait_for(lambda: self.states(node).get("c-2") == "queued")
        started = time.monotonic()
        status, text = self.send(node, ENDLESS)
        self.assertEqual(status, 503, text)
        self.assertLess(time.monotonic() - started, 1)
        self.assertEqual(len(self.ask(node, "{ s { small { id } } }", ADMIN)["data"]["s"]["small"]), 10)
        self.kill(node, "c-1")
        self.assertIn("cancelled", first.result()[1])
        self.wait_for(lambda: self.states(node).get("c-2") == "running")
        self.kill(node, "c-2")
        self.assertIn("cancelled", second.result()[1])
        self.assertEqual(len(self.ask(node, "{ s { small { id } } }")["data"]["s"]["small"]), 10)

    def test_memory_is_granted_before_a_query_runs(self):
        node = self.node(QUERY_MEMORY_POOL="64MB", QUERY_MEMORY_MIN="32MB", MAX_CONCURRENT_REQUESTS="16", ADMIN_RESERVED_SLOTS="1")
        victims = [self.pool.submit(self.send, node, ENDLESS, {"x-request-id": f"m-{i}"}) for i in range(3)]
        self.wait_for(lambda: sorted(v for k, v in self.states(node).items() if k.startswith("m-")) == ["queued", "running", "running"])
        for i in range(3):
            self.kill(node, f"m-{i}")
        for victim in victims:
            self.assertIn("cancelled", victim.result()[1])
        # A role whose requests are granted more has fewer of them.
        self.limit(node, max_memory_bytes=64 << 20)
        victims = [self.pool.submit(self.send, node, ENDLESS, {"x-request-id": f"n-{i}"}) for i in range(2)]
        self.wait_for(lambda: sorted(v for k, v in self.states(node).items() if k.startswith("n-")) == ["queued", "running"])
        for i in range(2):
            self.kill(node, f"n-{i}")

    def test_memory_of_statements(self):
        node = self.node(CACHE_L1_ENABLED="true")
        large = "{ s { large { n } } }"
        self.limit(node, max_memory_bytes=24 << 20)
        for query in (large, "{ s { large @cache(ttl: 60) { n } } }", "{ s { a: small { id } b: large { n } } }"):
            with self.subTest(query):
                self.assertIn("more memory than its role may have", self.refused(self.ask(node, query), "MEMORY_LIMIT"))
        status, text = self.send(node, {"query": large}, path="/jq-query", jq=".data")
        self.assertEqual((status, "more memory" in text), (400, True), text)
        # What goes through is not held, and what others hold is not theirs.
        others = [self.pool.submit(self.ask, node, large, ADMIN) for _ in range(2)]
        for _ in range(5):
            self.assertEqual(len(self.ask(node, "{ s { wide(limit: 200000) { id text } } }")["data"]["s"]["wide"]), 200000)
        self.assertEqual([other.result()["data"]["s"]["large"] for other in others], [[{"n": 4000000}]] * 2)
        self.limit(node, max_memory_bytes=4 << 30)
        self.assertEqual(self.ask(node, large)["data"]["s"]["large"], [{"n": 4000000}])

    # --- helpers ---

    def states(self, node):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        connection.request("GET", "/api/queries", headers=ADMIN)
        listed = json.loads(connection.getresponse().read())["queries"]
        connection.close()
        return {query["id"]: query["state"] for query in listed}

    def kill(self, node, name):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        connection.request("DELETE", f"/api/queries/{name}", headers=ADMIN)
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()

    def wait_for(self, what):
        deadline = time.monotonic() + 15
        while not what():
            self.assertLess(time.monotonic(), deadline, "it took too long")
            time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
