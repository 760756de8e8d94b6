"""Compares JSON answers: numbers by exact value and shortest text, unordered lists as multisets."""

import decimal
import difflib
import json

from request_shape import Shape


class Number:
    """A JSON number as it was written."""

    def __init__(self, text):
        self.text = text

    def canonical(self):
        value = decimal.Decimal(self.text)
        if "." in self.text and self.text.split("e")[0].split("E")[0].endswith("0"):
            return f"{self.text} (not the shortest text)"
        with decimal.localcontext(decimal.Context(prec=400)):
            return format(value.normalize(), "f") if abs(value.adjusted()) < 40 else str(value.normalize())


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def parse(text, constant=refuse):
    """`constant` says what becomes of NaN and the infinities, which are no JSON."""
    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=constant)


def dump(value, indent=""):
    """JSON text with one member a line; short values stay on one line."""
    flat = dump_flat(value)
    if len(indent) + len(flat) <= 110 or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(k, ensure_ascii=False)}: {dump(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(inner + r for r in rows) + "\n" + indent + "}"
    return "[\n" + ",\n".join(inner + dump(v, inner) for v in value) + "\n" + indent + "]"


def dump_flat(value):
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {dump_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump_flat(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def canonical(value, shape=None, flags=None, path=""):
    """`flags` maps response paths to True (ordered) or False (a multiset) and wins over the request's shape."""
    shape = shape or Shape(ordered=True)
    flags = flags or {}
    if isinstance(value, Number):
        return Number(value.canonical())
    if isinstance(value, dict):
        return {k: canonical(v, shape.child(k), flags, f"{path}.{k}" if path else k) for k, v in value.items()}
    if not isinstance(value, list):
        return value
    items = [canonical(v, shape, flags, path) for v in value]
    ordered = flags.get(path, shape.ordered or not shape.selected)
    return items if ordered else sorted(items, key=lambda item: dump_flat(sort_keys(item)))


def sort_keys(value):
    if isinstance(value, dict):
        return {k: sort_keys(value[k]) for k in sorted(value)}
    return [sort_keys(v) for v in value] if isinstance(value, list) else value


def sort_documents(value, shape):
    """Sorts the keys of JSON values; selected members and templates of `struct` keep their order."""
    if isinstance(value, list):
        return [sort_documents(v, shape) for v in value]
    if shape.template or not isinstance(value, dict):
        return value
    if not shape.children:
        return sort_keys(value)
    return {k: sort_documents(v, shape.child(k)) for k, v in value.items()}


def lines(value, indent=""):
    """One scalar a line, so that a difference shows only what differs."""
    if isinstance(value, dict):
        return [indent + "{}"] if not value else [
            row for k, v in value.items() for row in [f"{indent}{json.dumps(k)}:", *lines(v, indent + "  ")]]
    if isinstance(value, list):
        return [indent + "[]"] if not value else [
            row for v in value for row in [indent + "-", *lines(v, indent + "  ")]]
    return [indent + dump_flat(value)]


def difference(expected, actual):
    """A unified difference of two canonical values, empty when they are equal. Key order counts."""
    if dump_flat(expected) == dump_flat(actual):
        return ""
    rows = difflib.unified_diff(lines(expected), lines(actual), "expected", "got", lineterm="", n=4)
    return "\n".join(rows)


def missing(expected, actual, path="$"):
    """What of `expected` does not occur in `actual`: members of objects, elements of lists in any order."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            if key not in actual:
                return f"{path}.{key} is missing"
            if problem := missing(value, actual[key], f"{path}.{key}"):
                return problem
        return ""
    if isinstance(expected, list) and isinstance(actual, list):
        for item in expected:
            if all(missing(item, candidate) for candidate in actual):
                return f"{path} has no {dump_flat(item)}"
        return ""
    return "" if dump_flat(expected) == dump_flat(actual) else f"{path}: expected {dump_flat(expected)}, got {dump_flat(actual)[:300]}"
