"""Nodes over one core database in PostgreSQL: secrets that follow, keys that must be the same, health, the doctor."""

import json
import os
import subprocess
import tempfile
import unittest

import harness
import postgres

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_KEY = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
REGISTER = """mutation { function { core { storage { register_object_storage(type: "s3", name: "the store", scope: "bucket",
  key: "AKID-of-the-store", secret: "secret-of-the-store", endpoint: "127.0.0.1:9", use_ssl: false, url_style: "path") { success message } } } } }"""
UNREGISTER = 'mutation { function { core { storage { unregister_storage(name: "the store") { success message } } } } }'
KNOWN = """{ core { storage { registered_object_storages { name scope } } meta { secrets(filter: {name: {eq: "the store"}}) { name scope } } } }"""
ADMIN = {"x-hugr-secret": harness.SECRET}


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is not installed")
class SharedCoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.Server()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_shared_")
        self.addCleanup(scratch.cleanup)
        self.database = self.id().rsplit(".", 1)[1][5:50]
        self.dsn = self.server.create_database(self.database)
        self.cluster = harness.Cluster(scratch.name, CORE_DB_PATH=self.dsn, CORE_DB_ENCRYPTION_KEY=KEY, AUTOMIGRATE="true",
                                       CLUSTER_POLL_INTERVAL="2s", PERMISSION_POLL_INTERVAL="2s")
        self.failed = True
        self.addCleanup(lambda: self.cluster.__exit__(AssertionError if self.failed else None))

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def known(self, node):
        data = node.ask(KNOWN, ADMIN)["core"]
        return ([row["name"] for row in data["storage"]["registered_object_storages"]],
                [row["scope"] for row in data["meta"]["secrets"]])

    def outcome(self, node, query):
        function = node.ask(query, ADMIN)["function"]["core"]["storage"]
        return next(iter(function.values()))

    def test_secrets_of_storages_follow_on_every_node(self):
        a = self.cluster.start("a", "management")
        b = self.cluster.start("b")
        self.assertEqual(self.known(b), ([], []))
        # A node is ready a moment before it leads.
        harness.wait_for("the storage is registered", lambda: self.outcome(a, REGISTER)["success"], 10)
        there = (["the store"], [["s3://bucket"]])
        self.assertEqual(self.known(a), there)
        harness.wait_for("the other node has it", lambda: self.known(b) == there, 5)
        # Nothing readable is stored, in the database or beside the nodes.
        dump = subprocess.run([os.path.join(self.server.bin, "pg_dump"), self.dsn], capture_output=True, text=True, check=True).stdout
        self.assertIn("the store", dump)
        for secret in ("AKID-of-the-store", "secret-of-the-store", harness.SECRET, KEY):
            self.assertNotIn(secret, dump)
            for path in self.cluster.folder.rglob("*"):
                if path.is_file():
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)
        # At start, before any source is attached.
        self.assertEqual(b.stop(), 0)
        b.start()
        self.assertEqual(self.known(b), there)
        self.assertTrue(self.outcome(b, UNREGISTER)["success"])
        self.assertEqual(self.known(b), ([], []))
        harness.wait_for("it is gone everywhere", lambda: self.known(a) == ([], []), 5)

    def refused(self, name, **environment):
        node = self.cluster.member(name, **environment).start(wait=False)
        self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
        return node.log()

    def test_a_node_with_other_secrets_does_not_start(self):
        self.cluster.start("a", "management")
        self.assertIn("CLUSTER_SECRET is not that of the other nodes", self.refused("b", CLUSTER_SECRET="another secret, long enough"))
        self.assertIn("core encryption key does not match", self.refused("c", CORE_DB_ENCRYPTION_KEY=OTHER_KEY))
        # A change of the secret, one node after the other.
        self.cluster.start("d", CLUSTER_SECRET="the secret that comes next", CLUSTER_SECRET_PREVIOUS=harness.SECRET)
        self.cluster.start("e", CLUSTER_SECRET="the secret that comes next")
        self.assertIn("CLUSTER_SECRET is not", self.refused("f"))

    def test_a_lost_core_database_degrades_and_comes_back(self):
        node = self.cluster.start("a", "management")
        harness.wait_for("it is connected", lambda: node.health()[1]["status"] == "up", 10)
        self.assertEqual(node.metrics("eider_core_db_up"), [("", 1.0)])
        self.assertGreater(dict(node.metrics("eider_core_db_pool_connections"))['{state="open"}'], 0)
        self.server.stop()
        try:
            def is_lost():
                status, body = node.health()
                return status == 200 and "core_unreachable" in [reason["code"] for reason in body["reasons"]]
            harness.wait_for("it is reported", is_lost, 15)
            self.assertEqual(node.metrics("eider_core_db_up"), [("", 0.0)])
            # What is known is served.
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "admin") { name } } }', ADMIN)["core"]["roles_by_pk"], {"name": "admin"})
        finally:
            self.server.start()
        harness.wait_for("it is back", lambda: node.health()[1]["status"] == "up", 15)

    def doctor(self, node, *arguments, **environment):
        done = subprocess.run([harness.BINARY, "cluster", "doctor", *arguments], capture_output=True, text=True,
                              env=node.environment | environment, cwd=node.folder, timeout=60)
        return done.returncode, done.stdout

    def test_the_doctor_tells_what_is_wrong(self):
        node = self.cluster.start("a", "management")
        code, out = self.doctor(node, "--json")
        found = {check["check"]: check for check in json.loads(out)["checks"]}
        for check in ("core database", "core tables", "clock", "node"):
            self.assertEqual(found[check]["finding"], "ok", found)
        code, out = self.doctor(node, CORE_DB_PATH="postgres://nobody:wrong@127.0.0.1:1/x")
        self.assertEqual(code, 7)
        self.assertIn("fail  core database: ", out)
        self.assertNotIn("wrong", out)
        code, out = self.doctor(node, BIND="127.0.0.1:1")
        self.assertEqual(code, 7)
        self.assertIn("fail  node: cannot connect to http://127.0.0.1:1", out)


if __name__ == "__main__":
    unittest.main()
