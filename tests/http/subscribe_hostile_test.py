"""/subscribe against clients that send nonsense, or nothing at all, with the real binary."""

import concurrent.futures
import json
import random
import socket
import time
import unittest

from subscribe_client import ENDLESS, INIT, PING, SMALL, SMALL_RESULT, Client, Events, Raw, SurvivalTest, frame, repeated, subscribe

class HostileTest(SurvivalTest):
    def test_frames_that_break_the_protocol(self):
        for name, data, code in (("no mask", frame({"type": "ping"}, mask=None), 1002), ("reserved bits", frame({"type": "ping"}, reserved=4), 1002),
                                 ("unknown opcode", frame(opcode=3), 1002), ("unknown control opcode", frame(opcode=11), 1002),
                                 ("control frame of 126 bytes", frame(b"x" * 126, opcode=9), 1002), ("fragmented ping", frame(b"x", opcode=9, fin=False), 1002),
                                 ("continuation of nothing", frame(b"x", opcode=0), 1002), ("text in a text", frame(b"{", fin=False) + frame(b"}"), 1002),
                                 ("no UTF-8", frame(b"\xff\xfe"), 1007), ("close of one byte", frame(b"x", opcode=8), 0),
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

    def test_fragments_together_are_no_longer_than_a_message_may_be(self):
        for first, limit in ((b"", 64 << 10), (INIT, 8 << 20)):
            with self.subTest(limit=limit), Raw(self.start(WS_MAX_MESSAGE="8MB") if first else self.node, first) as client:
                piece = frame(b" " * 4000, opcode=0, fin=False)
                client.send(frame(b" ", fin=False), *(piece for _ in range(limit // 4000 + 2)))
                self.assertEqual(client.close_code(), 1009)

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

    def test_who_says_nothing(self):
        """Three waits of up to half a minute, beside each other."""
        def without_init():
            with Client(self.node, init=False) as client:
                started = time.monotonic()
                return client.closed(40), time.monotonic() - started

        def silent():
            with Raw(self.node, INIT + subscribe("1", repeated(SMALL, "interval: 600"))) as client:
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
