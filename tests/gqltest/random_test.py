#!/usr/bin/env python3
"""Sends random requests over the data sets and compares each answer with SQL that is made beside it.

  random_test.py [--eider FILE] [--engines duckdb,postgres] [--seed N] [--count N]

A seed gives the same requests every time, to a node over each engine. Request and SQL are two renderings of one random tree, so
a difference is a mistake of a node or of these files, never of a fixture. A wrong request is made smaller before it is shown.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import compare  # noqa: E402
import source_sets  # noqa: E402
from node import Node  # noqa: E402
from oracle import tidy  # noqa: E402
from random_aggregates import AggregateMaker  # noqa: E402
from random_draw import Draw, shrink  # noqa: E402
from random_requests import DIRECTIVES  # noqa: E402
from request_shape import shape_of  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SETS = ("library", "types", "shop")
SKIPPED = 77
ZONES = ("UTC", "UTC", "America/New_York")
DIRECTIVES_OF = {"duckdb": [""], "postgres": ["", " @no_pushdown"]}  # Rows of PostgreSQL are also read by the engine itself.
SHOWN = 10  # Failures that are made small and shown.


class Oracle:
    """The databases, attached to one connection. Answers without the optimizer of the engine that is under test too."""

    def __init__(self, connection, scratch):
        self.connection = connection
        for name in ("lib", "ty", "shop"):
            shutil.copy(scratch / f"{name}.duckdb", scratch / f"oracle_{name}.duckdb")
            connection.execute(f"ATTACH '{scratch}/oracle_{name}.duckdb' AS {name} (READ_ONLY)")
        for file in ("oracle.sql", "random.sql"):
            connection.execute((HERE / file).read_text())
        connection.execute("SET search_path = 'lib.main,ty.main,shop.main,memory.main'")
        connection.execute("PRAGMA disable_optimizer")

    def data(self, roots, zone):
        self.connection.execute(f"SET TimeZone = '{zone}'")
        data = {}
        for root in roots:
            rows = [tidy(exact(compare.parse(row[0], lambda _: None))) for row in self.connection.execute(root.sql).fetchall()]
            data.setdefault(root.module, {})[root.key] = (rows[0] if rows else None) if root.one else rows
        return data


def exact(value):
    """Numbers that the SQL gave as text."""
    if isinstance(value, dict):
        return {k: exact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [exact(v) for v in value]
    return compare.Number(value[6:]) if isinstance(value, str) and value.startswith("exact:") else value


class Case:
    """One request and the problems that it meets."""

    headers = {}  # Sent with every request.

    def __init__(self, draw):
        self.request, self.variables, self.roots = AggregateMaker(draw).request()
        self.zone = "UTC" if any(root.module == "ty" for root in self.roots) else draw.pick(ZONES)

    def problem(self, nodes, oracle):
        expected = self.canonical(oracle.data(self.roots, self.zone))
        for node in nodes:
            for directive in DIRECTIVES_OF[node.engine]:
                if directive and "i128" in self.request + str(self.variables):  # More digits than the engine's decimals have.
                    continue
                problem = self.answer_problem(node, self.request.replace(DIRECTIVES, directive), expected)
                if problem:
                    return f"{node.engine}{directive}: {problem}"
        return ""

    def answer_problem(self, node, request, expected):
        body = compare.json.dumps({"query": request, "variables": self.variables})
        status, _, text = node.send("POST", "/query", body, {"X-Hugr-Timezone": self.zone, **self.headers})
        answer = compare.parse(text)
        if status != 200 or "errors" in answer:
            return text[:1500]
        return compare.difference(expected, self.canonical(answer["data"]))

    def canonical(self, data):
        shape = shape_of(self.request.replace(DIRECTIVES, ""))
        data = {module: compare.sort_documents(value, shape.child(module)) for module, value in data.items()}
        return compare.canonical(data)

    def text(self):
        sql = "\n".join(root.sql for root in self.roots)
        return f"{self.request.replace(DIRECTIVES, '')}\nvariables {compare.json.dumps(self.variables, ensure_ascii=False)}, zone {self.zone}\n{sql}"


def problem_of(draw, nodes, oracle):
    case = Case(draw)
    try:
        problem = case.problem(nodes, oracle)
    except Exception as error:  # SQL that cannot run is a mistake of the generator.
        problem = f"{type(error).__name__}: {error}"
    return case, problem


def smallest(tape, nodes, oracle, kind):
    """The smallest case found that fails in the same way."""
    tape = shrink(tape, lambda candidate: problem_of(Draw(tape=candidate), nodes, oracle)[1][:kind] == wanted) if (
        wanted := problem_of(Draw(tape=tape), nodes, oracle)[1][:kind]) else tape
    return problem_of(Draw(tape=tape), nodes, oracle)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eider", default=os.environ.get("EIDER_BINARY", "build/release/eider"))
    parser.add_argument("--engines", default="", help="default: duckdb, and postgres where it is installed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    return parser.parse_args()


def makers_of(options, stack):
    """What makes a source set for each engine."""
    makers = {"duckdb": source_sets.SourceSet} if options.engines != "postgres" else {}
    if options.engines == "duckdb":
        return makers
    import postgres_sets

    try:
        databases = stack.enter_context(contextlib.closing(postgres_sets.Databases()))
        makers["postgres"] = lambda name: postgres_sets.PostgresSet(name, databases)
    except source_sets.Missing as problem:
        if options.engines:
            raise
        print(f"without PostgreSQL: {problem}")
    return makers


@contextlib.contextmanager
def nodes_of(options, scratch, environment=None):
    """A running node over each engine."""
    with contextlib.ExitStack() as stack:
        makers = makers_of(options, stack)
        nodes = []
        for engine in makers:
            folder = scratch / engine
            folder.mkdir()
            sets = [makers[engine](name) for name in SETS]
            for source_set in sets:
                source_set.build(folder, scratch)
            node = Node(options.eider, folder, sets, environment or {})
            node.engine = engine
            stack.callback(node.stop)
            node.start()
            nodes.append(node)
        yield nodes
        for node in nodes:
            complaint = node.stop()
            if complaint:
                raise RuntimeError(complaint)


def run(options, nodes, oracle):
    wrong = 0
    for seed in range(options.seed, options.seed + options.count):
        draw = Draw(seed)
        case, problem = problem_of(draw, nodes, oracle)
        if problem:
            wrong += 1
            if wrong <= SHOWN:
                case, problem = smallest(draw.tape, nodes, oracle, 9)
                print(f"seed {seed}\n{case.text()}\n{problem}\n", flush=True)
            else:
                print(f"seed {seed}: {problem[:160]!r}", flush=True)
    print(f"{options.count} random requests, {wrong} wrong")
    return 1 if wrong else 0


def main():
    try:
        import duckdb
    except ImportError:
        os.execv(source_sets.python_with_duckdb(), [source_sets.python_with_duckdb(), *sys.argv])
    options = parse_arguments()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="eider-random-"))
    try:
        with nodes_of(options, scratch) as nodes:
            return run(options, nodes, Oracle(duckdb.connect(), scratch / nodes[0].engine))
    except source_sets.Missing as problem:
        print(problem)
        return SKIPPED
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
