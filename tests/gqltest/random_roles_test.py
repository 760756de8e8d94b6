#!/usr/bin/env python3
"""Sends random requests under random roles and compares each answer with SQL over tables that hold only what the role may see.

  random_roles_test.py [--eider FILE] [--engines duckdb,postgres] [--seed N] [--count N]

A role has filters for some objects, made by the same generator as those of requests. The nodes get them as permissions, the oracle
as tables that were filtered beforehand; so a path to an object that goes round its rule gives an answer that differs.
"""

import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import compare  # noqa: E402
import random_test  # noqa: E402
import source_sets  # noqa: E402
from random_document import Leaf, plain  # noqa: E402
from random_draw import Draw  # noqa: E402
from random_filters import Filters, sql_of  # noqa: E402
from random_tables import TABLES  # noqa: E402

SECRET = "a-secret-of-tests-only"
ADMIN = {"x-hugr-secret-key": SECRET}
REQUESTS = 10  # Under each role.
JUNCTION = ("lib_book_genres", "book_genres", "lib.main")
DATABASES = {"lib": "lib.main", "ty": "ty.main", "shop": "shop.main"}
BASE = "lib.main,ty.main,shop.main,memory.main"


class RuleMaker(Filters):
    """Filters of a role, and what they say in SQL."""

    def __init__(self, draw):
        self.draw = draw
        self.aliases = 0
        self.user = "nobody"
        self.has_user = False

    def alias(self):
        self.aliases += 1
        return f"r{self.aliases}"

    def rule(self, table):
        value, sql = self.filter(table, table, 2)
        condition = "false" if holds_null(value) else sql_of(sql)
        value = self.with_identity(value)
        if self.draw.chance(4):
            first = TABLES[table].key[0]
            value, condition = {"_or": [value, {first: {"eq": "[$auth.nothing]"}}]}, "false"
        return plain(value), condition

    def with_identity(self, value):
        """At most one operand becomes who asks."""
        if isinstance(value, list):
            return [self.with_identity(v) for v in value]
        if not isinstance(value, dict):
            return value
        out = {}
        for key, inner in value.items():
            is_text = isinstance(inner, Leaf) and inner.type in ("String!", "Int!") and key == "eq" and str(inner.value)
            if is_text and str(inner.value).isascii() and not self.has_user and self.draw.chance(60):
                self.user, self.has_user = str(inner.value), True
                inner = "[$auth.user_id]"
            out[key] = self.with_identity(inner)
        return out


def holds_null(value):
    """A condition without a value: a rule with one lets nothing through."""
    if isinstance(value, Leaf):
        return value.value is None
    if isinstance(value, dict):
        return any(map(holds_null, value.values()))
    return isinstance(value, list) and any(map(holds_null, value))


class Role:
    def __init__(self, seed):
        maker = RuleMaker(Draw(seed))
        self.rows, self.tables = [], {}
        for table in maker.draw.some(list(TABLES), 1, 6):
            value, condition = maker.rule(table)
            self.rows.append((f"{TABLES[table].prefix}_{table}", value))
            self.tables[f"{DATABASES[TABLES[table].module]}.{table}"] = condition
        if maker.draw.chance(50):
            kept = maker.draw.some([1, 2, 3, 5], 0, 3)
            self.rows.append((JUNCTION[0], {"genre_id": {"in": kept}}))
            self.tables[f"{JUNCTION[2]}.{JUNCTION[1]}"] = f"genre_id IN ({', '.join(map(str, kept))})" if kept else "false"
        self.headers = ADMIN | {"x-hugr-role": "random", "x-hugr-user-id": maker.user}

    def give(self, node):
        """Makes these the permissions of the role `random`."""
        rows = [{"role": "random", "type_name": "data-object:query", "field_name": name, "filter": value} for name, value in self.rows]
        query = ("mutation($rows: [core_role_permissions_mut_input_data!]!) { core { "
                 'delete_role_permissions(filter: {role: {eq: "random"}}) { success } '
                 "insert_many_role_permissions(data: $rows, return_rows: false) { role } } }")
        ask(node, query, {"rows": rows})

    def give_oracle(self, connection):
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET search_path = '{BASE}'")
        connection.execute("DROP SCHEMA IF EXISTS memory.seen CASCADE")
        connection.execute("CREATE SCHEMA memory.seen")
        for name, condition in self.tables.items():
            table = name.split(".")[-1]
            connection.execute(f"CREATE TABLE memory.seen.{table} AS SELECT * FROM {name} {table} WHERE {condition}")
        connection.execute(f"SET search_path = 'memory.seen,{BASE}'")


def ask(node, query, variables=None):
    body = compare.json.dumps({"query": query, "variables": variables})
    status, _, text = node.send("POST", "/query", body, ADMIN)
    if status != 200 or '"errors"' in text:
        raise RuntimeError(text)


def run(options, nodes, oracle):
    for node in nodes:
        ask(node, 'mutation { core { insert_roles(data: {name: "random", description: ""}) { name } } }')
    wrong = 0
    for seed in range(options.seed, options.seed + options.count):
        if seed == options.seed or seed % REQUESTS == 0:
            role = Role(seed // REQUESTS)
            random_test.Case.headers = role.headers
            role.give_oracle(oracle.connection)
            for node in nodes:
                role.give(node)
        draw = Draw(seed)
        case, problem = random_test.problem_of(draw, nodes, oracle)
        if problem:
            wrong += 1
            if wrong <= random_test.SHOWN:
                case, problem = random_test.smallest(draw.tape, nodes, oracle, 9)
                print(f"seed {seed}, role {role.rows}\n{role.tables}\n{role.headers}\n{case.text()}\n{problem}\n", flush=True)
            else:
                print(f"seed {seed}: {problem[:160]!r}", flush=True)
    print(f"{options.count} random requests under roles, {wrong} wrong")
    return 1 if wrong else 0


def main():
    try:
        import duckdb
    except ImportError:
        os.execv(source_sets.python_with_duckdb(), [source_sets.python_with_duckdb(), *sys.argv])
    options = random_test.parse_arguments()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="eider-roles-"))
    try:
        with random_test.nodes_of(options, scratch, {"SECRET_KEY": SECRET}) as nodes:
            return run(options, nodes, random_test.Oracle(duckdb.connect(), scratch / nodes[0].engine))
    except source_sets.Missing as problem:
        print(problem)
        return random_test.SKIPPED
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
