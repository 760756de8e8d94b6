#!/usr/bin/env python3
"""Runs .gqltest files against the real binary; `run.py --help` and README.md teach."""

import argparse
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import case_file  # noqa: E402
import check  # noqa: E402
import node  # noqa: E402
import source_sets  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIPPED = 77  # What ctest takes for a test that could not run here.
UTC = {"X-Hugr-Timezone": "UTC"}
# Other settings under which every answer must stay the same: environment, request headers, way of loading.
VARIANTS = {
    "default": ({}, {}, "config"),
    "one_thread": ({"DB_WORKER_THREADS": "1"}, {}, "config"),
    "small_memory": ({"DB_MAX_MEMORY": "96MB"}, {}, "config"),
    "other_zone": ({"DB_TIMEZONE": "Asia/Kolkata"}, UTC, "config"),
    "loaded_by_api": ({}, {}, "api"),
    "no_parallel": ({"ALLOW_PARALLEL": "false"}, {}, "config"),
}


class Report:
    """Collects results of all threads."""

    def __init__(self, verbose):
        self.lock, self.verbose = threading.Lock(), verbose
        self.passed = self.failed = self.todo = 0
        self.failures = []
        self.skipped = {}  # Reason to names of cases.

    def add(self, label, case, problem):
        name = label + case.full_name
        with self.lock:
            if case.todo:
                self.todo += 1
                if not problem:
                    print(f"todo   {name} passes now: remove its todo")
                return
            if not problem:
                self.passed += 1
                if self.verbose:
                    print(f"ok     {name}")
                return
            self.failed += 1
            self.failures.append((name, case, problem))
            print(f"FAILED {name}  ({relative(case.file)}:{case.line})\n{indent(problem)}")

    def skip(self, reason, names):
        with self.lock:
            self.skipped.setdefault(reason, []).extend(names)

    def summary(self):
        rows = [f"skipped {len(names)}: {reason}" for reason, names in sorted(self.skipped.items())]
        open_cases = f", {self.todo} todo" if self.todo else ""
        skipped = sum(map(len, self.skipped.values()))
        rows.append(f"{self.passed} passed, {self.failed} failed{open_cases}" + (f", {skipped} skipped" if skipped else ""))
        return "\n".join(rows)


def relative(path):
    return os.path.relpath(path, ROOT)


def indent(text):
    return "\n".join("    " + line for line in text.splitlines())


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="default: tests/graphql/*.gqltest")
    parser.add_argument("--eider", default=os.environ.get("EIDER_BINARY", "build/release/eider"), help="the binary under test")
    parser.add_argument("-j", type=int, default=1, metavar="N", help="nodes at a time")
    parser.add_argument("--filter", default="", help="regular expression over file#case")
    parser.add_argument("--variant", default="default", help=f"comma list of {', '.join(VARIANTS)}, or all")
    parser.add_argument("--engine", choices=case_file.ENGINES, default="duckdb", help="what the databases of the source sets are")
    parser.add_argument("--config-variants", action="store_true", help="the same as --variant all")
    parser.add_argument("--oracle", action="store_true", help="check expect against the sql sections instead; no binary is needed")
    parser.add_argument("--fill", action="store_true", help="with --oracle: write expect where only sql is given")
    parser.add_argument("--failures", type=pathlib.Path, metavar="FILE", help="also write a list of failing cases")
    parser.add_argument("-v", action="store_true", help="name passing cases too")
    return parser.parse_args()


def groups_of(files):
    """Case files with one set-up share a node, unless they ask for their own."""
    groups = {}
    for file in files:
        key = json.dumps(file.setup, sort_keys=True) + (str(file.path) if file.setup.get("isolated") else "")
        groups.setdefault(key, []).append(file)
    return list(groups.values())


def cases_for(files, sets, options, report):
    """The cases that the engine can run; tells the report of the others."""
    cases = [case for file in files for case in file.cases]
    if options.engine == "postgres" and not any(s.relational for s in sets):
        report.skip("files without a database", [case.full_name for case in cases])
        return []
    for case in cases:
        if case.only and case.only != options.engine:
            report.skip(f"{case.full_name} only on {case.only}: {case.only_why}", [case.full_name])
    return [case for case in cases if case.only in ("", options.engine)]


