#!/usr/bin/env python3
"""Prints what an identity costs a look-up by key: each kind of credential against anonymous, in one run, by wrk.

Rounds of all kinds take turns on one node; the median of each round's ratio to anonymous stands beside the target.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import jwt

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.append(str(ROOT / "tests" / "gqltest"))
from node import Node  # noqa: E402

SECRET = "the-secret-key-of-this-measurement"
HS = "0123456789abcdef0123456789abcdef"
BATCH = 5000
TARGET = 1.05
INSERT = "mutation($d: [core_api_keys_mut_input_data!]!) { core { insert_many_api_keys(data: $d, return_rows: false) { name } } }"
SCRIPT = """wrk.method = "POST"
wrk.body = [[{"query":"{ core { roles_by_pk(name: \\"admin\\") { name description } } }"}]]
"""


def insert_keys(node, count):
    for start in range(0, count, BATCH):
        rows = [{"name": f"k{i}", "description": "", "key": f"measured-key-{i:020d}", "default_role": "admin"}
                for i in range(start, min(start + BATCH, count))]
        answer = node.send("POST", "/query", json.dumps({"query": INSERT, "variables": {"d": rows}}), {"x-hugr-secret-key": SECRET})
        if "errors" in json.loads(answer[2]):
            raise SystemExit(answer[2][:500])


def rate(node, scratch, header, seconds):
    script = scratch / "post.lua"
    script.write_text(SCRIPT)
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{node.port}/query"]
    if header:
        command[1:1] = ["-H", header]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    if "Non-2xx" in text:
        raise SystemExit(text)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", text)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eider", default=str(ROOT / "build" / "release" / "eider"))
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eider-bench-identity-") as folder:
        scratch = pathlib.Path(folder)
        (scratch / "auth.json").write_text(json.dumps({"jwt": {"p": {"hs_secret": HS, "audience": ["eider"]}}}))
        node = Node(options.eider, scratch, [], {
            "SECRET_KEY": SECRET, "ALLOW_MANAGED_API_KEYS": "true", "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "admin",
            "AUTH_CONFIG_FILE": str(scratch / "auth.json"), "LOG_LEVEL": "error"})
        node.start()
        insert_keys(node, options.keys)
        token = jwt.encode({"sub": "u", "aud": "eider", "x-hugr-role": "admin", "exp": int(time.time()) + 3600}, HS, "HS256")
        kinds = {"anonymous": "", "secret key": f"x-hugr-secret-key: {SECRET}", "token": f"Authorization: Bearer {token}",
                 f"managed key of {options.keys}": f"x-hugr-api-key: measured-key-{options.keys // 2:020d}"}
        ratios = {name: [] for name in kinds}
        for _ in range(options.rounds):
            rates = {name: rate(node, scratch, header, options.seconds) for name, header in kinds.items()}
            for name in kinds:
                ratios[name].append(rates["anonymous"] / rates[name])
        node.stop()
    slow = False
    for name, values in ratios.items():
        median = statistics.median(values)
        slow |= median > TARGET
        print(f"{name:28} {median:6.3f} x the time of anonymous   (target {TARGET})")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
