#!/usr/bin/env python3
"""Puts sources into groups that can be compiled as one file each.

Two files do not go together when one declares a name of its own (in an unnamed namespace, static, a macro) that the
other mentions anywhere, unless both mean the same by it (one using-declaration).

    cmake/unity_groups.py [--size N] [--headers FOLDER] FILE...      prints "<group>|<file>" a line; a file alone has no line
"""

import argparse
import pathlib
import re

# Keywords and what stands before a declared name.
DECLARED = re.compile(
    r"^(?:constexpr |inline |static |const |thread_local |template <[^\n]*>\s*|extern \"C\" )*"
    r"(?:(?:class|struct|enum class|enum|union|concept) (?P<type>\w+)|using (?P<alias>\w+) =|"
    r"[\w:<>,&* \[\]()]*?[\s&*](?P<value>\w+)(?:\(|\[\w*\]| =|\{|;))", re.MULTILINE)
USING = re.compile(r"^\s*using ((?:\w+::)+(\w+));", re.MULTILINE)
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)
STATIC = re.compile(r"^static [^\n=({;]*?(\w+)(?:\(| =|\{|;)", re.MULTILINE)
TYPE = re.compile(r"^(?:class|struct|enum class|using) (\w+)[^;\n]*[{=]", re.MULTILINE)
TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P)\((\w+),\s*(\w+)\)", re.MULTILINE)


def unnamed(text):
    """What stands in unnamed namespaces, without what stands in their own brackets."""
    out = []
    for match in re.finditer(r"^namespace \{\n", text, re.MULTILINE):
        end = text.find("\n}  // namespace\n", match.end())
        out.append(text[match.end():end if end >= 0 else len(text)])
    return "\n".join(line for part in out for line in part.split("\n") if line and not line[0].isspace())


def declared_by_headers(folder):
    """Names of types that headers declare outside of others."""
    names = set()
    for header in pathlib.Path(folder).rglob("*.h"):
        names |= set(TYPE.findall(header.read_text()))
    return names


class Source:
    def __init__(self, name, shown):
        with open(name) as file:
            text = file.read()
        self.name = name
        self.shared = {short: whole for whole, short in USING.findall(text)}
        own = unnamed(text)
        self.own = set(MACRO.findall(text)) | set(STATIC.findall(text))
        for match in DECLARED.finditer(own):
            self.own.add(match["type"] or match["alias"] or match["value"])
        self.own |= {f"{suite}_{name}_Test" for suite, name in TEST.findall(text)}
        self.own -= set(self.shared)
        code = re.sub(r"//[^\n]*", "", text)
        code = re.sub(r'^#include[^\n]*', "", code, flags=re.MULTILINE)
        self.tokens = set(re.findall(r"\b[A-Za-z_]\w*\b", code))
        self.tokens |= self.own
        self.alone = bool(self.own & shown)
        self.using_namespaces = set(re.findall(r"^using namespace ([\w:]+);", text, re.MULTILINE))

    def fits(self, other):
        if self.alone or other.alone:
            return False
        for one, two in ((self, other), (other, self)):
            if one.own & two.tokens:
                return False
            for short, whole in one.shared.items():
                if short in two.tokens and two.shared.get(short) != whole:
                    return False
        return self.using_namespaces == other.using_namespaces


def groups(files, headers=None, size=8):
    """Lists of file names; none shares a file with another."""
    shown = declared_by_headers(headers) if headers else set()
    out = []
    for source in (Source(file, shown) for file in files):
        for group in out:
            if len(group) < size and all(source.fits(member) for member in group):
                group.append(source)
                break
        else:
            out.append([source])
    return [[source.name for source in group] for group in out]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=8)
    parser.add_argument("--headers", help="the folder of all headers")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    for number, group in enumerate(groups(options.files, options.headers, options.size)):
        for member in group if len(group) > 1 else ():
            print(f"{number}|{member}")


if __name__ == "__main__":
    main()
