"""What /subscribe holds for clients that do not read, or send more than they should, with the real binary."""

import json
import socket
import time
import unittest

from subscribe_client import ENDLESS, INIT, PING, SECONDS, SurvivalTest, frame, repeated, subscribe


class MemoryTest(SurvivalTest):
    def setUp(self):
        """Each has a node of its own, as memory that was held before would hide what is held now."""
        super().setUp()
        self.node = self.start()

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

    def test_a_reader_that_waits_holds_no_memory(self):
        many = "{ s { many(limit: 1000000) { id text } } }"
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
        body = json.dumps({"query": repeated("{ s { many(limit: 1000000) { id text } } }", "count: 1")}).encode()
        client = self.stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.connect(("127.0.0.1", self.node.port))
        client.sendall(b"POST /subscribe HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        self.wait_for(self.running)
        self.assertLess(self.most_resident(1.5) - before, 64)
        self.assertEqual(len(self.running()), 1)
        client.close()

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
                data = one * ((64 << 20) // len(one))
                sent = self.flood(client, data, 10)
                self.assertLess(self.most_resident(0.3) - before, 200, f"after {sent >> 20} MiB of pings")
                client.socket.close()

    def test_long_ids_are_no_lever(self):
        before = self.resident()
        client = self.raw(INIT + frame(opcode=9), receive_buffer=1 << 14)
        client.frame(), client.frame()
        for i in range(20):
            client.send(subscribe(str(i).ljust(4096, "i"), repeated("{ s { many(limit: 100000) { id } } }", "count: 1")))
        self.assertLess(self.most_resident(1.5) - before, 64)

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
        client.send(*(subscribe(str(i), repeated("{ s { many(limit: 1000000) { id } } }")) for i in range(100)))
        before = self.resident()
        self.assertLess(self.most_resident(1) - before, 200)
        started = time.monotonic()
        other = self.client()
        other.ping(1)
        self.assertLess(time.monotonic() - started, 2)


if __name__ == "__main__":
    unittest.main()
