"""core.cluster.watch_events: the rows of the event log as they happen, on every node and through outages."""

import http.client
import json
import threading
import time
import unittest
import urllib.parse

import harness
from members_test import ADMIN, ThreeNodes
from readonly_cluster_test import ReadOnlyCluster

WATCH = "subscription { core { cluster { watch_events%s { id kind detail } } } }"


class Watcher:
    """Takes the messages of a subscription over an event stream until it is closed."""

    def __init__(self, node, query, headers=ADMIN):
        self.messages = []
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        self.connection.request("GET", "/subscribe?" + urllib.parse.urlencode({"query": query}),
                                headers=headers | {"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise AssertionError(f"{self.answer.status}: {self.answer.read()}")
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            for line in self.answer:
                if line.startswith(b"data:") and line[5:].strip():
                    self.messages.append(json.loads(line[5:]))
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            return

    def close(self):
        if self.connection.sock is not None:
            self.connection.sock.shutdown(2)
        self.thread.join(10)
        self.connection.close()

    def errors(self):
        return [message for message in self.messages if "errors" in message]

    def details(self):
        """What the events of the test say, in the order in which they came."""
        rows = [message["data"]["core"]["cluster"]["watch_events"] for message in self.messages if "data" in message]
        return [row["detail"] for row in rows if row["kind"] == "test"]


class WatchEventsTest(ThreeNodes):
    def add(self, detail, event=None):
        columns, values = ("id, ", f"{event}, ") if event else ("", "")
        self.cluster.core.sql(f"INSERT INTO eider.cluster_events ({columns}node, kind, detail) OVERRIDING SYSTEM VALUE "
                              f"VALUES ({values}'x', 'test', '{detail}')")

    def watch(self, node, arguments="", headers=ADMIN):
        watcher = Watcher(node, WATCH % arguments, headers)
        self.addCleanup(watcher.close)
        return watcher

    def await_details(self, watcher, details, seconds=10):
        harness.wait_for(f"{details} come", lambda: len(watcher.details()) >= len(details), seconds)
        self.assertEqual(watcher.details(), details)
        self.assertEqual(watcher.errors(), [])

    def test_every_node_gives_each_event_once_also_one_that_comes_late(self):
        nodes = [self.cluster.start("a", "management"), self.cluster.start("b")]
        self.add("before", 50)
        watchers = [self.watch(node) for node in nodes]
        time.sleep(1)
        self.add("one", 101)
        for watcher in watchers:
            self.await_details(watcher, ["one"], 3)
        self.add("late", 100)
        self.add("two", 102)
        for watcher in watchers:
            self.await_details(watcher, ["one", "late", "two"], 3)
        self.await_details(self.watch(nodes[1], "(after: 100)"), ["one", "two"])

    def test_an_outage_of_the_core_database_is_no_error(self):
        node = self.cluster.start("a", "management")
        self.cluster.expect("core database")
        watcher = self.watch(node)
        time.sleep(1)
        self.add("one")
        self.await_details(watcher, ["one"])
        self.cluster.core.stop()
        time.sleep(4)
        self.cluster.core.start()
        self.add("two")
        self.await_details(watcher, ["one", "two"], 20)

    def test_rules_of_a_role_hold_while_it_watches(self):
        node = self.cluster.start("a", "management")
        node.ask('mutation { core { insert_roles(data: {name: "guest", description: "", permissions: [{type_name: '
                 '"data-object:query", field_name: "core_events", disabled: false}, {type_name: "core_events", '
                 'field_name: "object", disabled: true}]}) { name } } }', ADMIN)
        guest = ADMIN | {"x-hugr-impersonated-role": "guest", "x-hugr-impersonated-user-id": "g",
                         "x-hugr-impersonated-user-name": "g"}
        with self.assertRaisesRegex(AssertionError, "400: .*forbidden"):
            Watcher(node, "subscription { core { cluster { watch_events { id object } } } }", guest)
        watcher = self.watch(node, headers=guest)
        time.sleep(1)
        self.add("one")
        self.await_details(watcher, ["one"])
        node.ask('mutation { core { insert_role_permissions(data: {role: "guest", type_name: "core_events", '
                 'field_name: "detail", disabled: true}) { role } } }', ADMIN)
        self.add("two")
        harness.wait_for("it is refused", lambda: watcher.errors(), 10)
        self.assertEqual([error["message"] for error in watcher.errors()[0]["errors"]], ["forbidden"])
        self.assertEqual(watcher.details(), ["one"])


class ReadOnlyWatchTest(ReadOnlyCluster):
    def kinds(self, watcher):
        return [message["data"]["core"]["cluster"]["watch_events"]["kind"] for message in watcher.messages]

    def test_a_worker_gives_what_the_management_node_has_in_memory_also_after_its_restart(self):
        mgmt = self.management()
        one = self.worker("one").start()
        self.cluster.expect("the management node cannot be reached")
        watcher = Watcher(one, WATCH % "")
        self.addCleanup(watcher.close)
        time.sleep(1)
        self.assertTrue(self.operate(one, 'unload_source(name: "shop")')["success"])
        harness.wait_for("it is told", lambda: watcher.messages, 5)
        self.assertEqual([message for message in watcher.messages if "errors" in message], [])
        before = len(watcher.messages)
        mgmt.kill()
        mgmt.start()
        harness.wait_for("it is told of the new one", lambda: len(watcher.messages) > before, 20)
        self.assertEqual([message for message in watcher.messages if "errors" in message], [])


if __name__ == "__main__":
    unittest.main()
