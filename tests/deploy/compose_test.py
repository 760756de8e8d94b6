"""deploy/compose/cluster.yaml without containers: every service as a process with exactly its environment, where only
hosts and ports are exchanged for those of this machine, behind nginx with deploy/nginx.conf."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
import harness  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import balancers  # noqa: E402
import balancer_test  # noqa: E402
import postgres  # noqa: E402

SECRETS = {"PGPASS": "eider", "EIDER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
           "CLUSTER_SECRET": harness.SECRET, "SECRET_KEY": "the key of the administrators"}
ADMIN = {"x-hugr-secret-key": SECRETS["SECRET_KEY"]}
ROLE = '{ core { roles_by_pk(name: "%s") { name } } }'


class Redis:
    def __init__(self, folder):
        self.port = harness.free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(harness.SECONDS)


@unittest.skipUnless(postgres.is_installed() and shutil.which("redis-server") and balancers.find("nginx"),
                     "PostgreSQL, redis or nginx is not installed")
class ComposeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="eider_compose_")
        cls.addClassCleanup(cls.scratch.cleanup)
        folder = pathlib.Path(cls.scratch.name)
        cls.server = postgres.Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.create_database("eider")
        cls.redis = Redis(folder)
        cls.addClassCleanup(cls.redis.close)
        cls.cluster = harness.Cluster(folder, CLUSTER_ENABLED="false")
        cls.cluster.settings = {}
        services = yaml.safe_load((harness.ROOT / "deploy" / "compose" / "cluster.yaml").read_text())["services"]
        cls.nodes = {name: cls.member(name, service) for name, service in services.items()
                     if service["image"].startswith("eider")}
        # In any order, all at once.
        for node in cls.nodes.values():
            node.start(wait=False)
        try:
            for node in cls.nodes.values():
                node.wait_ready()
        except BaseException:
            cls.cluster.__exit__(AssertionError)
            raise
        cls.balancer = balancers.Nginx(folder / "nginx", list(cls.nodes.values())).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.balancer.__exit__()
        cls.cluster.__exit__(None)

    @classmethod
    def member(cls, name, service):
        node = cls.cluster.member(name)
        environment = {}
        for option, value in service["environment"].items():
            value = re.sub(r"\$\{(\w+):\?\}", lambda match: SECRETS[match.group(1)], value)
            value = value.replace("@coredb:5432/", f"@127.0.0.1:{cls.server.port}/").replace(
                "redis:6379", f"127.0.0.1:{cls.redis.port}")
            environment[option] = value
        # The ports of containers are all the same; here each process has its own.
        environment |= {"BIND": f"127.0.0.1:{node.port}", "SERVICE_BIND": f"127.0.0.1:{node.service_port}",
                        "CLUSTER_NODE_URL": node.url + "/ipc"}
        node.environment = {"PATH": os.environ["PATH"], "EXTENSION_DIRECTORY": harness.EXTENSIONS} | environment
        return node

    def through_nginx(self, query):
        any_node = next(iter(self.nodes.values()))
        status, body = any_node.send("POST", "/query", json.dumps({"query": query}), ADMIN, port=self.balancer.port)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_the_health_check_of_containers(self):
        services = yaml.safe_load((harness.ROOT / "deploy" / "compose" / "cluster.yaml").read_text())["services"]
        for name, node in self.nodes.items():
            command = services[name]["healthcheck"]["test"]
            self.assertEqual(command[:2], ["CMD", "eider"])
            done = subprocess.run([harness.BINARY, *command[2:]], capture_output=True, text=True, env=node.environment,
                                  cwd=node.folder)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_one_node_writes_all_of_them_know(self):
        answer = self.through_nginx(
            'mutation { core { insert_roles(data: {name: "made-through-nginx", description: ""}) { name } } }')
        self.assertNotIn("errors", answer)
        for node in self.nodes.values():
            harness.wait_for(f"{node.name} has the role", lambda: node.ask(ROLE % "made-through-nginx", ADMIN)["core"]["roles_by_pk"], 10)
        dump = self.server.sql("SELECT string_agg(t::text, '') FROM eider.settings t", "eider")
        self.assertIn("cluster_id", str(dump))
        for name in ("EIDER_KEY", "CLUSTER_SECRET", "SECRET_KEY"):
            self.assertNotIn(SECRETS[name], str(dump))

    def test_a_rolling_restart_of_all_nodes_loses_no_request(self):
        load = balancer_test.Load(self.balancer.port, json.dumps({"query": ROLE % "admin"}),
                                  {"data": {"core": {"roles_by_pk": {"name": "admin"}}}}, ADMIN)
        time.sleep(0.5)
        for node in self.nodes.values():
            self.assertEqual(node.stop(), 0)
            node.start()
        outcomes = load.stop()
        self.assertEqual(set(outcomes), {"ok"}, f"{outcomes}\n{self.balancer.log()}")
        self.assertGreater(outcomes["ok"], 300)


if __name__ == "__main__":
    unittest.main()
