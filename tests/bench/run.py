#!/usr/bin/env python3
"""Prints the speed of the real binary over HTTP as ratios to raw statements, in one run; README.md explains."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "gqltest")]

import data  # noqa: E402
import work  # noqa: E402
from node import Node  # noqa: E402

LOAD_SECONDS = 180  # For one run of the load program.


class Sources:
    """Source entries in the form that Node asks of a source set."""

    def __init__(self, *entries):
        self.list = entries

    def expand(self, text):
        return text

    def entries(self, _scratch):
        return iter(self.list)


class Bench:
    def __init__(self, options):
        self.options = options
        self.rounds, self.seconds = (3, 0.7) if options.quick else (5, 2.0)
        self.rows = []
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="eider-bench-"))

    def wants(self, name):
        return re.search(self.options.only, name) is not None

    def start(self, *entries, **environment):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        node = Node(self.options.eider, folder, [Sources(*entries)], {"LOG_LEVEL": "warn", "DB_WORKER_THREADS": "2"} | environment)
        node.start()
        return node

    def load(self, *arguments):
        process = subprocess.run([self.options.load, *arguments], capture_output=True, text=True, timeout=LOAD_SECONDS)
        if process.returncode:
            raise SystemExit(f"load {' '.join(arguments)}: {process.stderr}")
        return json.loads(process.stdout)

    def file(self, name, text):
        path = self.scratch / name
        path.write_text(text)
        return str(path)

    def http(self, node, query, variables="{}", **arguments):
        body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
        answer = self.load("http", f"port={node.port}", f"body={self.file('body.json', body)}", *(f"{k}={v}" for k, v in arguments.items()))
        if answer["failures"]:
            raise RuntimeError(f"{answer['failures']} of {answer['count']} answers failed: {answer['first_failure'][:300]}")
        return answer

    def raw(self, source, sql, **arguments):
        return self.load("raw", f"database={source['path']}", f"sql={self.file('statement.sql', sql)}", *(f"{k}={v}" for k, v in arguments.items()))

    def add(self, title, raw, eider, value, target, met):
        self.rows.append((title, raw, eider, value, target, "yes" if met else "NO"))
        print(f"  {title}: {eider} against {raw}: {value}, target {target}{'' if met else '  MISSED'}", flush=True)

    def rate(self, node, source, item):
        self.http(node, item.query, item.variables, connections=item.connections, seconds=0.3, ids=item.ids)
        pairs = []
        for _ in range(self.rounds):
            raw = self.raw(source, item.sql, clients=2, seconds=self.seconds, ids=item.ids)
            pairs.append((raw["rate"], self.http(node, item.query, item.variables, connections=item.connections, seconds=self.seconds, ids=item.ids)))
        ratio = statistics.median(http["rate"] / raw for raw, http in pairs)
        raw_rate, rate = statistics.median(p[0] for p in pairs), statistics.median(p[1]["rate"] for p in pairs)
        p99 = statistics.median(p[1]["p99_us"] for p in pairs) / 1000
        self.add(item.title, f"{raw_rate:.0f}/s", f"{rate:.0f}/s, p99 {p99:.1f} ms", f"{ratio:.2f} x", f">= {item.target} x", ratio >= item.target)

    def time(self, node, source, item):
        self.http(node, item.query, requests=2)
        pairs = []
        for _ in range(self.rounds):
            raw = self.raw(source, item.sql, requests=item.requests)
            pairs.append((raw["p50_us"], self.http(node, item.query, requests=item.requests)["p50_us"]))
        ratio = statistics.median(http / raw for raw, http in pairs)
        raw_ms, http_ms = (statistics.median(p[i] for p in pairs) / 1000 for i in (0, 1))
        self.add(item.title, f"{raw_ms:.1f} ms", f"{http_ms:.1f} ms", f"{ratio:.2f} x", f"<= {item.target} x", ratio <= item.target)

    def export(self, node, source):
        item = work.EXPORT
        self.http(node, item.query, requests=1)
        ratios, firsts, rates, grown = [], [], [], []
        for _ in range(self.rounds):
            raw = self.raw(source, item.sql, requests=3)["p50_us"]
            before = reset_peak(node.process.pid)
            answer = self.http(node, item.query, requests=1)
            grown.append((memory(node.process.pid, "VmHWM") - before) / 1024)
            ratios.append(answer["p50_us"] / raw)
            firsts.append(answer["first_byte_us"] / 1000)
            rates.append(answer["bytes"] / answer["p50_us"])
        total, first, peak = statistics.median(ratios), statistics.median(firsts), max(grown)
        self.add(item.title + ": total", f"{raw / 1000:.0f} ms", f"{statistics.median(rates):.0f} MB/s", f"{total:.2f} x", f"<= {item.target} x", total <= item.target)
        self.add(item.title + ": first byte", "", f"{first:.1f} ms", "", "< 30 ms", first < 30)
        self.add(item.title + ": memory grows", "", f"{peak:.0f} MiB", "", "< 64 MiB", peak < 64)

    def cached(self, node):
        """A look-up whose result is kept against the same one that runs."""
        arguments = {"variables": '{"id": @ID@}', "connections": 16, "ids": work.CACHED_IDS}
        pairs = []
        for _ in range(self.rounds):
            plain = self.http(node, work.POINT, seconds=self.seconds, **arguments)["rate"]
            self.http(node, work.CACHED_POINT, requests=2 * work.CACHED_IDS, sequential=1, **arguments)
            pairs.append((plain, self.http(node, work.CACHED_POINT, seconds=self.seconds, **arguments)["rate"]))
        plain, kept = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        ratio = statistics.median(kept / plain for plain, kept in pairs)
        self.add("kept point look-up, 16 connections", f"{plain:.0f}/s", f"{kept:.0f}/s", f"{ratio:.2f} x", ">= 3 x", ratio >= 3)

    def plan_cache(self, node):
        self.http(node, work.LITERAL_POINT, requests=1, ids=1)
        before = plan_cache_counters(node)
        self.http(node, work.LITERAL_POINT, requests=work.LITERAL_IDS, ids=1_000_000, sequential=1, connections=4)
        hits, misses = (after - was for after, was in zip(plan_cache_counters(node), before))
        ratio = hits / max(1, hits + misses)
        self.add("10,000 different ids: plan cache hits", "", f"{hits:.0f} hits, {misses:.0f} misses", f"{ratio:.4f}", "> 0.999", ratio > 0.999)

    def wide(self):
        starts, times = [], []
        for _ in range(3):
            begin = time.monotonic()
            node = self.start(data.wide())
            starts.append(time.monotonic() - begin)
            answer = self.http(node, work.INTROSPECTION, requests=1)
            times.append(answer["p50_us"] / 1000)
            node.stop()
        start, introspection = statistics.median(starts), statistics.median(times)
        self.add("start with 1,000 tables x 20 columns", "", f"{start:.2f} s", "", "< 2 s", start < 2)
        self.add("whole __schema of them", "", f"{introspection:.0f} ms, {answer['bytes'] / 1e6:.1f} MB", "", "< 300 ms", introspection < 300)

    def attempt(self, title, action, *arguments):
        """A row that cannot be measured is a missed row, and the others still run."""
        try:
            action(*arguments)
        except Exception as error:
            self.add(title, "", f"{type(error).__name__}: {str(error)[:160]}", "", "", False)

    def run(self):
        shop, flights = data.shop(), data.flights()
        sources = {"shop": shop, "nyc": flights}
        node = self.start(shop, flights)
        for item in work.RATES:
            if self.wants(item.name):
                self.attempt(item.title, self.rate, node, sources[item.source], item)
        for item in work.TIMES:
            if self.wants(item.name):
                self.attempt(item.title, self.time, node, sources[item.source], item)
        if self.wants("plans"):
            self.attempt("plan cache", self.plan_cache, node)
        complaint = node.stop()
        if self.wants("cached"):
            node = self.start(shop, CACHE_L1_ENABLED="true")
            self.attempt("cached", self.cached, node)
            complaint = node.stop() or complaint
        if self.wants("export"):
            node = self.start(shop)  # A fresh process, so that its memory is this row's.
            self.attempt("export", self.export, node, shop)
            complaint = node.stop() or complaint
        if self.wants("wide"):
            self.attempt("wide", self.wide)
        if complaint:
            print(complaint)


def warn_if_busy():
    """Other programs take their share unevenly: a server with many requests at once gains, a single one loses."""
    busy = pathlib.Path("/proc/loadavg").read_text().split()[3].split("/")[0]
    if int(busy) > 2:
        print(f"WARNING: {busy} tasks want to run on {os.cpu_count()} cores; the ratios mean little", flush=True)


def memory(pid, name):
    """A line of /proc/PID/status in KiB."""
    return int(re.search(rf"^{name}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def reset_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(pid, "VmRSS")


def plan_cache_counters(node):
    """Hits and misses of the plan cache, as the node's metrics have them."""
    text = node.send("GET", "/metrics")[2]
    found = {"hit": 0.0, "miss": 0.0}
    for labels, value in re.findall(r"^eider_query_cache_total\{([^}]*)\} ([0-9.e+]+)", text, re.MULTILINE):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if labels.get("cache") == "plan":
            found[labels["result"]] += float(value)
    if not any(found.values()):
        raise RuntimeError("/metrics has no eider_query_cache_total of the plan cache")
    return found["hit"], found["miss"]


def table(rows):
    head = ("work", "raw", "eider", "ratio", "target", "met")
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def parse_arguments():
    eider = pathlib.Path(os.environ.get("EIDER_BINARY", ROOT / "build" / "bench" / "eider"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="regular expression over names of rows: point16, cached, list100, top3, flights, export, plans, wide …")
    parser.add_argument("--quick", action="store_true", help="shorter runs, fewer of them")
    parser.add_argument("--eider", default=str(eider), help="the binary under test")
    parser.add_argument("--load", default=str(eider.parent / "eider_bench_load"), help="the load program")
    return parser.parse_args()


def main():
    bench = Bench(parse_arguments())
    print(f"{os.cpu_count()} cores; medians of {bench.rounds} interleaved runs", flush=True)
    warn_if_busy()
    bench.run()
    warn_if_busy()
    print("\n" + table(bench.rows))
    subprocess.run(["rm", "-rf", str(bench.scratch)], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
