"""Tokens of a real OpenID provider, the npm package oidc-provider, against the real binary."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import cli_test  # noqa: E402

ME = "{ function { core { auth { me { user_id role auth_type auth_provider } } } } }"


class OpenIdTest(unittest.TestCase):
    def setUp(self):
        self.port = cli_test.free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.provider = subprocess.Popen(["node", str(HERE / "provider.mjs"), str(self.port)], stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True, env={"PATH": os.environ["PATH"]})
        self.addCleanup(self.end_provider)
        for line in self.provider.stdout:
            if line.startswith("listening"):
                return
        raise AssertionError("the provider did not start: npm ci in tests/openid brings it")

    def end_provider(self):
        self.provider.terminate()
        self.provider.wait(30)
        self.provider.stdout.close()

    def token(self, scope="hugr:readonly"):
        request = urllib.request.Request(f"{self.issuer}/token", f"grant_type=client_credentials&scope={scope}".encode())
        request.add_header("Authorization", "Basic " + base64.b64encode(b"machine:machine-secret").decode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["access_token"]

    def ask(self, node, token):
        request = urllib.request.Request(f"http://127.0.0.1:{node.port}/query", json.dumps({"query": ME}).encode())
        request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def test_tokens_of_a_provider(self):
        with tempfile.TemporaryDirectory(prefix="eider-openid-") as folder:
            with cli_test.Node(pathlib.Path(folder), {}, OIDC_ISSUER=self.issuer, OIDC_CLIENT_ID="eider") as node:
                token = self.token()
                status, answer = self.ask(node, token)
                self.assertEqual((status, answer["data"]["function"]["core"]["auth"]["me"]),
                                 (200, {"user_id": "machine", "role": "readonly", "auth_type": "oidc", "auth_provider": "oidc"}))
                self.assertEqual(self.ask(node, token[:-4] + "AAAA"), (401, "unauthorized"))
            with cli_test.Node(pathlib.Path(folder), {}, OIDC_ISSUER=self.issuer, OIDC_CLIENT_ID="another") as node:
                self.assertEqual(self.ask(node, self.token()), (401, "unauthorized"))


if __name__ == "__main__":
    unittest.main()
