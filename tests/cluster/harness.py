"""A cluster of real processes on loopback, and what may happen to them.

    with harness.Cluster(folder) as cluster:
        node = cluster.start("mgmt-a", CLUSTER_ROLE="management")
        node.ask("{ ... }")
        node.pause(); node.resume(); node.kill(); node.stop()
        cluster.gate(node.port).cut()

At the end every node that still runs is stopped, and the log of every node is searched for errors that no test
expected: `cluster.expect("text of a message")` allows one.
"""

import contextlib
import glob
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import postgres  # noqa: E402
from free_ports import free_port  # noqa: E402

BINARY = os.environ.get("EIDER_BINARY", str(ROOT / "build" / "dev" / "eider"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", str(pathlib.Path.home() / ".cache")))
EXTENSIONS = os.environ.get("EXTENSION_DIRECTORY", str(CACHE / "eider" / "extensions"))
SECRET = "the secret of the cluster under test"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SECONDS = 30


def wait_for(what, condition, seconds=SECONDS, every=0.05):
    """Waits until `condition()` is true and gives what it gave; fails naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if found := condition():
                return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(every)


def clock_shift(seconds):
    """Environment that makes a process see a wall clock that is `seconds` ahead; None without libfaketime."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        return None
    return {"LD_PRELOAD": found[0], "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1"}


class Gate:
    """A TCP relay in front of a port: open, cut (connections end, new ones are refused) or stalled (bytes wait)."""

    def __init__(self, target):
        self.target, self.state = target, "open"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.state == "cut":
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            with self.lock:
                self.pairs.append((client, server))
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client, server):
        back = threading.Thread(target=self._relay, args=(server, client), daemon=True)
        back.start()
        self._relay(client, server)
        back.join()
        with self.lock, contextlib.suppress(ValueError):
            self.pairs.remove((client, server))
        client.close()
        server.close()

    def _relay(self, source, sink):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                while self.state == "stalled":
                    time.sleep(0.02)
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.state = "cut"
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def stall(self):
        self.state = "stalled"

    def open(self):
        self.state = "open"

    def close(self):
        self.cut()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class DeafGate(Gate):
    """In front of PostgreSQL, without encryption: announcements get lost, as behind a pooler that lends sessions."""

    def _relay(self, source, sink):
        if source.getpeername()[1] != self.target:
            super()._relay(source, sink)
            return
        with contextlib.suppress(OSError, ValueError):
            stream = source.makefile("rb")
            while head := stream.read(5):
                body = stream.read(int.from_bytes(head[1:], "big") - 4)
                if head[:1] != b"A":
                    sink.sendall(head + body)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class ForgetfulGate(Gate):
    """In front of PostgreSQL, without encryption: the answer to the next statement that has `text` gets lost."""

    def __init__(self, target):
        self.text, self.lost, self.deaf = None, 0, set()
        super().__init__(target)

    def _relay(self, source, sink):
        is_answer = source.getpeername()[1] == self.target
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if is_answer and sink in self.deaf:
                    continue
                loses = not is_answer and self.text is not None and self.text in piece
                if loses:
                    self.text = None
                    self.deaf.add(source)
                sink.sendall(piece)
                if loses:
                    time.sleep(0.5)
                    self.lost += 1
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Member:
    """One node: a process with a name, its ports and its log."""

    def __init__(self, folder, name, environment):
        self.name, self.folder = name, folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.service_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"], "BIND": f"127.0.0.1:{self.port}", "EXTENSION_DIRECTORY": EXTENSIONS,
            "SERVICE_BIND": f"127.0.0.1:{self.service_port}", "DRAIN_DELAY": "0s",
            "CLUSTER_NODE_NAME": name} | environment
        self.process, self.log_path = None, self.folder / "node.log"
        self.paused = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, wait=True, **environment):
        self.environment |= environment
        arguments = [BINARY, "serve"]
        if (self.folder / "config.yaml").exists():
            arguments += ["--config", "config.yaml"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(arguments, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.environment)
        if wait:
            self.wait_ready()
        return self

    def configure(self, config):
        (self.folder / "config.yaml").write_text(json.dumps(config))
        return self

    def wait_ready(self, seconds=SECONDS):
        def is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.log()[-2000:]}")
            return self.send("GET", "/health/ready")[0] == 200
        wait_for(f"{self.name} is ready", is_ready, seconds)

    def send(self, method, target, body=None, headers=None, port=None, timeout=SECONDS):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def answer(self, query, headers=None, **variables):
        """The whole answer to a query, errors included."""
        body = json.dumps({"query": query, "variables": variables})
        return json.loads(self.send("POST", "/query", body, headers)[1])

    def ask(self, query, headers=None, **variables):
        answer = self.answer(query, headers, **variables)
        if answer.get("errors"):
            raise AssertionError(answer["errors"])
        return answer["data"]

    def health(self):
        """Status and JSON of the service listener's readiness."""
        status, body = self.send("GET", "/health/ready", port=self.service_port)
        return status, json.loads(body)

    def metrics(self, name):
        """Samples of a metric: [(labels as text, value)]."""
        text = self.send("GET", "/metrics", port=self.service_port)[1]
        found = []
        for line in text.splitlines():
            label, _, value = line.rpartition(" ")
            if label == name or label.startswith(name + "{"):
                found.append((label[len(name):], float(value)))
        return found

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def kill(self):
        self.process.kill()
        self.process.wait(SECONDS)

    def stop(self, seconds=SECONDS):
        """Asks the node to end and gives its exit code."""
        if self.paused:
            self.resume()
        self.process.terminate()
        return self.process.wait(seconds)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def errors(self):
        """Log lines of level error."""
        found = []
        for line in self.log().splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("level") == "error":
                    found.append(entry)
        return found


