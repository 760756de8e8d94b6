"""Queries that run on one node of a cluster, listed and ended through another."""

import concurrent.futures
import json
import time
import unittest

import access_test
import harness
from access_test import FIRST, SECOND
from members_test import ADMIN, ThreeNodes

ENDLESS = "{ own { endless { n } } }"
SDL = 'type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7") { n: BigInt }'
RUNNING = "{ function { core { queries { running(all_nodes: %s) { id node role state operation_name text sources } } } } }"
CANCEL = 'mutation { function { core { queries { cancel(id: "%s") { success message affected_rows } } } } }'
WHERE = 'mutation { function { core { queries { cancel_where(role: "%s") { success affected_rows } } } } }'


class QueriesTest(ThreeNodes):
    settings = {"ALLOW_MANAGED_API_KEYS": "true", "QUERY_TIMEOUT": "60s"}
    key = access_test.RolesTest.key

    def setUp(self):
        super().setUp()
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.addCleanup(self.pool.shutdown)

    def start(self, *names):
        """Nodes of these names with a view that has no end."""
        sources = [{"name": "own", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                    "catalogs": [{"name": "own", "type": "text", "path": SDL}]}]
        nodes = [self.cluster.member(name, "worker" if number else "management").configure({"sources": sources})
                 for number, name in enumerate(names)]
        for node in nodes:
            node.start()
        harness.wait_for("they know each other", lambda: len(self.rows(nodes[0])) == len(names), 10)
        return nodes

    def ask_endlessly(self, node, number, headers=ADMIN):
        """Runs until it is cancelled; the answer in the future."""
        return self.pool.submit(node.answer, ENDLESS, headers | {"X-Request-Id": number})

    def running(self, node, headers=ADMIN, everywhere=True):
        rows = node.ask(RUNNING % json.dumps(everywhere), headers)["function"]["core"]["queries"]["running"]
        return {row["id"]: row for row in rows if row["sources"] == ["own"]}

    def cancel(self, node, text, headers=ADMIN):
        return next(iter(node.ask(text, headers)["function"]["core"]["queries"].values()))

    def code_of(self, answer):
        return answer["errors"][0]["message"], "data" in answer and answer["data"] is not None

    def test_a_query_of_another_node_is_listed_and_cancelled(self):
        a, b = self.start("a", "b")
        victim = self.ask_endlessly(b, "q-far")
        listed = harness.wait_for("it is listed", lambda: self.running(a).get("q-far"), 10)
        self.assertEqual((listed["node"], listed["role"], listed["text"]), ("b", "admin", ENDLESS))
        self.assertEqual(self.running(a, everywhere=False), {})
        # What asks for the list is in no other node's list.
        rows = a.ask(RUNNING % "true", ADMIN)["function"]["core"]["queries"]["running"]
        self.assertEqual({row["id"] for row in rows if row["node"] == "b"}, {"q-far"})
        started = time.monotonic()
        self.assertEqual(self.cancel(a, CANCEL % "q-far"), {"success": True, "message": "query cancelled", "affected_rows": 1})
        self.assertEqual(self.code_of(victim.result(10)), ("query cancelled", False))
        self.assertLess(time.monotonic() - started, 1)
        self.assertEqual(self.cancel(a, CANCEL % "q-far"), {"success": False, "message": "query is not running", "affected_rows": 0})

    def test_over_http_paths(self):
        a, b = self.start("a", "b")
        victim = self.ask_endlessly(b, "q-http")
        ids = lambda target: [row["id"] for row in json.loads(a.send("GET", target, headers=ADMIN)[1])["queries"]]  # noqa: E731
        harness.wait_for("it is listed", lambda: ids("/api/queries?all_nodes=true") == ["q-http"], 10)
        self.assertEqual(ids("/api/queries"), [])
        self.assertEqual(ids("/api/queries?all_nodes=false"), [])
        self.assertEqual(a.send("GET", "/api/queries?every=1", headers=ADMIN)[0], 400)
        self.assertEqual(a.send("DELETE", "/api/queries/q-other", headers=ADMIN)[0], 404)
        status, body = a.send("DELETE", "/api/queries/q-http", headers=ADMIN)
        self.assertEqual((status, json.loads(body)), (200, {"success": True}))
        self.assertEqual(self.code_of(victim.result(10)), ("query cancelled", False))

    def test_others_neither_see_nor_end_it(self):
        a, b = self.start("a", "b")
        a.ask('mutation { core { insert_roles(data: {name: "team", description: ""}) { name } } }', ADMIN)
        self.key(a, "one", FIRST, "team")
        self.key(a, "two", SECOND, "team")
        own, other = {"x-hugr-api-key": FIRST}, {"x-hugr-api-key": SECOND}
        harness.wait_for("the keys are known", lambda: all(b.send("POST", "/query", '{"query": "{ __typename }"}', who)[0] == 200
                                                           for who in (own, other)), 10)
        victim = self.ask_endlessly(b, "q-own", own)
        harness.wait_for("its owner sees it", lambda: "q-own" in self.running(a, own), 10)
        self.assertEqual(self.running(a, other), {})
        self.assertFalse(self.cancel(a, CANCEL % "q-own", other)["success"])
        self.assertFalse(self.cancel(a, WHERE % "team", other)["success"])
        self.assertFalse(victim.done())
        # The call that nodes make of each other is for nodes.
        call = '{ function { core { cluster { handle_queries(call: {viewer: {role: "admin"}, cancel: {id: "q-own"}}) } } } }'
        for who in (own, ADMIN):
            self.assertIn("errors", a.answer(call, who))
            self.assertIn("errors", b.answer(call, who))
        self.assertFalse(victim.done())
        self.assertTrue(self.cancel(a, CANCEL % "q-own", own)["success"])
        self.assertEqual(self.code_of(victim.result(10)), ("query cancelled", False))

    def test_all_that_fit_on_all_nodes(self):
        a, b = self.start("a", "b")
        victims = [self.ask_endlessly(node, f"q-{node.name}") for node in (a, b)]
        harness.wait_for("both are listed", lambda: set(self.running(b)) == {"q-a", "q-b"}, 10)
        self.assertEqual(self.cancel(a, WHERE % "nobody"), {"success": False, "affected_rows": 0})
        self.assertEqual(self.cancel(a, WHERE % "admin"), {"success": True, "affected_rows": 2})
        for victim in victims:
            self.assertEqual(self.code_of(victim.result(10)), ("query cancelled", False))

    def test_a_node_that_hangs_costs_a_second(self):
        a, b, c = self.start("a", "b", "c")
        victim = self.ask_endlessly(b, "q-b")
        harness.wait_for("it is listed", lambda: "q-b" in self.running(a), 10)
        c.pause()
        started = time.monotonic()
        self.assertEqual(set(self.running(a)), {"q-b"})
        self.assertTrue(self.cancel(a, CANCEL % "q-b")["success"])
        self.assertLess(time.monotonic() - started, 4)
        c.resume()
        self.assertEqual(self.code_of(victim.result(10)), ("query cancelled", False))


if __name__ == "__main__":
    unittest.main()
