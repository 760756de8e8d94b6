"""`eider cluster …` against real nodes."""

import json
import os
import subprocess
import tempfile
import unittest

import harness

CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                       "catalogs": [{"name": "s", "type": "text",
                                     "path": 'type small @view(name: "small", sql: "SELECT 1 AS id") { id: Int }'}]}]}


class CommandTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="eider_command_")
        cls.cluster = harness.Cluster(cls.scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="", SECRET_KEY="the key of admins")
        cls.node = cls.cluster.member("n").configure(CONFIG).start()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.__exit__(None)
        cls.scratch.cleanup()

    def run_command(self, *arguments, **environment):
        environment = {"PATH": os.environ["PATH"], "BIND": self.node.environment["BIND"],
                       "SECRET_KEY": "the key of admins"} | environment
        done = subprocess.run([harness.BINARY, "cluster", *arguments], capture_output=True, text=True, env=environment,
                              cwd=self.scratch.name, timeout=harness.SECONDS)
        return done.returncode, done.stdout, done.stderr

    def test_ping(self):
        self.assertEqual(self.run_command("ping"), (0, f"{self.node.url}: OK\n", ""))
        self.assertEqual(self.run_command("ping", "--ready"), (0, f"{self.node.url}: up\n", ""))
        code, out, _ = self.run_command("ping", "--ready", "--json")
        self.assertEqual((code, json.loads(out)), (0, {"endpoint": self.node.url, "status": "up"}))
        # The node of this machine, wherever it listens.
        self.assertEqual(self.run_command("ping", BIND=f":{self.node.port}")[0], 0)
        code, _, errors = self.run_command("ping", "--endpoint", "127.0.0.1:1")
        self.assertEqual(code, 6)
        self.assertIn("cannot connect to http://127.0.0.1:1", errors)

    def test_ping_of_a_node_that_is_not_ready(self):
        other = self.cluster.member("stopping", DRAIN_DELAY="20s").start()
        other.process.terminate()
        harness.wait_for("it is announced", lambda: other.send("GET", "/health/ready")[0] == 503)
        self.assertEqual(self.run_command("ping", BIND=other.environment["BIND"])[0], 0)
        code, _, errors = self.run_command("ping", "--ready", BIND=other.environment["BIND"])
        self.assertEqual(code, 7)
        self.assertIn("draining", errors)
        other.process.terminate()
        other.process.wait(harness.SECONDS)

    def test_status(self):
        code, out, errors = self.run_command("status")
        self.assertEqual((code, errors), (0, ""))
        self.assertIn("node n: up", out)
        self.assertIn("s     duckdb  loaded", out)
        code, out, _ = self.run_command("status", "--output", "json")
        status = json.loads(out)
        self.assertEqual((code, status["node"], status["status"], status["ready"]), (0, "n", "up", True))

    def test_status_tells_why_it_cannot(self):
        self.assertEqual(self.run_command("status", SECRET_KEY="")[0], 2)
        self.assertEqual(self.run_command("status", SECRET_KEY="wrong")[0], 2)
        code, out, _ = self.run_command("status", "--json", BIND="127.0.0.1:1")
        self.assertEqual((code, json.loads(out)["exit_code"]), (6, 6))
        for arguments in (("status", "extra"), ("status", "--unknown"), ("status", "--output", "xml"),
                          ("status", "--timeout", "soon"), ("nodes", "show"), ("leader", "dance")):
            self.assertEqual(self.run_command(*arguments)[0], 5, arguments)

    def test_help(self):
        for command in ("status", "ping", "nodes", "leader"):
            code, out, _ = self.run_command(command, "--help")
            self.assertEqual(code, 0)
            self.assertIn(f"Usage: eider cluster {command}", out)
            self.assertIn("Exit codes:", out)


if __name__ == "__main__":
    unittest.main()
