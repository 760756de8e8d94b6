"""TLS between nodes: a cluster that speaks nothing else, whom it refuses, and what hangs nobody."""

import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import websockets.sync.client

import certificates
import harness
import signing
from members_test import ADMIN, ThreeNodes
from readonly_cluster_test import NODES, ReadOnlyCluster

SDL = """
type me @view(name: "me", sql: "SELECT '%s' AS name") { name: String }
type big @view(name: "big", sql: "SELECT range AS id, md5(range::VARCHAR) AS word FROM range(400000)") { id: Int word: String }
"""
ME = "{ own { me { name } } }"
BIG = "{ own { big(limit: 400000) { id word } } }"
QUERY = json.dumps({"query": "{ function { core { auth { me { role user_id auth_type } } } } }"})


class Witness(harness.Gate):
    """A gate that keeps the beginning of all that goes either way."""

    def __init__(self, target):
        self.seen = []
        super().__init__(target)

    def _relay(self, source, sink):
        try:
            while piece := source.recv(65536):
                self.seen.append(piece)
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class TlsNodes(ThreeNodes):
    settings = {"CLUSTER_ROUTE_HEADER": "true"}

    def setUp(self):
        super().setUp()
        self.authority = certificates.Authority(self.cluster.folder)
        self.stranger = certificates.Authority(self.cluster.folder, "stranger")

    def member(self, name, role="worker", authority=None, alternatives=None, **environment):
        settings = (authority or self.authority).settings(name, alternatives)
        node = self.cluster.member(name, role, **settings)
        node.environment |= {"CLUSTER_NODE_URL": f"https://127.0.0.1:{node.port}/ipc"} | environment
        return node.configure({"sources": [
            {"name": "own", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
             "catalogs": [{"name": "own", "type": "text", "path": SDL % name}]}]})

    def context(self, pair=None, trusted=None):
        """A client's side of TLS that shows the certificate `pair`."""
        context = ssl.create_default_context(cafile=str(trusted or self.authority.certificate))
        context.check_hostname = False
        if pair:
            context.load_cert_chain(*map(str, pair))
        return context

    def send(self, node, body, headers, context=None, path="/query", method="POST"):
        """Status, headers in small letters and body; over TLS with a context."""
        connection = (http.client.HTTPSConnection("127.0.0.1", node.port, timeout=30, context=context) if context
                      else http.client.HTTPConnection("127.0.0.1", node.port, timeout=30))
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def to(self, name):
        return ADMIN | {"X-Eider-Target-Node": name}

    def asked(self, query):
        return json.dumps({"query": query})


