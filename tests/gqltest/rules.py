#!/usr/bin/env python3
"""Lists the promised rules of docs/compat/graphql.md with the cases that prove them.

  rules.py             rules and their cases; fails on a tag that names no rule
  rules.py --open      rules without a case
  rules.py --fill [FAILURES]
                       write up to three cases of each rule into the document, without those that the list of
                       run.py --failures names
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import case_file  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "compat" / "graphql.md"
CASES = ROOT / "tests" / "graphql"
SHOWN = 3


def document_rules(lines):
    """Yields (line index, section, rule, tests)."""
    section = ""
    for index, line in enumerate(lines):
        if line.startswith("## "):
            section = line[3:].split()[0]
        elif line.startswith("|") and not line.startswith(("| rule |", "|---")):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            yield index, section, cells[0], cells[1]


def tag_of(section, rule):
    """Rules of chapter 17 carry their number in the text."""
    return rule if re.match(r"\d+\.\d+ ", rule) else f"{section} {rule}"


def cases_by_rule(without=""):
    found = {}
    for path in sorted(CASES.glob("*.gqltest")):
        for case in case_file.read(path).cases:
            for rule in case.rules:
                if not case.todo and f"## {case.full_name} " not in without:
                    found.setdefault(rule, []).append(f"{path.relative_to(ROOT)}#{case.name}")
    return found


def fill(lines, cases):
    """Replaces what this script wrote before; other tests in a row stay."""
    for index, section, rule, tests in list(document_rules(lines)):
        kept = [t for t in tests.split() if ".gqltest#" not in t and t != "*open*"]
        row = kept + cases.get(tag_of(section, rule), [])[:SHOWN]
        lines[index] = f"| {rule} | {' '.join(row) or '*open*'} |"
    DOCUMENT.write_text("\n".join(lines) + "\n")


def main():
    lines = DOCUMENT.read_text().splitlines()
    rules = [tag_of(section, rule) for _, section, rule, _ in document_rules(lines)]
    filling = "--fill" in sys.argv
    cases = cases_by_rule(pathlib.Path(sys.argv[-1]).read_text() if filling and sys.argv[-1] != "--fill" else "")
    unknown = sorted(set(cases) - set(rules))
    for tag in unknown:
        print(f"no such rule: {tag}  ({', '.join(cases[tag])})")
    if filling:
        fill(lines, cases)
    elif "--open" in sys.argv:
        print("\n".join(rule for rule in rules if rule not in cases))
    else:
        for rule in rules:
            print(rule, *(f"    {case}" for case in cases.get(rule, ["*open*"])), sep="\n")
    print(f"{sum(rule in cases for rule in rules)} of {len(rules)} rules have a case")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
