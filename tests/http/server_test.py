"""The HTTP front end over raw sockets: what is answered, how, and that bad input harms nobody else."""

import gzip
import json
import socket
import subprocess
import threading
import time
import unittest

from toy import BINARY, Toy, post, read_answer

TYPENAME = {"data": {"__typename": "Query"}}


class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.toy = Toy("--max-body-size", "1MB", "--write-timeout", "1s", "--max-concurrent-requests", "4",
                      "--interactive-slots", "1")

    @classmethod
    def tearDownClass(cls):
        code, output = cls.toy.stop()
        assert code == 0, f"exit code {code}\n{output}"

    def assert_alive(self):
        self.assertEqual(self.toy.query("{__typename}").json(), TYPENAME)

    # --- /query ---

    def test_post_and_get(self):
        answer = self.toy.query("{__typename}")
        self.assertEqual((answer.status, answer.json()), (200, TYPENAME))
        self.assertEqual(answer.headers["content-type"], "application/json; charset=utf-8")
        answer = self.toy.ask(b"GET /query?query={__typename} HTTP/1.1\r\n\r\n")
        self.assertEqual((answer.status, answer.json()), (200, TYPENAME))

    def test_content_type_is_not_checked(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "nonsense"):
            self.assertEqual(self.toy.query("{__typename}", Content_Type=kind).status, 200)

    def test_refusals(self):
        for request, message in [
            (b"PUT /query HTTP/1.1\r\n\r\n", "unsupported method: PUT"),
            (b"DELETE /query HTTP/1.1\r\n\r\n", "unsupported method: DELETE"),
            (post(b"{}"), '"query" is missing'),
            (post(b'{"query":1}'), '"query" must be a string'),
            (b"GET /query HTTP/1.1\r\n\r\n", '"query" is missing'),
            (b"GET /query?query={a}&variables=[] HTTP/1.1\r\n\r\n", '"variables" must be a JSON object'),
        ]:
            answer = self.toy.ask(request)
            self.assertEqual((answer.status, answer.json()), (400, {"errors": [{"message": message}]}))
            self.assertEqual(answer.headers["x-eider-error-code"], "BAD_INPUT")
        answer = self.toy.ask(post(b"{nonsense"))
        self.assertEqual(answer.status, 400)
        self.assertIn("not valid JSON", answer.json()["errors"][0]["message"])

    def test_status_follows_the_media_type(self):
        accept = "application/graphql-response+json"
        for text in ("broken", "{unknownField}"):
            self.assertEqual(self.toy.query(text).status, 200)
            answer = self.toy.query(text, Accept=accept)
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.headers["content-type"], accept + "; charset=utf-8")
        answer = self.toy.query("{__typename}", Accept=accept)
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, accept + "; charset=utf-8"))

    def test_mutation_over_get(self):
        answer = self.toy.ask(b"GET /query?query=mutation{a} HTTP/1.1\r\n\r\n")
        self.assertEqual(answer.status, 405)

    def test_failure_inside_is_not_shown(self):
        answer = self.toy.query("{fail}")
        self.assertEqual(answer.status, 500)
        self.assertNotIn(b"secret", answer.body)
        self.assertEqual(answer.json()["errors"][0]["extensions"]["code"], "INTERNAL")

    def test_other_ways_through_the_service(self):
        for text in ("{coalesce}", "{slowPlan}", "{ready}", "{scan}"):
            self.assertEqual(self.toy.query(text).json(), TYPENAME)

    def test_request_id(self):
        self.assertEqual(self.toy.query("{a}", X_Request_Id="abc-1").headers["x-eider-request-id"], "abc-1")
        made = self.toy.query("{a}", X_Request_Id="no good").headers["x-eider-request-id"]
        self.assertRegex(made, r"^[0-9a-f]{8}-[0-9a-f]+$")

    def test_timeout_header(self):
        started = time.monotonic()
        answer = self.toy.query("{stall}", X_Eider_Timeout="300ms")
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json()["errors"], [{"message": "query timeout", "extensions": {"code": "TIMEOUT"}}])
        self.assertEqual(self.toy.query("{a}", X_Eider_Timeout="soon").status, 400)

    def test_head_and_options(self):
        with self.toy.connect() as client:
            client.sendall(b"HEAD /query?query={rows:5000} HTTP/1.1\r\n\r\nGET /health HTTP/1.1\r\nConnection: close\r\n\r\n")
            stream = client.makefile("rb")
            self.assertEqual(read_answer(stream, head_only=True).status, 200)
            rest = stream.read()
            self.assertTrue(rest == b"" or rest.startswith(b"HTTP/1.1 200"), rest[:100])
        answer = self.toy.ask(b"OPTIONS /query HTTP/1.1\r\n\r\n")
        self.assertEqual((answer.status, answer.headers["allow"]), (204, "GET, HEAD, POST, OPTIONS"))

    # --- bodies ---

    def test_small_body_comes_with_its_length_in_one_write(self):
        answer = self.toy.query("{rows:500}")
        self.assertEqual(len(answer.json()["data"]["rows"]), 500)
        self.assertEqual(int(answer.headers["content-length"]), len(answer.body))

    def test_large_body_is_chunked_and_early(self):
        with self.toy.connect() as client:
            started = time.monotonic()
            client.sendall(post(b'{"query":"{rows:300000}"}'))
            first = client.recv(1)
            self.assertLess(time.monotonic() - started, 0.5)
            stream = client.makefile("rb")
            self.assertEqual(first, b"H")
            headers = b"".join(iter(stream.readline, b"\r\n")).decode().lower()
            self.assertIn("transfer-encoding: chunked", headers)
            size = 0
            while (chunk := int(stream.readline(), 16)) > 0:
                size += len(stream.read(chunk))
                stream.readline()
            self.assertGreater(size, 30_000_000)

    def test_compression(self):
        for size in (100, 20_000):
            text = "{rows:%d}" % size
            plain = self.toy.query(text)
            self.assertNotIn("content-encoding", plain.headers)
            answer = self.toy.query(text, Accept_Encoding="gzip")
            self.assertEqual(answer.headers["content-encoding"], "gzip")
            self.assertEqual(gzip.decompress(answer.body), plain.body)
            self.assertEqual(self.toy.query(text, Accept_Encoding="gzip, br").headers["content-encoding"], "br")
            self.assertEqual(self.toy.query(text, Accept_Encoding="br;q=0.1, gzip").headers["content-encoding"], "gzip")
        self.assertNotIn("content-encoding", self.toy.query("{a}", Accept_Encoding="br").headers)

    def test_incomplete_body_breaks_the_connection(self):
        answer = self.toy.query("{failLate}")
        self.assertEqual(answer.status, 200)
        self.assertFalse(answer.complete)

    def test_http10(self):
        with self.toy.connect() as client:
            client.sendall(b"GET /query?query={rows:5000} HTTP/1.0\r\n\r\n")
            head, body = client.makefile("rb").read().split(b"\r\n\r\n", 1)
            self.assertNotIn(b"chunked", head)
            self.assertEqual(len(json.loads(body)["data"]["rows"]), 5000)

    def test_slow_reader_is_cut_off_and_memory_stays_bounded(self):
        clients = []
        before = self.toy.resident_bytes()
        for _ in range(3):
            client = self.toy.connect()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(post(b'{"query":"{rows:10000000}"}'))
            clients.append(client)
        self.toy.wait_for_metric("eider_queries_running", 3)
        self.assertLess(self.toy.resident_bytes() - before, 64 << 20)
        self.toy.wait_for_metric("eider_queries_running", 0)
        for client in clients:
            client.close()
        self.assert_alive()

    # --- connections ---

    def test_pipelined_requests_are_answered_in_order(self):
        requests = b"".join(post(json.dumps({"query": text}).encode(), X_Request_Id=f"p{i}")
                            for i, text in enumerate(["{rows:2000}", "{coalesce}", "{slowPlan}", "{ready}"] * 5))
        with self.toy.connect() as client:
            client.sendall(requests)
            stream = client.makefile("rb")
            for i in range(20):
                answer = read_answer(stream)
                self.assertEqual((answer.status, answer.headers["x-eider-request-id"]), (200, f"p{i}"))

    def test_request_byte_by_byte(self):
        with self.toy.connect() as client:
            for byte in post(b'{"query":"{__typename}"}'):
                client.sendall(bytes([byte]))
            self.assertEqual(read_answer(client).json(), TYPENAME)

    def test_expect_continue(self):
        body = b'{"query":"{__typename}"}'
        with self.toy.connect() as client:
            stream = client.makefile("rb")
            client.sendall(post(body, Expect="100-continue")[:-len(body)])
            self.assertEqual(read_answer(stream).status, 100)
            client.sendall(body)
            self.assertEqual(read_answer(stream).json(), TYPENAME)

    def test_client_gone_stops_the_query(self):
        client = self.toy.connect()
        client.sendall(post(b'{"query":"{stall}"}'))
        self.toy.wait_for_metric("eider_queries_running", 1)
        started = time.monotonic()
        client.close()
        self.toy.wait_for_metric("eider_queries_running", 0)
        self.assertLess(time.monotonic() - started, 1)

    def test_client_gone_in_the_middle_of_a_body(self):
        for _ in range(5):
            with self.toy.connect() as client:
                client.sendall(post(b'{"query":"{rows:10000000}"}'))
                client.recv(1000)
        self.toy.wait_for_metric("eider_queries_running", 0)
        self.assert_alive()

    def test_slow_request_is_cut_off(self):
        with self.toy.connect() as head, self.toy.connect() as body:
            head.sendall(b"GET /que")
            body.sendall(post(b"x" * 100)[:-50])
            self.assertEqual(head.recv(1000), b"")
            self.assertEqual(body.recv(1000), b"")

    # --- bad input ---

    def test_large_bodies_are_refused_unread(self):
        before = self.toy.resident_bytes()
        with self.toy.connect() as client:
            client.sendall(b"POST /query HTTP/1.1\r\nContent-Length: 104857600\r\n\r\n")
            answer = read_answer(client)
            self.assertEqual((answer.status, answer.headers["connection"]), (413, "close"))
        with self.toy.connect() as client:
            # The whole of it, as a client does that does not look for an answer before it has sent everything.
            client.sendall(b"POST /query HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
            try:
                for _ in range(100):
                    client.sendall(chunk)
            except ConnectionError:
                pass
        self.assertLess(self.toy.resident_bytes() - before, 16 << 20)
        self.assert_alive()

    def test_header_bombs(self):
        many = b"".join(b"H%d: v\r\n" % i for i in range(100_000))
        for request in (b"GET /" + b"x" * 200_000, b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000,
                        b"GET / HTTP/1.1\r\n" + many):
            with self.toy.connect() as client:
                try:
                    client.sendall(request)
                except ConnectionError:
                    continue
                self.assertEqual(read_answer(client).status, 431)
        self.assert_alive()

    def test_nonsense(self):
        for request in (b"\0\1\2\3\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                        b"GET\r\n\r\n", b"GET /a b HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            with self.toy.connect() as client:
                client.sendall(request)
                self.assertIn(read_answer(client).status, (400, 505))
        for body in (b'{"query":"\xff\xfe"}', b'{"query":"{a}","variables":{"v":' + b"[" * 500_000, b"\0" * 1000,
                     b'{"query":"\\ud800"}'):
            self.assertEqual(self.toy.ask(post(body)).status, 400)
        self.assert_alive()

    def test_long_bodies(self):
        padding = "x" * 200_000
        body = json.dumps({"query": "query Q($name: String!) {a}", "variables": {"name": "n", "long": padding}})
        self.assertEqual(self.toy.ask(post(body.encode())).status, 200)
        answer = self.toy.ask(post(b"[" + b" " * 200_000 + b"]"))
        self.assertEqual((answer.status, list(answer.json()["errors"][0])), (400, ["message"]))

    def test_foreign_pages_are_refused(self):
        answer = self.toy.query("{__typename}", Origin="https://evil.example")
        self.assertEqual((answer.status, answer.headers["x-eider-error-code"]), (403, "FORBIDDEN"))
        answer = self.toy.ask(b"GET /query?query={a} HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        self.assertEqual(answer.status, 403)

    # --- admission ---

    def test_lookups_do_not_wait_behind_scans(self):
        scans = []
        for _ in range(6):
            client = self.toy.connect()
            client.sendall(post(b'{"query":"{scan stall}"}'))
            scans.append(client)
        self.toy.wait_for_metric("eider_queries_queued", 3)
        started = time.monotonic()
        self.assertEqual(self.toy.query("{__typename}").json(), TYPENAME)
        self.assertLess(time.monotonic() - started, 1)
        for client in scans:
            client.close()
        self.toy.wait_for_metric("eider_queries_running", 0)

    # --- other paths ---

    def test_paths(self):
        for path, status, body in [("/health", 200, b"OK"), ("/health/live", 200, b"OK"), ("/health/ready", 200, b"up"),
                                   ("/ready", 200, b"up")]:
            answer = self.toy.ask(f"GET {path} HTTP/1.1\r\n\r\n".encode())
            self.assertEqual((answer.status, answer.body), (status, body))
        ready = self.toy.ask(b"GET /health/ready HTTP/1.1\r\n\r\n", service=True)
        self.assertEqual(ready.json(), {"ready": True, "status": "up", "reasons": []})
        self.assertEqual(self.toy.ask(b"GET / HTTP/1.1\r\n\r\n").headers["location"], "/admin")
        for path in ("/nothing", "/admin/nothing", "/query/", "/admin/../../etc/passwd"):
            answer = self.toy.ask(f"GET {path} HTTP/1.1\r\n\r\n".encode())
            self.assertEqual((answer.status, answer.headers["x-eider-error-code"]), (404, "NOT_FOUND"))
        self.assertEqual(self.toy.ask(b"POST /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n").status, 405)
        self.assertEqual(self.toy.ask(post(b'{"query":"{a}"}'), service=True).status, 404)

    def test_explorer(self):
        for encoding in ("identity", "gzip", "br"):
            request = f"GET /admin HTTP/1.1\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()
            answer = self.toy.ask(request)
            body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
            self.assertIn(b"<title>Eider</title>", body)
            self.assertIn("default-src 'none'", answer.headers["content-security-policy"])
        self.assertEqual(self.toy.ask(b"GET /admin/node.json HTTP/1.1\r\n\r\n").json()["name"], "toy")

    def test_metrics(self):
        self.toy.query("{rows:10}")
        text = self.toy.ask(b"GET /metrics HTTP/1.1\r\n\r\n").body.decode()
        for name in ("eider_build_info", "eider_up_seconds", "eider_http_requests_total{", "eider_query_seconds_count",
                     'eider_query_phase_seconds_count{phase="queue"}', "eider_queries_running", "eider_queries_queued",
                     "eider_result_rows_total", "eider_result_bytes_total", "eider_http_connections",
                     "process_resident_memory_bytes"):
            self.assertIn(name, text)


class AdmissionTest(unittest.TestCase):
    def test_surplus_is_refused_at_once(self):
        with Toy("--max-concurrent-requests", "2", "--interactive-slots", "1", "--max-queued-requests", "3") as toy:
            clients = []
            for _ in range(5):
                client = toy.connect()
                client.sendall(post(b'{"query":"{stall}"}'))
                clients.append(client)
            toy.wait_for_metric("eider_queries_queued", 3)
            started = time.monotonic()
            answer = toy.query("{__typename}")
            self.assertLess(time.monotonic() - started, 0.5)
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "1"))
            self.assertEqual(answer.json()["errors"][0]["extensions"]["code"], "OVERLOADED")
            self.assertEqual(toy.ask(b"GET /health HTTP/1.1\r\n\r\n").status, 200)
            for client in clients:
                client.close()
            toy.wait_for_metric("eider_queries_running", 0)

    def test_queue_timeout(self):
        with Toy("--max-concurrent-requests", "2", "--interactive-slots", "1", "--queue-timeout", "200ms") as toy:
            with toy.connect() as one, toy.connect() as two:
                one.sendall(post(b'{"query":"{stall}"}'))
                two.sendall(post(b'{"query":"{stall}"}'))
                toy.wait_for_metric("eider_queries_running", 2)
                self.assertEqual(toy.query("{__typename}").status, 503)

    def test_connections_beyond_the_limit_are_closed(self):
        with Toy("--max-connections", "3") as toy:
            clients = [toy.connect() for _ in range(2)]
            toy.wait_for_metric("eider_http_connections", 3)
            clients.append(toy.connect())
            time.sleep(0.2)
            with toy.connect() as surplus:
                self.assertEqual(surplus.recv(1), b"")
            for client in clients:
                client.close()


class StopTest(unittest.TestCase):
    def test_drain(self):
        with Toy("--drain-timeout", "10s", delay="1s") as toy:
            running = toy.connect()
            running.sendall(post(b'{"query":"{stall}"}', X_Eider_Timeout="2500ms"))
            kept = toy.connect()
            kept.sendall(post(b'{"query":"{__typename}"}'))
            read_answer(kept)
            toy.wait_for_metric("eider_queries_running", 1)
            stopping = threading.Thread(target=lambda: setattr(self, "result", toy.stop()))
            stopping.start()
            while toy.ask(b"GET /health/ready HTTP/1.1\r\n\r\n").body != b"draining":
                time.sleep(0.01)
            self.assertEqual(toy.query("{__typename}").status, 200)
            time.sleep(1.2)
            answer = toy.query("{__typename}")
            self.assertEqual((answer.status, answer.headers["connection"]), (503, "close"))
            self.assertEqual(answer.json()["errors"][0]["extensions"]["code"], "DRAINING")
            self.assertEqual(kept.recv(1), b"")
            self.assertEqual(read_answer(running).json()["errors"][0]["message"], "query timeout")
            stopping.join()
            self.assertEqual(self.result[0], 0)

    def test_drain_timeout_cancels(self):
        with Toy("--drain-timeout", "200ms") as toy:
            running = toy.connect()
            running.sendall(post(b'{"query":"{stall}"}'))
            toy.wait_for_metric("eider_queries_running", 1)
            started = time.monotonic()
            code, output = toy.stop()
            self.assertLess(time.monotonic() - started, 3)
            self.assertEqual(code, 0)
            self.assertIn("cancelling queries", output)

    def test_second_signal_exits_at_once(self):
        with Toy(delay="60s") as toy:
            toy.process.terminate()
            while toy.ask(b"GET /health/ready HTTP/1.1\r\n\r\n").body != b"draining":
                time.sleep(0.01)
            toy.process.terminate()
            self.assertNotEqual(toy.process.wait(5), 0)


class StartTest(unittest.TestCase):
    def refusal(self, *flags):
        result = subprocess.run([str(BINARY), *flags], capture_output=True, text=True, timeout=20, cwd="/")
        self.assertNotEqual(result.returncode, 0)
        return result.stderr

    def test_names_an_address_in_use(self):
        with Toy() as toy:
            self.assertIn("cannot listen on 127.0.0.1", self.refusal("--bind", f"127.0.0.1:{toy.port}"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
