"""What the tests of /subscribe share: a node with a small source, a client of graphql-transport-ws, frames by hand, events."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import struct
import sys
import tempfile
import time
import unittest

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import cli_test  # noqa: E402

SECONDS = 20  # For whatever should come soon.
PROTOCOL = "graphql-transport-ws"
SECRET = "a secret of sufficient length"
ADMIN = {"x-hugr-secret-key": SECRET}
SDL = r"""
type small @view(name: "small", sql: "SELECT 1 AS id") { id: Int }
type three @view(name: "three", sql: "SELECT range::INTEGER AS id, 'n' || range AS name FROM range(3)") { id: Int  name: String }
type many @view(name: "many", sql: "SELECT range AS id, repeat('x', 40) AS text FROM range(1000000)") { id: BigInt  text: String }
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7")
{ n: BigInt }
type busy @view(name: "busy", sql: "SELECT count(*) AS n FROM range(12000) a, range(12000) b WHERE a.range + b.range <> 7") { n: BigInt }
type broken @view(name: "broken", sql: "SELECT CAST(x AS INTEGER) AS id FROM (SELECT 'abc' AS x)") { id: Int }
type late @view(name: "late", sql: "SELECT range AS id, CAST(CASE WHEN range = 400000 THEN 'abc' ELSE '1' END AS INTEGER) AS n FROM range(500000)")
{ id: BigInt  n: Int }
type scalars @view(name: "scalars", sql: "SELECT 1::INTEGER AS i, 9007199254740993::BIGINT AS b, 0.1::DOUBLE AS f, true AS t, 'a\"b\\\\c,]}é€\n' AS s, 'key' AS k, DATE '2024-02-29' AS d, TIME '12:34:56.789' AS tm, TIMESTAMPTZ '2024-01-01 00:00:00.5+00' AS ts, TIMESTAMP '2024-01-01 00:00:00' AS dt, INTERVAL '1 day 2 hours' AS iv, '{\"a\":[1,{\"b\":null,\"}\":\"]\"}]}'::JSON AS j, [1,2,NULL] AS li, ST_Point(1,2) AS g, '[1,5)' AS ir, '[10,)' AS br, '[2024-01-01T00:00:00Z,)' AS tr, [0.5, 1.5]::FLOAT[2] AS v, '85283473fffffff' AS h UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL")
{ i: Int  b: BigInt  f: Float  t: Boolean  s: String  k: ID  d: Date  tm: Time  ts: Timestamp  dt: DateTime  iv: Interval  j: JSON
  li: [Int]  g: Geometry @geometry_info(type: POINT, srid: 4326)  ir: IntRange  br: BigIntRange  tr: TimestampRange
  v: Vector @dim(len: 2)  h: H3Cell }
