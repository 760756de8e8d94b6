"""/subscribe against the real binary: graphql-transport-ws by a stock client, and by the official one of npm."""

import json
import pathlib
import signal
import socket
import subprocess
import time
import unittest

from websockets.exceptions import InvalidStatus

from subscribe_client import (BROKEN, ENDLESS, PROTOCOL, SECONDS, SMALL, SMALL_RESULT, SMALL_ROW, Events, SubscribeTest, handshake,
                              repeated)

HERE = pathlib.Path(__file__).parent
SCALARS = "{ s { scalars { i b f t s k d tm ts dt iv j li g ir br tr v h } } }"


class HandshakeTest(SubscribeTest):
    def answer(self, request):
        return self.send_bytes(request).split(b" ", 2)[1]

    def send_bytes(self, request):
        with socket.create_connection(("127.0.0.1", self.node.port), SECONDS) as client:
            client.sendall(request)
            return client.recv(1 << 16)

    def test_what_is_no_upgrade_to_the_protocol_is_refused(self):
        for name, changes in {"protocol": {"Sec_WebSocket_Protocol": "graphql-ws"}, "no protocol": {"Sec_WebSocket_Protocol": None},
                              "version": {"Sec_WebSocket_Version": "8"}, "no version": {"Sec_WebSocket_Version": None},
                              "key": {"Sec_WebSocket_Key": "short"}, "no key": {"Sec_WebSocket_Key": None},
                              "key of 17 bytes": {"Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAAA="}}.items():
            with self.subTest(name):
                answer = self.send_bytes(handshake(**changes))
                self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
                self.assertIn(b"\r\nSec-WebSocket-Version: 13\r\n", answer)
                self.assertIn(b'{"errors":[{"message":"', answer)

    def test_among_several_protocols_ours_is_chosen(self):
        answer = self.send_bytes(handshake(Sec_WebSocket_Protocol=f"graphql-ws, {PROTOCOL}", Connection="keep-alive, Upgrade"))
        self.assertTrue(answer.startswith(b"HTTP/1.1 101 "), answer)
        self.assertIn(f"\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n".encode(), answer)
        self.assertNotIn(b"Sec-WebSocket-Extensions", answer)

    def test_other_requests(self):
        for method, target, body, status in (("GET", "/subscribe", None, 406), ("POST", "/subscribe", '{"query": "{ a }"}', 406),
                                             ("GET", "/subscribe?query={s{small{id}}}", None, 406), ("PUT", "/subscribe", "{}", 405),
                                             ("DELETE", "/subscribe", None, 405)):
            with self.subTest(method):
                self.assertEqual(self.send(self.node, method, target, body)[0], status)
        self.assertEqual(self.answer(handshake(Upgrade="h2c")), b"406")
        self.assertEqual(self.answer(handshake().replace(b"GET /subscribe", b"GET /query")), b"400")

    def test_further_sockets_than_the_node_may_have(self):
        node = self.start(WS_MAX_CONNECTIONS="2")
        first, second = (self.client(node) for _ in range(2))
        with self.assertRaises(InvalidStatus) as refused:
            self.client(node)
        self.assertEqual(refused.exception.response.status_code, 503)
        second.socket.close()
        self.wait_for(lambda: self.metric("eider_ws_connections", node) == 1)
        self.assertEqual(self.client(node).run("1", SMALL)[0], [SMALL_RESULT])
        self.assertEqual(first.run("1", SMALL)[0], [SMALL_RESULT])


