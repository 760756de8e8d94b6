"""Fails on an include that points from a lower layer to a higher one, or sideways.

The order stands in src/layers.txt. There is no list of exemptions. The script first proves on a
small invented tree that it sees each kind of violation.
"""

import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z_]+)/', re.MULTILINE)
SOURCES = (".h", ".cc", ".inc")


def read_ranks(src):
    lines = (src / "layers.txt").read_text().splitlines()
    layers = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {folder: rank for rank, folders in enumerate(layers) for folder in folders}


def violations(src):
    ranks = read_ranks(src)
    found = []
    for path in sorted(p for p in src.rglob("*") if p.suffix in SOURCES):
        folder = path.relative_to(src).parts[0]
        if folder not in ranks:
            found.append(f"{path.relative_to(src)}: folder {folder} is not in layers.txt")
            continue
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            target = match.group(1)
            if target == folder or target not in ranks or ranks[target] < ranks[folder]:
                continue
            line = text.count("\n", 0, match.start(1)) + 1
            found.append(f"{path.relative_to(src)}:{line}: {folder} may not include {target}")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as scratch:
        src = pathlib.Path(scratch)
        (src / "layers.txt").write_text("# order\nlow\nleft right\nhigh\n")
        for folder, include in [
            ("low", "right/a.h"),  # upwards
            ("left", "right/a.h"),  # sideways
            ("right", "low/a.h"),  # allowed
            ("high", "high/a.h"),  # allowed
            ("stray", "low/a.h"),  # unknown folder
        ]:
            (src / folder).mkdir()
            (src / folder / "a.h").write_text(f'#pragma once\n#include <vector>\n#include "{include}"\n')
        expected = [
            "left/a.h:3: left may not include right",
            "low/a.h:3: low may not include right",
            "stray/a.h: folder stray is not in layers.txt",
        ]
        assert violations(src) == expected, violations(src)


def main():
    self_test()
    found = violations(pathlib.Path(__file__).resolve().parent.parent / "src")
    print("\n".join(found) or "layers hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
