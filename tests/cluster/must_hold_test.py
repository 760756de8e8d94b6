"""What must hold in a cluster under load: reloads and outages that no request notices."""

import json
import threading
import time
import unittest

import harness
from members_test import ADMIN, ThreeNodes


class Load:
    """Sends a query to all nodes all the time, from several threads, and keeps what failed."""

    def __init__(self, nodes, query, headers=None, threads=1):
        self.nodes, self.query, self.headers = nodes, query, headers or ADMIN
        self.failures, self.sent, self.ended = [], 0, threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(node,)) for node in nodes for _ in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _send(self, node):
        body = json.dumps({"query": self.query})
        while not self.ended.is_set():
            try:
                status, answer = node.send("POST", "/query", body, self.headers)
                if status != 200 or "errors" in json.loads(answer):
                    self.failures.append((node.name, status, answer[:300]))
            except OSError as error:
                self.failures.append((node.name, 0, str(error)))
            self.sent += 1
            time.sleep(0.02)


class UnderLoadTest(ThreeNodes):
    def test_reloads_fail_no_request(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop(3))
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        other = self.shop(5, "other")
        (other / "u.csv").write_text("id\n1\n")
        with Load(nodes, "{ shop { t { id name } t_aggregation { _rows_count } } }") as load:
            for number in range(6):
                path = other if number % 2 == 0 else self.cluster.folder / "shop"
                nodes[2].ask('mutation($p: String!) { core { update_data_sources(filter: {name: {eq: "shop"}}, data: {path: $p}) '
                             "{ affected_rows } } }", ADMIN, p=str(path))
                outcome = self.operate(nodes[number % 3], 'reload_source(name: "shop")')
                self.assertTrue(outcome["success"], outcome)
                self.assertEqual([self.count(node) for node in nodes], [5 if number % 2 == 0 else 3] * 3)
        self.assertEqual(load.failures, [])
        self.assertGreater(load.sent, 30)

    def test_an_outage_of_the_core_database_fails_no_query(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop(3))
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        nodes[0].ask('mutation { core { insert_roles(data: {name: "reader", description: ""}) { name } } }', ADMIN)
        headers = ADMIN | {"x-hugr-impersonated-role": "reader", "x-hugr-impersonated-user-id": "r",
                           "x-hugr-impersonated-user-name": "r"}
        query = json.dumps({"query": "{ shop { t { id } } }"})

        def allowed(node):
            return "errors" not in node.send("POST", "/query", query, headers)[1]
        harness.wait_for("the role is known", lambda: all(allowed(node) for node in nodes), 10)
        self.cluster.expect("core database")
        with Load(nodes, "{ shop { t { id } t_aggregation { _rows_count } } core { roles { name } } }") as load:
            self.cluster.core.stop()
            started = time.monotonic()
            outcome = self.operate(nodes[0], 'reload_source(name: "shop")')
            self.assertFalse(outcome["success"])
            self.assertLess(time.monotonic() - started, 10)
            time.sleep(12)
            self.cluster.core.start()
            # Revoked while nobody could hear of it.
            self.cluster.core.sql("UPDATE eider.roles SET disabled = true WHERE name = 'reader'; UPDATE eider.settings SET value = "
                                  "to_jsonb((value #>> '{}')::bigint + 1) WHERE key IN ('rows_version', 'permission_version')")
            harness.wait_for("it is revoked", lambda: not any(allowed(node) for node in nodes), 15)
            harness.wait_for("nobody is forgotten", lambda: set(self.rows(nodes[2])) == {"a", "b", "c"}, 10)
        self.assertEqual(load.failures, [])
        harness.wait_for("operations work", lambda: self.operate(nodes[2], 'reload_source(name: "shop")')["success"], 20)


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