class Cluster:
    """Nodes that share a secret and a core database. `settings` is environment for all of them.

    Unless they name a core database, or belong to no cluster, there is one for them alone.
    """

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.settings = {"CLUSTER_ENABLED": "true", "CLUSTER_SECRET": SECRET} | settings
        self.core = None
        if self.settings["CLUSTER_ENABLED"] == "true" and "CORE_DB_PATH" not in settings:
            if not postgres.is_installed():
                raise unittest.SkipTest("PostgreSQL is not installed")
            # What it has acknowledged outlives a crash, as everywhere.
            self.core = postgres.Server(settings={"synchronous_commit": "on"})
            self.settings |= {"CORE_DB_PATH": self.core.dsn(), "CORE_DB_ENCRYPTION_KEY": KEY, "AUTOMIGRATE": "true"}
        self.members, self.gates, self.expected = {}, [], []

    def __enter__(self):
        return self

    def member(self, name, role="worker", **environment):
        """A node that is not started yet."""
        node = Member(self.folder, name, self.settings | {"CLUSTER_ROLE": role})
        node.environment["CLUSTER_NODE_URL"] = node.url + "/ipc"
        node.environment |= environment
        self.members[name] = node
        return node

    def start(self, name, role="worker", **environment):
        return self.member(name, role, **environment).start()

    def know(self, *names):
        """Enters nodes that do not run, so that calls in their names are let in."""
        for name in names:
            self.core.sql("INSERT INTO eider.cluster_nodes (name, url, role, incarnation, status) VALUES "
                          f"('{name}', 'http://127.0.0.1:1', 'worker', '{name}', 'starting')")

    def gate(self, port):
        self.gates.append(Gate(port))
        return self.gates[-1]

    def expect(self, text):
        """Allows log lines of level error that contain `text`."""
        self.expected.append(text)

    def unexpected(self):
        return [(node.name, entry) for node in self.members.values() for entry in node.errors()
                if not any(text in json.dumps(entry) for text in self.expected)]

    def __exit__(self, kind, *_):
        codes = {}
        for node in self.members.values():
            if not node.is_running():
                continue
            try:
                codes[node.name] = node.stop()
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait(SECONDS)
                codes[node.name] = "did not end"
        for gate in self.gates:
            gate.close()
        if self.core is not None:
            self.core.close()
        if kind is not None:
            for node in self.members.values():
                print(f"--- {node.name}\n{node.log()[-3000:]}", file=sys.stderr)
            return
        bad = {name: code for name, code in codes.items() if code != 0}
        assert not bad, f"nodes ended badly: {bad}"
        assert not self.unexpected(), f"unexpected errors in logs: {self.unexpected()}"