"""
SOURCE = {"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
          "catalogs": [{"name": "s", "type": "text", "path": SDL}]}
CONFIG = {"sources": [SOURCE]}


def repeated(query, arguments='interval: "100ms"'):
    return f"subscription {{ query({arguments}) {query} }}"


SMALL, ENDLESS, BROKEN = "{ s { small { id } } }", "{ s { endless { n } } }", "{ s { broken { id } } }"
SMALL_ROW = {"data": {"s": {"small": {"id": 1}}}}
SMALL_RESULT = {"data": {"s": {"small": [{"id": 1}]}}}


class Client:
    """A connection to /subscribe by the package websockets; a context manager."""

    def __init__(self, node, headers=None, init=True, payload=None):
        self.init, self.payload = init, payload
        self.opening = connect(f"ws://127.0.0.1:{node.port}/subscribe", subprotocols=[PROTOCOL], proxy=None, ping_interval=None,
                               additional_headers=headers or {}, open_timeout=SECONDS, close_timeout=2, max_size=None)

    def __enter__(self):
        self.socket = self.opening.__enter__()
        if self.init:
            self.send({"type": "connection_init"} | ({} if self.payload is None else {"payload": self.payload}))
            assert (message := self.receive()) == {"type": "connection_ack"}, message
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, message):
        self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def receive(self, timeout=SECONDS):
        return json.loads(self.socket.recv(timeout))

    def subscribe(self, name, query, **payload):
        self.send({"id": name, "type": "subscribe", "payload": {"query": query} | payload})

    def complete(self, name):
        self.send({"id": name, "type": "complete"})

    def next(self, name, timeout=SECONDS):
        """The payload of the next message, which is to be a `next` of this operation."""
        message = self.receive(timeout)
        assert (message["id"], message["type"]) == (name, "next"), message
        return message["payload"]

    def rest(self, name, timeout=SECONDS):
        """The payloads up to the operation's end, and its last message without the id."""
        payloads = []
        deadline = time.monotonic() + timeout
        while (message := self.receive(max(0.01, deadline - time.monotonic())))["type"] == "next":
            assert message["id"] == name, message
            payloads.append(message["payload"])
        assert message.pop("id") == name
        return payloads, message

    def run(self, name, query, **payload):
        self.subscribe(name, query, **payload)
        return self.rest(name)

    def closed(self, timeout=SECONDS):
        """The code and the reason of the server's close, behind whatever else it sends."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                self.socket.recv(max(0.01, deadline - time.monotonic()))
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the connection went without a close frame"
            return closed.rcvd.code, closed.rcvd.reason

    def ping(self, timeout):
        """Waits for the answer to a ping, behind whatever else comes."""
        self.send({"type": "ping"})
        deadline = time.monotonic() + timeout
        while self.receive(deadline - time.monotonic())["type"] != "pong":
            pass


def handshake(**changes):
    """The bytes of an upgrade; None leaves a header out."""
    headers = {"Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol": PROTOCOL}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return f"GET /subscribe HTTP/1.1\r\n{lines}\r\n".encode()


def frame(payload=b"", opcode=1, fin=True, mask=b"\1\2\3\4", length=None, reserved=0):
    """One frame of a client; `length` is told instead of the payload's, `mask` None leaves it unmasked."""
    payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    length = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0 if mask is None else 0x80
    head += bytes([bit | length]) if length < 126 else struct.pack("!BH", bit | 126, length) if length < 1 << 16 \
        else struct.pack("!BQ", bit | 127, length)
    if mask is None:
        return head + payload
    pattern = (mask * (len(payload) // 4 + 1))[:len(payload)]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")
    return head + mask + masked.to_bytes(len(payload), "big")


INIT, PING = frame({"type": "connection_init"}), frame({"type": "ping"})


def subscribe(name, query, **payload):
    """The frame of a subscribe message."""
    return frame({"id": name, "type": "subscribe", "payload": {"query": query} | payload})


class Raw:
    """A WebSocket by hand; a context manager."""

    def __init__(self, node, first=b"", receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(SECONDS)
        self.socket.connect(("127.0.0.1", node.port))
        self.socket.sendall(handshake() + first)
        self.input = b""
        head = self.until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def more(self):
        data = self.socket.recv(1 << 16)
        self.input += data
        return data != b""

    def until(self, end):
        while end not in self.input:
            assert self.more(), self.input
        head, self.input = self.input.split(end, 1)
        return head

    def take(self, count):
        while len(self.input) < count:
            if not self.more():
                raise ConnectionResetError
        data, self.input = self.input[:count], self.input[count:]
        return data

    def frame(self):
        """Opcode and payload of the next frame."""
        first, length = self.take(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        return first & 15, self.take(length)

    def close_code(self):
        """The code of the server's close frame, behind whatever else comes; 0 when it has none, None without a close."""
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == 8:
                    return struct.unpack("!H", payload[:2])[0] if payload else 0
        except ConnectionResetError:
            return None


class Events:
    """One request for an event stream, by a socket of its own; a context manager."""

    def __init__(self, node, query=None, target="/subscribe", method="POST", headers=None, **members):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=SECONDS)
        body = None if query is None else json.dumps({"query": query} | members)
        self.connection.request(method, target, body, {"Accept": "text/event-stream"} | (headers or {}))
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.response.close()
        self.connection.close()

    def line(self):
        return self.response.readline().decode().rstrip("\n")

    def event(self):
        """Name and data of the next event; comments are (None, text)."""
        name, data = None, []
        while (line := self.line()) != "":
            if line.startswith(":"):
                data.append(line[1:])
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            else:
                assert line.startswith("data:"), line
                data.append(line.removeprefix("data:").removeprefix(" "))
        return name, "\n".join(data)

    def rest(self):
        """What the `next` events up to `complete` hold; nothing may follow."""
        payloads = []
        while (event := self.event())[0] == "next":
            payloads.append(json.loads(event[1]))
        assert event == ("complete", ""), event
        assert self.response.read() == b""
        return payloads


class SubscribeTest(unittest.TestCase):
    """Tests share one node of their class, unless they start one with other settings."""

    ENVIRONMENT = {}

    @classmethod
    def setUpClass(cls):
        cls.shared = contextlib.ExitStack()
        cls.addClassCleanup(cls.shared.close)
        folder = pathlib.Path(cls.shared.enter_context(tempfile.TemporaryDirectory(prefix="eider-subscribe-")))
        cls.node = cls.shared.enter_context(cli_test.Node(folder, CONFIG, **cls.ENVIRONMENT))

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.clients = []

    def start(self, **environment):
        folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-subscribe-")))
        return self.stack.enter_context(cli_test.Node(folder, CONFIG, **environment))

    def client(self, node=None, **options):
        self.clients.append(self.stack.enter_context(Client(node or self.node, **options)))
        return self.clients[-1]

    def raw(self, first=b"", **options):
        self.clients.append(self.stack.enter_context(Raw(self.node, first, **options)))
        return self.clients[-1]

    def send(self, node, method, target, body=None, headers=None):
        """Status and text of one request, by the administrator's key when the node has one and no headers are given."""
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=SECONDS)
        try:
            connection.request(method, target, body, self.credentials(node) if headers is None else headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def credentials(self, node):
        return ADMIN if "SECRET_KEY" in node.environment else {}

    def admin(self, node, query, **variables):
        answer = json.loads(self.send(node, "POST", "/query", json.dumps({"query": query, "variables": variables}))[1])
        self.assertNotIn("errors", answer)
        return answer["data"]

    def running(self, node=None):
        """The ids of what runs."""
        answer = json.loads(self.send(node or self.node, "GET", "/api/queries")[1])
        return [query["id"] for query in answer["queries"] if query["state"] in ("running", "writing")]

    def metric(self, name, node=None):
        text = self.send(node or self.node, "GET", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(name + r"[ {]", line))

    def resident(self, node=None):
        """MiB that the node's process holds."""
        status = pathlib.Path(f"/proc/{(node or self.node).process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def wait_for(self, what, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        while not (found := what()):
            self.assertLess(time.monotonic(), deadline, "it took too long")
            time.sleep(0.02)
        return found


class SurvivalTest(SubscribeTest):
    """Tests after which the node is to be as before."""

    def tearDown(self):
        """Whatever came before, the node keeps nothing of who has left, and answers others."""
        for client in self.clients:
            client.socket.close()
        self.wait_for(lambda: self.metric("eider_ws_connections") == 0 and self.metric("eider_subscriptions_active") == 0, 10)
        self.wait_for(lambda: not self.running(), 2)
        with Client(self.node) as client:
            self.assertEqual(client.run("1", SMALL)[0], [SMALL_RESULT])
