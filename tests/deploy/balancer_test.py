"""Real nodes behind nginx and HAProxy with the configuration files of deploy/: a rolling restart loses no request."""

import collections
import http.client
import json
import pathlib
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
import harness  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import balancers  # noqa: E402

SDL = 'type small @view(name: "small", sql: "SELECT range AS id FROM range(3)") { id: Int }'
CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                       "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
QUERY = json.dumps({"query": "{ s { small { id } } }"})
EXPECTED = {"data": {"s": {"small": [{"id": 0}, {"id": 1}, {"id": 2}]}}}


class Load:
    """Clients that ask without pause, half of them over kept connections. What they get is counted."""

    def __init__(self, port, query=QUERY, expected=EXPECTED, headers=None, clients=6):
        self.port, self.headers, self.stopping = port, headers or {}, threading.Event()
        self.query, self.expected = query, expected
        self.outcomes, self.lock = collections.Counter(), threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=(number % 2 == 0,)) for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self, keeps):
        connection = None
        while not self.stopping.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=harness.SECONDS)
                connection.request("POST", "/query", self.query, self.headers)
                response = connection.getresponse()
                body = response.read()
                outcome = "ok" if response.status == 200 and json.loads(body) == self.expected else (response.status, body[:200])
                if not keeps or response.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException, ValueError) as error:
                outcome, connection = repr(error), None
            with self.lock:
                self.outcomes[outcome] += 1
            time.sleep(0.005)
        if connection is not None:
            connection.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.outcomes


class BalancerTest(unittest.TestCase):
    def restart_under_load(self, kind):
        if balancers.find(kind.__name__.lower()) is None:
            self.skipTest(f"{kind.__name__} is not installed")
        with tempfile.TemporaryDirectory(prefix="eider_balancer_") as folder, \
                harness.Cluster(folder, CLUSTER_ENABLED="false", CLUSTER_SECRET="", DRAIN_DELAY="3s") as cluster:
            nodes = [cluster.member(name).configure(CONFIG) for name in ("mgmt-a", "worker-1", "worker-2")]
            for node in nodes:
                node.start()
            with kind(pathlib.Path(folder) / "balancer", nodes) as balancer:
                harness.wait_for("the balancer passes requests on", lambda: harness.Member.send(
                    nodes[0], "POST", "/query", QUERY, port=balancer.port)[0] == 200, 20)
                load = Load(balancer.port)
                time.sleep(1)
                for node in nodes:
                    self.assertEqual(node.stop(), 0)
                    node.start()
                    time.sleep(3)  # The balancer takes it back.
                outcomes = load.stop()
                self.assertEqual(set(outcomes), {"ok"}, f"{outcomes}\n{balancer.log()}")
                self.assertGreater(outcomes["ok"], 500)
                served = [sum(value for labels, value in node.metrics("eider_http_requests_total")
                              if 'path="/query"' in labels and 'status="200"' in labels) for node in nodes]
                # Every node that came back was given requests again; the last one may still wait for its turn.
                self.assertTrue(all(served[:2]), served)

    def test_nginx_loses_no_request_while_nodes_restart(self):
        self.restart_under_load(balancers.Nginx)

    def test_haproxy_loses_no_request_while_nodes_restart(self):
        self.restart_under_load(balancers.Haproxy)

    def test_one_dead_node_costs_no_request(self):
        for kind in (balancers.Nginx, balancers.Haproxy):
            if balancers.find(kind.__name__.lower()) is None:
                self.skipTest(f"{kind.__name__} is not installed")
            with tempfile.TemporaryDirectory(prefix="eider_balancer_") as folder, \
                    harness.Cluster(folder, CLUSTER_ENABLED="false", CLUSTER_SECRET="") as cluster:
                nodes = [cluster.member(name).configure(CONFIG).start() for name in ("mgmt-a", "worker-1")]
                with kind(pathlib.Path(folder) / "balancer", nodes) as balancer:
                    nodes[0].kill()
                    for _ in range(20):
                        status, body = nodes[1].send("POST", "/query", QUERY, port=balancer.port)
                        self.assertEqual((status, json.loads(body)), (200, EXPECTED))


if __name__ == "__main__":
    unittest.main()
