"""Who may do what on every node of a cluster: auth settings, roles and keys; and what nodes keep of each other's results."""

import json
import os
import subprocess
import time
import unittest

import harness
from members_test import ADMIN, NEW_KEY, ThreeNodes

ME = "{ function { core { auth { me { user_name role auth_provider } } } } }"
SHOWN = "{ function { core { cluster { auth_config } } } }"
STORE = "mutation($c: JSON!) { function { core { cluster { set_auth_config(config: $c) { success message } } } } }"
FIRST, SECOND = "the-first-key-of-these-tests", "the-second-key-of-these-tests"
SECONDS = 3 * 2  # Machines of tests are shared: three times the two seconds that are promised.


def settings(key, role="readonly"):
    return {"api_keys": {"grafana": {"key": key, "default_role": role}}}


class SharedAccess(ThreeNodes):
    def store(self, node, config):
        return node.ask(STORE, ADMIN, c=config)["function"]["core"]["cluster"]["set_auth_config"]

    def shown(self, node):
        return node.ask(SHOWN, ADMIN)["function"]["core"]["cluster"]["auth_config"]

    def me(self, node, key):
        """The role of a key, or the status of its refusal."""
        status, body = node.send("POST", "/query", json.dumps({"query": ME}), {"x-hugr-api-key": key})
        return json.loads(body)["data"]["function"]["core"]["auth"]["me"]["role"] if status == 200 else status

    def soon(self, nodes, key, wanted):
        harness.wait_for(f"{wanted} everywhere", lambda: [self.me(node, key) for node in nodes] == [wanted] * len(nodes), SECONDS)


class AuthConfigTest(SharedAccess):
    def test_settings_are_used_on_all_nodes(self):
        nodes = self.leading(self.start())
        self.assertIsNone(self.shown(nodes[2]))
        self.assertEqual(self.me(nodes[2], FIRST), 401)
        self.assertEqual(self.store(nodes[2], settings(FIRST)), {"success": True, "message": "forwarded to management"})
        # Here at once, elsewhere soon.
        self.assertEqual(self.me(nodes[2], FIRST), "readonly")
        self.soon(nodes, FIRST, "readonly")
        self.assertEqual(self.store(nodes[0], settings(SECOND, "public")), {"success": True, "message": "auth settings stored"})
        self.assertEqual(self.me(nodes[0], FIRST), 401)
        self.soon(nodes, FIRST, 401)
        self.soon(nodes, SECOND, "public")
        # Nobody forgets it.
        self.assertEqual(nodes[2].stop(), 0)
        nodes[2].start()
        self.assertEqual(self.me(nodes[2], SECOND), "public")

    def test_secrets_are_neither_shown_nor_readable(self):
        nodes = self.leading(self.start())
        config = settings(FIRST) | {"jwt": {"p": {"hs_secret": "0123456789abcdef0123456789abcdef", "audience": ["eider"]}}}
        self.assertTrue(self.store(nodes[0], config)["success"])
        stored = self.cluster.core.sql("SELECT config FROM eider.auth_settings")
        for secret in (FIRST, "0123456789abcdef0123456789abcdef", "grafana"):
            self.assertNotIn(secret, stored)
        for node in nodes:
            self.assertEqual(self.shown(node), settings("***") | {"jwt": {"p": {"hs_secret": "***", "audience": ["eider"]}}})
            self.assertNotIn(FIRST, node.log())
        # What is shown can be stored again.
        self.assertTrue(self.store(nodes[2], settings("***", "public"))["success"])
        self.soon(nodes, FIRST, "public")
        outcome = self.store(nodes[0], {"api_keys": {"other": {"key": "***"}}})
        self.assertEqual(outcome, {"success": False, "message": "set_auth_config: redacted value cannot be stored"})
        for headers in ({"x-hugr-api-key": FIRST},):
            self.assertEqual(nodes[0].answer(SHOWN, headers), {"errors": [{"message": "forbidden"}]})
            self.assertEqual(nodes[0].answer(STORE, headers, c={}), {"errors": [{"message": "forbidden"}]})

    def test_what_cannot_be_used_changes_nothing(self):
        nodes = self.leading(self.start())
        self.assertTrue(self.store(nodes[0], settings(FIRST))["success"])
        for config, part in (({"api_keyz": {}}, "api_keyz"), ([], "must be an object"), ({"jwt": {"p": {"public_key": "no key"}}}, ""),
                             ({"secret_key": "${HOME}"}, "secret_key"), ({"secret_key": "file:/etc/hostname"}, "secret_key")):
            with self.subTest(config):
                outcome = self.store(nodes[2], config)
                self.assertFalse(outcome["success"])
                self.assertIn(part, outcome["message"])
                self.assertNotIn(os.environ.get("HOME", "/root") + "/", outcome["message"])
        self.assertEqual(self.shown(nodes[0]), settings("***"))
        self.soon(nodes, FIRST, "readonly")

    def test_environment_and_file_go_first(self):
        file = self.cluster.folder / "auth.json"
        file.write_text(json.dumps(settings(SECOND, "public")))
        first = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(first) == "a", 15)
        second = self.cluster.start("b", AUTH_CONFIG_FILE=str(file))
        self.assertTrue(self.store(first, settings(FIRST) | {"secret_key": "a-secret-for-all-nodes"})["success"])
        self.soon([first], FIRST, "readonly")
        by_secret = {"x-hugr-secret-key": "a-secret-for-all-nodes"}
        asked = json.dumps({"query": ME})
        harness.wait_for("the secret key", lambda: second.send("POST", "/query", asked, by_secret)[0] == 200, SECONDS)
        # A provider of the file takes the place of the one that has its name.
        self.assertEqual((self.me(second, FIRST), self.me(second, SECOND)), (401, "public"))
        file.write_text("{}")
        harness.wait_for("the file is read again", lambda: self.me(second, FIRST) == "readonly", 20)


