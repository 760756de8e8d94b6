"""Calls between nodes over real sockets: what is let in, what is refused, and how answers are signed."""

import json
import tempfile
import time
import unittest

import harness
import signing

QUERY = json.dumps({"query": "{ function { core { auth { me { role user_id auth_type } } } } }"})
ROLES = json.dumps({"query": "{ core { roles { name } } }"})


class LinksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="eider_links_")
        cls.cluster = harness.Cluster(cls.scratch.name, CLUSTER_SECRET_PREVIOUS="the secret before this one")
        cls.node = cls.cluster.start("worker-1")
        cls.cluster.know("mgmt-a")

    @classmethod
    def tearDownClass(cls):
        cls.cluster.__exit__(None)
        cls.scratch.cleanup()

    def send(self, headers, body=QUERY, path="/ipc", method="POST"):
        return signing.send(self.node.port, headers, body, path, method)

    def sign(self, body=QUERY, secret=harness.SECRET, **changes):
        return signing.headers_of(secret, changes.pop("node", "mgmt-a"), changes.pop("target", "worker-1"), body, **changes)

    def rejected(self):
        return sum(value for labels, value in self.node.metrics("eider_auth_total") if 'outcome="reject"' in labels)

    def refuse(self, headers, body=QUERY, path="/ipc", method="POST"):
        before = self.rejected()
        status, _, text = self.send(headers, body, path, method)
        self.assertEqual(status, 401, text)
        self.assertEqual(json.loads(text)["errors"][0]["message"], "unauthorized")
        self.assertEqual(self.rejected(), before + 1)

    def test_a_signed_call_acts_as_the_node_and_its_answer_is_signed(self):
        headers = self.sign()
        status, answered, body = self.send(headers)
        self.assertEqual(status, 200, body)
        me = json.loads(body)["data"]["function"]["core"]["auth"]["me"]
        self.assertEqual(me, {"role": "admin", "user_id": "mgmt-a", "auth_type": "cluster"})
        signed = answered["x-eider-signature"]
        self.assertTrue(signing.is_signed(harness.SECRET, headers["X-Eider-Nonce"], 200, body, signed))
        self.assertFalse(signing.is_signed(harness.SECRET, "0" * 32, 200, body, signed))

    def test_a_recorded_call_is_refused_again_and_when_changed(self):
        headers = self.sign()
        self.assertEqual(self.send(headers)[0], 200)
        self.refuse(headers)
        self.refuse(self.sign(), ROLES)
        self.refuse(self.sign(target="worker-2"))
        for minutes in (-2, 2):
            self.refuse(self.sign(when=int((time.time() + 60 * minutes) * 1000)))
        self.refuse(self.sign(path="/ipc/ping"))
        self.refuse(self.sign(method="GET"))
        self.refuse(self.sign() | {"X-Eider-Node": "mgmt-b"})
        self.refuse(self.sign() | {"X-Eider-On-Behalf": signing.on_behalf_text({"role": "admin"})})

    def test_refusals_are_written_into_the_audit_log(self):
        path = self.cluster.folder / "audit.log"
        node = self.cluster.start("audited", AUDIT_SINK=f"file:{path}")
        for target, status in (("audited", 200), ("another", 401)):
            headers = signing.headers_of(harness.SECRET, "mgmt-a", target, QUERY)
            self.assertEqual(signing.send(node.port, headers, QUERY)[0], status)
        headers = signing.headers_of("some other secret of nobody", "mgmt-a", "audited", QUERY)
        self.assertEqual(signing.send(node.port, headers, QUERY)[0], 401)
        self.assertEqual(node.stop(), 0)
        records = [json.loads(line) for line in path.read_text().splitlines()]
        refused = [record for record in records if record["outcome"] == "denied"]
        self.assertEqual([(record["action"], record["code"], record["object"], record["client_ip"], record["detail"])
                          for record in refused],
                         [("authenticate", "UNAUTHENTICATED", "/ipc", "127.0.0.1", "signature of a node")] * 2)
        self.assertNotIn("some other secret", path.read_text())

    def test_malformed_headers_are_refused(self):
        for name, value in {"X-Eider-Signature": "v1=00", "X-Eider-Time": "soon", "X-Eider-Nonce": "1",
                            "X-Eider-Node": "a b", "X-Eider-Target": ""}.items():
            self.refuse(self.sign() | {name: value})
        self.refuse({"X-Eider-Signature": "v1=" + "0" * 64})

    def test_the_previous_secret_is_accepted_and_answered_with(self):
        headers = self.sign(secret="the secret before this one")
        status, answered, body = self.send(headers)
        self.assertEqual(status, 200)
        self.assertTrue(signing.is_signed("the secret before this one", headers["X-Eider-Nonce"], 200, body,
                                          answered["x-eider-signature"]))
        self.refuse(self.sign(secret="a secret of another cluster"))

    def test_a_call_on_behalf_of_somebody_has_their_rights(self):
        def ask(identity, body):
            return self.send(self.sign(body, on_behalf=signing.on_behalf_text(identity)), body)
        status, _, body = ask({"role": "admin", "user_id": "7", "user_name": "Ann", "auth_type": "jwt"}, QUERY)
        self.assertEqual(status, 200, body)
        me = json.loads(body)["data"]["function"]["core"]["auth"]["me"]
        self.assertEqual(me, {"role": "admin", "user_id": "7", "auth_type": "jwt"})
        _, answered, body = ask({"role": "public", "user_id": "7"}, ROLES)
        self.assertIn("errors", json.loads(body))
        self.assertIn("x-eider-signature", answered)
        self.assertEqual(ask({"role": "nobody has this"}, QUERY)[0], 403)
        self.assertEqual(ask({"user_id": "7"}, QUERY)[0], 401)

    def test_a_long_answer_is_signed_as_a_whole(self):
        body = json.dumps({"query": "{ __schema { types { name description fields { name description type { name kind } } } } }"})
        headers = self.sign(body)
        status, answered, text = self.send(headers, body)
        self.assertEqual(status, 200)
        self.assertGreater(len(text), 100_000)
        self.assertTrue(signing.is_signed(harness.SECRET, headers["X-Eider-Nonce"], 200, text,
                                          answered["x-eider-signature"]))

    def test_ping_tells_the_incarnation_to_nodes_alone(self):
        headers = self.sign("", path="/ipc/ping")
        status, answered, body = self.send(headers, "", "/ipc/ping")
        self.assertEqual(status, 200)
        told = json.loads(body)
        self.assertEqual(told["node"], "worker-1")
        self.assertEqual(len(told["incarnation"]), 32)
        self.assertTrue(signing.is_signed(harness.SECRET, headers["X-Eider-Nonce"], 200, body,
                                          answered["x-eider-signature"]))
        self.assertEqual(self.send({"x-hugr-secret": harness.SECRET}, "", "/ipc/ping")[0], 403)

    def test_the_plain_secret_is_an_administrator(self):
        for path in ("/query", "/ipc"):
            status, _, body = self.send({"x-hugr-secret": harness.SECRET, "Accept": "application/json"}, path=path)
            self.assertEqual(status, 200, body)
            self.assertEqual(json.loads(body)["data"]["function"]["core"]["auth"]["me"]["auth_type"], "cluster")
            self.assertEqual(self.send({"x-hugr-secret": "wrong"}, path=path)[0], 401)

    def test_tables_are_refused_with_a_reason(self):
        status, _, body = self.send({"x-hugr-secret": harness.SECRET})
        self.assertEqual(status, 406)
        self.assertIn("only in JSON", json.loads(body)["errors"][0]["message"])


