"""A node over a core database that it may not write."""

import hashlib
import tempfile
import unittest

import harness


class ReadOnlyTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_readonly_")
        self.addCleanup(scratch.cleanup)
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="")
        self.addCleanup(self.cluster.__exit__, None)
        self.core = self.cluster.folder / "core.duckdb"

    def test_what_is_there_is_served_and_nothing_written(self):
        first = self.cluster.start("first", CORE_DB_PATH=str(self.core))
        first.ask('mutation { core { insert_roles(data: {name: "r", description: ""}) { name } } }')
        self.assertEqual(first.stop(), 0)
        before = hashlib.sha256(self.core.read_bytes()).hexdigest()
        nodes = [self.cluster.start(name, CORE_DB_PATH=str(self.core), CORE_DB_READONLY="true") for name in ("one", "two")]
        for node in nodes:
            self.assertEqual(node.ask('{ core { roles_by_pk(name: "r") { name } } }')["core"]["roles_by_pk"], {"name": "r"})
            for change in ('insert_roles(data: {name: "x", description: ""}) { name }', "delete_roles { affected_rows }",
                           'update_roles(filter: {name: {eq: "r"}}, data: {disabled: true}) { affected_rows }',
                           'insert_many_roles(data: [{name: "x", description: ""}]) { name }'):
                answer = node.answer("mutation { core { " + change + " } }")
                self.assertEqual(answer["errors"][0]["message"], "core database is read-only", change)
            self.assertEqual(node.stop(), 0)
        self.assertEqual(hashlib.sha256(self.core.read_bytes()).hexdigest(), before)

    def test_options_that_do_not_fit(self):
        for path in ("", "postgres://nowhere/x"):
            node = self.cluster.member("bad", CORE_DB_PATH=path, CORE_DB_READONLY="true").start(wait=False)
            self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
            self.assertIn("CORE_DB_READONLY=true is for a core database in a file", node.log())


if __name__ == "__main__":
    unittest.main()
