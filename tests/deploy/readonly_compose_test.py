"""deploy/compose/readonly.yaml without containers: every node as a process with exactly its environment, where only
paths, hosts and ports are exchanged for those of this machine."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
import harness  # noqa: E402

SECRETS = {"EIDER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "CLUSTER_SECRET": harness.SECRET,
           "SECRET_KEY": "the key of the administrators"}
ADMIN = {"x-hugr-secret-key": SECRETS["SECRET_KEY"]}
COMPOSE = harness.ROOT / "deploy" / "compose" / "readonly.yaml"


class ReadOnlyComposeTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_readonly_compose_")
        self.addCleanup(scratch.cleanup)
        self.compose = yaml.safe_load(COMPOSE.read_text())
        with harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="") as alone:
            self.core = alone.folder / "core.duckdb"
            alone.start("first", CORE_DB_PATH=str(self.core), CORE_DB_ENCRYPTION_KEY=SECRETS["EIDER_KEY"]).ask(
                'mutation { core { insert_roles(data: {name: "prepared", description: ""}) { name } } }')
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false")
        self.cluster.settings = {}
        self.nodes = {name: self.cluster.member(name) for name in self.compose["services"]}
        for name, service in self.compose["services"].items():
            self.nodes[name].environment = self.environment(name, service)

    def environment(self, name, service):
        node = self.nodes[name]
        environment = {}
        for option, value in service["environment"].items():
            value = re.sub(r"\$\{(\w+):\?\}", lambda match: SECRETS[match.group(1)], value)
            value = value.replace("/core/core.duckdb", str(self.core)).replace("http://mgmt:15000", self.nodes["mgmt"].url)
            environment[option] = value
        # The ports of containers are all the same; here each process has its own.
        environment |= {"BIND": f"127.0.0.1:{node.port}", "SERVICE_BIND": f"127.0.0.1:{node.service_port}",
                        "CLUSTER_NODE_URL": node.url + "/ipc"}
        return {"PATH": os.environ["PATH"], "EXTENSION_DIRECTORY": harness.EXTENSIONS} | environment

    def test_nothing_secret_is_written_down_and_volumes_exist(self):
        for service in self.compose["services"].values():
            for name in SECRETS:
                option = "CORE_DB_ENCRYPTION_KEY" if name == "EIDER_KEY" else name
                self.assertRegex(service["environment"][option], r"^\$\{\w+:\?\}$")
            self.assertEqual(service["volumes"][0], "${CORE_DIR:?}:/core:ro")
            self.assertIn(service["volumes"][1].split(":")[0], self.compose["volumes"])

    def test_the_nodes_become_a_cluster_in_any_order(self):
        try:
            for node in reversed(self.nodes.values()):
                node.start(wait=False)
            for node in self.nodes.values():
                node.wait_ready()
            rows = "{ core { cluster { nodes { name } } roles_by_pk(name: \"prepared\") { name } } }"
            for node in self.nodes.values():
                harness.wait_for(f"{node.name} knows all", lambda: len(node.ask(rows, ADMIN)["core"]["cluster"]["nodes"]) == 3, 15)
                self.assertEqual(node.ask(rows, ADMIN)["core"]["roles_by_pk"], {"name": "prepared"})
                command = self.compose["services"][node.name]["healthcheck"]["test"]
                done = subprocess.run([harness.BINARY, *command[2:]], capture_output=True, text=True, env=node.environment,
                                      cwd=node.folder)
                self.assertEqual(done.returncode, 0, done.stderr)
        except BaseException:
            self.cluster.__exit__(AssertionError)
            raise
        self.cluster.__exit__(None)


if __name__ == "__main__":
    unittest.main()
