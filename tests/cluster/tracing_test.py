"""Traces: taken over, handed on, written into logs, and sent to a collector that works, fails or hangs; OpenMetrics."""

import http.client
import http.server
import json
import re
import subprocess
import tempfile
import threading
import time
import unittest

import harness
import otlp_collector
from members_test import ADMIN, ThreeNodes

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
UNSAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
SMALL = "{ s { small { id } } }"
ASK = '{ function { core { http_data_source_request_scalar(source: "web", path: "/x", method: "GET") } } }'
SDL = 'type small @view(name: "small", sql: "SELECT range AS id FROM range(3)") { id: Int }'
WEB = """extend type Function {
  there: JSON @function(name: "there", sql: "http_data_source_request_scalar([$catalog], '/y', 'GET', '{}', '{}', NULL, '')")
}"""


class Web:
    """A source that remembers the headers of requests and answers 1."""

    def __init__(self):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                seen.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
                self.send_response(200 if self.path != "/bad" else 500)
                self.end_headers()
                self.wfile.write(b"1")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class TracingTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_tracing_")
        self.addCleanup(scratch.cleanup)
        self.collector = otlp_collector.Collector().__enter__()
        self.addCleanup(self.collector.__exit__)
        self.web = Web()
        self.addCleanup(self.web.close)
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(lambda: self.cluster.__exit__(None))

    def node(self, name="n", **environment):
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url} | environment
        config = {"sources": [
            {"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
             "catalogs": [{"name": "s", "type": "text", "path": SDL}]},
            {"name": "web", "type": "http", "path": self.web.url, "prefix": "", "as_module": True,
             "catalogs": [{"name": "web", "type": "text", "path": WEB}]}]}
        environment = {key: value for key, value in environment.items() if value is not None}
        return self.cluster.member(name, **environment).configure(config).start()

    def wait_spans(self, count=1, trace=TRACE):
        harness.wait_for("spans", lambda: len(self.collector.spans(trace)) >= count, 10)
        return self.collector.spans(trace)

    def wait_span(self, name, trace=TRACE):
        """The first span of that name in a trace."""
        return harness.wait_for(f"span {name}", lambda: next(
            (span for span in self.collector.spans(trace) if span["name"] == name), None), 10)

    def counted(self, node, outcome):
        return dict(node.metrics("eider_trace_spans_total"))[f'{{outcome="{outcome}"}}']

    # --- spans

    def check_spans_of_a_query(self, node):
        node.send("POST", "/query", json.dumps({"query": SMALL}),
                  SAMPLED | {"tracestate": "vendor=a", "X-Request-Id": "my-request"})
        request = self.wait_span("POST /query")
        self.assertEqual((request["parent"], request["kind"], request["failed"], request["state"]),
                         (PARENT, 2, False, "vendor=a"))
        self.assertLessEqual({"http.request.method": "POST", "url.path": "/query", "http.response.status_code": 200,
                              "eider.request_id": "my-request", "eider.rows": 3,
                              "graphql.operation.type": "query"}.items(), request["attributes"].items())
        self.assertLessEqual({"service.name": "eider", "service.instance.id": "n"}.items(), request["resource"].items())
        now = time.time_ns()
        parts = {span["name"]: span for span in self.collector.spans(TRACE) if span["name"] != "POST /query"}
        self.assertLessEqual({"parse", "plan", "execute"}, parts.keys())
        for name, part in parts.items():
            self.assertEqual(part["parent"], request["span"], name)
            self.assertLessEqual(request["start"] - 5_000_000, part["start"], name)
            self.assertLessEqual(part["start"], part["end"], name)
            self.assertLessEqual(part["end"], request["end"] + 5_000_000, name)
        self.assertTrue(now - 20e9 < request["start"] <= request["end"] <= now)
        ids = [span["span"] for span in self.collector.spans(TRACE)]
        self.assertEqual(len(ids), len(set(ids)))

    def test_spans_of_a_query_in_protobuf(self):
        self.check_spans_of_a_query(self.node())
        self.assertEqual(self.collector.headers["content-type"], "application/x-protobuf")

    def test_spans_of_a_query_in_json(self):
        self.check_spans_of_a_query(self.node(
            OTEL_EXPORTER_OTLP_PROTOCOL="http/json", OTEL_EXPORTER_OTLP_HEADERS="x-token=a%20secret,other = b",
            OTEL_EXPORTER_OTLP_ENDPOINT=self.collector.url + "/"))
        self.assertEqual(self.collector.headers["content-type"], "application/json")
        self.assertEqual((self.collector.headers["x-token"], self.collector.headers["other"]), ("a secret", "b"))

    def test_failures_are_told(self):
        node = self.node(OTEL_SERVICE_NAME="shop")
        node.send("POST", "/query", json.dumps({"query": "{ nothing }"}), SAMPLED)
        request = self.wait_span("POST /query")
        self.assertTrue(request["failed"])
        self.assertEqual(request["attributes"]["error.type"], "VALIDATION")
        self.assertEqual(request["resource"]["service.name"], "shop")

    def test_a_trace_begins_where_none_came_in(self):
        node = self.node()
        bad = [None, "", "00", "ff" + SAMPLED["traceparent"][2:], SAMPLED["traceparent"].upper(),
               SAMPLED["traceparent"] + "-x", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01",
               "x" * 8000, f"00-{TRACE[:-1]}ü-{PARENT}-01".encode().decode("latin-1")]
        for parent in bad:
            headers = {} if parent is None else {"traceparent": parent}
            self.assertEqual(node.send("POST", "/query", json.dumps({"query": SMALL}), headers)[0], 200, parent)
        harness.wait_for("spans", lambda: sum(span["name"] == "POST /query" for span in self.collector.spans()) == len(bad), 10)
        roots = [span for span in self.collector.spans() if span["name"] == "POST /query"]
        self.assertEqual({span["parent"] for span in roots}, {""})
        self.assertEqual(len({span["trace"] for span in roots} - {TRACE}), len(bad))

    def test_two_parents_are_none(self):
        node = self.node()
        body = json.dumps({"query": SMALL})
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        connection.putrequest("POST", "/query")
        for _ in range(2):
            connection.putheader("traceparent", SAMPLED["traceparent"])
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        harness.wait_for("a span", lambda: self.collector.spans(), 10)
        self.assertFalse(self.collector.spans(TRACE))

    def test_a_trace_reaches_http_sources(self):
        node = self.node()
        node.ask(ASK, SAMPLED | {"tracestate": "vendor=a"})
        request, call = self.wait_span("POST /query"), self.wait_span("http source")
        self.assertEqual(self.web.seen[0]["traceparent"], f"00-{TRACE}-{call['span']}-01")
        self.assertEqual(self.web.seen[0]["tracestate"], "vendor=a")
        self.assertEqual((call["parent"], call["kind"]), (request["span"], 3))
        self.assertLessEqual({"eider.source": "web", "http.request.method": "GET", "http.response.status_code": 200,
                              "eider.requests": 1}.items(), call["attributes"].items())
        # From within a statement of the engine, too.
        del self.web.seen[:]
        other = {"traceparent": f"00-{TRACE[::-1]}-{PARENT}-01"}
        self.assertEqual(node.ask("{ function { web { there } } }", other)["function"]["web"]["there"], 1)
        call = self.wait_span("http source", TRACE[::-1])
        self.assertEqual(self.web.seen[0]["traceparent"], f"00-{TRACE[::-1]}-{call['span']}-01")
        # What fails there is told.
        node.answer(ASK.replace("/x", "/bad"), {"traceparent": f"00-{'1' * 32}-{PARENT}-01"})
        call = self.wait_span("http source", "1" * 32)
        self.assertEqual((call["failed"], call["attributes"]["http.response.status_code"]), (True, 500))

    def test_a_trace_that_is_not_recorded_is_handed_on(self):
        node = self.node()
        node.ask(ASK, UNSAMPLED)
        self.assertRegex(self.web.seen[0]["traceparent"], f"^00-{TRACE}-[0-9a-f]{{16}}-00$")
        node.ask(ASK, SAMPLED)
        self.wait_span("POST /query")
        self.assertEqual(sum(span["name"] == "POST /query" for span in self.collector.spans(TRACE)), 1)
        # Without a collector it goes through as it came; and without a trace there is none.
        del self.web.seen[:]
        alone = self.node("alone", OTEL_EXPORTER_OTLP_ENDPOINT=None)
        alone.ask(ASK, SAMPLED)
        alone.ask(ASK)
        self.assertEqual(self.web.seen[0]["traceparent"], SAMPLED["traceparent"])
        self.assertNotIn("traceparent", self.web.seen[1])
        self.assertEqual(alone.metrics("eider_trace_spans_total"), [])

    def test_samplers(self):
        node = self.node(OTEL_TRACES_SAMPLER="parentbased_always_off")
        node.ask(SMALL)
        node.ask(SMALL, SAMPLED)
        self.wait_span("POST /query")
        self.assertEqual({span["trace"] for span in self.collector.spans()}, {TRACE})
        half = self.node("half", OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="0.5")
        for number in range(60):
            half.ask(SMALL)
        harness.wait_for("spans", lambda: any(span["node"] == "half" for span in self.collector.spans()), 10)
        time.sleep(1.5)
        count = sum(span["node"] == "half" and span["name"] == "POST /query" for span in self.collector.spans())
        self.assertTrue(10 < count < 50, count)

    def test_log_lines_tell_the_trace(self):
        node = self.node(SLOW_QUERY="1ms", OTEL_EXPORTER_OTLP_ENDPOINT=None)
        for _ in range(20):
            node.ask(ASK, SAMPLED)
        node.ask(ASK)
        lines = [json.loads(line) for line in node.log().splitlines() if '"slow query"' in line]
        self.assertIn(TRACE, {line.get("trace_id") for line in lines})
        self.assertTrue(all(line.get("trace_id", TRACE) == TRACE for line in lines))

    # --- collectors that do not work

    def measure(self, node, count=100):
        started = time.monotonic()
        for _ in range(count):
            node.ask(SMALL)
        return time.monotonic() - started

    def test_a_dead_collector_slows_nobody_and_its_spans_are_counted(self):
        node = self.node(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
        self.assertLess(self.measure(node), 5)
        harness.wait_for("they are given up", lambda: self.counted(node, "failed") > 0, 20)
        self.assertIn("spans are not taken by the collector", node.log())
        self.assertEqual(self.counted(node, "exported"), 0)

    def test_a_collector_that_hangs_slows_nobody_not_even_the_end(self):
        self.collector.status = None
        node = self.node(OTEL_EXPORTER_OTLP_TIMEOUT="600000")
        self.assertLess(self.measure(node), 5)
        body = json.dumps({"query": SMALL})
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        deadline = time.monotonic() + 25
        while self.counted(node, "dropped") == 0:
            self.assertLess(time.monotonic(), deadline, "the queue has no end")
            for _ in range(200):
                connection.request("POST", "/query", body)
                connection.getresponse().read()
        connection.close()
        started = time.monotonic()
        self.assertEqual(node.stop(), 0)
        self.assertLess(time.monotonic() - started, 8)

    def test_a_collector_that_is_back_is_sent_to_again(self):
        self.collector.status = 503
        node = self.node()
        node.ask(SMALL, SAMPLED)
        harness.wait_for("it is asked twice", lambda: self.collector.requests >= 2, 10)
        self.collector.status = 200
        self.wait_span("POST /query")
        self.collector.status = 400
        node.ask(SMALL)
        harness.wait_for("it is given up", lambda: self.counted(node, "failed") > 0, 10)

    def test_what_is_queued_is_sent_at_the_end(self):
        node = self.node()
        node.ask(SMALL, SAMPLED)
        self.assertEqual(node.stop(), 0)
        self.assertIn("POST /query", {span["name"] for span in self.collector.spans(TRACE)})

    def test_options_that_cannot_be_kept_stop_the_start(self):
        for options, message in (
                ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "must be a URL"),
                ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:hidden@c:4318"}, "without user"),
                ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf or http/json"),
                ({"OTEL_EXPORTER_OTLP_TIMEOUT": "0"}, "milliseconds"),
                ({"OTEL_EXPORTER_OTLP_HEADERS": "hidden"}, "name=value"),
                ({"OTEL_EXPORTER_OTLP_HEADERS": "host=hidden"}, "must not give"),
                ({"OTEL_EXPORTER_OTLP_HEADERS": "a=hidden%0d%0ab: c"}, "control character"),
                ({"OTEL_TRACES_SAMPLER": "sometimes"}, "always_on"),
                ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, "from 0 to 1")):
            node = self.cluster.member("bad", **({"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url} | options))
            done = subprocess.run([harness.BINARY, "serve"], cwd=node.folder, env=node.environment, capture_output=True,
                                  text=True, timeout=30, check=False)
            self.assertNotEqual(done.returncode, 0, options)
            self.assertIn(message, done.stdout + done.stderr, options)
            self.assertNotIn("hidden", done.stdout + done.stderr, options)

    # --- OpenMetrics

    def test_metrics_come_in_the_form_that_is_asked_for(self):
        node = self.node(CACHE_L1_ENABLED="true")
        node.ask(SMALL)
        plain_type, plain = self.scrape(node, None)
        self.assertEqual(plain_type, "text/plain; version=0.0.4; charset=utf-8")
        self.assertNotIn("# EOF", plain)
        kind, text = self.scrape(node, "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1")
        self.assertEqual(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.check_open_metrics(text)
        self.assertEqual(self.scrape(node, "text/plain;q=1,application/openmetrics-text;q=0.1")[0], plain_type)
        # Both tell the same.
        names = set(re.findall(r"^(\w+)[ {]", plain, re.M))
        self.assertEqual(names - set(re.findall(r"^(\w+)[ {]", text, re.M)), set())

    def scrape(self, node, accept):
        connection = http.client.HTTPConnection("127.0.0.1", node.service_port, timeout=30)
        connection.request("GET", "/metrics", headers={} if accept is None else {"Accept": accept})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.getheader("Content-Type"), body

    def check_open_metrics(self, text):
        """The rules of OpenMetrics 1.0 that a scraper would refuse the whole page for."""
        self.assertTrue(text.endswith("\n# EOF\n"))
        types, family, seen = {}, None, set()
        for line in text.splitlines()[:-1]:
            self.assertTrue(line and line == line.strip(), line)
            if line.startswith("# TYPE "):
                _, _, family, kind = line.split(" ")
                self.assertNotIn(family, types)
                types[family] = kind
                continue
            if line.startswith("# HELP "):
                self.assertEqual(line.split(" ")[2], family)
                continue
            match = re.fullmatch(r'(\w+)(\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? (\S+)', line)
            self.assertTrue(match, line)
            endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}[types[family]]
            self.assertIn(match[1], {family + ending for ending in endings}, line)
            self.assertNotIn((match[1], match[2]), seen)
            seen.add((match[1], match[2]))
            float(match[3])
            bound = re.search(r'le="([^"]*)"', match[2] or "")
            if bound:
                self.assertTrue(bound[1] == "+Inf" or "." in bound[1] or "e" in bound[1], line)
        self.assertEqual(types["eider_http_requests"], "counter")
        self.assertEqual(types["process_cpu_seconds"], "counter")


class ClusterTracingTest(ThreeNodes):
    def setUp(self):
        self.collector = otlp_collector.Collector().__enter__()
        self.addCleanup(self.collector.__exit__)
        self.settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url, "CLUSTER_ROUTE_HEADER": "true"}
        super().setUp()

    def test_an_operation_is_one_trace_on_all_nodes(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop())
        answer = nodes[2].ask('mutation { function { core { cluster { load_source(name: "shop") { success message } } } } }',
                              ADMIN | SAMPLED)
        self.assertTrue(answer["function"]["core"]["cluster"]["load_source"]["success"], answer)

        def find(name, node, operation=None):
            return harness.wait_for(f"span {name} of {node.name}", lambda: next(
                (span for span in self.collector.spans(TRACE) if (span["name"], span["node"]) == (name, node.name)
                 and operation in (None, span["attributes"].get("eider.operation"))), None), 10)
        request = find("POST /query", nodes[2])
        forward = find("node call", nodes[2])
        self.assertEqual((forward["parent"], forward["kind"]), (request["span"], 3))
        self.assertLessEqual({"eider.operation": "load_source", "eider.target": nodes[0].name}.items(),
                             forward["attributes"].items())
        led = find("POST /ipc", nodes[0])
        self.assertEqual(led["parent"], forward["span"])
        asked = find("node call", nodes[0], "handle_source_load")
        self.assertEqual(asked["parent"], led["span"])
        done = [find("POST /ipc", node) for node in nodes[1:]]
        calls = {span["span"] for span in self.collector.spans(TRACE) if span["name"] == "node call"}
        self.assertTrue({span["parent"] for span in done} <= calls)

    def test_a_request_that_is_sent_on_is_one_trace(self):
        nodes = [self.cluster.start("a", "management"), self.cluster.start("b")]
        harness.wait_for("they know each other", lambda: len(self.rows(nodes[0])) == 2, 10)
        nodes[0].ask("{ core { roles { name } } }", ADMIN | SAMPLED | {"X-Eider-Target-Node": "b", "X-Request-Id": "mine"})

        def find(name, node):
            return harness.wait_for(f"span {name} of {node}", lambda: next(
                (span for span in self.collector.spans(TRACE) if (span["name"], span["node"]) == (name, node)), None), 10)
        request, call, done = find("POST /query", "a"), find("node call", "a"), find("POST /ipc/query", "b")
        self.assertEqual((request["parent"], call["parent"], done["parent"]), (PARENT, request["span"], call["span"]))
        self.assertEqual({span["attributes"]["eider.request_id"] for span in (request, done)}, {"mine"})
        self.assertEqual(find("execute", "b")["parent"], done["span"])


if __name__ == "__main__":
    unittest.main()
