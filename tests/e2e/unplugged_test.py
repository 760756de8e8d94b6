"""Every source goes away once under load: who does not ask for it notices nothing, who does is told so in time."""

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]

import cli_test  # noqa: E402
import postgres  # noqa: E402
import web_service  # noqa: E402

CALL = "http_data_source_request_scalar([$catalog], '/slow', 'GET', '{}', json_object('n', [n], 'ms', 2), NULL, '.n')"
ROWS = "CREATE TABLE rows (id INTEGER PRIMARY KEY, name VARCHAR); INSERT INTO rows SELECT i, '{name} ' || i FROM {series} AS t(i)"
TABLE = 'type rows @table(name: "rows") { id: Int! @pk  name: String }'
WEB = f'extend type Function {{ value(n: Int!): Int @function(name: "value", json_cast: true, sql: "{CALL}") }}'
TIES = """
extend type duck_rows @dependency(name: "duck") @dependency(name: "web") {
  value: Int @function_call(references_name: "value", module: "web", args: {n: "id"})
}
extend type duck_rows @dependency(name: "duck") @dependency(name: "pg") {
  far: [pg_rows] @join(references_name: "pg_rows", source_fields: ["id"], references_fields: ["id"])
}
extend type pg_rows @dependency(name: "pg") @dependency(name: "web") {
  value: Int @function_call(references_name: "value", module: "web", args: {n: "id"})
}
"""
SOME = "(filter: {id: {lte: 2}}, order_by: [{field: \"id\"}])"


def rows(**members):
    return [{"id": i} | {key: make(i) for key, make in members.items()} for i in (1, 2)]


# What is asked all the time, by the sources that it touches; and the answer.
ASKED = {
    ("duck",): (f"{{ duck {{ rows{SOME} {{ id name }} }} }}", {"duck": {"rows": rows(name=lambda i: f"duck {i}")}}),
    ("pg",): (f"{{ pg {{ rows{SOME} {{ id name }} }} }}", {"pg": {"rows": rows(name=lambda i: f"pg {i}")}}),
    ("web",): ("{ function { web { value(n: 7) } } }", {"function": {"web": {"value": 7}}}),
    ("other",): (f"{{ other {{ rows{SOME} {{ id name }} }} }}", {"other": {"rows": rows(name=lambda i: f"other {i}")}}),
    ("duck", "pg"): (f"{{ duck {{ rows{SOME} {{ id far {{ name }} }} }} }}", {"duck": {"rows": rows(far=lambda i: [{"name": f"pg {i}"}])}}),
    ("duck", "web"): (f"{{ duck {{ rows{SOME} {{ id value }} }} }}", {"duck": {"rows": rows(value=lambda i: i)}}),
    ("pg", "web"): (f"{{ pg {{ rows{SOME} {{ id value }} }} }}", {"pg": {"rows": rows(value=lambda i: i)}}),
}
LOCK = """
import duckdb, sys, time
until = time.monotonic() + 5
while True:
    try:
        connection = duckdb.connect({path!r})
        break
    except duckdb.IOException:
        if time.monotonic() > until:
            raise
        time.sleep(0.05)
print(1, flush=True)
sys.stdin.read()
"""
TIMEOUT = 4  # Seconds, of a request.
BOUND = 2  # Within which every request that does not touch what is away is answered, on a busy machine.
AWAY = 8  # How long a source is away: longer than requests last.
BACK = 30  # Within which it serves again.


