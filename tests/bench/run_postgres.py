#!/usr/bin/env python3
"""Prints the speed over a PostgreSQL source as ratios to pgbench, psql and PostGraphile, in one run; README.md explains."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import threading
import time

import duckdb

import run
import postgres_work as work
from peer import PostGraphile

sys.path += [str(run.ROOT / "tests" / "support"), str(run.ROOT / "tests" / "gqltest")]
import postgres  # noqa: E402
import source_sets  # noqa: E402

SETTINGS = {"shared_buffers": "512MB", "max_connections": "100"}
CONNECTIONS = 16


class PostgresBench(run.Bench):
    def __init__(self, options):
        super().__init__(options)
        self.server = postgres.Server(settings=SETTINGS)
        self.dsn = self.server.create_database("shop")
        self.server.sql(work.DATA_SQL, "shop")
        self.peer = None
        self.log = (self.scratch / "peer.log").open("wb")

    def sources(self):
        ratings = str(self.scratch / "ratings.duckdb")
        with duckdb.connect(ratings) as made:
            made.execute(work.RATINGS_SQL)
        for name, kind, path, sdl in (("shop", "postgres", self.dsn, work.SDL), ("local", "duckdb", ratings, work.RATINGS_SDL), ("ties", "extension", "", work.TIES_SDL)):
            yield {"name": name, "type": kind, "prefix": name, "path": path, "as_module": True, "read_only": kind == "duckdb", "catalogs": [{"name": name, "type": "text", "path": sdl}]}

    def engine_by_hand(self):
        """The engine's own module, which reads PostgreSQL by the same extension."""
        engine = duckdb.connect(config={"threads": 2, "extension_directory": source_sets.extension_folder()})
        engine.execute("LOAD postgres")
        engine.execute(f"ATTACH '{self.dsn}' AS shop (TYPE postgres, READ_ONLY)")
        engine.execute(f"ATTACH '{self.scratch / 'ratings.duckdb'}' AS local (READ_ONLY)")
        return engine

    def close(self):
        if self.peer:
            self.peer.close()
        self.server.close()

    def ask_peer(self, query, variables="{}", **arguments):
        body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
        answer = self.load("http", f"port={self.peer.port}", "path=/graphql", f"body={self.file('peer.json', body)}", *(f"{k}={v}" for k, v in arguments.items()))
        if answer["failures"]:
            raise RuntimeError(f"PostGraphile: {answer['first_failure'][:300]}")
        return answer

    def pgbench(self, script):
        command = [os.path.join(self.server.bin, "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1", "-T", str(max(1, round(self.seconds))),
                   "-f", self.file("script.sql", script), self.dsn]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])

    def psql_ms(self, sql, input_path=None):
        command = [os.path.join(self.server.bin, "psql"), "-X", "-q", "-o", os.devnull, "-c", "\\timing on", "-c", sql, self.dsn]
        with (open(input_path) if input_path else open(os.devnull)) as data:
            done = subprocess.run(command, stdin=data, capture_output=True, text=True, check=True)
        return float(re.findall(r"Time: ([\d.]+) ms", done.stdout)[-1])

    def run(self):
        node = self.start(*self.sources())
        for item in work.RATES:
            if self.wants(item.name):
                self.attempt(item.title, self.rates, node, item)
        if self.wants("export"):
            self.attempt("export", self.export_rows, node)
        if self.wants("insert"):
            self.attempt("insert", self.insert_rows, node)
        if self.wants("join"):
            self.attempt("join", self.join_rows, node)
        complaint = node.stop()
        if complaint:
            print(complaint)

    def with_peer(self):
        if self.peer is None and not self.options.no_peer:
            self.peer = PostGraphile(self.dsn, self.log)
        return self.peer is not None

    def rates(self, node, item):
        arguments = {"connections": CONNECTIONS, "ids": item.ids}
        self.http(node, item.query, item.variables, seconds=0.5, **arguments)
        peers = self.with_peer()
        if peers:
            self.ask_peer(item.peer, item.variables, seconds=1, **arguments)
        raw, ours, theirs = [], [], []
        for _ in range(self.rounds):
            raw.append(self.pgbench(item.sql))
            ours.append(self.http(node, item.query, item.variables, seconds=self.seconds, **arguments)["rate"])
            if peers:
                theirs.append(self.ask_peer(item.peer, item.variables, seconds=self.seconds, **arguments)["rate"])
        ratio = statistics.median(o / r for o, r in zip(ours, raw))
        middle = statistics.median(ours)
        self.add(item.title, f"pgbench {statistics.median(raw):.0f}/s", f"{middle:.0f}/s", f"{ratio:.2f} x", f">= {item.target} x", ratio >= item.target)
        if peers:
            ratio = statistics.median(o / t for o, t in zip(ours, theirs))
            self.add(item.title, f"PostGraphile {statistics.median(theirs):.0f}/s", f"{middle:.0f}/s", f"{ratio:.1f} x", f">= {item.peer_target} x", ratio >= item.peer_target)

    def export_rows(self, node):
        self.http(node, work.EXPORT, requests=1)
        self.psql_ms(work.EXPORT_SQL)
        ratios, firsts, grown, raws, totals = [], [], [], [], []
        for _ in range(self.rounds):
            raw = self.psql_ms(work.EXPORT_SQL)
            before = run.reset_peak(node.process.pid)
            answer = self.http(node, work.EXPORT, requests=1)
            grown.append((run.memory(node.process.pid, "VmHWM") - before) / 1024)
            raws.append(raw)
            totals.append(answer["p50_us"] / 1000)
            ratios.append(totals[-1] / raw)
            firsts.append(answer["first_byte_us"] / 1000)
        title = f"{work.EXPORT_ROWS:,} rows x 4 columns as JSON"
        total, first = statistics.median(ratios), statistics.median(firsts)
        self.add(title + ": total", f"COPY {statistics.median(raws):.0f} ms", f"{statistics.median(totals):.0f} ms", f"{total:.2f} x", "<= 2.5 x", total <= 2.5)
        self.add(title + ": first byte", "", f"{first:.1f} ms", "", "< 20 ms", first < 20)
        self.add(title + ": memory grows", "", f"{max(grown):.0f} MiB", "", "< 64 MiB", max(grown) < 64)
        self.beside(node, title)
        if self.with_peer():
            theirs = self.ask_peer(work.EXPORT_PEER, requests=1)["p50_us"] / 1000
            self.add(title + ": PostGraphile", f"{theirs:.0f} ms", f"{statistics.median(totals):.0f} ms", f"{theirs / statistics.median(totals):.1f} x", "", True)

    def beside(self, node, title):
        """A point look-up while exports run without pause."""
        point = work.RATES[0]
        stop = time.monotonic() + max(2, self.seconds)
        failure = []

        def exports():
            try:
                while time.monotonic() < stop:
                    self.http(node, work.EXPORT, requests=1)
            except Exception as error:  # Told by the caller.
                failure.append(error)

        # Each load run writes its own request file; the export's must not be overwritten by the look-up's.
        thread = threading.Thread(target=exports)
        self.file("body.json", "")
        thread.start()
        time.sleep(0.2)
        body = json.dumps({"query": point.query, "variables": {"id": 77}})
        answer = self.load("http", f"port={node.port}", f"body={self.file('beside.json', body)}", f"seconds={max(1, self.seconds - 0.5)}")
        thread.join()
        if failure:
            raise failure[0]
        self.add(title + ": a look-up beside it", "", f"p50 {answer['p50_us'] / 1000:.1f} ms, p99 {answer['p99_us'] / 1000:.1f} ms", "", "< 20 ms", answer["p50_us"] < 20_000)

    def insert_rows(self, node):
        rows = [{"id": i, "title": f"note number {i}", "price": i * 7919 % 100000 / 100, "made_at": f"2024-05-{1 + i % 28:02}T10:00:00"} for i in range(work.INSERT_ROWS)]
        table = self.file("rows.tsv", "".join(f"{r['id']}\t{r['title']}\t{r['price']}\t{r['made_at']}\n" for r in rows))
        variables = json.dumps({"d": rows})
        ratios, raws, ours = [], [], []
        for _ in range(self.rounds):
            self.server.sql("TRUNCATE notes", "shop")
            raw = self.psql_ms("COPY notes FROM STDIN", table)
            self.server.sql("TRUNCATE notes", "shop")
            answer = self.http(node, work.INSERT, variables, requests=1)
            if int(self.server.sql("SELECT count(*) FROM notes", "shop")) != work.INSERT_ROWS:
                raise RuntimeError("rows are missing")
            raws.append(raw)
            ours.append(answer["p50_us"] / 1000)
            ratios.append(raw / ours[-1])
        ratio = statistics.median(ratios)
        self.add(f"insert_many of {work.INSERT_ROWS:,} rows", f"COPY {statistics.median(raws):.0f} ms", f"{statistics.median(ours):.0f} ms", f"{ratio:.2f} x", ">= 0.5 x", ratio >= 0.5)


    def join_rows(self, node):
        engine = self.engine_by_hand()
        self.http(node, work.JOIN, requests=1)
        ratios, raws, ours = [], [], []
        for _ in range(self.rounds):
            begin = time.monotonic()
            engine.execute(f"COPY ({work.JOIN_SQL}) TO '/dev/null' (FORMAT json)")
            raws.append(1000 * (time.monotonic() - begin))
            answer = self.http(node, work.JOIN, requests=1)
            ours.append(answer["p50_us"] / 1000)
            ratios.append(ours[-1] / raws[-1])
        if answer["bytes"] < 20 * work.JOIN_ROWS:
            raise RuntimeError("rows are missing")
        ratio = statistics.median(ratios)
        self.add(f"{work.JOIN_ROWS:,} rows joined with a table of the engine", f"by hand {statistics.median(raws):.0f} ms", f"{statistics.median(ours):.0f} ms", f"{ratio:.2f} x", "<= 1.3 x", ratio <= 1.3)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    build = pathlib.Path(os.environ.get("EIDER_BINARY", run.ROOT / "build" / "bench" / "eider"))
    parser.add_argument("only", nargs="?", default="", help="regular expression over names of rows: point, forward, nested, export, insert, join")
    parser.add_argument("--quick", action="store_true", help="shorter runs, fewer of them")
    parser.add_argument("--no-peer", action="store_true", help="without PostGraphile")
    parser.add_argument("--eider", default=str(build), help="the binary under test")
    parser.add_argument("--load", default=str(build.parent / "eider_bench_load"), help="the load program")
    bench = PostgresBench(parser.parse_args())
    print(f"{os.cpu_count()} cores; medians of {bench.rounds} interleaved runs", flush=True)
    run.warn_if_busy()
    try:
        bench.run()
    finally:
        bench.close()
    run.warn_if_busy()
    print("\n" + run.table(bench.rows))
    subprocess.run(["rm", "-rf", str(bench.scratch)], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
