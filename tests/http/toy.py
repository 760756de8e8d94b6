"""Starts toy_server, the HTTP front end over a canned service, and speaks to it over raw sockets."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

BINARY = pathlib.Path(os.environ["EIDER_BINARY"]).parent / "toy_server"


class Toy:
    """A running toy_server with the given flags."""

    def __init__(self, *flags, delay="0"):
        environment = {"PATH": os.environ["PATH"]}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        self.process = subprocess.Popen(
            [str(BINARY), "--bind", "127.0.0.1:0", "--service-bind", "127.0.0.1:0", "--drain-delay", delay, *flags],
            stdout=subprocess.PIPE, text=True, env=environment, cwd="/")
        for line in self.process.stdout:
            found = re.match(r"listening (\S+):(\d+) (\S+):(\d+)", line)
            if found:
                self.port, self.service_port = int(found[2]), int(found[4])
                return
        raise AssertionError("toy_server did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def stop(self):
        """Ends the server as an operator would; returns its exit code and what it logged."""
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=60)
        return self.process.returncode, output

    def connect(self, service=False, timeout=20):
        return socket.create_connection(("127.0.0.1", self.service_port if service else self.port), timeout=timeout)

    def ask(self, request, service=False):
        """Sends bytes over a connection of their own and reads one answer."""
        with self.connect(service) as client:
            client.sendall(request)
            return read_answer(client)

    def query(self, text, **headers):
        return self.ask(post(json.dumps({"query": text}).encode(), **headers))

    def metric(self, name):
        """The value of a metric's first line that starts with `name`."""
        text = self.ask(b"GET /metrics HTTP/1.1\r\n\r\n", service=True).body.decode()
        for line in text.splitlines():
            if line.startswith(name):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def wait_for_metric(self, name, value, seconds=10):
        until = time.monotonic() + seconds
        while self.metric(name) != value:
            assert time.monotonic() < until, f"{name} is {self.metric(name)}, not {value}"
            time.sleep(0.01)

    def resident_bytes(self):
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Answer:
    def __init__(self, status, headers, body, complete):
        self.status, self.headers, self.body, self.complete = status, headers, body, complete

    def json(self):
        return json.loads(self.body)


def post(body, path="/query", **headers):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_head(stream):
    status_line = stream.readline()
    if not status_line:
        raise ConnectionError("closed without an answer")
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    return int(status_line.split()[1]), headers


def read_answer(client, head_only=False):
    """Reads one answer; `complete` tells whether its body ended as HTTP says it must."""
    stream = client if hasattr(client, "readline") else client.makefile("rb")
    status, headers = read_head(stream)
    if head_only or status in (100, 204):
        return Answer(status, headers, b"", True)
    if "content-length" in headers:
        size = int(headers["content-length"])
        body = stream.read(size)
        return Answer(status, headers, body, len(body) == size)
    body = b""
    try:
        while True:
            size = int(stream.readline(), 16)
            body += stream.read(size)
            stream.readline()
            if size == 0:
                return Answer(status, headers, body, True)
    except (ValueError, ConnectionError):
        return Answer(status, headers, body, False)
