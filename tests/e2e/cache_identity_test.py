"""Who shares kept results: users whom a query cannot tell apart, and nobody else."""

import contextlib
import http.client
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SECRET = "a secret of sufficient length"
SDL = """
type sales @view(name: "sales", sql: "SELECT * FROM (VALUES (1, 'north', 'u1'), (2, 'south', 'u1'), (3, 'south', 'u2')) v(id, region, owner)") @cache(ttl: 60)
{ id: Int  region: String  owner: String }
type mine @view(name: "mine", sql: "SELECT [$auth.user_id] AS id") @cache(ttl: 60) { id: String }
"""
CONFIG = {"sources": [{"name": "s", "type": "duckdb", "path": ":memory:", "prefix": "", "as_module": True,
                       "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
QUERY = "{ s { sales(order_by: [{field: \"id\"}]) { id } } }"
KEYS = {name: {"key": f"key-of-{name}-0123456789abcdef", "default_role": "seller", "allowed_roles": ["seller", "owner", "free"],
               "headers": {"role": "x-hugr-role", "user_id": "x-hugr-user-id"}, "claims": {"region": name, "team": f"team-{name}"}}
        for name in ("north", "south")}


class CacheIdentityTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-share-")))
        self.nodes = self.stack.enter_context(contextlib.ExitStack())

    def node(self, identity):
        (self.folder / "auth.json").write_text(json.dumps({"api_keys": KEYS, "secret_key": SECRET}))
        node = self.nodes.enter_context(cli_test.Node(self.folder, CONFIG, AUTH_CONFIG_FILE=str(self.folder / "auth.json"),
                                                      CACHE_L1_ENABLED="true", CACHE_IDENTITY=identity, AUDIT_SINK=""))
        rules = [("free", "nothing", {"id": {"gt": 0}}), ("seller", "s_sales", {"region": {"eq": "[$auth.region]"}}),
                 ("owner", "s_sales", {"owner": {"eq": "[$auth.user_id]"}})]
        for role, name, rule in rules:
            made = json.dumps(json.dumps(rule))
            answer = self.ask(node, "mutation($f: JSON) { core { insert_roles(data: {name: \"%s\", description: \"\", permissions: "
                                    "[{type_name: \"data-object:query\", field_name: \"%s\", filter: $f}]}) { name } } }" % (role, name.replace("s_", "")),
                              {"x-hugr-secret-key": SECRET}, f=rule)[0]
            self.assertIn("data", answer, (answer, made))
        return node

    def ask(self, node, query, headers, **variables):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request("POST", "/query", json.dumps({"query": query, "variables": variables}), headers)
            response = connection.getresponse()
            return json.loads(response.read()), response.headers["X-Eider-Cache"]
        finally:
            connection.close()

    def rows(self, node, key, role, user, query=QUERY):
        answer, cache = self.ask(node, query, {"x-hugr-api-key": KEYS[key]["key"], "x-hugr-role": role, "x-hugr-user-id": user})
        self.assertIn("data", answer, answer)
        return [row["id"] for row in next(iter(answer["data"]["s"].values()))], cache

    def test_projection_shares_what_nothing_tells_apart(self):
        node = self.node("projection")
        self.assertEqual(self.rows(node, "north", "free", "u1"), ([1, 2, 3], "miss"))
        self.assertEqual(self.rows(node, "south", "free", "u2"), ([1, 2, 3], "hit"))
        # Another role never shares, whatever its rules are.
        self.assertEqual(self.rows(node, "north", "owner", "u1"), ([1, 2], "miss"))
        self.assertEqual(self.rows(node, "south", "owner", "u1"), ([1, 2], "hit"))
        self.assertEqual(self.rows(node, "south", "owner", "u2"), ([3], "miss"))
        self.assertEqual(self.rows(node, "north", "owner", "nobody"), ([], "miss"))

    def test_a_claim_that_a_rule_uses_parts_users_of_one_name(self):
        for identity in ("projection", "full"):
            with self.subTest(identity):
                node = self.node(identity)
                for _ in range(2):
                    self.assertEqual(self.rows(node, "north", "seller", "same")[0], [1])
                    self.assertEqual(self.rows(node, "south", "seller", "same")[0], [2, 3])
                self.assertEqual(self.rows(node, "south", "seller", "same")[1], "hit")
                # With the claim alone deciding, a user's name does not.
                self.assertEqual(self.rows(node, "south", "seller", "other")[1], "hit" if identity == "projection" else "miss")
                self.nodes.close()

    def test_what_sql_reads_of_the_identity_parts_users(self):
        node = self.node("projection")
        query = "{ s { mine { id } } }"
        self.assertEqual(self.rows(node, "north", "free", "u1", query), (["u1"], "miss"))
        self.assertEqual(self.rows(node, "north", "free", "u2", query), (["u2"], "miss"))
        self.assertEqual(self.rows(node, "south", "free", "u1", query), (["u1"], "hit"))

    def test_full_shares_with_nobody(self):
        node = self.node("full")
        self.assertEqual(self.rows(node, "north", "free", "u1"), ([1, 2, 3], "miss"))
        self.assertEqual(self.rows(node, "north", "free", "u2"), ([1, 2, 3], "miss"))
        self.assertEqual(self.rows(node, "north", "free", "u1"), ([1, 2, 3], "hit"))


if __name__ == "__main__":
    unittest.main()
