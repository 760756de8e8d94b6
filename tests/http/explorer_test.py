"""The explorer page in headless Chromium, served by a node with the demo data."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(os.environ["EIDER_SOURCE_DIR"]) if "EIDER_SOURCE_DIR" in os.environ else HERE.parent.parent


class ExplorerTest(unittest.TestCase):
    def setUp(self):
        self.assertTrue((SOURCE / "demo/data/demo.duckdb").exists(), "the demo data is missing: ./x run makes it")
        self.chromium = shutil.which("chromium")
        self.assertIsNotNone(self.chromium, "chromium is missing: ./x test installs it")
        self.folder = tempfile.mkdtemp(prefix="eider_explorer_")
        self.node = subprocess.Popen(
            [os.environ["EIDER_BINARY"], "serve", "--config", "demo/config.yaml", "--core-db-path", "",
             "--bind", "127.0.0.1:0", "--drain-delay", "0", "--cluster-node-name", "demo"],
            cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.node.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found[0]
                return
        self.fail("the node did not start")

    def tearDown(self):
        self.node.terminate()
        self.node.communicate(timeout=30)

    def test_page(self):
        result = subprocess.run(["node", "explorer.mjs", self.url, self.chromium, self.folder], cwd=HERE,
                                capture_output=True, text=True, timeout=180)
        self.assertEqual(result.returncode, 0, result.stderr)
        seen = json.loads(result.stdout)
        self.assertEqual(seen["problems"], [])
        self.assertEqual(seen["foreign"], [], "the page loads something from elsewhere")
        self.assertRegex(seen["header"], r"Eider.*demo \d+\.\d+\.\d+")
        self.assertEqual(seen["tabs"], ["LongestDelays", "DelayByMonth", "OnePlane", "BusiestAirports", "EverySecond"])
        for name, answer in zip(seen["tabs"], seen["answers"]):
            self.assertNotIn("errors", answer, name)
            self.assertTrue(answer["data"]["nyc"], name)
        self.assertIn("nyc", seen["documentation"])
        print("screenshots:", self.folder)


if __name__ == "__main__":
    unittest.main()
