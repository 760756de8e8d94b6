"""Why a node is in service or not, as the others and itself see it; and sources that are not to be loaded."""

import time
import unittest

import harness
from members_test import ADMIN, ThreeNodes


def reasons(node):
    return {reason["code"] for reason in node.health()[1]["reasons"]}


class ReasonsTest(ThreeNodes):
    def test_nobody_leads(self):
        worker = self.cluster.start("c")
        harness.wait_for("it is told", lambda: "no_leader" in reasons(worker), 10)
        self.assertEqual((worker.health()[0], worker.health()[1]["status"]), (200, "degraded"))
        self.cluster.start("a", "management")
        harness.wait_for("somebody leads", lambda: reasons(worker) == set(), 15)
        self.assertEqual(worker.health()[1]["status"], "up")

    def test_a_node_that_does_not_follow(self):
        nodes = self.leading(self.start())
        self.cluster.expect("core database")
        # The desired sources cannot be read, while their version grows.
        blocker = self.cluster.core.run("BEGIN; LOCK TABLE eider.source_desired IN ACCESS EXCLUSIVE MODE; SELECT "
                                        "pg_sleep(50); COMMIT")
        self.addCleanup(blocker.kill)
        harness.wait_for("nobody reads them", lambda: "1" in self.cluster.core.sql(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = "
            "'eider.source_desired'::regclass"), 10)
        self.cluster.core.sql("UPDATE eider.settings SET value = to_jsonb((value #>> '{}')::bigint + 1) WHERE key = "
                              "'schema_version'; SELECT pg_notify('eider_schema', '{}')")
        worker, started = nodes[2], time.monotonic()
        harness.wait_for("it leaves the balancer", lambda: worker.health()[1]["status"] == "schema_lag", 45)
        self.assertGreater(time.monotonic() - started, 25)
        self.assertEqual(worker.health()[0], 503)
        self.assertGreater(worker.metrics("eider_cluster_schema_lag")[0][1], 0)
        blocker.wait(60)
        harness.wait_for("it follows", lambda: worker.health()[0] == 200, 20)

    def test_a_member_that_does_not_answer_is_marked_while_it_tells_that_it_lives(self):
        leader = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(leader) == "a", 15)
        worker = self.cluster.member("c")
        gate = self.cluster.gate(worker.port)
        worker.start(CLUSTER_NODE_URL=f"http://127.0.0.1:{gate.port}")
        harness.wait_for("it is up", lambda: self.rows(leader)["c"]["status"] == "up", 10)
        for close in (gate.stall, gate.cut):
            close()
            harness.wait_for("it is marked", lambda: self.rows(leader)["c"]["status"] == "unreachable", 20)
            self.assertGreater(leader.metrics("eider_cluster_probe_failures_total")[0][1], 2)
            # Nobody waits for it, and it follows all the same.
            self.insert(leader, self.shop(3, close.__name__), close.__name__)
            outcome = self.operate(leader, f'load_source(name: "{close.__name__}")')
            self.assertEqual((outcome["message"], outcome["affected_rows"]), ("load_source: all workers ok", 0))
            harness.wait_for("it has it", lambda close=close: "errors" not in worker.answer(
                f"{{ {close.__name__} {{ t {{ id }} }} }}", ADMIN), 10)
            self.assertEqual(self.count(worker, close.__name__), 3)
            self.assertIn("c", self.rows(leader))
            gate.open()
            harness.wait_for("it is up again", lambda: self.rows(leader)["c"]["status"] == "up", 15)

    def test_somebody_else_at_a_members_address_is_no_member(self):
        leader, other = self.cluster.start("a", "management"), self.cluster.start("b")
        harness.wait_for("it leads", lambda: self.leader(leader) == "a", 15)
        self.cluster.start("c", CLUSTER_NODE_URL=other.url)
        harness.wait_for("it is marked", lambda: self.rows(leader)["c"]["status"] == "unreachable", 20)
        self.assertEqual(self.rows(leader)["b"]["status"], "up")


class DisabledTest(ThreeNodes):
    def test_a_disabled_source_is_not_loaded(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop(3))
        change = ('mutation($d: Boolean) { core { update_data_sources(filter: {name: {eq: "shop"}}, data: {disabled: $d}) { '
                  "affected_rows } } }")
        nodes[1].ask(change, ADMIN, d=True)
        for operation in ("load_source", "reload_source"):
            outcome = self.operate(nodes[0], operation + '(name: "shop")')
            self.assertEqual((outcome["success"], outcome["message"]), (False, 'data source "shop" is disabled'))
        answer = nodes[2].ask('mutation { function { core { load_data_source(name: "shop") { success message } } } }', ADMIN)
        self.assertEqual(answer["function"]["core"]["load_data_source"],
                         {"success": False, "message": 'forwarded to management: data source "shop" is disabled'})
        self.assertEqual(nodes[2].stop(), 0)
        nodes[2].start()
        self.assertIn("Cannot query field", str(nodes[2].answer("{ shop { t { id } } }", ADMIN)))
        nodes[0].ask(change, ADMIN, d=False)
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        # A row changes nothing until a reload, also after a restart.
        nodes[0].ask(change, ADMIN, d=True)
        self.assertEqual(nodes[2].stop(), 0)
        nodes[2].start()
        self.assertEqual([self.count(node) for node in nodes], [3, 3, 3])


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
