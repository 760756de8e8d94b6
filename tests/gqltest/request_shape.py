"""Reads just enough of a GraphQL request to know which lists of its answer have an order."""

import dataclasses
import re

TOKEN = re.compile(
    r'"""(?:\\"""|.)*?"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|-?[0-9][0-9.eE+-]*|#[^\n]*|[!$&():=@\[\]{|}]',
    re.DOTALL)
ORDERING = {"order_by", "nested_order_by"}
OPEN = {"(": ")", "[": "]", "{": "}"}


@dataclasses.dataclass
class Shape:
    ordered: bool = False
    selected: bool = False  # Has a selection set.
    template: bool = False  # Has the argument `struct`.
    children: dict = dataclasses.field(default_factory=dict)

    def child(self, key):
        return self.children.get(key) or Shape(ordered=True)


class Reader:
    def __init__(self, text):
        self.tokens = [t for t in TOKEN.findall(text) if not t.startswith("#")]
        self.at = 0
        self.fragments = {}
        self.operations = []

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self):
        token = self.peek()
        if not token:
            raise ValueError("unexpected end of request")
        self.at += 1
        return token

    def skip_balanced(self):
        """Skips a bracketed group and returns the names before a colon at its first level."""
        depth, names = 0, set()
        while True:
            token = self.next()
            if token in OPEN:
                depth += 1
            elif token in OPEN.values():
                depth -= 1
                if depth == 0:
                    return names
            elif depth == 1 and self.peek() == ":":
                names.add(token)

    def skip_directives(self):
        while self.peek() == "@":
            self.at += 2
            if self.peek() == "(":
                self.skip_balanced()

    def document(self):
        while self.peek():
            if self.peek() == "{":
                self.operations.append(("", self.selection_set()))
                continue
            keyword = self.next()
            name = self.next() if self.peek() not in "({@" else ""
            if keyword == "fragment":
                self.at += 2  # on Type
            if self.peek() == "(":
                self.skip_balanced()
            self.skip_directives()
            selections = self.selection_set()
            if keyword == "fragment":
                self.fragments[name] = selections
            else:
                self.operations.append((name, selections))

    def selection_set(self):
        """Reads `{ … }` into a list of (key, names of arguments, selections or None) and ("...", name or selections)."""
        self.next()
        selections = []
        while self.peek() != "}":
            selections.append(self.spread() if self.peek() == "..." else self.field())
        self.next()
        return selections

    def spread(self):
        self.next()
        if self.peek() not in ("on", "@", "{"):
            name = self.next()
            self.skip_directives()
            return ("...", name)
        if self.peek() == "on":
            self.at += 2
        self.skip_directives()
        return ("...", self.selection_set())

    def field(self):
        key = self.next()
        if self.peek() == ":":
            self.at += 2
        arguments = self.skip_balanced() if self.peek() == "(" else set()
        self.skip_directives()
        selections = self.selection_set() if self.peek() == "{" else None
        return (key, arguments, selections)

    def fill(self, shape, selections):
        shape.selected = True
        for selection in selections:
            if selection[0] == "...":
                inner = selection[1] if isinstance(selection[1], list) else self.fragments.get(selection[1], [])
                self.fill(shape, inner)
                continue
            key, arguments, inner = selection
            child = shape.children.setdefault(key, Shape())
            child.ordered = child.ordered or bool(arguments & ORDERING)
            child.template = child.template or "struct" in arguments
            if inner is not None:
                self.fill(child, inner)


def shape_of(request, operation_name=""):
    """The shape of the answer's `data`; everything counts as ordered when the request cannot be read."""
    reader = Reader(request)
    try:
        reader.document()
    except (ValueError, IndexError):
        return Shape(ordered=True)
    chosen = [s for name, s in reader.operations if not operation_name or name == operation_name]
    shape = Shape()
    if chosen:
        reader.fill(shape, chosen[0])
    return shape