class MessagesTest(SubscribeTest):
    ENVIRONMENT = {"WS_MAX_MESSAGE": "200KB"}

    def closes(self, code, *messages, init=True):
        client = self.client(init=init)
        for message in messages:
            client.send(message)
        self.assertEqual(client.closed()[0], code)

    def test_what_is_no_message_closes(self):
        for message in ("{", "[]", "", '"ping"', '{"type": 7}', "{}", {"type": "start", "id": "1"}, {"type": "next", "id": "1"},
                        {"type": "subscribe", "payload": {"query": SMALL}}, {"type": "subscribe", "id": 1, "payload": {"query": SMALL}},
                        {"type": "subscribe", "id": "", "payload": {"query": SMALL}}, {"type": "subscribe", "id": "1"},
                        {"type": "subscribe", "id": "1", "payload": {}}, {"type": "subscribe", "id": "1", "payload": {"query": 1}},
                        {"type": "subscribe", "id": "1", "payload": {"query": SMALL, "variables": []}},
                        {"type": "subscribe", "id": "1", "payload": {"query": SMALL, "extensions": {"delivery": "pigeon"}}},
                        {"type": "complete"}, {"type": "complete", "id": "x" * 4097}, '{"type": "ping"} x', '{"type": "subscribe", "id": "\\ud800"}'):
            with self.subTest(message):
                self.closes(4400, message)

    def test_order_of_messages(self):
        init, one = {"type": "connection_init"}, {"id": "1", "type": "subscribe", "payload": {"query": repeated(SMALL)}}
        self.closes(4401, one, init=False)
        self.closes(4429, init)
        self.closes(4409, one, one)
        with self.subTest("ping is answered before the acknowledgement, complete of nothing is taken"):
            client = self.client(init=False)
            client.send({"type": "ping", "payload": {"a": 1}})
            self.assertEqual(client.receive()["type"], "pong")
            client.send({"type": "pong"})
            client.send(init)
            self.assertEqual(client.receive(), {"type": "connection_ack"})
            client.complete("none")
            client.ping(1)

    def test_sizes_and_kinds(self):
        large = lambda size: json.dumps({"type": "ping", "payload": {"x": "x" * size}})  # noqa: E731
        self.closes(1003, b'{"type": "ping"}')
        self.closes(1009, large(64 << 10), init=False)
        self.closes(1009, large(201 << 10))
        client = self.client()
        client.send(large(100 << 10))
        self.assertEqual(client.receive(), {"type": "pong"})

    def test_reason_of_a_close_is_text_however_long_the_id_is(self):
        for name in ("€" * 100, "x" + "€" * 100, "xx" + "€" * 100):
            client = self.client()
            for _ in range(2):
                client.subscribe(name, repeated(SMALL))
            self.assertEqual(client.closed()[0], 4409)

    def test_ids_come_back_as_they_were(self):
        client = self.client()
        for name in ("\0", "\"\\\n", "😀", "constructor", "x" * 4096):
            self.assertEqual(client.run(name, SMALL), ([SMALL_RESULT], {"type": "complete"}))

    def test_150_subscriptions(self):
        client = self.client()
        for i in range(150):
            client.subscribe(str(i), repeated(SMALL, "interval: 600"))
        client.ping(1)
        client = self.client()
        for i in range(150):
            client.subscribe(str(i), repeated(SMALL, "interval: 600"))
        got = {"next": set(), "error": set()}
        while len(got["next"]) + len(got["error"]) < 150:
            message = client.receive()
            got[message["type"]].add(message["id"])
            if message["type"] == "error":
                self.assertEqual(message["payload"][0]["extensions"]["code"], "OVERLOADED")
        self.assertEqual(got, {"next": {str(i) for i in range(100)}, "error": {str(i) for i in range(100, 150)}})
        self.assertEqual(self.metric("eider_subscriptions_active"), 200)
        client.complete("7")
        client.subscribe("150", repeated(SMALL, "interval: 600"))
        self.assertEqual(client.next("150"), SMALL_ROW)