class OptionsTest(unittest.TestCase):
    def start(self, **environment):
        with tempfile.TemporaryDirectory(prefix="eider_links_") as folder:
            cluster = harness.Cluster(folder)
            node = cluster.member("worker-1", **environment).start(wait=False)
            try:
                return node.process.wait(harness.SECONDS), node.log()
            finally:
                node.kill()
                cluster.core.close()

    def test_options_that_do_not_fit_stop_the_start(self):
        for environment, message in (({"CLUSTER_SECRET": ""}, "CLUSTER_SECRET must be set"),
                                     ({"CLUSTER_NODE_NAME": ""}, "CLUSTER_NODE_NAME must be set"),
                                     ({"CLUSTER_NODE_NAME": "a b"}, "CLUSTER_NODE_NAME must be 1 to 63 letters"),
                                     ({"CLUSTER_TLS_CA": "ca.pem"}, "CLUSTER_TLS_CERT must be set, too"),
                                     ({"CORE_DB_PATH": ""}, "a cluster needs a core database"),
                                     ({"CORE_DB_PATH": "core.duckdb"}, "a cluster needs a core database")):
            code, log = self.start(**environment)
            self.assertNotEqual(code, 0)
            self.assertIn(message, log)

    def test_the_plain_secret_may_be_refused(self):
        with tempfile.TemporaryDirectory(prefix="eider_links_") as folder, harness.Cluster(folder) as cluster:
            node = cluster.start("worker-1", CLUSTER_ACCEPT_PLAIN_SECRET="false", SECRET_KEY="the key of admins")
            cluster.know("a")
            self.assertEqual(node.send("POST", "/query", QUERY, {"x-hugr-secret": harness.SECRET})[0], 401)
            self.assertEqual(signing.send(node.port, signing.headers_of(harness.SECRET, "a", "worker-1", QUERY), QUERY)[0], 200)

    def test_without_a_cluster_nobody_is_a_node(self):
        with tempfile.TemporaryDirectory(prefix="eider_links_") as folder, harness.Cluster(folder) as cluster:
            node = cluster.start("worker-1", CLUSTER_ENABLED="false")
            self.assertEqual(signing.send(node.port, signing.headers_of(harness.SECRET, "a", "worker-1", QUERY), QUERY)[0], 401)


if __name__ == "__main__":
    unittest.main()