class RolesTest(SharedAccess):
    settings = {"ALLOW_MANAGED_API_KEYS": "true"}

    def key(self, node, name, key, role):
        node.ask("mutation($n: String!, $k: String!, $r: String!) { core { insert_api_keys(data: {name: $n, description: \"\", "
                 "key: $k, default_role: $r}) { name } } }", ADMIN, n=name, k=key, r=role)

    def test_a_changed_role_counts_on_all_nodes(self):
        nodes = self.start()
        nodes[0].ask('mutation { core { insert_roles(data: {name: "team", description: ""}) { name } } }', ADMIN)
        self.key(nodes[1], "k", FIRST, "team")
        self.soon(nodes, FIRST, "team")
        nodes[2].ask('mutation { core { update_roles(filter: {name: {eq: "team"}}, data: {disabled: true}) { success } } }', ADMIN)
        self.assertEqual(self.me(nodes[2], FIRST), 403)
        self.soon(nodes, FIRST, 403)
        nodes[0].ask('mutation { core { update_roles(filter: {name: {eq: "team"}}, data: {disabled: false}) { success } } }', ADMIN)
        self.soon(nodes, FIRST, "team")
        # All have the version that the database has.
        version = int(self.cluster.core.sql("SELECT value #>> '{}' FROM eider.settings WHERE key = 'permission_version'").strip())

        def versions():
            rows = nodes[1].ask("{ core { cluster { nodes { permission_version } } } }", ADMIN)["core"]["cluster"]["nodes"]
            return {row["permission_version"] for row in rows} == {version}
        harness.wait_for("one version everywhere", versions, 10)

    def test_only_administrators_see_and_change_the_cluster(self):
        node = self.cluster.start("a", "management", ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public")
        forbidden = {"errors": [{"message": "forbidden"}]}
        for table, column in (("nodes", "name"), ("node_sources", "name"), ("events", "kind")):
            query = f"{{ core {{ cluster {{ {table} {{ {column} }} }} }} }}"
            self.assertEqual(node.answer(query), forbidden, table)
            self.assertIn("data", node.answer(query, ADMIN), table)
        for call in ('load_source(name: "x")', 'unload_source(name: "x")', 'reload_source(name: "x")', 'set_leader(node: "a")',
                     'remove_node(name: "x")', 'drain_node(name: "a")', 'undrain_node(name: "a")', "invalidate_cache",
                     'unregister_storage(name: "x")', "set_auth_config(config: {})", "handle_secret_sync"):
            self.assertEqual(node.answer("mutation { function { core { cluster { " + call + " { success } } } } }"), forbidden, call)
        self.assertEqual(node.answer("{ function { core { cluster { auth_config } } } }"), forbidden)
        self.assertEqual(node.answer("{ function { core { cluster { my_name } } } }")["data"]["function"]["core"]["cluster"], {"my_name": "a"})
        # Rows with the names themselves grant, wildcards do not.
        grant = ("mutation($t: String!, $f: String!) { core { insert_role_permissions(data: {role: \"public\", type_name: $t, "
                 "field_name: $f}) { role } } }")
        node.ask(grant, ADMIN, t="*", f="*")
        self.assertEqual(node.answer("{ core { cluster { nodes { name } } } }"), forbidden)
        node.ask(grant, ADMIN, t="_module_core_cluster_query", f="nodes")
        self.assertEqual(node.answer("{ core { cluster { nodes { name } } } }")["data"]["core"]["cluster"]["nodes"], [{"name": "a"}])

    def test_keys_outlive_a_new_encryption_key(self):
        first = self.cluster.start("a", "management")
        self.key(first, "k", FIRST, "readonly")
        second = self.cluster.start("b", CORE_DB_ENCRYPTION_KEY=NEW_KEY, CORE_DB_ENCRYPTION_KEYS_OLD=harness.KEY)
        self.assertEqual(self.me(second, FIRST), "readonly")
        self.key(second, "l", SECOND, "public")
        self.soon([first, second], SECOND, "public")
        # The former key is not needed any more for keys of clients.
        third = self.cluster.start("c", CORE_DB_ENCRYPTION_KEY=NEW_KEY)
        self.assertEqual((self.me(third, FIRST), self.me(third, SECOND)), ("readonly", "public"))

    def rotate(self, **environment):
        environment = self.cluster.settings | {"PATH": os.environ["PATH"], "CORE_DB_ENCRYPTION_KEY": NEW_KEY} | environment
        return subprocess.run([harness.BINARY, "keys", "rotate"], env=environment, cwd=self.cluster.folder, capture_output=True,
                              text=True, timeout=60)

    def test_secrets_are_encrypted_anew_while_nodes_run(self):
        dsn = self.cluster.core.create_database("shop", "CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1)")
        nodes = [self.cluster.start("a", "management"), self.cluster.start("b")]
        self.insert(nodes[0], dsn, kind="postgres")
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        self.assertTrue(self.store(nodes[0], settings(FIRST))["success"])
        self.key(nodes[0], "k", SECOND, "public")
        stored = "SELECT string_agg(text, ' ' ORDER BY text) FROM (SELECT path AS text FROM eider.data_sources UNION ALL SELECT spec FROM " \
                 "eider.source_desired UNION ALL SELECT config FROM eider.auth_settings) AS sealed"
        before = self.cluster.core.sql(stored)
        refused = self.rotate()
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("core encryption key does not match", refused.stderr)
        self.assertEqual(self.cluster.core.sql(stored), before)
        for node in nodes:
            self.assertEqual(node.stop(), 0)
            node.start(CORE_DB_ENCRYPTION_KEY=NEW_KEY, CORE_DB_ENCRYPTION_KEYS_OLD=harness.KEY)
        done = self.rotate(CORE_DB_ENCRYPTION_KEYS_OLD=harness.KEY)
        self.assertEqual((done.returncode, done.stdout), (0, "2 secrets are encrypted with the new key\n"), done.stderr)
        self.assertTrue(set(self.cluster.core.sql(stored).split()).isdisjoint(before.split()))

        def serve():
            for node in nodes:
                self.assertEqual(node.ask("{ shop { t { id } } }", ADMIN), {"shop": {"t": [{"id": 1}]}})
                self.assertEqual((self.me(node, FIRST), self.me(node, SECOND)), ("readonly", "public"))
        serve()
        for node in nodes:
            self.assertEqual(node.stop(), 0)
            del node.environment["CORE_DB_ENCRYPTION_KEYS_OLD"]
            node.start()
            node.wait_ready()
        serve()


class StartTest(SharedAccess):
    def test_a_node_that_others_cannot_reach_does_not_start(self):
        """Without any provider a node listens on loopback only, which is no use in a cluster."""
        node = self.cluster.member("a", "management", CLUSTER_ACCEPT_PLAIN_SECRET="false", BIND=f"0.0.0.0:{harness.free_port()}")
        node.start(wait=False)
        self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
        self.assertIn("a node of a cluster must be reached by the others", node.log())
        self.assertIn("ALLOWED_ANONYMOUS", node.log())


class KeptResultsTest(SharedAccess):
    settings = {"CACHE_L1_ENABLED": "true"}

    def setUp(self):
        super().setUp()
        self.dsn = self.cluster.core.create_database("shop", "CREATE TABLE t (id integer PRIMARY KEY, name text); "
                                                     "INSERT INTO t VALUES (1, 'one')")

    def load(self, nodes):
        self.insert(nodes[0], self.dsn, kind="postgres")
        outcome = self.operate(nodes[0], 'load_source(name: "shop")')
        self.assertTrue(outcome["success"], outcome)

    def name(self, node):
        return node.ask('{ shop { t @cache(ttl: "1 hour", tags: ["names"]) { name } } }', ADMIN)["shop"]["t"][0]["name"]

    def rename(self, node, name):
        node.ask("mutation($n: String!) { shop { update_t(filter: {id: {eq: 1}}, data: {name: $n}) { success } } }", ADMIN, n=name)

    def behind_their_backs(self, name):
        self.cluster.core.sql(f"UPDATE t SET name = '{name}'", "shop")

    def test_others_hear_of_changes(self):
        nodes = self.leading(self.start())
        self.load(nodes)
        for turn, writer in enumerate([nodes[0], nodes[2], nodes[1]]):
            before = [self.name(node) for node in nodes]
            self.assertEqual(len(set(before)), 1)
            started = time.monotonic()
            self.rename(writer, f"name {turn}")
            self.assertEqual(self.name(writer), f"name {turn}")
            harness.wait_for("all nodes see it", lambda: [self.name(node) for node in nodes] == [f"name {turn}"] * 3, SECONDS)
            self.assertLess(time.monotonic() - started, SECONDS)

    def test_tags_and_everything_by_hand(self):
        nodes = self.leading(self.start())
        self.load(nodes)
        for turn, tags in enumerate(('["names"]', "null")):
            before = self.name(nodes[1])
            # Behind the nodes' backs, so that only the invalidation tells.
            self.behind_their_backs(f"by hand {turn}")
            self.assertEqual(self.name(nodes[1]), before)
            nodes[2].ask("mutation { function { core { cache { invalidate(tags: " + tags + ") { success } } } } }", ADMIN)
            harness.wait_for("it is heard", lambda: self.name(nodes[1]) == f"by hand {turn}", SECONDS)

    def test_what_may_have_been_missed_is_not_believed(self):
        nodes = self.leading(self.start())
        self.load(nodes)
        before = self.name(nodes[2])
        self.behind_their_backs("unheard")
        self.assertEqual(self.name(nodes[2]), before)
        # Their connections are cut, and while nobody listens announcements are lost.
        self.cluster.core.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                              "(query LIKE '%LISTEN%' OR query LIKE '%eider_self%')")
        harness.wait_for("it reads again", lambda: self.name(nodes[2]) == "unheard", 3 * SECONDS)


del ThreeNodes, SharedAccess

if __name__ == "__main__":
    unittest.main()