class OperationsTest(SubscribeTest):
    def test_queries_and_mutations(self):
        client = self.client()
        self.assertEqual(client.run("1", SMALL), ([SMALL_RESULT], {"type": "complete"}))
        named = "query a { s { three(limit: 1) { id } } } query b($n: Int) { s { three(limit: $n) { name } } }"
        payloads, _ = client.run("1", named, operationName="b", variables={"n": 2})
        self.assertEqual(payloads, [{"data": {"s": {"three": [{"name": "n0"}, {"name": "n1"}]}}}])
        insert = 'mutation { core { insert_roles(data: {name: "by_socket", description: ""}) { name } } }'
        self.assertEqual(client.run("1", insert), ([{"data": {"core": {"insert_roles": {"name": "by_socket"}}}}], {"type": "complete"}))
        self.assertEqual(self.node.ask('{ core { roles_by_pk(name: "by_socket") { name } } }'), {"core": {"roles_by_pk": {"name": "by_socket"}}})

    def test_errors_of_the_document(self):
        client = self.client()
        for query, text in (("{ s { nosuch { id } } }", 'Cannot query field "nosuch"'), ("{", "Expected Name"),
                            (repeated("{ s { nosuch { id } } }"), 'Cannot query field "nosuch"'),
                            (repeated(SMALL, 'interval: "nonsense"'), "nonsense"), (repeated(SMALL, 'interval: "-1s"'), "interval"),
                            (repeated(SMALL, "count: -1"), "count"), (repeated(SMALL, "interval: true"), "nterval"),
                            (repeated(SMALL)[:-1] + " b: query { s { small { id } } } }", "one top level field")):
            with self.subTest(query):
                payloads, last = client.run("1", query)
                self.assertEqual((payloads, last["type"]), ([], "error"))
                self.assertIn(text, last["payload"][0]["message"])
        self.assertEqual(client.run("1", SMALL)[0], [SMALL_RESULT])

    def test_values_are_those_of_queries(self):
        rows = self.node.ask(SCALARS)["s"]["scalars"]
        text = self.node.send("POST", "/query", json.dumps({"query": SCALARS}))[1]
        self.assertEqual(len(rows[0]), 19)
        client = self.client()
        self.assertEqual(client.run("1", repeated(SCALARS, "count: 1"))[0], [{"data": {"s": {"scalars": row}}} for row in rows])
        whole, last = client.run("1", repeated(SCALARS, "count: 1"), extensions={"delivery": "result"})
        self.assertEqual((whole, last), ([{"data": {"s": {"scalars": rows}}}], {"type": "complete"}))
        client.subscribe("1", repeated(SCALARS, "count: 1"), extensions={"delivery": "result"})
        self.assertIn('"payload":' + text.rstrip(), client.socket.recv(SECONDS))

    def test_delivery_by_default(self):
        node = self.start(SUBSCRIPTION_DELIVERY="result", SUBSCRIBE_COMPLETE_AFTER_ERROR="true", SUBSCRIPTIONS_PER_CONNECTION="2",
                          SUBSCRIPTION_MIN_INTERVAL="700ms")
        client = self.client(node)
        three = repeated("{ s { three { id } } }", "count: 1")
        rows = [{"id": i} for i in range(3)]
        self.assertEqual(client.run("1", three)[0], [{"data": {"s": {"three": rows}}}])
        self.assertEqual(client.run("1", three, extensions={"delivery": "row"})[0], [{"data": {"s": {"three": row}}} for row in rows])
        with self.subTest("intervals are raised"):
            started = time.monotonic()
            self.assertEqual(len(client.run("1", repeated(SMALL, 'interval: "1ms", count: 2'))[0]), 2)
            self.assertGreater(time.monotonic() - started, 0.65)
        with self.subTest("complete behind error"):
            self.assertEqual(client.run("1", "{ nosuch }")[1]["type"], "error")
            self.assertEqual(client.receive(), {"id": "1", "type": "complete"})
        with self.subTest("operations of a connection"):
            for name in "12":
                client.subscribe(name, repeated(SMALL, "interval: 600"))
            client.subscribe("3", SMALL)
            got = [client.receive() for _ in range(4)]
            self.assertEqual(sorted((m["id"], m["type"]) for m in got), [("1", "next"), ("2", "next"), ("3", "complete"), ("3", "error")])

    def test_ways_to_say_a_second(self):
        client = self.client()
        ways = ["1", '"1"', '"1s"', '"PT1S"', '"1 second"']
        started = time.monotonic()
        for i, way in enumerate(ways):
            client.subscribe(str(i), repeated(SMALL, f"interval: {way}, count: 2"))
        client.subscribe("v", "subscription($i: Interval!) { query(interval: $i, count: 2) { s { small { id } } } }", variables={"i": "PT1S"})
        seen = {}
        while any(m[-1] != "complete" for m in seen.values()) or len(seen) < len(ways) + 1:
            message = client.receive()
            seen.setdefault(message["id"], []).append(message["type"])
            if message["type"] == "complete":
                self.assertGreater(time.monotonic() - started, 0.95)
                self.assertLess(time.monotonic() - started, 1.9)
        self.assertEqual(set(map(tuple, seen.values())), {("next", "next", "complete")})

    def test_runs(self):
        client = self.client()
        self.assertEqual(client.run("1", repeated(SMALL, "count: 1")), ([SMALL_ROW], {"type": "complete"}))
        self.assertEqual(client.run("1", "subscription { query { s { small { id } } } }"), ([SMALL_ROW], {"type": "complete"}))
        started = time.monotonic()
        self.assertEqual(client.run("1", repeated(SMALL, 'interval: "100ms", count: 4')), ([SMALL_ROW] * 4, {"type": "complete"}))
        self.assertGreater(time.monotonic() - started, 0.29)

    def test_complete_ends_what_runs(self):
        client = self.client()
        client.subscribe("1", repeated(ENDLESS))
        self.wait_for(self.running)
        client.complete("1")
        client.subscribe("1", SMALL)
        self.assertEqual(client.rest("1"), ([SMALL_RESULT], {"type": "complete"}))
        self.wait_for(lambda: not self.running(), 1.5)
        client.subscribe("2", repeated(SMALL))
        client.next("2")
        client.complete("2")
        client.ping(2)
        with self.assertRaises(TimeoutError):
            client.receive(0.4)

    def test_a_lost_socket_ends_what_runs(self):
        for leave in (lambda client: client.socket.close(), lambda client: client.socket.socket.close()):
            client = self.client()
            client.subscribe("1", repeated(ENDLESS))
            client.subscribe("2", ENDLESS)
            self.wait_for(lambda: len(self.running()) == 2)
            leave(client)
            self.wait_for(lambda: not self.running(), 2)
            self.wait_for(lambda: self.metric("eider_ws_connections") == 0 and self.metric("eider_subscriptions_active") == 0, 2)

    def test_metrics(self):
        self.assertEqual((self.metric("eider_ws_connections"), self.metric("eider_subscriptions_active")), (0, 0))
        first, second = self.client(), self.client()
        first.subscribe("1", repeated(SMALL))
        second.subscribe("1", repeated(SMALL))
        first.next("1"), second.next("1")
        self.assertEqual((self.metric("eider_ws_connections"), self.metric("eider_subscriptions_active")), (2, 2))
        first.complete("1")
        self.wait_for(lambda: self.metric("eider_subscriptions_active") == 1, 2)
        second.socket.close()
        self.wait_for(lambda: (self.metric("eider_ws_connections"), self.metric("eider_subscriptions_active")) == (1, 0), 2)

    def test_idle_subscriptions_hold_nothing(self):
        node = self.start(MAX_CONCURRENT_REQUESTS="2", ADMIN_RESERVED_SLOTS="0")
        client = self.client(node)
        for i in range(20):
            client.subscribe(str(i), repeated(SMALL, "interval: 600"))
        for _ in range(20):
            self.assertEqual(client.receive()["payload"], SMALL_ROW)
        self.assertEqual(self.running(node), [])
        self.assertEqual(node.ask(SMALL), SMALL_RESULT["data"])

    def test_three_failures_end_a_subscription(self):
        payloads, last = self.client().run("1", repeated(BROKEN))
        self.assertEqual(([sorted(p) for p in payloads], last["type"]), ([["errors"]] * 2, "error"))
        self.assertIn("abc", payloads[0]["errors"][0]["message"])
        self.assertEqual(last["payload"], payloads[0]["errors"])

    def test_a_source_that_comes_back_resets_the_count(self):
        node = self.start(CORE_DB_PATH="core.duckdb")
        sdl = 'type lone @view(name: "lone", sql: "SELECT 1 AS id") { id: Int }'
        node.insert("t", path=":memory:", self_defined=False, catalogs=[{"name": "t", "type": "text", "path": sdl}])
        self.assertEqual(node.load("t"), (True, "Datasource was loaded"))
        client = self.client(node)
        client.subscribe("1", repeated("{ t { lone { id } } }", 'interval: "600ms"'))
        row = {"data": {"t": {"lone": {"id": 1}}}}
        self.assertEqual(client.next("1"), row)
        for _ in range(2):
            self.assertTrue(node.unload("t")[0])
            for _ in range(2):
                while "data" in (payload := client.next("1")):
                    self.assertEqual(payload, row)
                self.assertTrue(payload["errors"][0]["message"])
            self.assertEqual(node.load("t"), (True, "Datasource was loaded"))
            self.assertEqual(client.next("1"), row)
        self.assertTrue(node.unload("t")[0])
        payloads, last = client.rest("1")
        self.assertEqual((len([p for p in payloads if "errors" in p]), last["type"]), (2, "error"))

    def test_killing_a_run_is_a_failure_of_it(self):
        client, killed = self.client(), set()
        for delivery in ("row", "result"):
            with self.subTest(delivery):
                client.subscribe(delivery, repeated(ENDLESS), extensions={"delivery": delivery})
                for _ in range(2):
                    (one,) = self.wait_for(lambda: [name for name in self.running() if name not in killed])
                    killed.add(one)
                    self.assertEqual(self.send(self.node, "DELETE", f"/api/queries/{one}")[0], 200)
                    self.assertEqual(client.next(delivery, 2), {"errors": [{"message": "query cancelled", "extensions": {"code": "CANCELLED"}}]})
                self.wait_for(lambda: [name for name in self.running() if name not in killed])
                client.complete(delivery)
                self.wait_for(lambda: not self.running(), 2)

    def test_a_run_that_fails_in_the_middle_gives_no_half_message(self):
        client = self.client()
        late = "{ s { late(limit: 500000) { id n } } }"
        for query, delivery in ((late, "row"), (repeated(late, "count: 1"), "result")):
            (payload,), last = client.run("1", query, extensions={"delivery": delivery})
            self.assertEqual((list(payload), last["type"]), (["errors"], "complete"))
            self.assertIn("abc", payload["errors"][0]["message"])
        payloads, last = client.run("1", repeated(late, "count: 1"))
        self.assertEqual([row["data"]["s"]["late"]["id"] for row in payloads[:-1]], list(range(len(payloads) - 1)))
        self.assertGreater(len(payloads), 1000)
        self.assertIn("abc", payloads[-1]["errors"][0]["message"])
        with Events(self.node, late) as events:
            self.assertEqual([list(payload) for payload in events.rest()], [["errors"]])

    def test_a_run_ends_at_its_deadline(self):
        node = self.start(QUERY_TIMEOUT="300ms")
        payloads, last = self.client(node).run("1", repeated(ENDLESS))
        timeout = [{"message": "query timeout", "extensions": {"code": "TIMEOUT"}}]
        self.assertEqual((payloads, last), ([{"errors": timeout}] * 2, {"type": "error", "payload": timeout}))