def run_group(files, variant, options, built, report):
    environment, headers, load = VARIANTS[variant]
    setup = files[0].setup
    if variant != "default" and setup.get("isolated"):
        return
    sets = [options.make_set(name) for name in setup.get("sets", [])]
    cases = cases_for(files, sets, options, report)
    if not cases:
        return
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="eider-gqltest-"))
    runner = node.Node(options.eider, scratch, sets, environment | setup.get("env", {}), load, setup.get("register", True))
    runner.engine = options.engine
    label = "".join(f"{word}: " for word in (options.engine, variant) if word not in ("duckdb", "default"))
    try:
        for source_set in sets:
            source_set.build(scratch, built)
        runner.start()
        for case in cases:
            report.add(label, case, problem_of(case, runner, headers))
        complaint = runner.stop()
        if complaint:
            report.add(label, cases[-1], complaint)
    except Exception as error:  # The other groups still run.
        report.add(label, cases[0], f"no node: {type(error).__name__}: {error}")
    finally:
        runner.stop()
        for source_set in sets:
            source_set.close()
        shutil.rmtree(scratch, ignore_errors=True)


def problem_of(case, runner, headers):
    try:
        if runner.process is None or runner.process.poll() is not None:
            runner.start()
        return check.case_problem(case, runner, headers)
    except Exception as error:  # One case must not end the run.
        died = runner.process is not None and runner.process.poll() is not None
        code = runner.process.returncode if died else None
        tail = f"\nthe node ended with {code}:\n{runner.log_tail()}" if died else ""
        return f"{type(error).__name__}: {error}{tail}"


def run_cases(files, options, built):
    report = Report(options.v)
    chosen = list(VARIANTS) if options.config_variants or options.variant == "all" else options.variant.split(",")
    try:
        databases = make_sets(options)
    except source_sets.Missing as problem:
        print(problem)
        return SKIPPED
    with databases, concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        runs = [pool.submit(run_group, group, variant, options, built, report)
                for variant in chosen for group in groups_of(files)]
        for run in runs:
            run.result()
    if options.failures:
        write_failures(options.failures, report)
    print(report.summary())
    return 1 if report.failed else 0


def make_sets(options):
    """Sets `options.make_set`; its databases live as long as the context that is returned."""
    options.make_set = source_sets.SourceSet
    if options.engine == "duckdb":
        return contextlib.nullcontext()
    import postgres_sets

    databases = postgres_sets.Databases()
    options.make_set = functools.partial(postgres_sets.PostgresSet, databases=databases)
    return contextlib.closing(databases)


def run_oracle(files, options, built):
    try:
        import duckdb  # noqa: F401
    except ImportError:
        os.execv(source_sets.python_with_duckdb(), [source_sets.python_with_duckdb(), *sys.argv])
    import oracle

    checked, wrong = 0, 0
    for file in files:
        count, problems = oracle.check_file(file, built, options.fill)
        checked += count
        for case, problem in problems:
            wrong += 1
            print(f"WRONG  {case.full_name}  ({relative(case.file)}:{case.line})\n{indent(problem)}")
    print(f"{checked} sql sections checked, {wrong} wrong")
    return 1 if wrong else 0


def write_failures(path, report):
    rows = [f"# {report.summary()}, {time.strftime('%H:%M:%S')}\n"]
    for name, case, problem in sorted(report.failures, key=lambda f: f[0]):
        requests = "\n".join(s.head.body or s.head.argument for s in case.steps)[:1200]
        rows.append(f"## {name} ({relative(case.file)}:{case.line})\n{'; '.join(case.rules)}\n```\n{requests}\n```\n{indent(problem)}\n")
    path.write_text("\n".join(rows))


def main():
    options = parse_arguments()
    paths = options.files or sorted((ROOT / "tests" / "graphql").glob("*.gqltest"))
    files = [case_file.read(path) for path in paths]
    for file in files:
        file.cases = [c for c in file.cases if re.search(options.filter, c.full_name)]
    files = [file for file in files if file.cases]
    with tempfile.TemporaryDirectory(prefix="eider-built-") as folder:
        built = pathlib.Path(folder)
        if options.oracle:
            return run_oracle(files, options, built)
        return run_cases(files, options, built)


if __name__ == "__main__":
    sys.exit(main())
