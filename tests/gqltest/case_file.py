"""Reads .gqltest files: a set-up, then cases made of steps. README.md describes the format."""

import dataclasses
import json
import pathlib
import re
import tomllib

STEP_SECTIONS = {"request", "http", "restart"}
STEP_PARTS = {"variables", "operation", "options", "headers", "body", "status", "expect", "has", "error", "text",
              "answer-headers", "sql", "unordered", "ordered"}
CASE_PARTS = {"rule", "todo", "only"}

ENGINES = ("duckdb", "postgres")


class FormatError(Exception):
    pass


@dataclasses.dataclass
class Section:
    name: str
    argument: str  # The rest of the header line.
    body: str
    line: int      # 1-based line of the header.
    end: int       # 1-based line after the section.


@dataclasses.dataclass
class Step:
    kind: str  # request, http or restart.
    head: Section
    parts: list[Section] = dataclasses.field(default_factory=list)

    def part(self, name):
        return next((p for p in self.parts if p.name == name), None)

    def all(self, name):
        return [p for p in self.parts if p.name == name]

    def body(self, name, default=""):
        part = self.part(name)
        return part.body if part else default

    def words(self, name):
        return [w for p in self.all(name) for w in (p.argument + " " + p.body).split()]


@dataclasses.dataclass
class Case:
    name: str
    file: pathlib.Path
    line: int
    rules: list[str]
    todo: str
    steps: list[Step]
    only: str = ""      # The one engine that the case is for.
    only_why: str = ""

    @property
    def full_name(self):
        return f"{self.file.name}#{self.name}"


@dataclasses.dataclass
class CaseFile:
    path: pathlib.Path
    setup: dict
    cases: list[Case]


def split_sections(lines, path):
    """Yields ('case', name, line) and ('section', Section) in order."""
    section = None
    for number, line in enumerate([*lines, "=== "], 1):
        case = re.match(r"=== ?(.*)$", line)
        header = re.match(r"--- ([a-z-]+) ?(.*)$", line)
        if not case and not header:
            if section:
                section.body += line + "\n"
            continue
        if section:
            section.end = number
            section.body = section.body.strip("\n")
            yield section
            section = None
        if case and case.group(1):
            yield ("case", case.group(1).strip(), number)
        elif header:
            section = Section(header.group(1), header.group(2).strip(), "", number, 0)


def add_section(case, section, where):
    if section.name in STEP_SECTIONS:
        case.steps.append(Step(section.name, section))
    elif section.name == "rule":
        text = section.argument + "\n" + section.body
        case.rules += [line.strip() for line in text.splitlines() if line.strip()]
    elif section.name == "todo":
        case.todo = section.argument or section.body
    elif section.name == "only":
        case.only, _, case.only_why = section.argument.partition(" ")
        if case.only not in ENGINES or not case.only_why:
            raise FormatError(f"{where}:{section.line}: only needs one of {', '.join(ENGINES)} and a reason")
    elif section.name in STEP_PARTS and case.steps:
        case.steps[-1].parts.append(section)
    else:
        raise FormatError(f"{where}:{section.line}: section {section.name} may not stand here")


def read(path):
    path = pathlib.Path(path)
    setup, cases, names = {}, [], set()
    for item in split_sections(path.read_text().splitlines(), path):
        if isinstance(item, tuple):
            _, name, line = item
            if not re.fullmatch(r"[a-z0-9_]+", name) or name in names:
                raise FormatError(f"{path}:{line}: case name {name!r} is taken or has more than a-z, 0-9 and _")
            names.add(name)
            cases.append(Case(name, path, line, [], "", []))
        elif cases:
            add_section(cases[-1], item, path)
        elif item.name == "setup":
            setup = tomllib.loads(item.body)
        else:
            raise FormatError(f"{path}:{item.line}: section {item.name} before the first case")
    for case in cases:
        check(case)
    return CaseFile(path, setup, cases)


def check(case):
    where = f"{case.file}:{case.line}"
    if not case.steps:
        raise FormatError(f"{where}: case {case.name} has no request")
    for step in case.steps:
        for name in ("variables", "options", "has"):
            for part in step.all(name):
                try:
                    json.loads(part.body)
                except ValueError as problem:
                    raise FormatError(f"{case.file}:{part.line}: {name}: {problem}") from problem
