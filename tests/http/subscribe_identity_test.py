"""Who may subscribe, and for how long, against the real binary."""

import json
import time
import unittest

from websockets.exceptions import InvalidStatus

from subscribe_client import ADMIN, SECRET, SMALL, SMALL_RESULT, SMALL_ROW, Events, SubscribeTest, repeated

ME = "{ function { core { auth { me { role user_id auth_type impersonated_by_user_role } } } } }"
KEY = ('mutation { core { insert_api_keys(data: {name: "%s", description: "", key: "%s", default_role: "%s"}) { name } } }')
GRANT = ("mutation($d: [core_role_permissions_mut_input_data!]!) "
         "{ core { insert_many_role_permissions(data: $d, return_rows: false) { role } } }")
ROLE = 'mutation { core { insert_roles(data: {name: "%s", description: ""}) { name } } }'


class IdentityTest(SubscribeTest):
    ENVIRONMENT = {"SECRET_KEY": SECRET, "ALLOW_MANAGED_API_KEYS": "true", "CORE_DB_PATH": "core.duckdb", "AUTH_FAIL_LIMIT": "0"}

    def key(self, name, role):
        """A new role of that name with a key."""
        key = f"key-of-{name}-0123456789abcdef"
        self.admin(self.node, ROLE % role)
        self.admin(self.node, KEY % (name, key, role))
        return {"x-hugr-api-key": key}

    def forbid(self, role, type_name, field_name):
        self.admin(self.node, GRANT, d=[{"role": role, "type_name": type_name, "field_name": field_name, "disabled": True}])

    def me(self, client):
        ((payload,), last) = client.run("me", ME)
        self.assertEqual(last["type"], "complete")
        return payload["data"]["function"]["core"]["auth"]["me"]

    def refused(self, status, headers, node=None):
        with self.assertRaises(InvalidStatus) as caught:
            self.client(node, headers=headers)
        self.assertEqual(caught.exception.response.status_code, status)

    def refused_later(self, message, headers=None):
        client = self.client(headers=headers, init=False)
        client.send({"type": "connection_init"} | message)
        self.assertEqual(client.closed(), (4403, "Forbidden"))

    def test_credentials_of_the_upgrade(self):
        self.refused(401, {"x-hugr-secret-key": "wrong"})
        self.refused(401, {"Authorization": "Bearer nonsense"})
        self.assertEqual(self.me(self.client(headers=ADMIN))["role"], "admin")
        with self.subTest("what connection_init says besides is not heard"):
            client = self.client(headers=ADMIN | {"x-hugr-role": "public"}, payload={"headers": ADMIN | {"x-hugr-role": "admin"}})
            self.assertEqual(self.me(client)["role"], "public")

    def test_credentials_of_connection_init(self):
        self.assertEqual(self.me(self.client(payload={"headers": ADMIN}))["role"], "admin")
        self.assertEqual(self.me(self.client(payload={"headers": {"X-Hugr-Secret-Key": SECRET, "X-HUGR-ROLE": "public"}}))["role"], "public")
        self.assertEqual(self.client(payload={"headers": ADMIN}).run("1", repeated(SMALL, "count: 2, interval: 0"))[0], [SMALL_ROW] * 2)
        for message in ({}, {"payload": None}, {"payload": {}}, {"payload": {"headers": {}}}, {"payload": {"headers": {"x": "y"}}},
                        {"payload": ADMIN}, {"payload": {"headers": {"x-hugr-secret-key": "wrong"}}}, {"payload": {"headers": {"x-hugr-role": "admin"}}},
                        {"payload": {"headers": {"Authorization": "Bearer nonsense"}}}):
            with self.subTest(message):
                self.refused_later(message)
        client = self.client(init=False)
        client.send({"type": "connection_init", "payload": {"headers": {"x-hugr-secret-key": 1}}})
        self.assertEqual(client.closed()[0], 4400)
        with self.subTest("nothing is done before"):
            client = self.client(init=False)
            client.subscribe("1", SMALL)
            self.assertEqual(client.closed()[0], 4401)

    def test_headers_tell_nothing_of_the_connection(self):
        """Who signs in by connection_init cannot pass off another address or node, nor break the lines of a header."""
        headers = {"x-forwarded-for": "10.9.8.7", "host": "evil.example", "x-eider-target-node": "other", "content-length": "7",
                   "x-odd": "a\r\nx-hugr-role: public"}
        self.assertEqual(self.me(self.client(payload={"headers": ADMIN | headers}))["role"], "admin")

    def test_anonymous(self):
        node = self.start(SECRET_KEY=SECRET, ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public")
        self.assertEqual(self.client(node).run("1", repeated(SMALL, "count: 1"))[0], [SMALL_ROW])
        self.assertEqual(self.me(self.client(node))["role"], "public")
        self.assertEqual(self.me(self.client(node, payload={"headers": ADMIN}))["role"], "admin")
        self.refused(401, {"x-hugr-secret-key": "wrong"}, node)

    def test_impersonation(self):
        self.admin(self.node, ROLE % "target")
        headers = {"x-hugr-impersonated-role": "target", "x-hugr-impersonated-user-id": "u5"}
        expected = {"role": "target", "user_id": "u5", "auth_type": "impersonation", "impersonated_by_user_role": "admin"}
        self.assertEqual(self.me(self.client(headers=ADMIN | headers)), expected)
        self.assertEqual(self.me(self.client(payload={"headers": ADMIN | headers})), expected)
        plain = self.key("plain", "plain")
        self.refused(403, plain | headers)
        self.refused_later({"payload": {"headers": plain | headers}})

    def test_endpoint_rule(self):
        headers = self.key("shut", "shut")
        client = self.client(headers=headers)
        client.subscribe("1", repeated(SMALL))
        client.next("1")
        self.forbid("shut", "_endpoints", "/subscribe")
        self.assertEqual(client.closed(5)[0], 4403)
        self.refused(403, headers)
        self.refused_later({"payload": {"headers": headers}})
        with Events(self.node, SMALL, headers=headers) as events:
            self.assertEqual(events.status, 403)
        self.assertEqual(self.send(self.node, "POST", "/query", json.dumps({"query": SMALL}), headers)[0], 200)

    def test_lost_permission_ends_a_subscription(self):
        headers = self.key("lost", "lost")
        client = self.client(headers=headers)
        for name, query in (("lost", SMALL), ("kept", "{ s { three(limit: 1) { id } } }")):
            client.subscribe(name, repeated(query))
        with Events(self.node, repeated(SMALL), headers=headers) as events:
            self.assertEqual(json.loads(events.event()[1]), SMALL_ROW)
            seen = set()
            while len(seen) < 2:
                message = client.receive()
                self.assertEqual(message["type"], "next")
                seen.add(message["id"])
            self.forbid("lost", "_module_s_query", "small")
            while (message := client.receive())["type"] == "next":
                self.assertIn("data", message["payload"])
            self.assertEqual((message["id"], message["type"], message["payload"][0]["message"]), ("lost", "error", "forbidden"))
            while "data" in (payload := json.loads(events.event()[1])):
                pass
            self.assertEqual(payload["errors"][0]["message"], "forbidden")
            self.assertEqual(events.event(), ("complete", ""))
        self.assertEqual(client.next("kept")["data"]["s"]["three"], {"id": 0})

    def test_revoked_key_closes_within_five_seconds(self):
        headers = self.key("revoked", "revoked")
        idle, waiting, introduced = self.client(headers=headers), self.client(headers=headers), self.client(payload={"headers": headers})
        waiting.subscribe("1", repeated(SMALL, "interval: 600"))
        self.assertEqual(waiting.next("1"), SMALL_ROW)
        self.admin(self.node, 'mutation { core { update_api_keys(filter: {name: {eq: "revoked"}}, data: {disabled: true}) { affected_rows } } }')
        started = time.monotonic()
        for client in (idle, waiting, introduced):
            self.assertEqual(client.closed(6)[0], 4403)
        self.assertLess(time.monotonic() - started, 5)
        self.refused(401, headers)

    def test_revoked_key_ends_an_event_stream(self):
        headers = self.key("streaming", "streaming")
        with Events(self.node, repeated(SMALL, "interval: 600"), headers=headers) as events:
            self.assertEqual(json.loads(events.event()[1]), SMALL_ROW)
            self.admin(self.node, 'mutation { core { update_api_keys(filter: {name: {eq: "streaming"}}, data: {disabled: true}) { affected_rows } } }')
            started = time.monotonic()
            events.response.read()
            self.assertLess(time.monotonic() - started, 5)

    def test_event_streams(self):
        for headers, status in (({}, 401), ({"x-hugr-secret-key": "wrong"}, 401), (ADMIN, 200)):
            with Events(self.node, SMALL, headers=headers) as events:
                self.assertEqual(events.status, status)
                if status == 200:
                    self.assertEqual(events.rest(), [SMALL_RESULT])


if __name__ == "__main__":
    unittest.main()