class Load:
    """Asks everything again and again; a context manager that ends it."""

    def __init__(self, node, away=None):
        self.node = node
        self.lock, self.done = threading.Lock(), threading.Event()
        self.answers = []  # Sources, when it was asked, how long it took, the answer.
        self.threads = [threading.Thread(target=self.ask, args=(sources,)) for sources in ASKED for _ in range(6 if away in sources else 2)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()

    def ask(self, sources):
        query = json.dumps({"query": ASKED[sources][0]})
        while not self.done.wait(0.02):
            start = time.monotonic()
            try:
                answer = json.loads(self.node.send("POST", "/query", query)[1])
            except (OSError, ValueError) as problem:
                answer = {"errors": [{"message": f"no answer: {problem!r}"}]}
            with self.lock:
                self.answers.append((sources, start, time.monotonic() - start, answer))

    def taken(self):
        with self.lock:
            taken, self.answers = self.answers, []
        return taken


class WebProcess:
    """The service in a process of its own, so that it can be killed with all its connections."""

    def __init__(self):
        self.port = cli_test.free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen([sys.executable, web_service.__file__, "--port", str(self.port)], stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def freeze(self, frozen=True):
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)


@unittest.skipUnless(postgres.is_installed(), "PostgreSQL is missing: ./x test installs it")
class UnpluggedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import duckdb
        with contextlib.ExitStack() as stack:
            cls.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eider_unplugged_")))
            cls.server = stack.enter_context(postgres.Server())
            cls.server.sql(ROWS.format(name="pg", series="generate_series(1, 1000)"))
            for name in ("duck", "other"):
                with duckdb.connect(str(cls.folder / f"{name}.duckdb")) as connection:
                    connection.execute(ROWS.format(name=name, series="range(1, 1001)"))
            cls.web = WebProcess()
            cls.web.start()
            stack.callback(cls.web.stop)
            cls.sources = [
                cls.source("duck", TABLE, path=str(cls.folder / "duck.duckdb"), type="duckdb"),
                cls.source("other", TABLE, path=str(cls.folder / "other.duckdb"), type="duckdb"),
                cls.source("pg", TABLE, path=cls.server.dsn(), type="postgres"),
                cls.source("web", WEB, path=f"http://127.0.0.1:{cls.web.port}?x-eider-retries=0", type="http"),
                cls.source("ties", TIES, path="", type="extension")]
            cls.node = stack.enter_context(cls.new_node())
            cls.addClassCleanup(stack.pop_all().close)

    @staticmethod
    def source(name, sdl, **members):
        return {"name": name, "prefix": "" if name == "ties" else name, "as_module": name != "ties",
                "catalogs": [{"name": name, "type": "text", "path": sdl}]} | members

    @classmethod
    def new_node(cls, folder=None):
        return cli_test.Node(folder or cls.folder, {"sources": cls.sources}, QUERY_TIMEOUT=f"{TIMEOUT}s", DRAIN_TIMEOUT="2s",
                             MAX_CONCURRENT_REQUESTS="12")

    def check_others(self, answers, away):
        """Those that do not touch the source were answered, rightly and soon."""
        slowest = 0
        for sources, _, spent, answer in answers:
            if away in sources:
                continue
            self.assertEqual(answer.get("data"), ASKED[sources][1], (sources, answer))
            slowest = max(slowest, spent)
        for sources in ASKED:
            if away not in sources:
                self.assertGreater(sum(asked == sources for asked, *_ in answers), 5, f"{sources} was hardly answered")
        self.assertLess(slowest, BOUND)
        return slowest

    def check_touching(self, answers, away, since, expected):
        """Those that do were told so in time; returns what they were told."""
        told, asked = set(), set()
        for sources, start, spent, answer in answers:
            if away not in sources or start < since:
                continue
            self.assertIn("errors", answer, sources)
            self.assertNotIn("data", answer)
            self.assertLess(spent, TIMEOUT + 1.5, (sources, answer))
            message = answer["errors"][0]["message"]
            self.assertRegex(message, expected, sources)
            self.assertNotIn("eider:eider", message)
            told.add(message)
            asked.add(sources)
        self.assertEqual(asked, {sources for sources in ASKED if away in sources}, "some were not told in time")
        return told

    def check_back(self, load):
        deadline = time.monotonic() + BACK
        while True:
            load.taken()
            time.sleep(1)
            answers = load.taken()
            wrong = [(sources, answer) for sources, _, _, answer in answers if answer.get("data") != ASKED[sources][1]]
            if not wrong and {sources for sources, *_ in answers} == set(ASKED):
                return
            self.assertLess(time.monotonic(), deadline, wrong[:3])

    def unplug(self, away, pull, put_back, expected):
        with Load(self.node, away) as load:
            self.check_back(load)
            try:
                pull()
                since = time.monotonic()
                time.sleep(AWAY)
                answers = load.taken()
            finally:
                put_back()
            slowest = self.check_others(answers, away)
            told = self.check_touching(answers, away, since, expected)
            started = time.monotonic()
            self.check_back(load)
            print(f"{self.id().rpartition('.')[2]}: {len(answers)} answers, the slowest of others {slowest:.2f} s, back after "
                  f"{time.monotonic() - started:.1f} s; {len(told)} messages: {sorted(told)[:4]}", file=sys.stderr)

    def test_postgres_is_killed(self):
        self.unplug("pg", lambda: self.server.stop(signal.SIGQUIT), self.server.start, r"pg|PostgreSQL")

    def test_postgres_hangs(self):
        self.unplug("pg", self.server.freeze, lambda: self.server.freeze(False), r"query timeout|pg|PostgreSQL")

    def test_the_service_is_killed(self):
        self.unplug("web", self.web.stop, self.web.start, r"\"web\"|data source web|HTTP source")

    def test_the_service_hangs(self):
        self.unplug("web", self.web.freeze, lambda: self.web.freeze(False), r"query timeout|\"web\"")

    def reload(self, name):
        self.assertEqual(self.node.load(name), (True, "Datasource was loaded"))

    def test_sources_are_unloaded(self):
        for name in ("duck", "pg", "web"):
            with self.subTest(name):
                self.unplug(name, lambda name=name: self.assertEqual(self.node.unload(name), (True, "Datasource was unloaded")),
                            lambda name=name: self.reload(name), r"Cannot query field")

    def test_a_file_is_locked_by_somebody_else(self):
        holder = []

        def pull():
            self.assertEqual(self.node.unload("duck"), (True, "Datasource was unloaded"))
            # Requests that were under way hold the file for as long as they last.
            code = LOCK.format(path=str(self.folder / "duck.duckdb"))
            holder.append(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            self.assertEqual(holder[0].stdout.readline(), b"1\n")
            ok, message = self.node.load("duck")
            self.assertFalse(ok)
            self.assertIn("duck.duckdb", message)
            self.assertRegex(message, "lock|used by")

        def put_back():
            holder[0].communicate()
            self.reload("duck")

        self.unplug("duck", pull, put_back, r"Cannot query field")

    def test_the_node_stops_while_sources_hang(self):
        with tempfile.TemporaryDirectory(prefix="eider_unplugged_") as scratch:
            for name in ("duck", "other"):
                path = pathlib.Path(scratch) / f"{name}.duckdb"
                path.write_bytes((self.folder / f"{name}.duckdb").read_bytes())
            moved = [source | {"path": source["path"].replace(str(self.folder), scratch)} for source in self.sources]
            node = cli_test.Node(pathlib.Path(scratch), {"sources": moved}, QUERY_TIMEOUT="1h", DRAIN_TIMEOUT="2s")
            with node:
                load = Load(node)
                with load:
                    self.check_back(load)
                    self.server.freeze()
                    self.web.freeze()
                    try:
                        time.sleep(1)
                        load.done.set()
                        started = time.monotonic()
                        node.process.send_signal(signal.SIGTERM)
                        self.assertEqual(node.process.wait(60), 0)
                        spent = time.monotonic() - started
                    finally:
                        self.web.freeze(False)
                        self.server.freeze(False)
            print(f"the node stopped after {spent:.1f} s", file=sys.stderr)
            self.assertLess(spent, 2 + 5)


if __name__ == "__main__":
    unittest.main()