class TlsClusterTest(TlsNodes):
    def test_a_cluster_speaks_tls_alone(self):
        nodes = [self.member("mgmt", "management"), self.member("w1")]
        witness = Witness(0)
        self.cluster.gates.append(witness)
        nodes.append(self.member("w2", CLUSTER_NODE_URL=f"https://127.0.0.1:{witness.port}"))
        witness.target = nodes[2].port
        for node in nodes:
            node.start(wait=False)
        for node in nodes:
            node.wait_ready()
        harness.wait_for("all are up", lambda: {row["status"] for row in self.rows(nodes[1]).values()} == {"up"}, 15)
        self.insert(nodes[0], self.shop())
        done = self.operate(nodes[1], 'load_source(name: "shop")')
        self.assertEqual((done["success"], done["message"]), (True, "forwarded to management"))
        for node in nodes:
            self.assertEqual(self.count(node), 3)
        # Short answers are signed before their bodies, long ones behind them.
        for target in ("mgmt", "w2"):
            self.assertEqual(nodes[1].ask(ME, self.to(target))["own"]["me"], [{"name": target}])
        here, there = (self.send(node, self.asked(BIG), headers) for node, headers in
                       ((nodes[2], ADMIN), (nodes[1], self.to("w2"))))
        self.assertEqual((here[0], there[0]), (200, 200))
        self.assertGreater(len(here[2]), 15_000_000)
        self.assertEqual(hashlib.sha256(there[2]).digest(), hashlib.sha256(here[2]).digest())
        environment = nodes[0].environment | {"PATH": os.environ["PATH"], "HOME": str(self.cluster.folder)}
        doctor = subprocess.run([harness.BINARY, "cluster", "doctor", "--endpoint", nodes[0].url], env=environment,
                                cwd=nodes[0].folder, capture_output=True, text=True, timeout=60, check=False)
        for name in ("w1", "w2"):
            self.assertIn(f"node {name}: answers at https://", doctor.stdout, doctor.stderr)
        seen = b"".join(witness.seen)
        self.assertGreater(len(seen), 1000)
        self.assertTrue(witness.seen[0].startswith(b"\x16"))
        for word in (b"X-Eider", b"/ipc", b"HTTP/1.1"):
            self.assertNotIn(word, seen)

    def test_clients_need_no_certificate_and_no_tls(self):
        node = self.member("w1").start()
        for context in (None, self.context(), self.context(self.stranger.issue("ann"))):
            status, _, body = self.send(node, self.asked(ME), ADMIN, context)
            self.assertEqual((status, json.loads(body)), (200, {"data": {"own": {"me": [{"name": "w1"}]}}}))
            status, _, body = self.send(node, self.asked(BIG), ADMIN, context)
            self.assertEqual((status, len(json.loads(body)["data"]["own"]["big"])), (200, 400_000))
        self.assertEqual(self.send(node, self.asked(ME), {"x-hugr-secret": "wrong"}, self.context())[0], 401)

    def test_subscriptions_go_over_tls(self):
        """Reading and writing at once: rows without end in one direction, requests and pings in the other."""
        node = self.member("w1").start()
        big = "subscription { query(count: 1) { own { big(limit: 400000) { id word } } } }"
        for context in (None, self.context()):
            scheme = "wss" if context else "ws"
            with websockets.sync.client.connect(f"{scheme}://127.0.0.1:{node.port}/subscribe", ssl=context, max_queue=4,
                                                subprotocols=["graphql-transport-ws"], additional_headers=ADMIN,
                                                open_timeout=20) as client:
                client.send('{"type": "connection_init"}')
                self.assertEqual(json.loads(client.recv(20)), {"type": "connection_ack"})
                client.send(json.dumps({"id": "big", "type": "subscribe", "payload": {"query": big}}))
                rows, answers, number = 0, 0, 0
                while True:
                    message = json.loads(client.recv(20))
                    rows += message["type"] == "next" and message["id"] == "big"
                    answers += message["type"] == "next" and message["id"] != "big"
                    if message["type"] == "complete" and message["id"] == "big":
                        break
                    if rows % 50_000 == 1 and message["id"] == "big":
                        number += 1
                        client.send(json.dumps({"id": str(number), "type": "subscribe", "payload": {
                            "query": ME + " " * 100_000}}))
                while answers < number:
                    answers += json.loads(client.recv(20))["type"] == "next"
            self.assertEqual((rows, answers), (400_000, 8))

    def test_many_requests_go_over_one_connection(self):
        node = self.member("w1").start()
        connection = http.client.HTTPSConnection("127.0.0.1", node.port, timeout=30, context=self.context())
        for size in (10, 50_000, 2_000_000):
            for _ in range(3):
                body = json.dumps({"query": ME + " " * size})
                connection.request("POST", "/query", body, ADMIN)
                response = connection.getresponse()
                self.assertEqual((response.status, json.loads(response.read())["data"]["own"]["me"]), (200, [{"name": "w1"}]))
        connection.close()


