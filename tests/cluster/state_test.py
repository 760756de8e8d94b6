"""Why a node is not in service, how it is taken out of it, and what operations tell of each node."""

import contextlib
import json
import threading
import time
import unittest

import harness
import postgres
from members_test import ADMIN, ThreeNodes

FULL = ADMIN | {"X-Eider-Errors": "full"}
QUERY = json.dumps({"query": "{ shop { t { id } } }"})


def reasons(node):
    return {reason["code"] for reason in node.health()[1]["reasons"]}


class ReasonsTest(ThreeNodes):
    def test_a_key_that_this_node_does_not_have(self):
        node = self.cluster.start("a", "management")
        self.cluster.expect("core encryption key does not match")
        sql = self.cluster.core.sql
        own = sql("SELECT value FROM eider.settings WHERE key = 'core_key_check'").strip()
        sql("UPDATE eider.settings SET value = '\"another\"' WHERE key = 'core_key_check'")
        harness.wait_for("it is told", lambda: node.health()[1]["status"] == "key_mismatch", 15)
        self.assertEqual(node.health()[0], 503)
        sql(f"UPDATE eider.settings SET value = '{own}' WHERE key = 'core_key_check'")
        harness.wait_for("it serves again", lambda: node.health()[0] == 200, 15)

    def test_a_new_key_is_made_known_before_it_is_used(self):
        both = {"CORE_DB_ENCRYPTION_KEYS_OLD": "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
        first = self.cluster.start("a", "management", **both)
        self.cluster.start("b", "management", CORE_DB_ENCRYPTION_KEY=both["CORE_DB_ENCRYPTION_KEYS_OLD"],
                           CORE_DB_ENCRYPTION_KEYS_OLD=harness.KEY)
        time.sleep(5)
        self.assertEqual(first.health()[0], 200)


class OverloadTest(ThreeNodes):
    settings = {"MAX_CONCURRENT_REQUESTS": "2", "MAX_QUEUED_REQUESTS": "1", "QUEUE_TIMEOUT": "60s",
                "CACHE_L1_ENABLED": "false"}

    def test_at_most_half_of_the_nodes_leave(self):
        server = postgres.Server()
        self.addCleanup(server.close)
        server.sql("CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(25)")
        nodes = [self.cluster.start("a", "management"), self.cluster.start("b")]
        harness.wait_for("it leads", lambda: self.leader(nodes[1]) == "a", 15)
        self.insert(nodes[0], server.dsn(), "pg", "postgres")
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "pg")')["success"])

        def ask(node):
            with contextlib.suppress(OSError):
                node.send("POST", "/query", json.dumps({"query": "{ pg { slow { id } } }"}), ADMIN, timeout=90)
        asking = [threading.Thread(target=ask, args=(node,)) for node in nodes for _ in range(8)]
        for thread in asking:
            thread.start()
        harness.wait_for("both are overloaded", lambda: all("overloaded" in reasons(node) for node in nodes), 25)
        harness.wait_for("one leaves", lambda: [node.health()[0] for node in nodes] == [503, 200], 8)
        self.assertEqual(nodes[0].health()[1]["status"], "overloaded")
        self.assertEqual(nodes[1].health()[1]["status"], "degraded")
        for thread in asking:
            thread.join()
        harness.wait_for("both serve", lambda: [node.health()[1]["status"] for node in nodes] == ["up", "up"], 30)


class ServiceTest(ThreeNodes):
    def code(self, node, query=QUERY):
        status, body = node.send("POST", "/query", query, FULL)
        return status, json.loads(body).get("errors", [{"extensions": {"code": None}}])[0]["extensions"]["code"]

    def test_a_drained_node_refuses_what_still_reaches_it(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop())
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        self.assertEqual(self.code(nodes[2]), (200, None))
        self.operate(nodes[0], f'drain_node(name: "{nodes[2].name}")')
        self.assertEqual(self.code(nodes[2]), (503, "DRAINING"))
        status, body = nodes[2].send("POST", "/query", QUERY, ADMIN)
        self.assertEqual(json.loads(body)["errors"][0]["message"], "the node is out of service")
        self.assertEqual(self.code(nodes[2], json.dumps({"query": '{ jq(query: ".") { shop { t { id } } } }'}))[0], 503)
        # Who mends it is answered, and so are the other nodes.
        self.assertEqual(self.code(nodes[2], json.dumps({"query": "{ core { roles { name } } __typename }"})), (200, None))
        self.assertTrue(self.operate(nodes[0], 'reload_source(name: "shop")')["success"])
        self.assertEqual(self.code(nodes[1]), (200, None))
        self.operate(nodes[2], f'undrain_node(name: "{nodes[2].name}")')
        self.assertEqual(self.code(nodes[2]), (200, None))

    def test_a_source_may_be_tried_again_at_once(self):
        server = postgres.Server()
        self.addCleanup(server.close)
        server.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
        gate = self.cluster.gate(server.port)
        nodes = self.leading(self.start())
        self.insert(nodes[0], server.dsn().replace(str(server.port), str(gate.port)), "pg", "postgres")
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "pg")')["success"])
        self.cluster.expect("pg")
        query = "{ pg { t { id } } }"
        for _ in range(5):
            gate.cut()
            for node in nodes:
                for _ in range(7):
                    node.answer(query, ADMIN)
            gate.open()
            before = [node.answer(query, ADMIN) for node in nodes]
            outcome = self.operate(nodes[2], 'reset_breaker(source: "pg")')
            after = [node.answer(query, ADMIN) for node in nodes]
            self.assertEqual((outcome["success"], outcome["message"]), (True, "forwarded to management"))
            self.assertEqual(after, [{"data": {"pg": {"t": [{"id": 1}]}}}] * 3)
            # On a slow machine the breakers may have closed by themselves.
            if all("the circuit is open" in str(answer) for answer in before):
                break
        else:
            self.fail("the breakers never refused")
        self.assertEqual(self.operate(nodes[2], 'reset_breaker(source: "none")')["message"],
                         "forwarded to management: data source not found")


