"""Runs what the documentation shows: every fenced example of README.md and docs/*.md against a node of the demo.

graphql  a document runs, on the demo or on the tests' sources `lib`, `city` and `stall`; a block that begins with a field stands below `nyc`;
         of a subscription the first message is data;
         SDL replaces the demo's types of the same name; a following comment `# → …` is the answer's data
sh       each command of curl or eider runs and succeeds; a following line `# …` is what it prints. `example.org` is not asked
yaml     a configuration file that is accepted, whether or not its sources exist
"""

import http.client
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "gqltest"))
from node import Node  # noqa: E402
from source_sets import SourceSet  # noqa: E402

BINARY = os.environ.get("EIDER_BINARY", str(ROOT / "build" / "dev" / "eider"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DEMO = ROOT / "demo" / "data" / "demo.duckdb"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPE = re.compile(r"^type (\w+)\s.*?^}\n", re.MULTILINE | re.DOTALL)
COMMAND_SECONDS = 60


def examples(language):
    for page in PAGES:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            if match[1] == language:
                yield f"{page.name}:{text.count(chr(10), 0, match.start()) + 1}", match[2]


def is_sdl(text):
    return re.match(r"(extend )?type ", text) is not None


def commands(text):
    """The commands that can be run here, each with the comment after it."""
    lines = text.splitlines() + [""]
    while lines:
        command = lines.pop(0)
        while lines and not complete(command):
            command += "\n" + lines.pop(0)
        expected = lines[0] if lines and lines[0].startswith("# ") else ""
        if re.match(r"(curl|eider|build/release/eider) ", command) and "example.org" not in command and ":13000" not in command:
            yield command, expected


def complete(command):
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return not command.endswith("\\")


class DemoSource:
    """The demo's source in the form that Node asks for."""

    def entries(self, _scratch):
        yield {"name": "nyc", "type": "duckdb", "path": str(DEMO), "prefix": "", "as_module": True, "read_only": True,
               "catalogs": [{"name": "flights", "type": "uriFile", "path": str(ROOT / "demo" / "flights.graphql")}]}


class Documentation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="eider-docs-")
        cls.scratch = pathlib.Path(cls.folder.name)
        with duckdb.connect(str(DEMO), read_only=True) as demo:
            demo.execute(f"COPY (FROM flights LIMIT 100) TO '{cls.scratch}/flights.parquet'")
            demo.execute(f"COPY (SELECT 1 AS id) TO '{cls.scratch}/shop.parquet'")
        sets = [SourceSet("library"), SourceSet("geo"), SourceSet("across")]
        for sources in sets:
            sources.build(cls.scratch, cls.scratch)
        cls.node = Node(BINARY, cls.scratch, [DemoSource(), *sets], {})
        cls.node.start()

    @classmethod
    def tearDownClass(cls):
        complaint = cls.node.stop()
        cls.folder.cleanup()
        assert not complaint, complaint

    def test_requests(self):
        for place, text in examples("graphql"):
            if is_sdl(text):
                continue
            with self.subTest(place):
                document = text if re.match(r"\s*(\{|query|mutation|subscription|#)", text) else "{ nyc {\n" + text + "} }"
                for operation in re.split(r"^(?=\{|mutation|query|subscription)", document, flags=re.MULTILINE):
                    if operation.startswith("subscription"):
                        self.subscribe(operation)
                    elif operation.strip():
                        self.ask(operation)

    def subscribe(self, operation):
        """The first message is data."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=COMMAND_SECONDS)
        try:
            connection.request("POST", "/subscribe", json.dumps({"query": operation}), {"Accept": "text/event-stream"})
            response = connection.getresponse()
            self.assertEqual(response.status, 200, operation)
            self.assertEqual(response.readline(), b"event: next\n")
            self.assertRegex(response.readline(), rb'^data: \{"data":')
        finally:
            connection.close()

    def ask(self, operation):
        answer = json.loads(self.node.send("POST", "/query", json.dumps({"query": operation}))[2])
        self.assertNotIn("errors", answer)
        expected = re.search(r"^# → (.*)$", operation, re.MULTILINE)
        if expected:
            self.assertEqual(answer["data"], json.loads(expected[1]))

    def test_sdl(self):
        demo = (ROOT / "demo" / "flights.graphql").read_text()
        for place, text in examples("graphql"):
            if not is_sdl(text):
                continue
            with self.subTest(place):
                shown = {match[1] for match in TYPE.finditer(text)}
                others = "".join(match[0] for match in TYPE.finditer(demo) if match[1] not in shown)
                source = {"name": "nyc", "type": "duckdb", "path": str(DEMO), "read_only": True,
                          "catalogs": [{"name": "shown", "type": "text", "path": text + others}]}
                self.print_schema(json.dumps({"sources": [source]}), (0,))

    def test_configurations(self):
        for place, text in examples("yaml"):
            with self.subTest(place):
                self.print_schema(text, (0, 3))

    def print_schema(self, configuration, codes):
        path = self.scratch / "shown.yaml"
        path.write_text(configuration)
        done = subprocess.run([BINARY, "schema", "print", "--config", str(path)], capture_output=True, text=True,
                              timeout=COMMAND_SECONDS, cwd=self.scratch, check=False)
        self.assertIn(done.returncode, codes, done.stderr)

    def test_commands(self):
        for place, text in examples("sh"):
            for command, expected in commands(text):
                with self.subTest(f"{place} {command.split()[0]}"):
                    self.run_command(command, expected)

    def run_command(self, command, expected):
        url = f"127.0.0.1:{self.node.port}"
        command = command.replace("127.0.0.1:15000", url).replace("build/release/eider", "eider")
        if command.startswith("eider query") and "--url" not in command and "--source" not in command:
            command = command.replace("eider query", f"eider query --url http://{url}", 1)
        if command.startswith("eider cluster") and "--endpoint" not in command:
            command = command.split("#")[0] + f" --endpoint http://{url}"
        environment = {**os.environ, "PATH": f"{pathlib.Path(BINARY).parent}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=COMMAND_SECONDS, cwd=self.scratch, env=environment, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn('"errors"', done.stdout)
        if expected.startswith("# "):
            self.assertEqual(done.stdout.strip(), expected[2:].strip())


if __name__ == "__main__":
    unittest.main(verbosity=2)