class RefusalTest(TlsNodes):
    def call(self, node, context, name="mgmt", secret=harness.SECRET):
        status, headers, body = self.send(node, QUERY, signing.headers_of(secret, name, node.name, QUERY), context, "/ipc")
        errors = [] if status == 200 else json.loads(body)["errors"]
        return status, errors[0]["message"] if errors else "", headers

    def test_calls_that_do_not_prove_their_node_are_refused(self):
        path = self.cluster.folder / "audit.log"
        node = self.member("w1", AUDIT_SINK=f"file:{path}").start()
        self.cluster.know("mgmt")
        own = self.authority.issue("mgmt")
        for pair, message in ((None, "it shows no certificate"),
                              (self.stranger.issue("mgmt"), "its certificate is refused"),
                              (self.authority.issue("other"), "does not name the node"),
                              (self.authority.issue("mgmt", "DNS:*,DNS:mgmt.example,DNS:xmgmt,URI:mgmt", "near"),
                               "does not name the node"),
                              (self.authority.issue("mgmt", "DNS:MGMT", "capital"), "does not name the node")):
            status, said, headers = self.call(node, self.context(pair))
            self.assertEqual(status, 403, pair)
            self.assertIn(message, said)
            self.assertNotIn("x-eider-signature", headers)
        status, said, _ = self.call(node, None)
        self.assertEqual(status, 403)
        self.assertIn("set CLUSTER_TLS_CA", said)
        # A certificate alone is not enough, and the signature not of another node.
        self.assertEqual(self.call(node, self.context(own), secret="a secret of another cluster")[0], 401)
        self.assertEqual(self.call(node, self.context(own), name="other")[0], 403)
        status, _, headers = self.call(node, self.context(own))
        self.assertEqual(status, 200)
        self.assertIn("x-eider-signature", headers)
        self.assertEqual(node.stop(), 0)
        refused = [json.loads(line)["detail"] for line in path.read_text().splitlines() if '"denied"' in line]
        self.assertEqual(sorted(refused), ["certificate of a node"] * 7 + ["signature of a node"])

    def test_who_is_called_must_prove_its_name(self):
        nodes = [self.member("mgmt", "management").start(), self.member("w1").start()]
        strange = self.member("strange", authority=self.stranger).start()
        plain = self.cluster.member("plain").start()
        self.cluster.core.sql("INSERT INTO eider.cluster_nodes (name, url, role, incarnation, status) VALUES "
                              f"('forged', 'https://127.0.0.1:{nodes[1].port}', 'worker', 'forged', 'up')")
        harness.wait_for("they are known", lambda: {"strange", "plain"} <= set(self.rows(nodes[0])), 10)

        def outcome(entry, target):
            status, _, body = self.send(entry, self.asked(ME), self.to(target))
            return status, json.loads(body).get("errors", [{"message": ""}])[0]["message"]
        # A connection to that address is there already, for the node that is right.
        self.assertEqual(outcome(nodes[0], "w1"), (200, ""))
        for entry, target, message in ((nodes[0], "forged", 'does not name the node "forged"'),
                                       (nodes[0], "strange", "no TLS between the nodes"),
                                       (nodes[0], "plain", "has an address without TLS"),
                                       (strange, "w1", "no TLS between the nodes"),
                                       (plain, "w1", "failed")):
            # It may have been found unreachable meanwhile, which is known of a member before it is asked.
            def refused():
                status, said = outcome(entry, target)
                self.assertNotEqual(status, 200)
                return said if message in said else None
            harness.wait_for(f"{entry.name} is told why {target} is not asked", refused, 10)
        for name in ("forged", "strange", "plain"):
            harness.wait_for(f"{name} is found out", lambda: self.rows(nodes[1]).get(name, {}).get("status") != "up", 15)


