#!/usr/bin/env python3
"""Sends random requests over the library data and compares each answer with SQL that is made beside it.

A seed gives the same requests every time: random_test.py [--eider FILE] [--seed N] [--count N]. Request and SQL are two
renderings of one random tree, so a difference is a mistake of the node or of this file, never of a fixture.
"""

import argparse
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
from request_shape import shape_of  # noqa: E402

def problem_of(seed, node, connection):
    maker = AggregateMaker(seed)
    path, request, sql = maker.random.choice([maker.request, maker.aggregation, maker.buckets])()
    expected = [tidy(compare.parse(row[0])) for row in connection.execute(sql).fetchall()]
    status, _, text = node.send("POST", "/query", compare.json.dumps({"query": request}))
    answer = compare.parse(text)
    if status != 200 or "errors" in answer:
        problem = text[:500]
    else:
        field = path.split(".")[1]
        shape, value = shape_of(request).child("lib").child(field), answer["data"]["lib"][field]
        wanted = expected if isinstance(value, list) else expected[0]
        problem = compare.difference(compare.canonical(wanted, shape), compare.canonical(value, shape))
    return problem and f"seed {seed}\n{request}\n{sql}\n{problem}\n"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--eider", default=os.environ.get("EIDER_BINARY", "build/release/eider"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    return parser.parse_args()


def main():
    try:
        import duckdb
    except ImportError:
        os.execv(source_sets.python_with_duckdb(), [source_sets.python_with_duckdb(), *sys.argv])
    options = parse_arguments()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="eider-random-"))
    library = source_sets.SourceSet("library")
    library.build(scratch, scratch)
    shutil.copy(scratch / "lib.duckdb", scratch / "oracle.duckdb")
    connection = duckdb.connect(str(scratch / "oracle.duckdb"))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute((pathlib.Path(__file__).parent / "oracle.sql").read_text())
    node = Node(options.eider, scratch, [library], {})
    problems = []
    try:
        node.start()
        for seed in range(options.seed, options.seed + options.count):
            problem = problem_of(seed, node, connection)
            if problem:
                problems.append(problem)
                print(problem)
    finally:
        complaint = node.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{options.count} random requests, {len(problems)} wrong")
    if complaint:
        print(complaint)
    return 1 if problems or complaint else 0


if __name__ == "__main__":
    sys.exit(main())
