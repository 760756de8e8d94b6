"""Renders one random tree as GraphQL: values inline or as variables, selections as fields, fragments or inline fragments."""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A scalar with its GraphQL type; `word` for values of enumerations."""
    type: str
    value: object
    word: bool = False


def plain(value):
    """The value as JSON has it."""
    if isinstance(value, Leaf):
        return value.value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


class Document:
    def __init__(self, draw):
        self.draw = draw
        self.variables, self.definitions, self.fragments = {}, [], []

    def argument(self, type_name, value):
        """Text of an argument's value: sometimes one variable."""
        if self.draw.chance(12):
            return self.variable(type_name, plain(value))
        return self.text(value)

    def variable(self, type_name, value):
        name = f"v{len(self.definitions)}"
        if value is not None or self.draw.chance(50):
            self.variables[name] = value
        elif self.draw.chance(50):
            type_name += " = null"
        self.definitions.append(f"${name}: {type_name}")
        return f"${name}"

    def text(self, value, inline=False):
        if isinstance(value, Leaf):
            if not inline and self.draw.chance(8):
                return self.variable(value.type, value.value)
            return value.value if value.word and value.value is not None else literal(value.value)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            if len(value) == 1 and self.draw.chance(10):  # One value stands for a list of one; one variable does not.
                return self.text(value[0], True)
            return "[" + ", ".join(self.text(v) for v in value) + "]"
        return literal(value)

    def selection(self, type_name, fields):
        """`{ … }` over some fields; what @skip and @include leave out does not change the answer."""
        rows = list(fields)
        if self.draw.chance(5):
            rows.insert(self.draw.below(len(rows) + 1), self.draw.pick(["gone: __typename @skip(if: true)", "gone: __typename @include(if: false)"]))
        if self.draw.chance(15):
            first = self.draw.below(len(rows))
            last = self.draw.between(first + 1, len(rows))
            rows[first:last] = [self.fragment(type_name, rows[first:last])]
        return "{ " + " ".join(rows) + " }"

    def fragment(self, type_name, rows):
        inner = "{ " + " ".join(rows) + " }"
        if self.draw.chance(50):
            return f"... {inner}" if self.draw.chance(30) else f"... on {type_name} {inner}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {type_name} {inner}")
        return f"...{name}"

    def request(self, body):
        head = f"query({', '.join(self.definitions)}) " if self.definitions else ""
        return " ".join([head + body, *self.fragments])


def literal(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
