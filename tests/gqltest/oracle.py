"""Answers the `sql` sections of cases with DuckDB itself and compares them with `expect`.

With fill, a case that has `sql` and no `expect` gets it from the hand-written SQL, never from the node.
"""

import json
import pathlib
import tempfile

import compare
import source_sets
from request_shape import shape_of

PRELUDE = (pathlib.Path(__file__).parent / "oracle.sql").read_text()


class Oracle:
    """The databases of some source sets, each attached under its source's name."""

    def __init__(self, setup, built):
        import duckdb

        self.folder = tempfile.TemporaryDirectory(prefix="eider-oracle-")
        scratch = pathlib.Path(self.folder.name)
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute(f"SET file_search_path = '{scratch}'")
        names = []
        for source_set in map(source_sets.SourceSet, setup.get("sets", [])):
            source_set.build(scratch, built)
            names += [s["name"] for s in source_set.sources if "database" in s]
        for name in names:
            self.connection.execute(f"ATTACH '{scratch / name}.duckdb' AS \"{name}\" (READ_ONLY)")
        self.connection.execute(PRELUDE)
        if names:
            self.connection.execute(f"SET search_path = '{names[0]}.main,memory.main'")

    def value(self, section, zone):
        """The JSON value of one `sql` section: `PATH [rows|row|value]`."""
        form = (section.argument.split() + ["rows"])[1]
        self.connection.execute(f"SET TimeZone = '{zone}'")
        query = f"SELECT to_json(\"a row\")::VARCHAR FROM ({section.body}) AS \"a row\""
        values = [compare.parse(row[0], lambda _: None) for row in self.connection.execute(query).fetchall()]
        if form == "rows":
            return values
        if not values:
            return None
        return values[0] if form == "row" else next(iter(values[0].values()))

    def close(self):
        self.connection.close()
        self.folder.cleanup()


def zone_of(step):
    for line in step.body("headers").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("x-hugr-timezone", "time-zone"):
            return value.strip()
    return "UTC"


def set_path(tree, path, value):
    *parents, last = path.split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
    tree[last] = value


def get_path(tree, path):
    for name in path.split("."):
        if not isinstance(tree, dict) or name not in tree:
            return KeyError
        tree = tree[name]
    return tree


def tidy(value):
    """Numbers in their shortest text."""
    if isinstance(value, dict):
        return {k: tidy(v) for k, v in value.items()}
    if isinstance(value, list):
        return [tidy(v) for v in value]
    if isinstance(value, compare.Number):
        text = value.text
        if "." in text and "e" not in text.lower():
            text = text.rstrip("0").rstrip(".")
        return compare.Number(text)
    return value


def step_problem(step, oracle):
    """Compares every `sql` with what `expect` has at its path."""
    expected = compare.parse(step.body("expect")).get("data", {})
    shape = shape_of(step.head.body)
    flags = {w: False for w in step.words("unordered")} | {w: True for w in step.words("ordered")}
    for section in step.all("sql"):
        path = section.argument.split()[0]
        at = shape
        for name in path.split("."):
            at = at.child(name)
        local = {k[len(path):].lstrip("."): v for k, v in flags.items() if k == path or k.startswith(path + ".")}
        wanted = get_path(expected, path)
        if wanted is KeyError:
            return f"expect has nothing at {path}"
        answer = tidy(oracle.value(section, zone_of(step)))
        difference = compare.difference(compare.canonical(wanted, at, local), compare.canonical(answer, at, local))
        if difference:
            return f"sql of {path}:\n{difference}"
    return ""


def filled_expect(step, oracle):
    data = {}
    for section in step.all("sql"):
        set_path(data, section.argument.split()[0], tidy(oracle.value(section, zone_of(step))))
    return compare.dump({"data": data})


def check_file(case_file, built, fill=False):
    """Returns (number of sql sections, [(case, problem)]); with fill also writes what was missing."""
    steps = [(c, s) for c in case_file.cases for s in c.steps if s.part("sql")]
    if not steps:
        return 0, []
    oracle, problems, insertions = Oracle(case_file.setup, built), [], []
    for case, step in steps:
        try:
            if step.part("expect"):
                problem = step_problem(step, oracle)
            elif fill:
                insertions.append((step.all("sql")[-1].end, filled_expect(step, oracle)))
                problem = ""
            else:
                problem = "sql without expect"
        except Exception as error:  # A mistake in one case must not hide the others.
            problem = f"{type(error).__name__}: {error}"
        if problem:
            problems.append((case, problem))
    oracle.close()
    write_insertions(case_file.path, insertions)
    return sum(len(s.all("sql")) for _, s in steps), problems


def write_insertions(path, insertions):
    rows = path.read_text().splitlines()
    for line, text in sorted(insertions, reverse=True):
        at = line - 1
        while at > 0 and not rows[at - 1].strip():
            at -= 1
        rows[at:at] = ["--- expect", *text.splitlines()]
    if insertions:
        path.write_text("\n".join(rows) + "\n")