class HandshakeTest(TlsNodes):
    def half_hello(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self.context().wrap_bio(incoming, outgoing)
        with self.assertRaises(ssl.SSLWantReadError):
            session.do_handshake()
        hello = outgoing.read()
        return hello[:len(hello) // 2]

    def test_garbage_and_half_handshakes_hang_nobody(self):
        node = self.member("w1", IO_THREADS="1").start()
        pieces = [b"\x16", b"\x16" + b"\xff" * 500, b"\x16\x03\x01\x40\x00", self.half_hello(), os.urandom(3000),
                  b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(600), b""]
        waiting = []
        for piece in pieces * 5:
            client = socket.create_connection(("127.0.0.1", node.port), timeout=20)
            client.sendall(piece)
            waiting.append(client)
        begun = time.monotonic()
        for context in (None, self.context()):
            self.assertEqual(self.send(node, self.asked(ME), ADMIN, context)[0], 200)
        self.assertLess(time.monotonic() - begun, 3)
        # Handshakes have ten seconds, as heads of requests have; who sends nothing may stay longer.
        for client, piece in zip(waiting, pieces * 5):
            if piece:
                try:
                    while client.recv(4096):
                        pass
                except ConnectionError:
                    pass
        self.assertLess(time.monotonic() - begun, 15)
        for client in waiting:
            client.close()
        harness.wait_for("they are closed", lambda: node.metrics("eider_http_connections")[0][1] <= 1, 5)
        late = socket.create_connection(("127.0.0.1", node.port), timeout=20)
        late.sendall(self.half_hello())
        begun = time.monotonic()
        self.assertEqual(node.stop(), 0)
        self.assertLess(time.monotonic() - begun, 5)
        late.close()

    def test_a_client_that_does_not_read_holds_up_nobody(self):
        node = self.member("w1", IO_THREADS="1").start()
        for context in (self.context(), None):
            plain = socket.create_connection(("127.0.0.1", node.port), timeout=30)
            client = context.wrap_socket(plain) if context else plain
            body = self.asked(BIG)
            head = "".join(f"{name}: {value}\r\n" for name, value in ADMIN.items())
            client.sendall(f"POST /query HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            time.sleep(0.5)
            begun = time.monotonic()
            for _ in range(3):
                self.assertEqual(self.send(node, self.asked(ME), ADMIN, self.context())[0], 200)
            self.assertLess(time.monotonic() - begun, 3)
            response = http.client.HTTPResponse(client)
            response.begin()
            self.assertEqual(len(json.loads(response.read())["data"]["own"]["big"]), 400_000)
            client.close()

    def test_an_answer_that_nobody_waits_for_is_given_up(self):
        node = self.member("w1").start()
        client = self.context().wrap_socket(socket.create_connection(("127.0.0.1", node.port), timeout=30))
        body = self.asked("{ own { big(limit: 400000, order_by: [{field: \"word\"}]) { id word } } }")
        head = "".join(f"{name}: {value}\r\n" for name, value in ADMIN.items())
        client.sendall(f"POST /query HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        client.recv(10)
        client.close()
        harness.wait_for("its query has ended", lambda: node.metrics("eider_queries_running") == [("", 0.0)], 10)


class RenewalTest(TlsNodes):
    def serial(self, node):
        with self.context().wrap_socket(socket.create_connection(("127.0.0.1", node.port), timeout=10)) as client:
            return client.getpeercert()["serialNumber"]

    def test_renewed_certificates_count_without_a_restart(self):
        nodes = [self.member("mgmt", "management").start(), self.member("w1").start()]
        before = self.serial(nodes[1])
        files = [nodes[1].environment[f"CLUSTER_TLS_{part}"] for part in ("CERT", "KEY")]
        self.authority.issue("w1")
        harness.wait_for("it shows the new one", lambda: self.serial(nodes[1]) != before, 10)
        self.assertIn("the certificates of this node were renewed", nodes[1].log())
        renewed = self.serial(nodes[1])
        for path, text in ((files[0], "no certificate"), (files[1], "")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        self.assertEqual(self.serial(nodes[1]), renewed)
        harness.wait_for("it says so", lambda: "changed certificates of this node are not used" in nodes[1].log(), 10)
        harness.wait_for("they know each other", lambda: len(self.rows(nodes[0])) == 2, 10)
        for entry, target in ((nodes[0], "w1"), (nodes[1], "mgmt")):
            self.assertEqual(entry.ask(ME, self.to(target))["own"]["me"], [{"name": target}])


class ReadOnlyTest(ReadOnlyCluster):
    def member(self, name, role, **environment):
        node = self.cluster.member(name, role, **self.authority.settings(name))
        node.environment |= {"CLUSTER_NODE_URL": f"https://127.0.0.1:{node.port}"} | environment
        return node

    def test_the_management_node_is_known_by_the_host_of_its_url(self):
        self.authority = certificates.Authority(self.folder)
        manager = self.member("mgmt", "management").start()
        url = f"https://127.0.0.1:{manager.port}/ipc"
        self.member("w1", "worker", CLUSTER_MANAGEMENT_URL=url, CLUSTER_NODE_URL="auto").start()

        def members():
            return {row["name"]: row["status"] for row in manager.ask(NODES, ADMIN)["core"]["cluster"]["nodes"]}
        harness.wait_for("both are up", lambda: members() == {"mgmt": "up", "w1": "up"}, 15)
        # Found by a host that its certificate does not have, it may be anybody.
        other = self.member("w2", "worker", CLUSTER_MANAGEMENT_URL=url.replace("127.0.0.1", "localhost")).start(wait=False)
        harness.wait_for("it tells why", lambda: "no TLS between the nodes" in other.log(), 15)
        self.assertIn("localhost", other.log())
        self.assertNotIn("w2", members())


class OptionsTest(unittest.TestCase):
    def test_files_that_do_not_fit_stop_the_start(self):
        with tempfile.TemporaryDirectory(prefix="eider_tls_") as folder:
            own, stranger = certificates.Authority(folder), certificates.Authority(folder, "stranger")
            good = own.settings("worker-1") | {"CLUSTER_NODE_URL": "https://127.0.0.1:1"}
            empty = os.path.join(folder, "empty.pem")
            with open(empty, "w", encoding="utf-8"):
                pass
            other_made, other_key = map(str, own.issue("other"))
            strange_made, strange_key = map(str, stranger.issue("worker-1"))
            cluster = harness.Cluster(folder)
            self.addCleanup(cluster.core.close)
            for number, (change, message) in enumerate((
                    ({"CLUSTER_TLS_KEY": ""}, "CLUSTER_TLS_KEY must be set, too"),
                    ({"CLUSTER_TLS_CA": "", "CLUSTER_TLS_CERT": ""}, "CLUSTER_TLS_CA must be set, too"),
                    ({"CLUSTER_NODE_URL": "http://127.0.0.1:1"}, "CLUSTER_NODE_URL must begin with https://"),
                    ({"CLUSTER_MANAGEMENT_URL": "http://127.0.0.1:1"}, "CLUSTER_MANAGEMENT_URL must begin with https://"),
                    ({"CLUSTER_TLS_CA": "nowhere.pem"}, 'CLUSTER_TLS_CA: \\"nowhere.pem\\" cannot be read: No such file'),
                    ({"CLUSTER_TLS_CERT": folder}, "cannot be read: Is a directory"),
                    ({"CLUSTER_TLS_CA": empty}, "CLUSTER_TLS_CA has no certificate"),
                    ({"CLUSTER_TLS_CERT": empty}, "CLUSTER_TLS_CERT has no certificate"),
                    ({"CLUSTER_TLS_KEY": empty}, "CLUSTER_TLS_KEY has no key"),
                    ({"CLUSTER_TLS_KEY": other_key}, "CLUSTER_TLS_KEY is not the key of the certificate"),
                    ({"CLUSTER_TLS_CERT": other_made, "CLUSTER_TLS_KEY": other_key}, "CLUSTER_TLS_CERT does not name this node"),
                    ({"CLUSTER_TLS_CERT": strange_made, "CLUSTER_TLS_KEY": strange_key},
                     "CLUSTER_TLS_CERT: the other nodes would refuse this certificate"))):
                node = cluster.member(f"n{number}", CLUSTER_NODE_NAME="worker-1", **(good | change)).start(wait=False)
                try:
                    self.assertNotEqual(node.process.wait(harness.SECONDS), 0, message)
                    self.assertIn(message.replace('\\"', '"'), node.log().replace('\\"', '"'))
                finally:
                    node.kill()


if __name__ == "__main__":
    unittest.main()
