"""Health, readiness, stopping, metrics and logs of a node, as balancers and people meet them."""

import http.client
import itertools
import json
import signal
import socket
import tempfile
import time
import unittest

import harness

SDL = """
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7")
{ n: BigInt }
type slow @view(name: "slow", sql: "SELECT count(*) AS n FROM range(30000) a, range(30000) b WHERE a.range + b.range <> 7") { n: BigInt }
type small @view(name: "small", sql: "SELECT range AS id, 'secret-' || range AS word FROM range(3)") { id: Int word: String }
"""
CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                       "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
BROKEN = {"sources": CONFIG["sources"] + [
    {"name": "gone", "type": "postgres", "path": "postgres://u:hidden-password@127.0.0.1:1/x", "prefix": "",
     "as_module": True, "self_defined": True}]}
SMALL = json.dumps({"query": "{ s { small { id } } }"})
ADMIN = {"x-hugr-secret-key": "an administrator's key"}


class HealthTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_health_")
        self.addCleanup(scratch.cleanup)
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(self.close)

    def close(self):
        outcome = self._outcome.result if hasattr(self._outcome, "result") else None
        failed = outcome is not None and any(test is self for test, _ in outcome.errors + outcome.failures)
        self.cluster.__exit__(AssertionError if failed else None)

    def node(self, config=CONFIG, wait=True, **environment):
        return self.cluster.member("n", **environment).configure(config).start(wait)

    def post(self, node, query):
        """Sends a query and leaves its answer for later."""
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        connection.request("POST", "/query", json.dumps({"query": query}))
        return connection

    def wait_running(self, node, count=1):
        harness.wait_for("a query runs", lambda: node.metrics("eider_queries_running")[0][1] >= count)

    # --- endpoints

    def test_the_service_listener_tells_reasons_and_the_main_one_a_word(self):
        self.cluster.expect("source was not loaded")
        node = self.node(BROKEN)
        status, body = node.health()
        self.assertEqual((status, body["ready"], body["status"]), (200, True, "degraded"))
        self.assertEqual([reason["code"] for reason in body["reasons"]], ["source_failed"])
        self.assertNotIn("hidden-password", json.dumps(body))
        self.assertEqual(node.send("GET", "/health/ready"), (200, "degraded"))
        self.assertEqual(node.send("GET", "/ready", port=node.service_port)[0], 200)
        self.assertEqual(node.send("GET", "/health"), (200, "OK"))
        self.assertEqual(node.send("GET", "/health/live"), (200, "OK"))
        self.assertIn("eider_build_info", node.send("GET", "/metrics", port=node.service_port)[1])
        self.assertEqual(node.send("POST", "/query", SMALL, port=node.service_port)[0], 404)

    def test_a_node_that_is_fine_says_so(self):
        self.assertEqual(self.node().health(), (200, {"ready": True, "status": "up", "reasons": []}))

    def test_detail_is_for_administrators(self):
        self.cluster.expect("source was not loaded")
        node = self.node(BROKEN, SECRET_KEY="an administrator's key")
        for port in (node.port, node.service_port):
            self.assertEqual(node.send("GET", "/health/detail", port=port)[0], 401)
            self.assertEqual(node.send("GET", "/health/detail", headers=ADMIN | {"x-hugr-role": "public"}, port=port)[0], 403)
            status, text = node.send("GET", "/health/detail", headers=ADMIN, port=port)
            self.assertEqual(status, 200, text)
            body = json.loads(text)
            self.assertEqual((body["node"], body["ready"], body["status"]), ("n", True, "degraded"))
            self.assertEqual({source["name"]: source["state"] for source in body["sources"]},
                             {"gone": "failed", "s": "loaded"})
            self.assertGreater(body["versions"]["schema"], 0)
            self.assertGreater(body["stores"]["engine"]["memory_bytes"], 0)
            self.assertNotIn("hidden-password", text)
            self.assertEqual(node.send("POST", "/health/detail", "{}", ADMIN, port=port)[0], 405)

    def test_a_silent_cache_server_degrades(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            node = self.node(CACHE_L1_ENABLED="true", CACHE_L2_ENABLED="true",
                             CACHE_L2_ADDRESSES=f"127.0.0.1:{silent.getsockname()[1]}")
            numbers = itertools.count()

            def is_degraded():
                # Each another one, which the node itself has not kept yet.
                node.ask("{ s { small(filter: {id: {gt: %d}}) @cache(ttl: 60) { id } } }" % next(numbers))
                return [reason["code"] for reason in node.health()[1]["reasons"]] == ["l2_unreachable"]
            harness.wait_for("the cache server is given up", is_degraded)
            self.assertEqual(node.health()[0], 200)

    # --- starting

    def test_a_node_that_starts_refuses_queries(self):
        self.cluster.expect("source was not loaded")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            # It takes connections and says nothing.
            port = silent.getsockname()[1]
            config = {"sources": CONFIG["sources"] + [
                {"name": "late", "type": "postgres", "path": f"postgres://u:p@127.0.0.1:{port}/x?connect_timeout=4",
                 "prefix": "", "as_module": True, "self_defined": True}]}
            node = self.node(config, wait=False)
            harness.wait_for("it listens", lambda: node.send("GET", "/health/live")[0] == 200)
            self.assertEqual(node.send("GET", "/health"), (503, "starting"))
            self.assertEqual(node.health()[1]["status"], "starting")
            status, body = node.send("POST", "/query", SMALL)
            self.assertEqual((status, json.loads(body)["errors"][0]["extensions"]["code"]), (503, "SCHEMA_NOT_READY"))
            node.wait_ready()
            self.assertEqual(node.ask("{ s { small { id } } }")["s"]["small"][0], {"id": 0})

    # --- stopping

    def test_a_stop_is_announced_then_refuses_then_ends(self):
        node = self.node(DRAIN_DELAY="1s", DRAIN_TIMEOUT="20s")
        running = self.post(node, "{ s { slow { n } } }")
        self.wait_running(node)
        started = time.monotonic()
        node.process.send_signal(signal.SIGTERM)
        harness.wait_for("it is announced", lambda: node.send("GET", "/health/ready") == (503, "draining"), 0.9)
        self.assertEqual(node.health()[1]["status"], "draining")
        # Until balancers have noticed, requests are served.
        self.assertEqual(node.send("POST", "/query", SMALL)[0], 200)
        self.assertLess(time.monotonic() - started, 1.0)

        def is_refused():
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=5)
            connection.request("POST", "/query", SMALL)
            response = connection.getresponse()
            text = response.read().decode()
            connection.close()
            return response.status == 503 and (response.getheader("Connection"), json.loads(text))
        connection, body = harness.wait_for("requests are refused", is_refused, 5)
        self.assertGreaterEqual(time.monotonic() - started, 0.95)
        self.assertEqual(connection, "close")
        self.assertEqual(body["errors"][0]["extensions"]["code"], "DRAINING")
        response = running.getresponse()
        self.assertEqual(response.status, 200)
        self.assertEqual(json.loads(response.read())["data"]["s"]["slow"][0]["n"], 30000 * 30000 - 8)
        self.assertEqual(node.process.wait(20), 0)

    def test_what_does_not_end_in_time_is_cancelled(self):
        node = self.node(DRAIN_TIMEOUT="500ms")
        running = self.post(node, "{ s { endless { n } } }")
        self.wait_running(node)
        started = time.monotonic()
        self.assertEqual(node.stop(), 0)
        self.assertLess(time.monotonic() - started, 8)
        self.assertEqual(json.loads(running.getresponse().read())["errors"][0]["extensions"]["code"], "CANCELLED")

    def test_a_second_signal_ends_at_once(self):
        node = self.node(DRAIN_DELAY="30s")
        node.process.send_signal(signal.SIGTERM)
        harness.wait_for("it is announced", lambda: node.send("GET", "/health/ready")[0] == 503, 5)
        node.process.send_signal(signal.SIGTERM)
        node.process.wait(2)

    def test_idle_connections_are_closed_before_the_end(self):
        node = self.node(DRAIN_TIMEOUT="10s")
        idle = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
        idle.request("POST", "/query", SMALL)
        idle.getresponse().read()
        self.assertEqual(node.stop(), 0)
        self.assertEqual(idle.sock.recv(10), b"")
        idle.close()

    # --- metrics and logs

    def test_metrics_have_the_promised_names_and_labels(self):
        self.cluster.expect("source was not loaded")
        node = self.node(BROKEN, SECRET_KEY="an administrator's key")
        node.send("POST", "/query", SMALL, ADMIN)
        node.send("POST", "/query", SMALL, {"x-hugr-secret-key": "wrong"})
        for name, labels in {
                "eider_build_info": ("version=", "role="), "eider_up_seconds": (), "process_resident_memory_bytes": (),
                "eider_http_requests_total": ('path="/query"', 'method="POST"', 'status="200"'),
                "eider_query_seconds_count": ('protocol="graphql"', 'kind="query"'),
                "eider_query_phase_seconds_count": ('phase="execute"',), "eider_queries_running": (),
                "eider_queries_queued": (), "eider_result_rows_total": ("protocol=",), "eider_result_bytes_total": ("protocol=",),
                "eider_source_state": ('source="s"', 'state="loaded"'),
                "eider_source_query_seconds_count": ('source="s"',), "eider_schema_version": (),
                "eider_permission_version": (), "eider_duckdb_memory_bytes": (), "eider_duckdb_temp_bytes": ()}.items():
            samples = node.metrics(name)
            self.assertTrue(any(all(label in text for label in labels) for text, _ in samples), (name, samples))
        auth = dict(node.metrics("eider_auth_total"))
        self.assertEqual(auth['{outcome="accept",provider="x-hugr-secret"}'], 1)
        self.assertEqual(auth['{outcome="reject",provider="none"}'], 1)

    def test_a_slow_query_is_logged_without_its_literals(self):
        node = self.node(SLOW_QUERY="1ms")
        node.ask('query named { s { slow { n } small(filter: {word: {eq: "my-password"}, id: {gt: 12345}}) { id } } }')
        lines = [json.loads(line) for line in node.log().splitlines() if '"slow query"' in line]
        self.assertEqual(len(lines), 1, node.log())
        line = lines[0]
        for member in ("ts", "level", "node", "msg", "request_id", "total_ms", "parse_ms", "plan_ms", "queue_ms",
                       "execute_ms", "rows", "bytes", "text"):
            self.assertIn(member, line)
        self.assertGreaterEqual(line["total_ms"], line["execute_ms"])
        self.assertIn("small(filter: {word: {eq: ?}, id: {gt: ?}})", line["text"])
        self.assertNotIn("my-password", node.log())
        self.assertNotIn("12345", node.log())

    def test_logs_are_json_lines_or_text(self):
        for line in self.node().log().splitlines():
            if line.startswith("{"):
                self.assertLessEqual({"ts", "level", "node", "msg"}, json.loads(line).keys())
        text = self.cluster.member("t", LOG_FORMAT="text").configure(CONFIG).start()
        self.assertFalse([line for line in text.log().splitlines() if line.startswith("{")])
        self.assertIn("ready", text.log())


if __name__ == "__main__":
    unittest.main()
