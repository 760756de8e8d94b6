"""`eider cluster …` against a cluster: nodes, leader, doctor."""

import json
import os
import subprocess
import unittest

import harness
from members_test import ThreeNodes


class CommandTest(ThreeNodes):
    def run_command(self, node, *arguments, **environment):
        environment = {"PATH": os.environ["PATH"]} | node.environment | environment
        done = subprocess.run([harness.BINARY, "cluster", *arguments], capture_output=True, text=True, env=environment,
                              cwd=node.folder, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def test_nodes(self):
        nodes = self.start()
        leader = self.leader(nodes[2])
        code, out, errors = self.run_command(nodes[2], "nodes")
        self.assertEqual((code, errors), (0, ""))
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0][:5], ["name", "role", "status", "ready", "is_leader"])
        self.assertEqual([(line[0], line[1], line[2], line[4]) for line in lines[1:]],
                         [("a", "management", "up", "yes" if leader == "a" else "no"),
                          ("b", "management", "up", "yes" if leader == "b" else "no"), ("c", "worker", "up", "no")])
        code, out, _ = self.run_command(nodes[2], "nodes", "--json")
        rows = {row["name"]: row for row in json.loads(out)["nodes"]}
        self.assertEqual((code, sorted(rows), rows["c"]["url"]), (0, ["a", "b", "c"], nodes[2].url + "/ipc"))
        code, out, _ = self.run_command(nodes[0], "nodes", "show", "c", "--json")
        self.assertEqual((code, json.loads(out)["name"]), (0, "c"))
        self.assertIn(nodes[2].url, self.run_command(nodes[0], "nodes", "show", "c")[1])
        code, _, errors = self.run_command(nodes[0], "nodes", "show", "nobody")
        self.assertEqual((code, errors), (3, "eider cluster nodes: no such node: nobody\n"))
        self.assertEqual(self.run_command(nodes[0], "nodes", CLUSTER_SECRET="some other secret of nobody")[0], 2)

    def test_leader(self):
        worker = self.cluster.start("c")
        code, out, _ = self.run_command(worker, "leader")
        self.assertEqual((code, out), (7, "no node leads\n"))
        first = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(worker) == "a", 15)
        self.assertEqual(self.run_command(worker, "leader")[:2], (0, f"a at {first.url}/ipc\n"))
        code, _, errors = self.run_command(worker, "leader", "stepdown")
        self.assertEqual((code, errors), (7, "eider cluster leader: no other management node is ready to lead\n"))
        second = self.cluster.start("b", "management")
        harness.wait_for("it is ready", lambda: self.rows(worker).get("b", {}).get("ready"), 10)
        self.assertEqual(self.run_command(worker, "leader", "stepdown")[0], 0)
        harness.wait_for("it leads", lambda: self.leader(worker) == "b", 10)
        code, out, _ = self.run_command(second, "leader", "show", "--json")
        self.assertEqual((code, json.loads(out)), (0, {"leader": "b", "management_url": second.url + "/ipc"}))
        self.assertEqual(self.run_command(second, "leader", "stepdown", "--preferred", "a")[0], 0)
        harness.wait_for("it leads", lambda: self.leader(worker) == "a", 10)
        self.assertEqual(self.run_command(second, "leader", "stepdown", "--preferred", "nobody")[0], 7)

    def doctor(self, node, **environment):
        code, out, _ = self.run_command(node, "doctor", "--json", **environment)
        return code, {check["check"]: check for check in json.loads(out)["checks"]}

    def test_the_doctor_asks_every_node(self):
        nodes = self.leading(self.start())
        code, found = self.doctor(nodes[2])
        self.assertEqual(code, 0, found)
        for node in nodes[:2]:
            check = found[f"node {node.name}"]
            self.assertEqual((check["finding"], check["detail"]), ("ok", f"answers at {node.url}/ipc"))
        self.assertEqual((found["leader"]["finding"], found["leader"]["detail"]), ("ok", "one node leads"))
        # A version behind the others'.
        sql = self.cluster.core.sql
        nodes[1].pause()
        sql(f"UPDATE eider.cluster_nodes SET schema_version = schema_version + 5 WHERE name = '{nodes[1].name}'")
        code, found = self.doctor(nodes[2])
        nodes[1].resume()
        self.assertIn("serves schema version", str(found))
        self.assertEqual((code, found[f"node {nodes[1].name}"]["finding"]), (7, "fail"))
        # One that is not there, and nobody who leads.
        for node in nodes[:2]:
            node.kill()
        harness.wait_for("nobody leads", lambda: self.leader(nodes[2]) is None, 15)
        code, found = self.doctor(nodes[2])
        self.assertEqual(code, 7)
        self.assertEqual(found["leader"]["finding"], "fail")
        self.assertIn("no node leads", found["leader"]["detail"])
        for node in nodes[:2]:
            self.assertEqual(found[f"node {node.name}"]["finding"], "fail")

    def test_the_doctor_finds_another_secret(self):
        nodes = self.leading(self.start())
        code, found = self.doctor(nodes[2], CLUSTER_SECRET="some other secret of nobody", SECRET_KEY="")
        self.assertEqual(code, 7)
        self.assertEqual(found["node"]["finding"], "fail")


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
