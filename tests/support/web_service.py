"""An HTTP service for tests that answers, stalls, lies and counts. Python's standard library only.

    with web_service.Service() as service:
        service.url                    # http://127.0.0.1:PORT
        service.calls["/rating"]       # How often a path was asked for.
        service.peak["/slow"]          # How many at once at most.
        service.documents["a.json"]    # Text served below /documents/.

`python3 tests/support/web_service.py --port PORT` runs one until it is interrupted.
"""

import argparse
import base64
import collections
import contextlib
import http.server
import json
import socket
import threading
import time
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_any(self):
        service = self.server.service
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        self.route = urllib.parse.unquote(url.path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with service.lock:
            service.calls[self.route] += 1
            service.running[self.route] += 1
            service.peak[self.route] = max(service.peak[self.route], service.running[self.route])
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.answer(service)
        finally:
            with service.lock:
                service.running[self.route] -= 1

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_any

    def send(self, status, text, kind="application/json", headers=()):
        content = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def json(self, value, status=200):
        self.send(status, json.dumps(value))

    def answer(self, service):
        first, _, rest = self.route.lstrip("/").partition("/")
        route = getattr(self, "on_" + first, None)
        if route is None:
            self.send(404, "no such thing", "text/plain")
        else:
            route(service, rest)

    def on_rating(self, _service, _rest):
        time.sleep(float(self.query.get("ms", 0)) / 1000)
        title = self.query.get("t", "")
        if title == "none":
            self.json(None)
        elif title == "bad":
            self.send(404, "unknown title", "text/plain")
        else:
            self.json({"title": title, "stars": len(title), "half-stars": len(title) / 2, "tags": list(title[:2]),
                       "maker": {"name": title.upper(), "since": "2024-05-01T10:00:00+02:00"}, "when": "2024-05-01"})

    def on_ratings(self, _service, _rest):
        count = int(self.query.get("n", 3))
        self.json([{"title": f"t{i}", "stars": i, "tags": []} for i in range(count)])

    def on_stars(self, _service, rest):
        """Takes a list of titles, or with /short one too few of the answers."""
        titles = json.loads(self.body)
        stars = [None if title == "none" else {"of": title, "stars": len(title)} for title in titles]
        self.json(stars[1:] if rest == "short" else stars)

    def on_slow(self, _service, _rest):
        time.sleep(float(self.query.get("ms", 100)) / 1000)
        self.json({"n": self.query.get("n"), "value": self.query.get("n")})

    def on_hold(self, service, _rest):
        """Answers nothing and waits for the client to leave."""
        service.held.set()
        self.connection.settimeout(30)
        with contextlib.suppress(OSError):
            if not self.connection.recv(1):
                service.left.set()
        self.close_connection = True

    def on_status(self, _service, rest):
        self.send(int(rest), self.query.get("text", f"went wrong {rest}") if rest != "204" else "", "text/plain")

    def on_raw(self, _service, _rest):
        self.send(200, self.query.get("text", ""), self.query.get("type", "application/json"))

    def on_deep(self, _service, _rest):
        depth = int(self.query.get("n", 100000))
        self.send(200, "[" * depth + "]" * depth)

    def on_huge(self, _service, _rest):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b'"')
        for _ in range(int(self.query.get("mb", 100))):
            self.wfile.write(b"x" * (1 << 20))
        self.wfile.write(b'"')
        self.close_connection = True

    def on_trickle(self, _service, _rest):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def on_cut(self, _service, _rest):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"a":')
        self.close_connection = True

    def on_drop(self, service, _rest):
        if self.failed_enough(service):
            self.json("at last")
            return
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def on_flaky(self, service, _rest):
        if self.failed_enough(service):
            self.json("at last")
        else:
            self.send(503, "busy", "text/plain")

    def failed_enough(self, service):
        with service.lock:
            service.failures[self.query.get("key", "")] += 1
            return service.failures[self.query.get("key", "")] > int(self.query.get("fails", 1))

    def on_patient(self, service, _rest):
        if self.failed_enough(service):
            self.json("thank you")
        else:
            self.send(503, "later", "text/plain", [("Retry-After", self.query["after"])])

    # What was sent, byte for byte.
    def on_forms(self, _service, _rest):
        self.json({"type": self.headers.get("Content-Type"), "text": self.body, "cookie": self.headers.get("Cookie")})

    def on_redirect(self, _service, _rest):
        left = int(self.query.get("n", 1))
        target = f"/redirect?n={left - 1}" if left > 1 else "/echo/there?from=redirect"
        self.send(302, "", headers=[("Location", self.query.get("to", target))])

    def on_echo(self, _service, rest):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.json({"method": self.command, "path": self.route, "rest": rest, "query": self.pairs, "headers": headers,
                   "body": json.loads(self.body) if self.body else None})

    def on_secretive(self, _service, _rest):
        self.send(500, f"you sent {dict(self.headers)} to {self.path}", "text/plain")

    def on_token(self, service, rest):
        form = dict(urllib.parse.parse_qsl(self.body))
        with service.lock:
            service.forms.append(form)
            if form.get("client_secret") == "wrong" or form.get("password") == "wrong":
                self.send(401, json.dumps({"error": "invalid", "got": form}))
                return
            if form.get("grant_type") == "refresh_token" and form["refresh_token"] not in service.refresh_tokens:
                self.send(400, '{"error": "invalid_grant"}')
                return
            service.given += 1
            token = f"token{service.given}"
            service.tokens.add(token)
            answer = {"access_token": token, "token_type": "bearer", "expires_in": service.token_seconds}
            if form.get("grant_type") == "password":
                answer["refresh_token"] = "refresh-" + token
                service.refresh_tokens.add("refresh-" + token)
        self.json({"data": {"jwt": token, "ttl": service.token_seconds}} if rest == "wrapped" else answer)

    def on_guarded(self, service, _rest):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        with service.lock:
            known = token in service.tokens
        if kind != "Bearer" or not known:
            self.send(401, "who are you?", "text/plain")
        else:
            self.json({"token": token, "n": self.query.get("n")})

    def on_members(self, _service, _rest):
        expected = "Basic " + base64.b64encode(b"ada:s3cret:x").decode()
        self.json({"in": True}) if self.headers.get("Authorization") == expected else self.send(401, "no", "text/plain")

    def on_documents(self, service, rest):
        if rest in service.documents:
            self.send(200, service.documents[rest], "application/yaml" if rest.endswith("yaml") else "application/json")
        else:
            self.send(404, "no such document", "text/plain")

    def on_calls(self, service, _rest):
        with service.lock:
            self.json({"calls": service.calls, "peak": service.peak})

    # A small shop, as the OpenAPI documents of the tests describe it.
    def on_v1(self, _service, rest):
        self.json({"method": self.command, "rest": rest, "query": self.pairs, "id": 7, "pet-name": "Rex", "kind": "dog",
                   "body": json.loads(self.body) if self.body else None, "trace": self.headers.get("X-Trace"),
                   "owner": {"name": "Ada", "pets": [{"id": 1, "pet-name": "Tom"}]}, "born": "2024-02-03", "weight": 1.5, "big": 12345678901,
                   "seen": "2024-05-01T10:00:00Z", "tags": ["a", "b"], "extra": {"any": [1, {"x": 2}]}})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


class Service:
    def __init__(self, port=0):
        self.lock = threading.RLock()
        self.calls, self.running, self.peak = (collections.Counter() for _ in range(3))
        self.failures = collections.Counter()
        self.documents, self.forms = {}, []
        self.held, self.left = threading.Event(), threading.Event()
        self.tokens, self.refresh_tokens, self.token_seconds, self.given = set(), set(), 3600, 0
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.service = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def forget(self):
        with self.lock:
            self.calls.clear()
            self.peak.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    with Service(parser.parse_args().port) as service:
        print(service.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
