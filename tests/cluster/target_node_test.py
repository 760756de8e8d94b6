"""X-Eider-Target-Node: a request is answered by the node that it names, wherever it comes in."""

import gzip
import hashlib
import http.client
import http.server
import json
import pathlib
import threading
import time
import unittest

import harness
import signing
from members_test import ADMIN, ThreeNodes

SDL = """
type me @view(name: "me", sql: "SELECT '%s' AS name") {{ name: String }}
type big @view(name: "big", sql: "SELECT range AS id, md5(range::VARCHAR) AS word FROM range(400000)") {{ id: Int word: String }}
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7") {{ n: BigInt }}
""".replace("{{", "{").replace("}}", "}")
ME = "{ own { me { name } } }"
BIG = "{ own { big(limit: 400000) { id word } } }"
ENDLESS = "{ own { endless { n } } }"
WHO = "{ function { core { auth { me { role user_id user_name auth_type } } } } }"


def to(name, **headers):
    return ADMIN | {"X-Eider-Target-Node": name} | headers


class TargetNodeTest(ThreeNodes):
    settings = {"CLUSTER_ROUTE_HEADER": "true", "QUERY_TIMEOUT": "60s"}

    def member(self, name, role="worker", **environment):
        node = self.cluster.member(name, role, **environment)
        return node.configure({"sources": [
            {"name": "own", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
             "catalogs": [{"name": "own", "type": "text", "path": SDL % name}]}]})

    def pair(self, **environment):
        """Where requests come in, and the node that they are for."""
        nodes = [self.member("entry", "management", **environment).start(), self.member("target").start()]
        harness.wait_for("they know each other", lambda: len(self.rows(nodes[0])) == 2, 10)
        return nodes

    def post(self, node, query, headers, path="/query", read=True, timeout=30):
        """Status, headers in small letters and body; without `read` the connection and its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=timeout)
        body = query if isinstance(query, str) and query.startswith('{"') else json.dumps({"query": query})
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        if not read:
            return connection, response
        try:
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def code(self, answer):
        status, headers, body = answer
        return status, headers.get("x-eider-error-code"), json.loads(body)["errors"][0]["message"]

    # --- answers

    def test_the_named_node_answers_as_if_it_had_been_asked(self):
        entry, target = self.pair()
        self.assertEqual(entry.ask(ME, ADMIN)["own"]["me"], [{"name": "entry"}])
        self.assertEqual(entry.ask(ME, to("target"))["own"]["me"], [{"name": "target"}])
        self.assertEqual(target.ask(ME, to("entry"))["own"]["me"], [{"name": "entry"}])
        self.assertEqual(entry.ask(ME, to("entry"))["own"]["me"], [{"name": "entry"}])
        graphql = {"Accept": "application/graphql-response+json", "X-Eider-Errors": "full", "X-Request-Id": "mine"}
        for query, more in ((WHO, {}), ("{ nothing }", {}), ("{ nothing }", graphql), ("", graphql), (ME, graphql),
                            ("mutation { nothing }", graphql), (ME, {"X-Eider-Timeout": "soon"}),
                            ('{"query": 1}', graphql), ('{"no json', graphql)):
            here = self.post(target, query, ADMIN | more)
            there = self.post(entry, query, to("target") | more)
            for name in ("date", "x-eider-request-id", "x-eider-schema-version"):
                if name != "x-eider-request-id" or more is graphql:
                    self.assertEqual(name in here[1], name in there[1])
                here[1].pop(name, None), there[1].pop(name, None)
            self.assertEqual(there, here, query)
        self.assertEqual(json.loads(self.post(entry, ME, to("target", Accept="application/json"), "/ipc")[2]),
                         {"data": {"own": {"me": [{"name": "target"}]}}})
        program = json.dumps({"query": {"query": ME}, "jq": ".data.own.me[0].name"})
        here, there = (self.post(node, program, headers, "/jq-query") for node, headers in
                       ((target, ADMIN), (entry, to("target"))))
        self.assertEqual((there[0], there[2]), (here[0], here[2]))
        self.assertIn(b"target", there[2])

    def test_rights_and_changes_are_the_clients(self):
        entry, target = self.pair(SECRET_KEY="a key of an administrator")
        self.assertEqual(self.post(entry, ME, {"X-Eider-Target-Node": "target"})[0], 401)
        me = entry.ask(WHO, {"x-hugr-secret-key": "a key of an administrator", "X-Eider-Target-Node": "target",
                             "x-hugr-user-id": "7", "x-hugr-user-name": "Jo"})
        self.assertEqual(me["function"]["core"]["auth"]["me"]["role"], "admin")
        made = entry.ask('mutation { core { insert_roles(data: {name: "narrow", description: "d"}) { name } } }', to("target"))
        self.assertEqual(made["core"]["insert_roles"]["name"], "narrow")
        harness.wait_for("it is there", lambda: any(
            row["name"] == "narrow" for row in entry.ask("{ core { roles { name } } }", ADMIN)["core"]["roles"]), 10)

    def test_the_audit_log_of_the_named_node_tells_the_client(self):
        entry, target = self.pair(TRUSTED_PROXIES="127.0.0.1/32")
        entry.ask('mutation { core { insert_roles(data: {name: "r", description: "d"}) { name } } }',
                  to("target", **{"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "the-change"}))

        def recorded():
            return [line for line in target.log().splitlines() if "the-change" in line and '"action"' in line]
        harness.wait_for("it is recorded", recorded, 10)
        self.assertEqual(json.loads(recorded()[0])["client_ip"], "203.0.113.7")

    def test_the_named_node_waits_for_the_schema_that_the_client_has_seen(self):
        self.cluster.settings |= {"CLUSTER_APPLY_TIMEOUT": "1s", "CLUSTER_GHOST_TTL": "60s"}
        entry = self.member("entry", "management").start()
        core = self.cluster.core
        gate = self.cluster.gate(core.port)
        target = self.member("target", CORE_DB_PATH=core.dsn().replace(str(core.port), str(gate.port))).start()
        harness.wait_for("somebody leads", lambda: self.leader(entry) == "entry", 15)
        harness.wait_for("they know each other", lambda: len(self.rows(entry)) == 2, 10)
        self.insert(entry, self.shop(3))
        seen = self.post(entry, ME, ADMIN)[1]["x-eider-schema-version"]
        # The named node hears of nothing for a while.
        gate.stall()
        self.operate(entry, 'load_source(name: "shop")')
        version = self.post(entry, ME, ADMIN)[1]["x-eider-schema-version"]
        self.assertGreater(int(version), int(seen))
        count = "{ shop { t_aggregation { _rows_count } } }"
        asked = to("target", **{"X-Eider-Min-Schema-Version": version, "X-Eider-Errors": "full"})
        for path, body in (("/query", count), ("/jq-query", json.dumps({"query": {"query": count}, "jq": ".data"}))):
            begun = time.monotonic()
            status, headers, answer = self.post(entry, body, asked, path)
            self.assertEqual((status, headers["x-eider-error-code"], headers["retry-after"]), (503, "SCHEMA_NOT_READY", "1"), answer)
            self.assertGreater(time.monotonic() - begun, 4)
        threading.Timer(1, gate.open).start()
        self.assertEqual(json.loads(self.post(entry, count, asked)[2])["data"]["shop"]["t_aggregation"], {"_rows_count": 3})

    def test_a_long_answer_comes_as_it_is_made(self):
        entry, target = self.pair()
        whole = self.post(target, BIG, ADMIN)[2]
        self.assertGreater(len(whole), 15_000_000)
        status, headers, body = self.post(entry, BIG, to("target"))
        self.assertEqual((status, headers["transfer-encoding"]), (200, "chunked"))
        self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(whole).digest())
        self.assertNotIn("trailer", headers)
        packed = self.post(entry, BIG, to("target", **{"Accept-Encoding": "gzip"}))
        self.assertEqual(packed[1]["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed[2]), whole)
        # A client that does not read makes the other node wait.
        before = sum(value for _, value in entry.metrics("process_resident_memory_bytes"))
        connection, response = self.post(entry, BIG, to("target"), read=False)
        response.read(1000)
        time.sleep(1)
        self.assertEqual(target.metrics("eider_queries_running")[0][1], 1)
        self.assertLess(entry.metrics("process_resident_memory_bytes")[0][1] - before, 12_000_000)
        connection.close()
        harness.wait_for("it ends", lambda: target.metrics("eider_queries_running")[0][1] == 0, 10)

    def test_who_goes_away_ends_the_query(self):
        entry, target = self.pair()
        connection = http.client.HTTPConnection("127.0.0.1", entry.port, timeout=30)
        connection.request("POST", "/query", json.dumps({"query": ENDLESS}), to("target", **{"X-Request-Id": "long-one"}))
        harness.wait_for("it runs", lambda: target.metrics("eider_queries_running")[0][1] == 1, 10)
        self.assertIn("long-one", target.send("GET", "/api/queries", headers=ADMIN)[1])
        connection.close()
        harness.wait_for("it ends", lambda: target.metrics("eider_queries_running")[0][1] == 0, 5)

    def test_the_time_limit_goes_along(self):
        entry, target = self.pair()
        limited = {"X-Eider-Timeout": "500ms", "X-Eider-Errors": "full"}
        here = self.post(target, ENDLESS, ADMIN | limited | {"X-Request-Id": "x"})
        started = time.monotonic()
        there = self.post(entry, ENDLESS, to("target", **limited, **{"X-Request-Id": "x"}))
        self.assertLess(time.monotonic() - started, 3)
        self.assertEqual((there[0], there[2]), (here[0], here[2]))
        target.pause()
        tasks = pathlib.Path(f"/proc/{target.process.pid}/task")
        harness.wait_for("every thread stands", lambda: all(
            (task / "stat").read_text().rpartition(") ")[2].startswith("T") for task in tasks.iterdir()), 5)
        started = time.monotonic()
        there = self.post(entry, ME, to("target", **limited))
        self.assertLess(time.monotonic() - started, 4)
        target.resume()
        self.assertIn("timeout", str(there))

    # --- refusals

    def test_a_node_that_sends_nothing_on(self):
        entry, _ = self.pair(CLUSTER_ROUTE_HEADER="false")
        status, code, message = self.code(self.post(entry, ME, to("target")))
        self.assertEqual((status, code), (421, "BAD_INPUT"))
        self.assertIn("CLUSTER_ROUTE_HEADER", message)
        self.assertEqual(self.code(self.post(entry, ME, to("nobody")))[0], 404)
        self.assertEqual(entry.ask(ME, to("entry"))["own"]["me"], [{"name": "entry"}])

    def test_nodes_that_are_none_or_dead(self):
        entry, target = self.pair()
        for name in ("nobody", "no name", "x" * 64, "../target", "target,entry", ""):
            self.assertEqual(self.code(self.post(entry, ME, to(name)))[:2], (404, "NOT_FOUND"), name)
        twice = http.client.HTTPConnection("127.0.0.1", entry.port, timeout=30)
        twice.putrequest("POST", "/query")
        for name, value in [*ADMIN.items(), ("X-Eider-Target-Node", "target"), ("X-Eider-Target-Node", "target"),
                            ("Content-Length", "2")]:
            twice.putheader(name, value)
        twice.endheaders(b"{}")
        self.assertEqual(twice.getresponse().status, 400)
        twice.close()
        self.assertEqual(entry.send("GET", "/query?query=" + "%7B__typename%7D", headers=to("target"))[0], 400)
        target.kill()
        status, code, message = self.code(self.post(entry, ME, to("target")))
        self.assertEqual((status, code), (503, "SOURCE_UNAVAILABLE"), message)
        harness.wait_for("it is forgotten", lambda: self.code(self.post(entry, ME, to("target")))[0] == 404, 30)

    def test_alone_it_knows_no_other(self):
        alone = harness.Cluster(self.cluster.folder / "alone", CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(lambda: alone.__exit__(None))
        node = alone.start("alone")
        query = json.dumps({"query": "{ __typename }"})
        self.assertEqual(node.send("POST", "/query", query, {"X-Eider-Target-Node": "alone"})[0], 200)
        self.assertEqual(node.send("POST", "/query", query, {"X-Eider-Target-Node": "other"})[0], 404)

    def test_only_nodes_send_requests_on(self):
        _, target = self.pair()
        for path in ("/ipc/query", "/ipc/jq-query"):
            self.assertEqual(self.code(self.post(target, ME, ADMIN, path))[0], 403, path)
        body = json.dumps({"query": ME})
        signed = signing.headers_of(harness.SECRET, "entry", "target", body, path="/ipc/query")
        status, headers, answer = signing.send(target.port, signed | {"X-Eider-Target-Node": "entry"}, body, "/ipc/query")
        self.assertEqual((status, json.loads(answer)["data"]["own"]["me"]), (200, [{"name": "target"}]))
        self.assertTrue(signing.is_signed(harness.SECRET, signed["X-Eider-Nonce"], 200, answer, headers["x-eider-signature"]))
        self.assertEqual(signing.send(target.port, signed, body, "/ipc/query")[0], 401)
        signed = signing.headers_of(harness.SECRET, "entry", "target", body, path="/ipc/query")
        self.assertEqual(signing.send(target.port, signed, body.replace("name", "name "), "/ipc/query")[0], 401)

    def test_a_name_that_leads_back_is_no_loop(self):
        entry, _ = self.pair()
        self.cluster.core.sql("INSERT INTO eider.cluster_nodes (name, url, role, incarnation, status, last_heartbeat) VALUES "
                              f"('ghost', '{entry.url}', 'worker', 'ghost', 'up', now() + interval '1 minute')")
        status, _, _ = self.code(self.post(entry, ME, to("ghost")))
        self.assertEqual(status, 503)

    # --- somebody else at the node's address

    def test_an_impostor_is_found_out(self):
        entry, target = self.pair()
        answers = {}

        class Impostor(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                answers["headers"] = str(self.headers)
                self.send_response(200)
                lie = b'{"data":{"lie":"' + b"x" * 300_000 + b'"}}'
                kind = answers["kind"]
                if kind == "head":
                    self.send_header("X-Eider-Signature", "v1=" + "0" * 64)
                if kind in ("trailer", "cut"):
                    self.send_header("Trailer", "X-Eider-Signature")
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(lie), lie))
                    if kind == "trailer":
                        self.wfile.write(b"0\r\nX-Eider-Signature: v1=" + b"0" * 64 + b"\r\n\r\n")
                    self.close_connection = True
                    return
                self.send_header("Content-Length", str(len(lie)))
                self.end_headers()
                self.wfile.write(lie)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Impostor)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.cluster.core.sql("INSERT INTO eider.cluster_nodes (name, url, role, incarnation, status, last_heartbeat) VALUES "
                              f"('ghost', 'http://127.0.0.1:{server.server_address[1]}', 'worker', 'g', 'up', now() + interval '1 minute')")
        for kind in ("plain", "head"):
            answers["kind"] = kind
            status, _, message = self.code(self.post(entry, ME, to("ghost")))
            self.assertEqual(status, 502, kind)
            self.assertNotIn("lie", message)
        for kind in ("trailer", "cut"):
            answers["kind"] = kind
            with self.assertRaises((http.client.HTTPException, ConnectionError), msg=kind):
                self.post(entry, ME, to("ghost"))
        self.assertNotIn(harness.SECRET, answers["headers"])

    def test_an_answer_that_breaks_off_is_no_whole_one(self):
        entry, target = self.pair()
        self.cluster.expect("")
        connection, response = self.post(entry, BIG, to("target"), read=False)
        response.read(100_000)
        target.kill()
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            response.read()
        connection.close()


if __name__ == "__main__":
    unittest.main()