class GenerationTest(ThreeNodes):
    def generations(self, node):
        return [row["generation"] for row in
                node.ask("{ core { cluster { sources { generation } } } }", ADMIN)["core"]["cluster"]["sources"]]

    def version(self, node):
        return node.ask("{ function { core { cluster { schema_version } } } }", ADMIN)["function"]["core"]["cluster"]["schema_version"]

    def test_an_unchanged_source_begins_no_new_generation(self):
        nodes = self.leading(self.start())
        folder = self.shop(3)
        self.insert(nodes[0], folder)
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        version = self.version(nodes[0])
        for node in nodes:
            outcome = self.operate(node, 'load_source(name: "shop")')
            self.assertEqual((outcome["success"], outcome["affected_rows"]), (True, 2), outcome)
        self.assertEqual((self.generations(nodes[0]), self.version(nodes[0])), ([1], version))
        # Of another form.
        (folder / "t.csv").write_text("id,name,more\n1,x,y\n")
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])
        self.assertEqual(self.generations(nodes[0]), [2])
        for node in nodes:
            self.assertEqual(node.ask("{ shop { t { more } } }", ADMIN), {"shop": {"t": [{"more": "y"}]}})
        # Registered in another way.
        nodes[1].ask('mutation { core { update_data_sources(filter: {name: {eq: "shop"}}, data: {prefix: "p"}) { affected_rows } } }',
                     ADMIN)
        self.assertTrue(self.operate(nodes[2], 'load_source(name: "shop")')["success"])
        self.assertEqual(self.generations(nodes[0]), [3])
        # Loaded again on demand, whatever it is.
        self.assertTrue(self.operate(nodes[2], 'reload_source(name: "shop")')["success"])
        self.assertEqual(self.generations(nodes[0]), [4])
        # Loaded after it was unloaded.
        self.assertTrue(self.operate(nodes[2], 'unload_source(name: "shop")')["success"])
        self.assertTrue(self.operate(nodes[2], 'load_source(name: "shop")')["success"])
        self.assertEqual(self.generations(nodes[0]), [6])

    def beside(self, answer):
        """What `extensions` tells of the operations of an answer, by name."""
        return answer["extensions"]["function"]["children"]["core"]["children"]["cluster"]["children"]

    def test_what_each_node_did_stands_beside_the_answer(self):
        nodes = self.leading(self.start())
        self.insert(nodes[0], self.shop(3))
        text = 'mutation { function { core { cluster { x: reload_source(name: "shop") @stats { success } } } } }'

        def told(node):
            answer = node.answer(text, ADMIN)
            cluster = self.beside(answer)
            self.assertIn("stats", cluster["x"])
            return sorted(cluster["x"]["nodes"], key=lambda row: row["node"])
        for generation, node in enumerate((nodes[0], nodes[2]), 1):
            rows = told(node)
            self.assertEqual([(row["node"], row["success"], row["error"], row["generation"]) for row in rows],
                             [(name, True, None, generation) for name in "abc"])
            self.assertTrue(all(0 <= row["elapsed_ms"] < 60000 for row in rows), rows)
        self.assertNotIn("extensions", nodes[0].answer(text.replace("@stats", ""), ADMIN))
        nodes[2].kill()
        nodes[0].ask('mutation { core { update_data_sources(filter: {name: {eq: "shop"}}, data: {prefix: "p"}) { affected_rows } } }',
                     ADMIN)
        failed = {row["node"]: row for row in told(nodes[0])}[nodes[2].name]
        self.assertFalse(failed["success"])
        self.assertIn("takes no connections", failed["error"])
        answer = nodes[0].answer("mutation { function { core { cluster { invalidate_cache @stats { success } } } } }", ADMIN)
        rows = self.beside(answer)["invalidate_cache"]["nodes"]
        self.assertEqual({row["generation"] for row in rows}, {None})


class HintTest(ThreeNodes):
    def test_a_node_that_is_cut_off_from_the_database_finds_the_leader(self):
        first = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(first) == "a", 15)
        second = self.cluster.start("b", "management")
        gate = self.cluster.gate(self.cluster.core.port)
        dsn = self.cluster.core.dsn().replace(str(self.cluster.core.port), str(gate.port))
        hinted = self.cluster.start("c", CORE_DB_PATH=dsn, CLUSTER_MANAGEMENT_URL=second.url + "/ipc")
        lost = self.cluster.start("d", CORE_DB_PATH=dsn)
        for node in (hinted, lost):
            harness.wait_for("it knows all", lambda node=node: sum(
                value for _, value in node.metrics("eider_cluster_nodes")) == 4, 10)
        self.cluster.expect("core database")
        gate.cut()
        first.kill()
        harness.wait_for("another one leads", lambda: self.leader(second) == "b", 20)
        harness.wait_for("it is sent on", lambda: self.operate(hinted, "invalidate_cache")["success"], 20)
        outcome = self.operate(lost, "invalidate_cache")
        self.assertFalse(outcome["success"])
        self.assertIn("forward to management: ", outcome["message"])
        gate.open()
        harness.wait_for("both know it", lambda: self.operate(lost, "invalidate_cache")["success"], 20)

    def test_a_hint_that_is_no_url_stops_the_start(self):
        node = self.cluster.member("a", "management", CLUSTER_MANAGEMENT_URL="somewhere").start(wait=False)
        self.assertNotEqual(node.process.wait(harness.SECONDS), 0)
        self.assertIn("CLUSTER_MANAGEMENT_URL: ", node.log())


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
