#!/usr/bin/env python3
"""Prints what a request over two sources costs beside the same work as two requests of one source each.

A hundred parents of one source are joined by key to a million rows of another: once with the rows in PostgreSQL under an
index, once with the parents there. A ratio is the time of the whole request over the sum of the two; at most 2 is wanted.

    tests/bench/across_sources.py --eider build/release/eider [--rows N] [--rounds N]
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "gqltest")]
import postgres  # noqa: E402
import source_sets  # noqa: E402
from node import free_port  # noqa: E402

TARGET = 2.0
PARENTS = 100
OVERHEAD = "without target:"  # Little work, so that the ratio tells what asking two sources costs by itself.
START_SECONDS = 60
ROWS = """
CREATE TABLE places (id INTEGER PRIMARY KEY, name VARCHAR, size INTEGER);
INSERT INTO places SELECT i, 'place ' || i, i % 997 FROM {series}(1, {places}) AS t(i);
CREATE TABLE events (id BIGINT PRIMARY KEY, place_id INTEGER, price DOUBLE PRECISION, note VARCHAR);
INSERT INTO events SELECT i, 1 + (i % {places}) * 7919 % {places}, (i % 1000) / 4.0, 'note ' || i FROM {series}(1, {rows}) AS t(i);
"""
SDL = """
type places @table(name: "places") { id: Int! @pk  name: String  size: Int }
type events @table(name: "events") { id: BigInt! @pk  place_id: Int  price: Float  note: String }
"""
TIES = """
extend type near_places @dependency(name: "near") @dependency(name: "far") {
  events: [far_events] @join(references_name: "far_events", source_fields: ["id"], references_fields: ["place_id"])
}
extend type far_places @dependency(name: "near") @dependency(name: "far") {
  events: [near_events] @join(references_name: "near_events", source_fields: ["id"], references_fields: ["place_id"])
}
extend type near_events @dependency(name: "near") @dependency(name: "far")
  @references(references_name: "far_places", source_fields: ["place_id"], references_fields: ["id"], query: "place", references_query: "visits")
"""
LIMIT = f"limit: {PARENTS}, order_by: [{{field: \"size\"}}, {{field: \"id\"}}]"


def made(rows, series):
    return ROWS.format(series=series, rows=rows, places=rows // 100)


class Node:
    def __init__(self, eider, scratch, sources):
        config = scratch / "eider.json"
        config.write_text(json.dumps({"sources": sources}))
        self.port = free_port()
        self.log = (scratch / "node.log").open("wb")
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
        environment |= {"BIND": f"127.0.0.1:{self.port}", "CORE_DB_PATH": "", "DRAIN_DELAY": "0s", "EXTENSION_DIRECTORY": source_sets.extension_folder()}
        self.process = subprocess.Popen([eider, "serve", "--config", str(config)], cwd=scratch, stdout=self.log, stderr=self.log, env=environment)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connection.request("GET", "/health/ready")
                response = self.connection.getresponse()
                response.read()
                if response.status == 200:
                    return
                time.sleep(0.1)
            except OSError:
                self.connection.close()
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"the node did not start: {(scratch / 'node.log').read_text()[-2000:]}") from None
                time.sleep(0.1)

    def ask(self, query):
        self.connection.request("POST", "/query", json.dumps({"query": query}), {"Content-Type": "application/json"})
        answer = json.loads(self.connection.getresponse().read())
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        return answer["data"]

    def milliseconds(self, query, rounds):
        self.ask(query)
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            self.ask(query)
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times)

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def rows_of(node, parents, children):
    """The keys of the parents, and the two requests that read each source alone."""
    found = node.ask(f"{{ {parents} {{ rows: places({LIMIT}) {{ id }} }} }}")[parents]["rows"]
    keys = ", ".join(str(row["id"]) for row in found)
    return (f"{{ {parents} {{ places({LIMIT}) {{ id name }} }} }}",
            f"{{ {children} {{ events(filter: {{place_id: {{in: [{keys}]}}}}, limit: 1000000) {{ place_id price note }} }} }}",
            f"{{ {children} {{ events_bucket_aggregation(filter: {{place_id: {{in: [{keys}]}}}}, limit: 1000000) {{ key {{ place_id }} aggregations {{ _rows_count price {{ sum }} }} }} }} }}")


def measure(node, rounds):
    """Rows of the table: name, time of the whole, of its two parts."""
    for parents, children in (("near", "far"), ("far", "near")):
        near, far, grouped = rows_of(node, parents, children)
        base = node.milliseconds(near, rounds)
        for name, alone, selection in (("rows", far, "events { place_id price note }"),
                                       ("aggregates", grouped, "events_aggregation { _rows_count price { sum } }")):
            whole = node.milliseconds(f"{{ {parents} {{ places({LIMIT}) {{ id name {selection} }} }} }}", rounds)
            where = "PostgreSQL" if children == "far" else "DuckDB"
            yield f"{name} of {PARENTS} parents, the many rows in {where}", whole, base, node.milliseconds(alone, rounds)
    forward = f"events(filter: {{id: {{lte: {PARENTS}}}}})"
    alone = node.milliseconds(f"{{ near {{ {forward} {{ id price }} }} }}", rounds)
    keys = ", ".join(str(row["place_id"]) for row in node.ask(f"{{ near {{ rows: {forward} {{ place_id }} }} }}")["near"]["rows"])
    ends = node.milliseconds(f"{{ far {{ places(filter: {{id: {{in: [{keys}]}}}}) {{ id name }} }} }}", rounds)
    yield f"{OVERHEAD} one row each in PostgreSQL", node.milliseconds(f"{{ near {{ {forward} {{ id price place {{ name }} }} }} }}", rounds), alone, ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eider", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-across-")))
        server = stack.enter_context(postgres.Server(settings={"shared_buffers": "512MB"}))
        dsn = server.create_database("far")
        server.sql(made(options.rows, "generate_series") + "CREATE INDEX ON events (place_id); ANALYZE;", "far")
        (scratch / "near.sql").write_text(made(options.rows, "range").replace(f"{options.rows})", f"{options.rows + 1})"))
        source_sets.run_sql(scratch / "near.sql", scratch, scratch / "near.duckdb")
        base = {"as_module": True}
        node = Node(options.eider.resolve(), scratch, [
            base | {"name": "near", "type": "duckdb", "prefix": "near", "path": str(scratch / "near.duckdb"),
                    "catalogs": [{"name": "near", "type": "text", "path": SDL}]},
            base | {"name": "far", "type": "postgres", "prefix": "far", "path": dsn,
                    "catalogs": [{"name": "far", "type": "text", "path": SDL}]},
            {"name": "ties", "type": "extension", "catalogs": [{"name": "ties", "type": "text", "path": TIES}]}])
        stack.callback(node.close)
        worst = 0.0
        print(f"{'':52}{'whole':>9}{'parents':>9}{'others':>9}{'ratio':>7}")
        for name, whole, parents, others in measure(node, options.rounds):
            ratio = whole / (parents + others)
            if not name.startswith(OVERHEAD):
                worst = max(worst, ratio)
            print(f"{name:52}{whole:8.1f} {parents:8.1f} {others:8.1f} {ratio:6.2f}")
        return 0 if worst <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
