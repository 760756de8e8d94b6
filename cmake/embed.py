"""Writes a C++ file that holds the bytes of files: embed.py FOLDER NAME SYMBOL FILE..."""

import pathlib
import sys

folder, name, symbol, *files = sys.argv[1:]
out = pathlib.Path(folder)
out.mkdir(parents=True, exist_ok=True)

(out / f"{name}.h").write_text(f"""#pragma once
#include <string_view>
namespace eider::assets {{
std::string_view {symbol}(std::string_view file);
}}
""")

# The assembler copies whole files in; a byte array of a megabyte takes the compiler many seconds.
data, lookup = [], []
for index, file in enumerate(files):
    path = pathlib.Path(file).resolve()
    label = f"eider_{name}_{index}"
    data.append(f'''asm(".section .rodata\\n.balign 16\\n.global {label}\\n.global {label}_end\\n"
    "{label}:\\n.incbin \\"{path}\\"\\n{label}_end:\\n.byte 0\\n.previous\\n");
extern "C" const char {label}[], {label}_end[];
''')
    lookup.append(f'  if (file == "{path.name}") return {{{label}, {label}_end}};\n')

(out / f"{name}.cc").write_text(f"""#include "{name}.h"
{"".join(data)}
namespace eider::assets {{
std::string_view {symbol}(std::string_view file) {{
{"".join(lookup)}  return {{}};
}}
}}
""")
