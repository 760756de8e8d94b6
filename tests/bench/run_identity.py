#!/usr/bin/env python3
"""Prints what an identity costs a look-up by key, and what a kept result saves, by wrk.

100,000 managed keys and roles with 10,000 permission rows. Rows of one of them filter the table that is asked: its statement
has a condition more, which is the price of the rule and not of the identity, so that ratio is printed and has no target. Short bursts of
all kinds take turns on one node, each round in another order; ratios of the medians of all rounds stand beside the targets.
The machine may be shared: with `--rounds` the medians settle, and the spread beside each ratio tells how far they have.
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
sys.path.append(str(HERE))
import data  # noqa: E402
from node import Node  # noqa: E402
from run import Sources  # noqa: E402

SECRET = "the-secret-key-of-this-measurement"
HS = "0123456789abcdef0123456789abcdef"
BATCH = 5000
FILTERED = "the same, with a filter on its rows"
IDENTITY_TARGET, CACHE_TARGET = 1.05, 3.0
KEYS = "mutation($d: [core_api_keys_mut_input_data!]!) { core { insert_many_api_keys(data: $d, return_rows: false) { name } } }"
ROLES = "mutation($d: [core_roles_mut_input_data!]!) { core { insert_many_roles(data: $d, return_rows: false) { name } } }"
ROWS = ("mutation($d: [core_role_permissions_mut_input_data!]!) { core { insert_many_role_permissions(data: $d, "
        "return_rows: false) { role } } }")
LOOKUP = "{ shop { items_by_pk(id: 4711) { id title price stock } } }"
KEPT = "{ shop { items_by_pk(id: 4711) @cache(ttl: 3600) { id title price stock } } }"


def ask(node, query, variables=None, headers=()):
    body = json.dumps({"query": query, "variables": variables or {}})
    answer = json.loads(node.send("POST", "/query", body, {"x-hugr-secret-key": SECRET} | dict(headers))[2])
    if "errors" in answer:
        raise SystemExit(str(answer["errors"])[:500])
    return answer["data"]


def insert(node, query, rows):
    for start in range(0, len(rows), BATCH):
        ask(node, query, {"d": rows[start:start + BATCH]})


def populate(node, options):
    insert(node, ROLES, [{"name": name, "description": ""} for name in ("free", "ruled", "filtered")])
    for role in ("ruled", "filtered"):
        rows = [{"role": role, "type_name": "data-object:query", "field_name": f"table_{i}", "filter": {"id": {"eq": i}}}
                for i in range(options.rows)]
        if role == "filtered":
            rows[-1] |= {"field_name": "items", "filter": {"id": {"gt": 0}}}
        insert(node, ROWS, rows)
    insert(node, KEYS, [{"name": f"k{i}", "description": "", "key": f"measured-key-{i:020d}", "default_role": ("free", "ruled", "filtered")[i % 3]}
                        for i in range(options.keys)])


def kinds(options):
    """Name, header, request, and whether it must be as fast as a look-up without credentials."""
    token = jwt.encode({"sub": "u", "aud": "eider", "x-hugr-role": "free", "exp": int(time.time()) + 36_000}, HS, "HS256")
    middle = options.keys // 2 - options.keys // 2 % 3
    free, ruled, filtered = (f"x-hugr-api-key: measured-key-{middle + i:020d}" for i in range(3))
    return {
        "anonymous": ("", LOOKUP),
        "secret key": (f"x-hugr-secret-key: {SECRET}", LOOKUP),
        "token": (f"Authorization: Bearer {token}", LOOKUP),
        f"managed key of {options.keys}": (free, LOOKUP),
        f"the same, role of {options.rows} rows": (ruled, LOOKUP),
        FILTERED: (filtered, LOOKUP),
        "kept result": (ruled, KEPT),
    }


class Load:
    def __init__(self, node, scratch, options):
        self.node, self.scratch, self.options = node, scratch, options

    def rate(self, header, query):
        script = self.scratch / "post.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.body = [[{json.dumps({"query": query})}]]\n')
        command = ["wrk", "-t1", f"-c{self.options.connections}", f"-d{self.options.seconds}s", "-s", str(script),
                   f"http://127.0.0.1:{self.node.port}/query"]
        if header:
            command[1:1] = ["-H", header]
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
        if "Non-2xx" in text or "Socket errors" in text:
            raise SystemExit(text)
        return float(re.search(r"Requests/sec:\s*([\d.]+)", text)[1])


def check(node, measured):
    """Every kind gets the row, so that nobody measures refusals."""
    for name, (header, query) in measured.items():
        headers = dict([header.split(": ", 1)]) if header else {}
        body = json.loads(node.send("POST", "/query", json.dumps({"query": query}), headers)[2])
        if body.get("data", {}).get("shop", {}).get("items_by_pk", {}).get("id") != 4711:
            raise SystemExit(f"{name}: {body}")


def spread(values, others):
    """How far the ratios of single rounds lie apart: between their quartiles."""
    ratios = sorted(a / b for a, b in zip(values, others))
    return ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]


def report(rates, options):
    fails = 0
    for name, values in rates.items():
        if name in ("anonymous", "kept result"):
            continue
        ratio = statistics.median(rates["anonymous"]) / statistics.median(values)
        low, high = spread(rates["anonymous"], values)
        fails += ratio > IDENTITY_TARGET and name != FILTERED
        target = "" if name == FILTERED else f"   target <= {IDENTITY_TARGET}"
        print(f"{name:36} {ratio:6.3f} x the time of anonymous   [{low:.3f} .. {high:.3f}]{target}")
    lookup = rates[f"the same, role of {options.rows} rows"]
    ratio = statistics.median(rates["kept result"]) / statistics.median(lookup)
    low, high = spread(rates["kept result"], lookup)
    fails += ratio < CACHE_TARGET
    print(f"{'kept result':36} {ratio:6.2f}  x the rate of a look-up     [{low:.2f} .. {high:.2f}]     target >= {CACHE_TARGET}")
    return fails


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eider", default=str(ROOT / "build" / "release" / "eider"))
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eider-bench-identity-") as folder:
        scratch = pathlib.Path(folder)
        (scratch / "auth.json").write_text(json.dumps({"jwt": {"p": {"hs_secret": HS, "audience": ["eider"]}}}))
        shop = data.source("shop", data.built("shop", data.SHOP_SQL), data.SHOP_SDL)
        node = Node(options.eider, scratch, [Sources(shop)], {
            "SECRET_KEY": SECRET, "ALLOW_MANAGED_API_KEYS": "true", "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "admin",
            "AUTH_CONFIG_FILE": str(scratch / "auth.json"), "LOG_LEVEL": "error", "CACHE_L1_ENABLED": "true", "AUDIT_SINK": ""})
        node.start()
        try:
            populate(node, options)
            measured = kinds(options)
            check(node, measured)
            load, names = Load(node, scratch, options), list(measured)
            rates = {name: [] for name in names}
            for turn in range(-1, options.rounds):
                # Neighbours take turns: what comes first or last in a round is another one each time.
                for name in names[turn % len(names):] + names[:turn % len(names)]:
                    rate = load.rate(*measured[name])
                    if turn >= 0:
                        rates[name].append(rate)
        finally:
            node.stop()
    return 1 if report(rates, options) else 0


if __name__ == "__main__":
    sys.exit(main())
