"""A node that starts while the core database is away, from what it knew of it."""

import json
import time
import unittest

import harness
from members_test import ADMIN, ThreeNodes

READER = ADMIN | {"x-hugr-impersonated-role": "reader", "x-hugr-impersonated-user-id": "r",
                  "x-hugr-impersonated-user-name": "r"}


class SnapshotTest(ThreeNodes):
    def start_two(self, **settings):
        """A leader and a worker that keeps snapshots, with a source and a role that may not see one of its fields."""
        leader = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(leader) == "a", 15)
        self.folder = self.cluster.folder / "snapshots"
        worker = self.cluster.start("c", CORE_SNAPSHOT_DIR=str(self.folder), **settings)
        self.insert(leader, self.shop())
        self.assertTrue(self.operate(leader, 'load_source(name: "shop")')["success"])
        leader.ask('mutation { core { insert_roles(data: {name: "reader", description: ""}) { name } insert_role_permissions(data: '
                   '{role: "reader", type_name: "shop_t", field_name: "name", disabled: true}) { role } } }', ADMIN)
        harness.wait_for("the role is known", lambda: "reader" in str(worker.ask("{ core { roles { name } } }", ADMIN)), 10)
        self.cluster.expect("core database")
        return leader, worker

    def table(self, node):
        found = node.ask('{ __type(name: "Query") { fields { name } } }', ADMIN)
        return [field["name"] for field in found["__type"]["fields"]]

    def written(self):
        """Waits until the last change is in the file."""
        path = self.folder / "core.snapshot"
        harness.wait_for("a snapshot is written", path.exists, 10)
        harness.wait_for("it is the last one", lambda: time.time() - path.stat().st_mtime > 2.5, 20)
        return path

    def test_it_serves_what_it_knew_and_joins_later(self):
        leader, worker = self.start_two()
        path = self.written()
        for secret in (b"reader", b"shop", harness.SECRET.encode(), harness.KEY.encode()):
            self.assertNotIn(secret, path.read_bytes())
        worker.kill()
        self.cluster.core.stop()
        started = time.monotonic()
        worker.start()
        self.assertLess(time.monotonic() - started, 15)
        self.assertIn("started from a snapshot", worker.log())
        self.assertEqual(self.count(worker), 3)
        self.assertEqual(worker.ask("{ shop { t(limit: 1) { id } } }", READER), {"shop": {"t": [{"id": 0}]}})
        self.assertIn("errors", worker.answer("{ shop { t(limit: 1) { name } } }", READER))
        self.assertEqual(worker.ask('{ core { roles_by_pk(name: "reader") { name } } }', ADMIN)["core"]["roles_by_pk"],
                         {"name": "reader"})
        status, body = worker.health()
        self.assertEqual((status, body["status"]), (200, "degraded"))
        self.assertIn("core_unreachable", [reason["code"] for reason in body["reasons"]])
        answer = worker.answer('mutation { core { insert_roles(data: {name: "x", description: ""}) { name } } }',
                               ADMIN | {"X-Eider-Errors": "full"})
        self.assertEqual(answer["errors"][0]["extensions"]["code"], "CORE_UNAVAILABLE")
        self.assertFalse(self.operate(worker, 'reload_source(name: "shop")')["success"])
        # The database is back: the node is a member, and what has changed meanwhile counts.
        self.cluster.core.start()
        self.cluster.core.sql("UPDATE eider.roles SET disabled = true WHERE name = 'reader'; UPDATE eider.settings SET value = "
                              "to_jsonb((value #>> '{}')::bigint + 1) WHERE key IN ('rows_version', 'permission_version')")
        for node in (worker, leader):
            harness.wait_for(f"{node.name} is up", lambda node=node: node.health()[1]["status"] == "up", 20)
        harness.wait_for("its row is there", lambda: self.rows(leader).get("c", {}).get("status") == "up", 10)
        harness.wait_for("it is revoked", lambda: "errors" in worker.answer("{ shop { t(limit: 1) { id } } }", READER), 10)
        harness.wait_for("operations work", lambda: self.operate(worker, 'reload_source(name: "shop")')["success"], 20)
        self.assertEqual(self.operate(leader, 'unload_source(name: "shop")')["message"], "unload_source: all workers ok")
        self.assertIn("Cannot query field", str(worker.answer("{ shop { t { id } } }", ADMIN)))

    def refused(self, node, **settings):
        node.start(wait=False, **settings)
        self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
        return node.log()

    def test_what_cannot_be_started_from(self):
        _, worker = self.start_two()
        self.written()
        self.assertEqual(worker.stop(), 0)
        self.cluster.core.stop()
        self.cluster.expect("snapshot")
        self.assertIn("it is older than CORE_SNAPSHOT_MAX_AGE", self.refused(worker, CORE_SNAPSHOT_MAX_AGE="1s"))
        self.assertIn("there is none", self.refused(worker, CORE_SNAPSHOT_DIR=str(self.folder / "none"),
                                                    CORE_SNAPSHOT_MAX_AGE="1h"))
        self.assertIn("it was written with another CORE_DB_ENCRYPTION_KEY", self.refused(
            worker, CORE_SNAPSHOT_DIR=str(self.folder), CORE_DB_ENCRYPTION_KEY="AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
        self.refused(worker, CORE_SNAPSHOT_DIR="", CORE_DB_ENCRYPTION_KEY=harness.KEY)

    def test_a_node_alone_over_postgresql(self):
        self.cluster.settings["CLUSTER_ENABLED"] = "false"
        node = self.cluster.member("alone", ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="admin", CLUSTER_ROLE="",
                                   CORE_SNAPSHOT_DIR=str(self.cluster.folder / "snapshots")).start()
        self.folder = self.cluster.folder / "snapshots"
        node.ask('mutation { core { insert_roles(data: {name: "r", description: ""}) { name } } }')
        node.ask('mutation($p: String!) { core { insert_data_sources(data: {name: "shop", type: "files", prefix: "", as_module: '
                 'true, self_defined: true, path: $p}) { name } } }', p=str(self.shop()))
        node.ask('mutation { function { core { load_data_source(name: "shop") { success } } } }')
        self.written()
        self.cluster.expect("core database")
        node.kill()
        self.cluster.core.stop()
        node.start()
        self.assertEqual(json.loads(node.send("POST", "/query", json.dumps({"query": "{ shop { t { id } } }"}))[1]),
                         {"data": {"shop": {"t": [{"id": 0}, {"id": 1}, {"id": 2}]}}})
        self.cluster.core.start()
        harness.wait_for("it is up", lambda: node.health()[1]["status"] == "up", 20)
        node.ask('mutation { core { insert_roles(data: {name: "r2", description: ""}) { name } } }')


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