class StopTest(SubscribeTest):
    def stop(self, node):
        """Ends the node; its exit code is checked when the context is left."""
        self.stopped_at = time.monotonic()
        node.process.send_signal(signal.SIGTERM)

    def test_idle_sockets_are_closed(self):
        node = self.start()
        clients = [self.client(node) for _ in range(3)] + [self.client(node, init=False)]
        clients[0].subscribe("1", repeated(SMALL, "interval: 600"))
        clients[0].next("1")
        self.stop(node)
        for client in clients:
            self.assertEqual(client.closed()[0], 1012)
        self.assertEqual(node.process.wait(5), 0)

    def test_a_run_may_finish(self):
        node = self.start()
        client = self.client(node)
        client.subscribe("1", repeated("{ s { busy { n } } }", "interval: 600"))
        self.wait_for(lambda: self.running(node))
        self.stop(node)
        self.assertEqual(client.next("1"), {"data": {"s": {"busy": {"n": 143999992}}}})
        self.assertEqual(client.closed()[0], 1012)
        self.assertEqual(node.process.wait(5), 0)

    def test_what_does_not_finish_is_cancelled(self):
        node = self.start(DRAIN_TIMEOUT="500ms")
        client = self.client(node)
        client.subscribe("1", repeated(ENDLESS))
        self.wait_for(lambda: self.running(node))
        self.stop(node)
        self.assertEqual(client.closed()[0], 1012)
        self.assertEqual(node.process.wait(10), 0)
        self.assertLess(time.monotonic() - self.stopped_at, 8)


class OfficialClientTest(SubscribeTest):
    def test_graphql_ws(self):
        result = subprocess.run(["node", "subscribe.mjs", f"ws://127.0.0.1:{self.node.port}/subscribe"], cwd=HERE, capture_output=True,
                                text=True, timeout=SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr)
        got = json.loads(result.stdout)
        self.assertEqual(got["query"], [SMALL_RESULT])
        self.assertEqual(got["mutation"], [{"data": {"core": {"insert_roles": {"name": "by_graphql_ws"}}}}])
        self.assertEqual(got["subscription"], [SMALL_ROW] * 3)
        self.assertEqual(got["error"][0]["message"][:25], 'Cannot query field "nosuc')
        self.assertEqual(got["cancelled"], [SMALL_ROW] * 2)
        self.wait_for(lambda: self.metric("eider_ws_connections") == 0)


if __name__ == "__main__":
    unittest.main()
