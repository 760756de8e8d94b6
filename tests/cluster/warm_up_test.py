"""Plans that are made before a node is ready, and their keys."""

import json
import re
import tempfile
import unittest
import urllib.parse

import harness

SDL = 'type big @view(name: "big", sql: "SELECT range AS id FROM range(3)") { id: Int }'
KEY = "the key of admins"
ADMIN = {"x-hugr-secret-key": KEY}
BIG = "{ s { big(filter: {id: {eq: 1}}) { id } } }"


class WarmUpTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_warm_")
        self.addCleanup(scratch.cleanup)
        self.cluster = harness.Cluster(scratch.name, CLUSTER_ENABLED="false", CLUSTER_SECRET="", SECRET_KEY=KEY)
        self.addCleanup(self.cluster.__exit__, None)

    def start(self, name, **settings):
        config = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                               "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
        return self.cluster.member(name, **settings).configure(config).start()

    def misses(self, node):
        return {label: value for label, value in node.metrics("eider_query_cache_total") if "miss" in label}

    def keys(self, node, query, headers=ADMIN, **parameters):
        target = "/api/debug/plan-key?" + urllib.parse.urlencode({"query": query} | parameters)
        status, body = node.send("GET", target, headers=headers)
        return status, json.loads(body) if body.startswith("{") else body

    def test_what_is_warm_is_not_planned_again(self):
        path = self.cluster.folder / "warm.graphql"
        path.write_text(BIG + "\n---\n\n---\n{ s { nothing { id } } }\n---\nquery Count { s { big_aggregation { _rows_count } } }\n")
        cold, warm = self.start("cold"), self.start("warm", WARMUP_FILE=str(path), AUDIT_SINK="stdout", AUDIT_READS="true")
        for node, grows in ((cold, True), (warm, False)):
            before = self.misses(node)
            self.assertEqual(node.ask(BIG, ADMIN), {"s": {"big": [{"id": 1}]}})
            node.ask("query Count { s { big_aggregation { _rows_count } } }", ADMIN)
            self.assertEqual(self.misses(node) != before, grows, node.name)
        # One of the three is wrong; nothing was run or tried.
        log = warm.log()
        self.assertEqual(log.count("a document of WARMUP_FILE was not planned"), 1)
        self.assertRegex(log, r'"msg":"plans are warm","documents":3')
        self.assertLess(log.index("plans are warm"), log.index('"msg":"ready"'))
        self.assertEqual(len(re.findall('"action":"(?:query|read)"', log)), 2)
        self.assertNotIn('"outcome":"denied"', log)

    def test_a_file_that_is_not_there_ends_the_start(self):
        node = self.cluster.member("bad", WARMUP_FILE="/nowhere/warm.graphql").start(wait=False)
        self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
        self.assertIn("WARMUP_FILE cannot be read: /nowhere/warm.graphql", node.log())

    def test_keys_of_plans(self):
        one, two = self.start("one"), self.start("two")
        status, found = self.keys(one, BIG)
        self.assertEqual((status, len(found["keys"])), (200, 1))
        self.assertRegex(found["keys"][0], "^[0-9a-f]{64}$")
        self.assertEqual(self.keys(two, BIG)[1]["keys"], found["keys"])
        self.assertEqual(self.keys(one, BIG.replace("eq: 1", "eq: 22"))[1]["keys"], found["keys"])
        self.assertNotEqual(self.keys(one, BIG.replace("eq: 1", "gt: 1"))[1]["keys"], found["keys"])
        self.assertEqual(self.keys(one, "query($n: Int) { s { big(filter: {id: {eq: $n}}) { id } } }",
                                   variables='{"n": 5}')[1]["keys"], found["keys"])
        status, wrong = self.keys(one, "{ s { nothing } }")
        self.assertEqual(status, 400)
        self.assertIn("Cannot query field", wrong["errors"][0]["message"])
        self.assertEqual(self.keys(one, BIG, {"x-hugr-secret-key": "wrong"})[0], 401)
        other = ADMIN | {"x-hugr-impersonated-role": "public", "x-hugr-impersonated-user-id": "p",
                         "x-hugr-impersonated-user-name": "p"}
        self.assertEqual(self.keys(one, BIG, other)[0], 403)
        self.assertEqual(one.send("POST", "/api/debug/plan-key", "{}", ADMIN)[0], 405)


if __name__ == "__main__":
    unittest.main()
