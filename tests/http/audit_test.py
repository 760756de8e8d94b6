"""Every MUST and SHOULD of GraphQL over HTTP, as the audits of the npm package graphql-http check them."""

import json
import pathlib
import subprocess
import unittest

from toy import Toy

HERE = pathlib.Path(__file__).parent

# Where the compatible behaviour wins over a SHOULD or a MAY: id -> why.
EXPECTED = {}


class AuditTest(unittest.TestCase):
    def test_audits(self):
        with Toy() as toy:
            result = subprocess.run(["node", "audit.mjs", f"http://127.0.0.1:{toy.port}/query"], cwd=HERE,
                                    capture_output=True, text=True, timeout=120)
        audits = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertGreater(len(audits), 50, result.stderr)
        for audit in audits:
            with self.subTest(audit["name"]):
                if audit["id"] in EXPECTED:
                    self.assertNotEqual(audit["status"], "ok", "passes now: take it off the list")
                else:
                    self.assertEqual(audit["status"], "ok", audit.get("reason"))


if __name__ == "__main__":
    unittest.main()
