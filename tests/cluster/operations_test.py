"""Operations on all nodes beside those of sources: caches, object storages, nodes out of service."""

import json
import pathlib
import unittest

import harness
from members_test import ADMIN, ThreeNodes

REGISTER = ('register_storage(type: "S3", name: "the store", scope: "bucket", key: "AKID-of-the-store", secret: '
            '"secret-of-the-store", endpoint: "https://127.0.0.1:9", use_ssl: false, url_style: "path")')
UNREGISTER = 'unregister_storage(name: "the store")'
KNOWN = ('{ core { storage { registered_object_storages { name type scope parameters } } meta { secrets(filter: {name: '
         '{eq: "the store"}}) { name scope } } } }')


class OperationsTest(ThreeNodes):
    settings = {"CACHE_L1_ENABLED": "true"}

    def known(self, node):
        data = node.ask(KNOWN, ADMIN)["core"]
        return data["storage"]["registered_object_storages"], [row["scope"] for row in data["meta"]["secrets"]]

    def test_storages_are_registered_on_all_nodes(self):
        nodes = self.leading(self.start())
        outcome = self.operate(nodes[2], REGISTER)
        self.assertEqual(outcome, {"success": True, "message": "forwarded to management", "affected_rows": 2, "last_id": 0})
        first = self.known(nodes[0])
        self.assertEqual(first[1], [["s3://bucket"]])
        for node in nodes[1:]:
            self.assertEqual(self.known(node), first)
        self.assertEqual(self.operate(nodes[0], REGISTER)["message"], "register_storage: all workers ok; the endpoint says "
                         "https://, but use_ssl: false holds")
        self.assertEqual(self.operate(nodes[2], UNREGISTER)["message"], "forwarded to management")
        for node in nodes:
            self.assertEqual(self.known(node), ([], []))
        self.assertEqual(self.operate(nodes[2], UNREGISTER)["message"], "forwarded to management: unregister storage locally: "
                         "object storage not found")
        outcome = self.operate(nodes[0], REGISTER.replace("S3", "disk"))
        self.assertEqual((outcome["success"], outcome["message"].split(" \"")[0]),
                         (False, "register storage locally: unknown object storage type"))

    def test_the_peers_mutations_of_storages_are_for_all_nodes(self):
        nodes = self.leading(self.start())
        answer = nodes[2].ask("mutation { function { core { storage { register_object_storage(" + REGISTER.split("(")[1][:-1].replace("S3", "R2").replace('"bucket"', '"r2://bucket"') +
                              ', account_id: "me") { success message } } } } }', ADMIN)
        self.assertEqual(answer["function"]["core"]["storage"]["register_object_storage"],
                         {"success": True, "message": "Object storage was registered"})
        for node in nodes:
            self.assertIn('"me"', str(self.known(node)[0][0]["parameters"]).replace("'", '"'))

    def test_a_node_that_cannot_is_named(self):
        nodes = self.leading(self.start())
        empty = self.cluster.folder / "none"
        empty.mkdir()
        self.cluster.expect("not usable")
        self.assertEqual(nodes[2].stop(), 0)
        nodes[2].start(EXTENSION_DIRECTORY=str(empty))
        harness.wait_for("it is up", lambda: self.rows(nodes[0]).get(nodes[2].name, {}).get("status") == "up", 10)
        outcome = self.operate(nodes[0], REGISTER)
        self.assertEqual((outcome["success"], outcome["affected_rows"], outcome["last_id"]), (False, 2, 1))
        self.assertIn(f"register_storage: partial failure: [{nodes[2].name}: object storage the store: ", outcome["message"])

    def test_caches_are_emptied_on_all_nodes(self):
        nodes = self.leading(self.start())
        folder = self.shop(3)
        self.insert(nodes[0], folder)
        self.assertTrue(self.operate(nodes[0], 'load_source(name: "shop")')["success"])

        def counts():
            query = '{ shop { t_aggregation @cache(ttl: "1 hour") { _rows_count } } }'
            return [node.ask(query, ADMIN)["shop"]["t_aggregation"]["_rows_count"] for node in nodes]
        for rows, text in ((4, 'invalidate_cache(catalog: "shop")'), (5, "invalidate_cache")):
            before = counts()
            pathlib.Path(folder / "t.csv").write_text("id,name\n" + "".join(f"{n},x\n" for n in range(rows)))
            self.assertEqual(counts(), before)
            self.operate(nodes[0], 'invalidate_cache(catalog: "another")')
            self.assertEqual(counts(), before)
            outcome = self.operate(nodes[2], text)
            self.assertEqual(outcome["message"], "forwarded to management")
            self.assertEqual(counts(), [rows] * 3)

    def test_a_drained_node_is_out_of_service(self):
        nodes = self.leading(self.start())
        name = nodes[0].name
        outcome = self.operate(nodes[2], f'drain_node(name: "{name}")')
        self.assertEqual(outcome["message"], "forwarded to management", outcome)
        status, body = nodes[0].health()
        self.assertEqual((status, body["status"]), (503, "draining"))
        self.assertEqual(self.rows(nodes[2])[name]["status"], "draining")
        # It leads no more, not even after a restart.
        harness.wait_for("another one leads", lambda: self.leader(nodes[2]) == nodes[1].name, 10)
        self.assertEqual(nodes[0].stop(), 0)
        nodes[0].start(wait=False)
        harness.wait_for("it is there again", lambda: nodes[0].health()[1]["status"] == "draining", 20)
        harness.wait_for("its row is there", lambda: name in self.rows(nodes[2]), 5)
        self.assertEqual(self.operate(nodes[2], f'undrain_node(name: "{name}")')["message"], "forwarded to management")
        nodes[0].wait_ready()
        self.assertEqual(self.operate(nodes[1], 'drain_node(name: "nobody")')["message"], 'no node is called "nobody"')

    def test_the_last_node_stays_in_service(self):
        node = self.cluster.start("a", "management")
        harness.wait_for("it leads", lambda: self.leader(node) == "a", 15)
        self.assertIn("no other node would serve", self.operate(node, 'drain_node(name: "a")')["message"])

    def test_the_leaders_audit_log_tells_who_has_asked(self):
        self.cluster.settings |= {"SECRET_KEY": "the key of an administrator", "TRUSTED_PROXIES": "127.0.0.1/32"}
        leader, worker = self.cluster.start("a", "management"), self.cluster.start("b")
        harness.wait_for("it leads", lambda: self.leader(worker) == "a", 15)
        self.insert(leader, self.shop())
        ask = 'mutation { function { core { cluster { load_source(name: "shop") { success message } } } } }'
        own = {"x-hugr-secret-key": "the key of an administrator", "x-hugr-user-id": "7", "x-hugr-user-name": "Jo",
               "X-Forwarded-For": "203.0.113.7"}
        acting = own | {"x-hugr-impersonated-role": "admin", "x-hugr-impersonated-user-id": "8", "x-hugr-impersonated-user-name": "Al"}

        def record(node, request_id):
            lines = [json.loads(line) for line in node.log().splitlines() if request_id in line and '"action":"' in line]
            found = [line for line in lines if line["action"] not in ("authenticate", "impersonate")]
            return found[0] if found else None
        who = ("request_id", "client_ip", "principal", "user_id", "user_name", "role", "auth_provider", "impersonated_by", "action",
               "object", "outcome")
        for request_id, headers, user in (("as-jo", own, "7"), ("as-al", acting, "8")):
            answer = worker.ask(ask, headers | {"X-Request-Id": request_id})
            self.assertEqual(answer["function"]["core"]["cluster"]["load_source"]["message"], "forwarded to management")
            here, there = (harness.wait_for("it is recorded", lambda: record(node, request_id), 10) for node in (worker, leader))
            self.assertEqual([there[name] for name in who], [here[name] for name in who])
            self.assertEqual((there["user_id"], there["client_ip"], there["node"]), (user, "203.0.113.7", "a"))

    def test_handlers_are_for_nodes(self):
        node = self.cluster.start("a", "management", ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="admin")
        for name in ("handle_secret_sync", "handle_cache_invalidate", 'handle_source_load(name: "x")'):
            answer = node.ask("mutation { function { core { cluster { a: " + name + " { success message } } } } }")
            self.assertEqual(answer["function"]["core"]["cluster"]["a"],
                             {"success": False, "message": "cluster secret required"})


del ThreeNodes

if __name__ == "__main__":
    unittest.main()
