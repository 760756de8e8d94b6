"""Keeps docs/compat true: every rule names its tests or says *open*, and every named test exists.

Also fails on a broken link between the documents of docs/.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read_rules(document):
    """Yields (line number, section, rule, tests) of each table row."""
    section = ""
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if line.startswith("## "):
            section = line[3:].split()[0]
        elif line.startswith("|") and not line.startswith(("| rule |", "|---")):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            yield number, section, cells[0], cells[1] if len(cells) == 2 else ""


def problem_of(tests):
    """Says what is wrong with the test column of one rule, or nothing."""
    if tests == "*open*":
        return ""
    if not tests:
        return "neither a test nor *open*"
    for test in tests.replace("`", "").split():
        path, _, name = test.partition("#")
        if not (ROOT / path).is_file():
            return f"no such test: {path}"
        if name and name not in (ROOT / path).read_text():
            return f"{path} has no {name}"
    return ""


def check_rules():
    problems = []
    for document in sorted((ROOT / "docs" / "compat").glob("*.md")):
        rules = list(read_rules(document))
        seen = set()
        for number, section, rule, tests in rules:
            problem = problem_of(tests) or ((section, rule) in seen and "stated twice")
            seen.add((section, rule))
            if problem:
                problems.append(f"{document.relative_to(ROOT)}:{number}: {rule}: {problem}")
        proven = sum(tests != "*open*" for *_, tests in rules)
        print(f"{document.relative_to(ROOT)}: {len(rules)} rules, {proven} proven, {len(rules) - proven} open")
    return problems


def check_links():
    problems = []
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                problems.append(f"{document.relative_to(ROOT)}: broken link {target}")
    return problems


def main():
    assert problem_of("") and problem_of("tests/none.py") and problem_of("tests/compat_test.py#nowhere" + "!")
    assert not problem_of("tests/compat_test.py#check_links")
    problems = check_rules() + check_links()
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
