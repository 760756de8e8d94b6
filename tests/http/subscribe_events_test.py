"""Event streams of /subscribe and /query, against the real binary."""

import http.client
import json
import socket
import time
import unittest
import urllib.parse

from subscribe_client import BROKEN, ENDLESS, SECONDS, SMALL, SMALL_RESULT, SMALL_ROW, Events, SubscribeTest, repeated

SCALARS = "{ s { scalars { i b f t s k d tm ts dt iv j li g ir br tr v h } } }"


def target(query, path="/subscribe", **parameters):
    return path + "?" + urllib.parse.urlencode({"query": query} | parameters)


class EventsTest(SubscribeTest):
    def raw(self, request):
        client = self.stack.enter_context(socket.create_connection(("127.0.0.1", self.node.port), SECONDS))
        client.sendall(request)
        return client

    def test_post_and_get(self):
        twice = repeated(SMALL, 'interval: "100ms", count: 2')
        for options in ({"query": twice}, {"method": "GET", "target": target(twice)}, {"query": twice, "target": "/query"},
                        {"method": "GET", "target": target(twice, "/query")}):
            with self.subTest(options), Events(self.node, **options) as events:
                self.assertEqual((events.status, events.response.getheader("Content-Type")), (200, "text/event-stream; charset=utf-8"))
                self.assertIn("no-", events.response.getheader("Cache-Control"))
                self.assertEqual(events.rest(), [SMALL_ROW] * 2)
        document = "query a { s { small { id } } } subscription b($n: Int!) { query(count: $n) { s { small { id } } } }"
        with Events(self.node, document, operationName="b", variables={"n": 1}) as events:
            self.assertEqual(events.rest(), [SMALL_ROW])
        with Events(self.node, method="GET", target=target(document, operationName="b", variables='{"n": 1}')) as events:
            self.assertEqual(events.rest(), [SMALL_ROW])
        with Events(self.node, document, operationName="a") as events:
            self.assertEqual(events.rest(), [SMALL_RESULT])

    def test_rows_are_those_of_the_socket(self):
        client = self.client()
        for query, members in ((repeated(SCALARS, "count: 1"), {}), (repeated(SCALARS, "count: 1"), {"extensions": {"delivery": "result"}}),
                               (SCALARS, {}), (repeated("{ s { three { id name } small { id } } }", "count: 2, interval: 0"), {})):
            with self.subTest(query), Events(self.node, query, **members) as events:
                self.assertEqual(events.rest(), client.run("1", query, **members)[0])

    def test_a_large_result(self):
        rows = self.node.ask("{ s { many(limit: 50000) { id text } } }")["s"]["many"]
        with Events(self.node, repeated("{ s { many(limit: 50000) { id text } } }", "count: 1")) as events:
            self.assertEqual(events.rest(), [{"data": {"s": {"many": row}}} for row in rows])

    def test_refusals_are_json(self):
        for options in ({"query": "{ s { nosuch { id } } }"}, {"query": "{"}, {"query": repeated(SMALL, 'interval: "nonsense"')},
                        {"query": repeated("{ s { nosuch { id } } }")}, {"method": "GET", "target": "/subscribe"}, {"method": "POST"},
                        {"query": SMALL, "variables": []}, {"query": SMALL, "extensions": {"delivery": "pigeon"}}):
            with self.subTest(options), Events(self.node, **options) as events:
                self.assertIn(events.status, (400, 405))
                self.assertTrue(events.response.getheader("Content-Type").startswith("application/"))
                self.assertTrue(json.loads(events.response.read())["errors"][0]["message"])

    def test_accept_decides(self):
        body = json.dumps({"query": SMALL})
        for accept, content_type in (("text/event-stream", "text/event-stream"), ("application/json, TEXT/Event-Stream;q=0.9", "text/event-stream"),
                                     ("application/json", "application/json"), ("text/event-streams", "")):
            connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=SECONDS)
            connection.request("POST", "/query", body, {"Accept": accept})
            response = connection.getresponse()
            self.assertTrue(response.getheader("Content-Type").startswith(content_type), accept)
            connection.close()
        status, text = self.send(self.node, "POST", "/query", json.dumps({"query": repeated(SMALL)}), {"Accept": "application/json"})
        self.assertIn("errors", json.loads(text), status)

    def test_failures(self):
        with Events(self.node, repeated(BROKEN)) as events:
            payloads = events.rest()
        self.assertEqual([sorted(payload) for payload in payloads], [["errors"]] * 3)

    def test_closing_cancels(self):
        for query in (repeated(ENDLESS), ENDLESS):
            events = Events(self.node, query)
            self.wait_for(lambda: len(self.running()) == 1)
            self.assertEqual(self.metric("eider_subscriptions_active"), 1)
            events.close()
            self.wait_for(lambda: not self.running(), 2)
            self.wait_for(lambda: self.metric("eider_subscriptions_active") == 0, 2)

    def test_events_come_as_they_happen_and_never_compressed(self):
        with Events(self.node, repeated("{ s { many(limit: 200) { id text } } }", "interval: 600"), headers={"Accept-Encoding": "br, gzip, zstd"}) as events:
            self.assertIsNone(events.response.getheader("Content-Encoding"))
            for i in range(200):
                self.assertEqual(json.loads(events.event()[1])["data"]["s"]["many"]["id"], i)

    def test_the_connection_serves_on(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=SECONDS)
        for _ in range(3):
            connection.request("POST", "/subscribe", json.dumps({"query": repeated(SMALL, "count: 1")}), {"Accept": "text/event-stream"})
            first = connection.sock
            self.assertEqual(connection.getresponse().read(), b'event: next\ndata: {"data":{"s":{"small":{"id":1}}}}\n\nevent: complete\ndata:\n\n')
            connection.request("POST", "/query", json.dumps({"query": SMALL}))
            self.assertEqual(json.loads(connection.getresponse().read()), SMALL_RESULT)
            self.assertIs(connection.sock, first)
        connection.close()

    def test_get_changes_nothing(self):
        insert = 'mutation { core { insert_roles(data: {name: "by_get", description: ""}) { name } } }'
        with Events(self.node, method="GET", target=target(insert)) as events:
            self.assertIn("mutations are not allowed over GET", events.response.read().decode())
        self.assertIsNone(self.node.ask('{ core { roles_by_pk(name: "by_get") { name } } }')["core"]["roles_by_pk"])

    def test_connections_for_one_request(self):
        body = json.dumps({"query": repeated(SMALL, 'count: 3, interval: "100ms"')}).encode()
        for version, header in ((b"1.0", b""), (b"1.0", b"Connection: keep-alive\r\n"), (b"1.1", b"Connection: close\r\n")):
            with self.subTest(version=version, header=header):
                client = self.raw(b"POST /subscribe HTTP/%s\r\nHost: localhost\r\nAccept: text/event-stream\r\n%sContent-Length: %d\r\n\r\n%s"
                                  % (version, header, len(body), body))
                answer = b""
                while data := client.recv(1 << 16):
                    answer += data
                head, _, events = answer.partition(b"\r\n\r\n")
                self.assertTrue(head.startswith(b"HTTP/1."), head)
                self.assertEqual(b"chunked" in head.lower(), version == b"1.1")
                self.assertEqual(events.count(b"event: next\ndata: {"), 3)
                self.assertIn(b"\n\nevent: complete\ndata:\n\n", events)

    def test_a_stop_ends_streams(self):
        node = self.start()
        with Events(node, repeated(SMALL, "interval: 600")) as events:
            self.assertEqual(json.loads(events.event()[1]), SMALL_ROW)
            with Events(node, repeated("{ s { busy { n } } }", "interval: 600")) as working:
                self.wait_for(lambda: self.running(node))
                started = time.monotonic()
                node.process.terminate()
                self.assertEqual(working.rest(), [{"data": {"s": {"busy": {"n": 143999992}}}}])
                self.assertEqual(events.rest(), [])
                self.assertEqual(node.process.wait(5), 0)
                self.assertLess(time.monotonic() - started, 8)


if __name__ == "__main__":
    unittest.main()
