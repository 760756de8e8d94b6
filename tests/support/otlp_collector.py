"""A collector of spans by OTLP over HTTP, by another hand than Eider's own. Python's standard library only.

    with otlp_collector.Collector() as collector:
        collector.url                  # For OTEL_EXPORTER_OTLP_ENDPOINT.
        collector.spans()              # [{"trace", "span", "parent", "name", "kind", "start", "end", "attributes", "failed", "node"}]
        collector.status = 503         # What it answers from now on; None: nothing, it only takes the request.
        collector.headers              # Those of the last request, names in small letters.
"""

import http.server
import json
import struct
import threading


def fields(data):
    """The fields of a protobuf message: [(number, value)], bytes as they are, numbers as integers."""
    found, at = [], 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while at < len(data):
        tag = varint()
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            found.append((number, varint()))
        elif kind == 1:
            found.append((number, struct.unpack_from("<Q", data, at)[0]))
            at += 8
        elif kind == 2:
            size = varint()
            assert at + size <= len(data), "a field is longer than its message"
            found.append((number, data[at:at + size]))
            at += size
        else:
            raise AssertionError(f"wire type {kind}")
    return found


def every(message, number):
    return [value for key, value in message if key == number]


def one(message, number, default=None):
    return next(iter(every(message, number)), default)


def attributes_of(pairs):
    found = {}
    for pair in map(fields, pairs):
        value = fields(one(pair, 2))
        found[one(pair, 1).decode()] = one(value, 1).decode() if every(value, 1) else one(value, 3)
    return found


def from_protobuf(body):
    spans = []
    for resource in map(fields, every(fields(body), 1)):
        who = attributes_of(every(fields(one(resource, 1)), 1))
        for scope in map(fields, every(resource, 2)):
            for span in map(fields, every(scope, 2)):
                assert len(one(span, 1)) == 16 and len(one(span, 2)) == 8
                spans.append({"trace": one(span, 1).hex(), "span": one(span, 2).hex(), "parent": one(span, 4, b"").hex(),
                              "state": one(span, 3, b"").decode(), "name": one(span, 5).decode(), "kind": one(span, 6),
                              "start": one(span, 7), "end": one(span, 8), "attributes": attributes_of(every(span, 9)),
                              "failed": one(fields(one(span, 15, b"")), 3) == 2, "node": who["service.instance.id"],
                              "resource": who})
    return spans


def from_json(body):
    def values(attributes):
        return {item["key"]: item["value"]["stringValue"] if "stringValue" in item["value"]
                else int(item["value"]["intValue"]) for item in attributes}
    spans = []
    for resource in json.loads(body)["resourceSpans"]:
        who = values(resource["resource"]["attributes"])
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                spans.append({"trace": span["traceId"], "span": span["spanId"], "parent": span.get("parentSpanId", ""),
                              "state": span.get("traceState", ""), "name": span["name"], "kind": span["kind"],
                              "start": int(span["startTimeUnixNano"]), "end": int(span["endTimeUnixNano"]),
                              "attributes": values(span["attributes"]), "failed": span.get("status", {}).get("code") == 2,
                              "node": who["service.instance.id"], "resource": who})
    return spans


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        collector = self.server.collector
        body = self.rfile.read(int(self.headers["Content-Length"]))
        collector.requests += 1
        if collector.status is None:
            collector.released.wait(60)
            self.close_connection = True
            return
        if collector.status == 200:
            assert self.path == "/v1/traces", self.path
            kind = self.headers["Content-Type"]
            spans = from_json(body) if kind == "application/json" else from_protobuf(body)
            with collector.lock:
                collector.taken += spans
                collector.headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(collector.status)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Collector:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.collector = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.lock, self.released = threading.Lock(), threading.Event()
        self.taken, self.headers, self.requests, self.status = [], {}, 0, 200

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def spans(self, trace=None):
        with self.lock:
            return [span for span in self.taken if trace in (None, span["trace"])]
