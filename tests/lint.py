#!/usr/bin/env python3
"""clang-tidy over C++ sources, several files of a folder read as one.

Nearly all its time goes to the headers, so the files of a folder share one reading of them. Where two files of a
group do not stand beside each other after all, its halves are read.

    tests/lint.py [--build build/dev] FILE...      exit code 1 when something was found
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "cmake"))

import unity_groups  # noqa: E402

GROUP = 8
SECONDS = 600


def commands(build):
    """Compile commands by file, as absolute paths."""
    entries = json.loads((build / "compile_commands.json").read_text())
    return {os.path.join(entry["directory"], entry["file"]): entry for entry in entries}


def groups(files):
    """Files of one folder that stand beside each other, at most GROUP together."""
    by_folder = collections.defaultdict(list)
    for file in files:
        by_folder[os.path.dirname(file)].append(file)
    for folder in sorted(by_folder):
        yield from unity_groups.groups(sorted(by_folder[folder]), ROOT / "src", GROUP)


def tidy(folder, file):
    """The findings in one file: (whether there are any, text)."""
    done = subprocess.run(
        ["clang-tidy-19", "--quiet", "-p", str(folder), f"--config-file={ROOT / '.clang-tidy'}",
         "--extra-arg=-Wno-unknown-warning-option", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=SECONDS)
    return done.returncode != 0 or bool(done.stdout.strip()), done.stdout


def tidy_together(group, known, scratch):
    """The findings in several files, read as one file of a folder of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    file = folder / "group.cc"
    file.write_text("".join(f'#include "{member}"\n' for member in group))
    first = known[group[0]]
    entry = {"directory": first["directory"], "file": str(file),
             "command": first["command"].replace(first["file"], str(file))}
    (folder / "compile_commands.json").write_text(json.dumps([entry]))
    return tidy(folder, file)


def check(group, known, build, scratch):
    """The text of what was found in a group, empty when it is clean."""
    if len(group) == 1:
        return tidy(build, group[0])[1]
    found, text = tidy_together(group, known, scratch)
    if not found or "clang-diagnostic-error" not in text:
        return text
    half = len(group) // 2
    return check(group[:half], known, build, scratch) + check(group[half:], known, build, scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/dev", type=pathlib.Path)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    build = options.build.resolve()
    known = commands(build)
    files = [str(pathlib.Path(file).resolve()) for file in options.files]
    unknown = [file for file in files if file not in known]
    if unknown:
        sys.exit("not part of the build, so nothing can be said of them: " + ", ".join(unknown))
    found = False
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(check, group, known, build, scratch) for group in groups(files)]
        for task in concurrent.futures.as_completed(tasks):
            if text := task.result():
                print(text, flush=True)
                found = True
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
