"""What a node that stands alone has loaded, and what becomes of it when rows change and the node starts again."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import harness

NEXT_KEY = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class LoneTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="eider_lone_")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.cluster = harness.Cluster(self.folder, CLUSTER_ENABLED="false", CLUSTER_SECRET="", SOURCE_RETRY_MIN="200ms",
                                       SOURCE_RETRY_MAX="500ms", CORE_DB_PATH=str(self.folder / "core.duckdb"),
                                       CORE_DB_ENCRYPTION_KEY=harness.KEY)
        self.failed = True
        self.addCleanup(lambda: self.cluster.__exit__(AssertionError if self.failed else None))
        self.node = self.cluster.start("node")

    def tearDown(self):
        self.failed = any(test is self for test, _ in self._outcome.result.errors + self._outcome.result.failures)

    def data(self, name, *ids):
        (self.folder / name).mkdir(exist_ok=True)
        (self.folder / name / "t.csv").write_text("id\n" + "".join(f"{number}\n" for number in ids))
        return str(self.folder / name)

    def insert(self, name, path, disabled=False):
        self.node.ask('mutation($n: String!, $p: String!, $d: Boolean) { core { insert_data_sources(data: {name: $n, type: "files", '
                      'prefix: $n, as_module: true, self_defined: true, path: $p, disabled: $d}) { name } } }', n=name, p=path, d=disabled)

    def update(self, name, data):
        self.node.ask('mutation($n: String!) { core { update_data_sources(filter: {name: {eq: $n}}, data: %s) { affected_rows } } }'
                      % data, n=name)

    def delete(self, name):
        self.node.ask('mutation($n: String!) { core { delete_data_sources(filter: {name: {eq: $n}}) { affected_rows } } }', n=name)

    def operate(self, operation, name):
        answer = self.node.ask("mutation($n: String!) { function { core { %s(name: $n) { success message } } } }" % operation, n=name)
        outcome = answer["function"]["core"][operation]
        return outcome["success"], outcome["message"]

    def load(self, name):
        self.assertEqual(self.operate("load_data_source", name), (True, "Datasource was loaded"))

    def unload(self, name):
        self.assertEqual(self.operate("unload_data_source", name), (True, "Datasource was unloaded"))

    def restart(self, **environment):
        self.assertEqual(self.node.stop(), 0)
        self.node.start(**environment)

    def ids(self, name):
        """What the source's table has; None when the schema has no such source."""
        answer = self.node.answer("{ %s { t(order_by: [{field: \"id\"}]) { id } } }" % name)
        if "errors" in answer:
            self.assertIn("Cannot query field", answer["errors"][0]["message"])
            return None
        return [row["id"] for row in answer["data"][name]["t"]]

    def test_a_changed_row_counts_from_the_next_load_on(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.update("shop", '{path: "%s"}' % self.data("two", 2))
        self.assertEqual(self.ids("shop"), [1])
        self.restart()
        self.assertEqual(self.ids("shop"), [1])
        self.load("shop")
        self.assertEqual(self.ids("shop"), [2])
        self.node.kill()
        self.node.start()
        self.assertEqual(self.ids("shop"), [2])

    def test_a_source_without_its_row_runs_until_it_is_unloaded(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.delete("shop")
        self.restart()
        self.assertEqual(self.ids("shop"), [1])
        self.assertEqual(self.operate("load_data_source", "shop"), (False, "data source not found"))
        self.unload("shop")
        self.assertEqual(self.ids("shop"), None)
        self.restart()
        self.assertEqual(self.ids("shop"), None)
        self.insert("shop", self.data("two", 2))
        self.restart()
        self.assertEqual(self.ids("shop"), [2])

    def test_what_is_unloaded_stays_so(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.unload("shop")
        self.assertEqual(self.operate("unload_data_source", "shop"), (False, "data source already unloaded"))
        self.restart()
        self.assertEqual(self.ids("shop"), None)
        self.load("shop")
        self.restart()
        self.assertEqual(self.ids("shop"), [1])

    def in_one(self, name, change, fails):
        """A change of the registration, a load and another change in one mutation."""
        return self.node.answer(
            "mutation($n: String!) { first: core { %s } function { core { load_data_source(name: $n) { success message } } } "
            'last: core { insert_roles(data: {name: "%s", description: "d"}) { name } } }' % (change, "admin" if fails else name), n=name)

    def test_a_load_within_a_change_is_remembered_when_that_is_committed(self):
        register = ('insert_data_sources(data: {name: $n, type: "files", prefix: $n, as_module: true, self_defined: true, path: "%s"}) '
                    '{ name }')
        move = 'update_data_sources(filter: {name: {eq: $n}}, data: {path: "%s"}) { affected_rows }'
        self.assertIn("errors", self.in_one("shop", register % self.data("one", 1), fails=True))
        # It is loaded all the same, and gone with the next start: it was never registered.
        self.assertEqual(self.ids("shop"), [1])
        self.assertEqual(self.node.ask("{ core { data_sources { name } } }"), {"core": {"data_sources": []}})
        self.restart()
        self.assertEqual(self.ids("shop"), None)
        self.assertNotIn("errors", self.in_one("shop", register % self.data("one", 1), fails=False))
        self.restart()
        self.assertEqual(self.ids("shop"), [1])
        # What was remembered stays when the change of a registration is rolled back.
        self.assertIn("errors", self.in_one("shop", move % self.data("two", 2), fails=True))
        self.assertEqual(self.ids("shop"), [2])
        self.restart()
        self.assertEqual(self.ids("shop"), [1])
        self.node.ask('mutation { core { delete_roles(filter: {name: {eq: "shop"}}) { affected_rows } } }')
        self.assertNotIn("errors", self.in_one("shop", move % self.data("two", 2), fails=False))
        self.update("shop", '{path: "%s"}' % self.data("one", 1))
        self.restart()
        self.assertEqual(self.ids("shop"), [2])
        # One that was rolled back can be unloaded.
        self.assertIn("errors", self.in_one("new", register % self.data("three", 3), fails=True))
        self.unload("new")
        self.assertEqual(self.ids("new"), None)

    def test_what_is_registered_is_loaded_at_start_unless_it_is_disabled(self):
        self.insert("shop", self.data("one", 1))
        self.insert("spare", self.data("two", 2), disabled=True)
        self.assertEqual((self.ids("shop"), self.ids("spare")), (None, None))
        self.restart()
        self.assertEqual((self.ids("shop"), self.ids("spare")), ([1], None))
        self.assertEqual(self.operate("load_data_source", "spare"), (False, 'data source "spare" is disabled'))
        self.update("spare", "{disabled: false}")
        self.update("shop", "{disabled: true}")
        self.assertEqual((self.ids("shop"), self.ids("spare")), ([1], None))
        self.restart()
        self.assertEqual((self.ids("shop"), self.ids("spare")), (None, [2]))

    def test_a_source_that_is_away_keeps_its_types_and_comes_back(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.cluster.expect("source was not loaded")
        (self.folder / "one").rename(self.folder / "away")
        self.restart()

        def message():
            return self.node.answer("{ shop { t { id } } }").get("errors", [{}])[0].get("message")
        harness.wait_for("its types are there", lambda: message() == 'data source "shop" is not available', 10)
        (self.folder / "away").rename(self.folder / "one")
        harness.wait_for("it is back", lambda: message() is None, 10)
        self.assertEqual(self.ids("shop"), [1])
        # One that is away can be unloaded.
        (self.folder / "one").rename(self.folder / "away")
        self.restart()
        self.unload("shop")
        self.assertEqual(self.ids("shop"), None)

    def test_a_load_that_fails_changes_nothing(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.update("shop", '{path: "%s"}' % (self.folder / "none"))
        self.assertFalse(self.operate("load_data_source", "shop")[0])
        self.assertEqual(self.ids("shop"), [1])
        self.restart()
        self.assertEqual(self.ids("shop"), [1])

    def test_a_registration_that_never_worked_is_used_as_it_is_now(self):
        self.cluster.expect("source was not loaded")
        self.insert("shop", str(self.folder / "none"))
        self.restart()
        self.update("shop", '{path: "%s"}' % self.data("one", 1))
        self.restart()
        self.assertEqual(self.ids("shop"), [1])

    def test_a_source_of_the_configuration_is_always_as_it_says(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.assertEqual(self.node.stop(), 0)
        self.node.configure({"sources": [{"name": "shop", "type": "files", "path": self.data("two", 2)}]}).start()
        answer = self.node.ask("{ t { id } }")
        self.assertEqual(answer, {"t": [{"id": 2}]})
        self.unload("shop")
        self.restart()
        self.assertEqual(self.node.ask("{ t { id } }"), {"t": [{"id": 2}]})

    def test_a_core_database_in_memory_remembers_nothing(self):
        self.restart(CORE_DB_PATH="")
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.unload("shop")
        self.load("shop")
        self.assertEqual(self.ids("shop"), [1])
        self.restart()
        self.assertEqual(self.ids("shop"), None)

    def test_a_new_key_reads_it_too(self):
        self.insert("shop", self.data("one", 1))
        self.load("shop")
        self.delete("shop")
        self.assertEqual(self.node.stop(), 0)
        environment = {"PATH": os.environ["PATH"], "CORE_DB_PATH": str(self.folder / "core.duckdb"), "CORE_DB_ENCRYPTION_KEY": NEXT_KEY,
                       "CORE_DB_ENCRYPTION_KEYS_OLD": harness.KEY}
        done = subprocess.run([harness.BINARY, "keys", "rotate"], env=environment, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.node.start(CORE_DB_ENCRYPTION_KEY=NEXT_KEY)
        self.assertEqual(self.ids("shop"), [1])
        self.assertNotIn(str(self.folder / "one"), (self.folder / "core.duckdb").read_bytes().decode("latin-1"))


if __name__ == "__main__":
    unittest.main()
