"""/subscribe against clients that send nonsense, too much, or nothing, and that do not read; with the real binary."""

import concurrent.futures
import json
import os
import random
import socket
import time
import unittest

from subscribe_client import ENDLESS, INIT, SECONDS, SMALL, SMALL_RESULT, Client, Events, Raw, SubscribeTest, frame, handshake, repeated

PING = frame({"type": "ping"})


def subscribe(name, query, **payload):
    return frame({"id": name, "type": "subscribe", "payload": {"query": query} | payload})


class HostileTest(SubscribeTest):
    def tearDown(self):
        """Whatever came before, the node answers others, and keeps nothing of who has left."""
        with Client(self.node) as client:
            self.assertEqual(client.run("1", SMALL)[0], [SMALL_RESULT])
        self.stack.close()
        self.wait_for(lambda: self.metric("eider_ws_connections") == 0 and self.metric("eider_subscriptions_active") == 0, 10)
        self.assertEqual(self.running(), [])

    def most_resident(self, seconds, until=lambda: False):
        """The most that the node holds meanwhile, in MiB."""
        most = self.resident()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            most = max(most, self.resident())
            time.sleep(0.02)
        return most

    def flood(self, client, data, seconds):
        """Sends without reading until all has gone or nothing is taken for half a second; what it has sent."""
        client.socket.settimeout(0.5)
        deadline, sent = time.monotonic() + seconds, 0
        try:
            while sent < len(data) and time.monotonic() < deadline:
                sent += client.socket.send(data[sent:sent + (1 << 20)])
        except TimeoutError:
            pass
        client.socket.settimeout(SECONDS)
        return sent

    # --- frames --------------------------------------------------------------------------------------

    def test_frames_that_break_the_protocol(self):
        for name, data, code in (("no mask", frame({"type": "ping"}, mask=None), 1002), ("reserved bits", frame({"type": "ping"}, reserved=4), 1002),
                                 ("unknown opcode", frame(opcode=3), 1002), ("unknown control opcode", frame(opcode=11), 1002),
                                 ("control frame of 126 bytes", frame(b"x" * 126, opcode=9), 1002), ("fragmented ping", frame(b"x", opcode=9, fin=False), 1002),
                                 ("continuation of nothing", frame(b"x", opcode=0), 1002), ("text in a text", frame(b"{", fin=False) + frame(b"}"), 1002),
                                 ("no UTF-8", frame(b"\xff\xfe"), 1007), ("close of one byte", frame(b"x", opcode=8), 1002),
                                 ("close with a code of nobody", frame(b"\x03\xed", opcode=8), 1002), ("close with bad text", frame(b"\x03\xe8\xff", opcode=8), 1007),
                                 ("2^63 bytes", frame(b"x", length=1 << 63), 1002), ("2^62 bytes", frame(b"x", length=1 << 62), 1009),
                                 ("binary", frame(b"x", opcode=2), 1003), ("length not minimal", b"\x81\xfe\x00\x05\1\2\3\4hello", 1002)):
            with self.subTest(name):
                self.assertEqual(self.raw(INIT + data).close_code(), code)

    def test_bytes_that_are_no_frames(self):
        chance = random.Random(7)
        for i in range(200):
            with Raw(self.node, INIT if i % 2 else b"") as client:
                data = chance.randbytes(chance.randrange(1, 400))
                try:
                    client.send(data, b"GET / HTTP/1.1\r\n\r\n" if i % 5 == 0 else b"")
                    if i % 3 == 0:
                        client.socket.shutdown(socket.SHUT_WR)
                        client.close_code()
                except ConnectionError:
                    pass

    def test_frames_in_pieces_and_changed_bytes(self):
        whole = INIT + subscribe("1", repeated(SMALL, "count: 1")) + PING
        for cut in range(0, len(whole), 7):
            with Raw(self.node, whole[:cut]):
                pass
        chance = random.Random(11)
        for _ in range(200):
            changed = bytearray(whole)
            changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            with Raw(self.node, bytes(changed)):
                pass
        client = self.raw()
        for i in range(len(whole)):
            client.send(whole[i:i + 1])
        got = {json.loads(client.frame()[1])["type"] for _ in range(4)}
        self.assertEqual(got, {"connection_ack", "pong", "next", "complete"})

    def test_fragmented_messages_are_read(self):
        client = self.raw(INIT)
        self.assertEqual(client.frame()[0], 1)
        text = json.dumps({"id": "€", "type": "subscribe", "payload": {"query": SMALL}}, ensure_ascii=False).encode()
        client.send(frame(text[:1], fin=False), *(frame(text[i:i + 1], opcode=0, fin=False) + frame(b"between", opcode=9)
                                                  for i in range(1, len(text))), frame(opcode=0))
        got = []
        while not got or got[-1]["type"] != "complete":
            opcode, payload = client.frame()
            if opcode == 10:
                self.assertEqual(payload, b"between")
            else:
                got.append(json.loads(payload))
        self.assertEqual(got, [{"id": "€", "type": "next", "payload": SMALL_RESULT}, {"id": "€", "type": "complete"}])

    def test_closes(self):
        with self.subTest("in the middle of what runs"):
            client = self.raw(INIT + subscribe("1", ENDLESS) + frame(b"\x03\xe8bye", opcode=8))
            self.assertEqual(client.close_code(), 1000)
            self.wait_for(lambda: not self.running(), 2)
        with self.subTest("twice, and with more behind it"):
            client = self.raw(INIT + frame(b"\x03\xe8", opcode=8) + frame(b"\x03\xe8", opcode=8) + subscribe("1", ENDLESS))
            self.assertEqual(client.close_code(), 1000)
            self.assertFalse(client.more())
        with self.subTest("by a client that does not close its side"):
            client = self.raw(INIT + INIT)
            self.assertEqual(client.close_code(), 4429)
            started = time.monotonic()
            self.assertFalse(client.more())
            self.assertLess(time.monotonic() - started, 5)
        with self.subTest("by half"):
            client = self.raw(INIT + subscribe("1", ENDLESS))
            self.wait_for(self.running)
            client.socket.shutdown(socket.SHUT_WR)
            self.wait_for(lambda: not self.running(), 2)

    def test_hostile_json(self):
        for text in (b"[" * 60000, b'{"type":' + b"[" * 60000, b'{"type":"ping","payload":' + b'{"a":' * 10000 + b"1" + b"}" * 10000 + b"}",
                     b'{"type":"ping"' + b',"type":"ping"' * 4000 + b"}", b'{"type":"ping\0"}', b"\xef\xbb\xbf{}", b"1e999999", b""):
            with self.subTest(text[:20]), Raw(self.node, frame(text) + INIT) as client:
                self.assertIn(client.frame()[0], (1, 8))
        client = self.raw(INIT)
        client.frame()
        client.send(frame(b'{"type":"ping","payload":' + b"[" * 5_000_000))
        self.assertEqual(client.close_code(), 4400)

    def test_hostile_documents(self):
        client = self.client()
        for query in ("subscription { " + "query { " * 20000, repeated("{ s " * 20000), "subscription { __typename }", "subscription { ...f } fragment f on Subscription { ...f }",
                      "subscription { query @skip(if: true) { s { small { id } } } }", "subscription { __schema { types { name } } }",
                      repeated(SMALL, 'interval: "999999999999999999999s"'), repeated(SMALL, "interval: 99999999999999999999999"),
                      repeated(SMALL, "count: 99999999999999"), repeated(SMALL, 'interval: "P99999999999999Y"'), repeated(SMALL, 'interval: "\\u0000"')):
            with self.subTest(query[:60]):
                payloads, last = client.run("1", query)
                self.assertEqual((payloads, last["type"]), ([], "error"))
        client.subscribe("1", repeated(SMALL, 'interval: "300000000s"'))
        client.next("1")
        client.complete("1")
        self.assertEqual(client.run("1", SMALL)[0], [SMALL_RESULT])

    # --- who does not read ---------------------------------------------------------------------------

    def test_a_reader_that_waits_holds_no_memory(self):
        many = "{ s { many { id text } } }"
        self.client().run("0", repeated("{ s { many(limit: 100000) { id text } } }", "count: 1"))
        before = self.resident()
        client = self.raw(INIT + subscribe("big", repeated(many, "count: 1")), receive_buffer=1 << 16)
        self.wait_for(self.running)
        self.assertLess(self.most_resident(2) - before, 64)
        self.assertEqual(len(self.running()), 1)
        mark, end, count, data = b'"type":"next"', b'"type":"complete"', 0, b""
        while end not in data:
            more = client.socket.recv(1 << 20)
            self.assertTrue(more, "the connection went before all rows came")
            data = data[-len(mark) + 1:] + more
            count += data.count(mark)
        self.assertEqual(count, 1000000)
        self.assertLess(self.resident() - before, 64)

    def test_an_event_stream_that_nobody_reads_holds_no_memory(self):
        before = self.resident()
        body = json.dumps({"query": repeated("{ s { many { id text } } }", "count: 1")}).encode()
        client = self.stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.connect(("127.0.0.1", self.node.port))
        client.sendall(b"POST /subscribe HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        self.wait_for(self.running)
        self.assertLess(self.most_resident(1.5) - before, 64)
        self.assertEqual(len(self.running()), 1)

    def test_100_000_pings_without_reading(self):
        for name, one in (("frames", frame(b"x" * 125, opcode=9)), ("messages", PING), ("empty frames", frame(opcode=9))):
            with self.subTest(name):
                before = self.resident()
                client = self.raw(INIT, receive_buffer=1 << 14)
                self.flood(client, one * 100000, 5)
                self.assertLess(self.most_resident(0.3) - before, 64)
                client.socket.close()

    def test_pings_without_end_are_not_taken_any_more(self):
        for name, one in (("empty frames", frame(opcode=9)), ("messages", PING)):
            with self.subTest(name):
                before = self.resident()
                client = self.raw(INIT, receive_buffer=1 << 14)
                data = one * ((32 << 20) // len(one))
                sent = self.flood(client, data, 10)
                self.assertLess(self.most_resident(0.3) - before, 100, f"after {sent >> 20} MiB of pings")
                client.socket.close()

    def test_long_ids_are_no_lever(self):
        before = self.resident()
        client = self.raw(INIT + frame(opcode=9), receive_buffer=1 << 14)
        client.frame(), client.frame()
        client.send(subscribe("i" * 50000, repeated("{ s { many(limit: 10000) { id } } }", "count: 1")))
        self.assertLess(self.most_resident(1.5) - before, 100)

    def test_long_aliases_are_no_lever(self):
        before = self.resident()
        client = self.raw(INIT, receive_buffer=1 << 14)
        client.frame()
        client.send(subscribe("1", repeated("{ s { %s: many(limit: 10000) { id } } }" % ("a" * 50000), "count: 1")))
        self.assertLess(self.most_resident(1.5) - before, 100)

    def test_fragments_of_one_byte_are_no_lever(self):
        before = self.resident()
        client = self.raw(INIT)
        client.frame()
        self.flood(client, frame(b"x", fin=False) + frame(b"x", opcode=0, fin=False) * 1000000, 5)
        self.assertLess(self.most_resident(0.3) - before, 64)

    def test_operations_that_come_and_go(self):
        before = self.resident()
        client = self.raw(INIT, receive_buffer=1 << 14)
        for i in range(200):
            client.send(*(subscribe("1", ENDLESS) + frame({"type": "complete", "id": "1"}) for _ in range(100)))
        client.send(PING)
        started = time.monotonic()
        while json.loads(client.frame()[1])["type"] != "pong":
            pass
        self.assertLess(time.monotonic() - started, 5)
        self.assertLess(self.resident() - before, 100)
        self.wait_for(lambda: self.metric("eider_subscriptions_active") == 0, 10)

    def test_many_operations_of_one_byte_rows_leave_others_in_peace(self):
        client = self.raw(INIT, receive_buffer=1 << 14)
        client.send(*(subscribe(str(i), repeated("{ s { many { id } } }")) for i in range(100)))
        before = self.resident()
        self.assertLess(self.most_resident(1) - before, 200)
        started = time.monotonic()
        other = self.client()
        other.ping(1)
        self.assertLess(time.monotonic() - started, 2)

    # --- time ----------------------------------------------------------------------------------------

    def test_who_says_nothing(self):
        """Three waits of up to half a minute, beside each other."""
        def without_init():
            client, started = self.stack.enter_context(Client(self.node, init=False)), time.monotonic()
            return client.closed(40), time.monotonic() - started

        def silent():
            client = self.stack.enter_context(Raw(self.node, INIT + subscribe("1", repeated(SMALL, "interval: 600"))))
            client.socket.settimeout(40)
            started, got = time.monotonic(), []
            while {"frame", "message"} - set(got):
                opcode, payload = client.frame()
                if opcode == 9:
                    got.append("frame")
                elif json.loads(payload)["type"] == "ping":
                    got.append("message")
            return got, time.monotonic() - started

        def idle_stream():
            with Events(self.node, repeated(SMALL, "interval: 600")) as events:
                self.assertEqual(events.event()[0], "next")
                started = time.monotonic()
                return events.event(), time.monotonic() - started

        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            waits = [pool.submit(wait) for wait in (without_init, silent, idle_stream)]
            (code, _), after = waits[0].result()
            self.assertEqual(code, 4408)
            self.assertTrue(29 < after < 34, after)
            got, after = waits[1].result()
            self.assertEqual(sorted(got), ["frame", "message"])
            self.assertTrue(29 < after < 34, after)
            event, after = waits[2].result()
            self.assertEqual(event, (None, ""))
            self.assertTrue(14 < after < 18, after)


if __name__ == "__main__":
    unittest.main()
