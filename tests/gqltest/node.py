"""Runs the real binary: one node on a free port of 127.0.0.1 in a scratch folder."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import source_sets

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from free_ports import free_port  # noqa: E402

REPEAT = re.compile(r"@\{repeat:(\d+):([^}]*)\}")
ADDRESS = re.compile(r"@\{(type|path):(\w+)\}")
READY_SECONDS = 60
REQUEST_SECONDS = 60
STOP_SECONDS = 20


class NodeError(Exception):
    pass


class Node:
    """Owns a process and its scratch folder's contents, not the folder itself."""

    def __init__(self, binary, scratch, sets, environment, load="config", register=True):
        self.binary, self.scratch, self.sets, self.load = str(pathlib.Path(binary).resolve()), scratch, sets, load
        self.environment, self.registered = environment, sets if register else []
        self.engine = "duckdb"
        self.log = scratch / "node.log"
        self.process = self.connection = None
        self.port = 0

    def expand(self, text):
        text = text.replace("@{scratch}", str(self.scratch)).replace("@{data}", str(source_sets.DATA))
        for source_set in self.sets:
            text = source_set.expand(text)
        text = ADDRESS.sub(self.address, text)
        return REPEAT.sub(lambda match: match[2] * int(match[1]), text)

    def address(self, match):
        """Type or path of a database of the source sets, registered or not."""
        owner = next(s for s in self.sets if match[2] in (source["name"] for source in s.sources))
        return owner.address(match[2], self.scratch)[match[1] == "path"]

    def start(self):
        self.port = free_port()
        config = self.scratch / "config.yaml"
        config.write_text(source_sets.config_text(self.registered if self.load == "config" else [], self.scratch))
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
        environment |= {"BIND": f"127.0.0.1:{self.port}", "CORE_DB_PATH": "", "DRAIN_DELAY": "0s",
                        "EXTENSION_DIRECTORY": source_sets.extension_folder()}
        environment |= {k: self.expand(v) for k, v in self.environment.items()}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", "--config", str(config)], cwd=self.scratch,
                                            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_ready()
        if self.load == "api":
            self.load_by_api()

    def wait_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise NodeError(f"the node ended with {self.process.returncode}:\n{self.log_tail()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.send("GET", "/health/ready")[0] == 200:
                    return
            time.sleep(0.02)
        raise NodeError(f"the node was not ready within {READY_SECONDS} s:\n{self.log_tail()}")

    def load_by_api(self):
        insert = "mutation($d: core_data_sources_mut_input_data!) { core { insert_data_sources(data: $d) { name } } }"
        load = "mutation($n: String!) { function { core { load_data_source(name: $n) { success message } } } }"
        for entry in (entry for s in self.registered for entry in s.entries(self.scratch)):
            entry = {"prefix": "", **entry}
            self.query(insert, {"d": entry})
            answer = self.query(load, {"n": entry["name"]})
            if not answer["data"]["function"]["core"]["load_data_source"]["success"]:
                raise NodeError(f"{entry['name']}: {answer}")

    def query(self, text, variables=None):
        body = json.dumps({"query": text, "variables": variables or {}})
        answer = json.loads(self.send("POST", "/query", body)[2])
        if "errors" in answer:
            raise NodeError(f"{answer['errors']}")
        return answer

    def send(self, method, target, body=None, headers=None):
        """Returns status, headers and body text of one request over the node's one connection."""
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
            try:
                # A server may answer and close before it has read a body that is too long.
                with contextlib.suppress(BrokenPipeError):
                    self.connection.request(method, target, body.encode() if body is not None else None, headers or {})
                response = self.connection.getresponse()
                return response.status, response.headers, response.read().decode()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if attempt or self.process.poll() is not None:
                    raise
        return None

    def log_tail(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def stop(self):
        """Stops the node as an operator would; returns a complaint when it does not end well."""
        if self.connection:
            self.connection.close()
            self.connection = None
        if self.process is None:
            return ""
        process, self.process = self.process, None
        if process.poll() is not None:
            return f"the node had ended with {process.returncode}:\n{self.log_tail()}"
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
            return "" if code == 0 else f"the node ended with {code} after SIGTERM:\n{self.log_tail()}"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"the node did not end within {STOP_SECONDS} s of SIGTERM:\n{self.log_tail()}"

    def restart(self):
        complaint = self.stop()
        if complaint:
            raise NodeError(complaint)
        self.start()
