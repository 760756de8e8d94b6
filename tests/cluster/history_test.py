"""QUERY_HISTORY: one row for each request in the core database, without its text, readable from any node."""

import json
import subprocess
import threading
import time
import unittest

import harness
from members_test import ADMIN, ThreeNodes

KEY = "an administrator's key"
HEADERS = {"x-hugr-secret-key": KEY}
FIELDS = ("ts request_id node protocol kind user_id user_name role auth_provider hash total_ms parse_ms plan_ms queue_ms "
          "execute_ms rows bytes outcome code")
HISTORY = "{ core { queries { history(order_by: [{field: \"ts\"}], limit: 1000) { %s } } } }" % FIELDS
ROLES = '{ core { roles(filter: {name: {eq: "%s"}}) { name } } }'


class HistoryTest(ThreeNodes):
    settings = {"QUERY_HISTORY": "core"}

    def history(self, node, headers=ADMIN):
        rows = node.ask(HISTORY, headers)["core"]["queries"]["history"]
        return {row["request_id"]: row for row in rows}

    def wait_for(self, node, *ids, headers=ADMIN):
        def found():
            rows = self.history(node, headers)
            return rows if set(ids) <= rows.keys() else None
        return harness.wait_for(f"{ids} are written", found, 15)

    def counted(self, node, outcome):
        return dict(node.metrics("eider_query_history_total"))[f'{{outcome="{outcome}"}}']

    def alone(self, name="alone", **environment):
        cluster = harness.Cluster(self.cluster.folder / name, CLUSTER_ENABLED="false", CLUSTER_SECRET="",
                                  QUERY_HISTORY="core", CORE_DB_PATH="core.duckdb", SECRET_KEY=KEY)
        self.addCleanup(lambda: cluster.__exit__(None))
        return cluster.member(name, **environment)

    def send(self, node, request_id, query, headers):
        return node.send("POST", "/query", json.dumps({"query": query}), headers | {"X-Request-Id": request_id})

    def test_a_row_tells_all_but_the_text(self):
        node = self.alone().start()
        who = HEADERS | {"x-hugr-user-id": "7", "x-hugr-user-name": "Jo"}
        self.send(node, "one", ROLES % "admin", who)
        self.send(node, "two", ROLES % "my-literal", HEADERS)
        self.send(node, "other", "{ core { roles { description } } }", HEADERS)
        self.send(node, "wrong", "{ core { nothing_there } }", HEADERS)
        self.send(node, "change", 'mutation { core { insert_roles(data: {name: "my-literal", description: "d"}) { name } } }',
                  HEADERS)
        node.send("POST", "/query", '{"no json', HEADERS | {"X-Request-Id": "unread"})
        rows = self.wait_for(node, "one", "two", "other", "wrong", "change", headers=HEADERS)
        one, two = rows["one"], rows["two"]
        self.assertLessEqual({"node": "alone", "protocol": "http", "kind": "query", "role": "admin", "rows": 1,
                              "auth_provider": "x-hugr-secret", "outcome": "ok", "code": ""}.items(), one.items())
        self.assertRegex(one["hash"], "^[0-9a-f]{64}$")
        self.assertEqual(one["hash"], two["hash"])
        self.assertNotEqual(one["hash"], rows["other"]["hash"])
        self.assertEqual((two["rows"], rows["change"]["kind"]), (0, "mutation"))
        self.assertEqual((rows["wrong"]["outcome"], rows["wrong"]["code"]), ("error", "VALIDATION"))
        for row in (one, rows["wrong"]):
            self.assertGreater(row["bytes"], 0)
        self.assertGreaterEqual(one["total_ms"], one["execute_ms"])
        self.assertNotIn("my-literal", json.dumps(rows))
        # What has ended is there after a restart, too.
        self.send(node, "last", ROLES % "admin", HEADERS)
        self.assertEqual(node.stop(), 0)
        node.start()
        self.wait_for(node, "one", "last", headers=HEADERS)
        self.assertEqual(self.counted(node, "dropped") + self.counted(node, "failed"), 0)

    def test_only_who_may_reads_it(self):
        node = self.alone(ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public").start()
        self.assertEqual(node.answer(HISTORY)["errors"][0]["message"], "forbidden")
        self.assertIn("core", node.ask(HISTORY, HEADERS))
        changed = node.answer('mutation { core { queries { delete_history { success } } } }', HEADERS)
        self.assertIn("errors", changed)

    def test_every_node_reads_what_all_have_written(self):
        nodes = [self.cluster.start("a", "management"), self.cluster.start("b")]
        for node in nodes:
            self.send(node, "of-" + node.name, ROLES % "admin", ADMIN)
        for node in nodes:
            rows = self.wait_for(node, "of-a", "of-b")
            self.assertEqual((rows["of-a"]["node"], rows["of-b"]["node"]), ("a", "b"))
            self.assertEqual(rows["of-a"]["hash"], rows["of-b"]["hash"])
        # Old rows go.
        self.cluster.core.sql("UPDATE eider.query_history SET ts = ts - INTERVAL '8 days'")
        nodes[1].stop()
        nodes[1].start()
        self.send(nodes[1], "young", ROLES % "admin", ADMIN)
        harness.wait_for("old rows are gone", lambda: "of-a" not in self.wait_for(nodes[0], "young"), 15)

    def test_a_core_database_that_hangs_slows_nobody(self):
        node = self.cluster.start("a", "management")
        self.send(node, "before", ROLES % "admin", ADMIN)
        self.wait_for(node, "before")
        self.cluster.expect("")
        lock = threading.Thread(target=self.cluster.core.sql, args=(
            "BEGIN; LOCK TABLE eider.query_history IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(15); COMMIT",))
        lock.start()
        time.sleep(1)
        started = time.monotonic()
        for number in range(100):
            self.assertEqual(self.send(node, f"n{number}", "{ __typename }", ADMIN)[0], 200)
        self.assertLess(time.monotonic() - started, 5)
        harness.wait_for("they are given up", lambda: self.counted(node, "failed") > 0, 30)
        self.assertIn("requests cannot be written into core.queries.history", node.log())
        lock.join()
        self.send(node, "after", ROLES % "admin", ADMIN)
        self.wait_for(node, "after")

    def test_a_lost_answer_writes_nothing_twice(self):
        core = self.cluster.core
        gate = harness.ForgetfulGate(core.port)
        self.addCleanup(gate.close)
        node = self.cluster.start("a", "management", CORE_DB_PATH=core.dsn().replace(str(core.port), str(gate.port)))

        def rows():
            return core.sql("SELECT request_id || ' ' || count(*) FROM eider.query_history WHERE request_id LIKE 'n%' GROUP BY request_id "
                            "ORDER BY 1").split("\n")
        for number in range(3):
            gate.text = b"query_history"
            written = self.counted(node, "written")
            self.send(node, f"n{number}", ROLES % "admin", ADMIN)
            harness.wait_for("an answer is lost", lambda: gate.lost == number + 1, 10)
            harness.wait_for("it is written", lambda: self.counted(node, "written") > written, 10)
            self.assertEqual([row for row in rows() if row], [f"n{n} 1" for n in range(number + 1)])
        # Another process of the same name begins anew.
        self.assertEqual(node.stop(), 0)
        node.start()
        self.send(node, "n3", ROLES % "admin", ADMIN)
        harness.wait_for("it is written", lambda: [row for row in rows() if row] == [f"n{n} 1" for n in range(4)], 10)

    def test_options_that_fit_nothing_stop_the_start(self):
        for options, message in (({"QUERY_HISTORY": "file"}, "must be core or empty"),
                                 ({"CORE_DB_READONLY": "true"}, "may be written")):
            node = self.alone("bad" + options.get("QUERY_HISTORY", ""), **options)
            if "CORE_DB_READONLY" in options:
                node.start(QUERY_HISTORY="", CORE_DB_READONLY="false").stop()
                node.environment |= {"QUERY_HISTORY": "core"} | options
            done = subprocess.run([harness.BINARY, "serve"], cwd=node.folder, env=node.environment, capture_output=True,
                                  text=True, timeout=30, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(message, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
