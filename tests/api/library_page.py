#!/usr/bin/env python3
"""Compiles the C pieces of docs/library.md, in their order, as one program against the library.

usage: library_page.py PAGE INCLUDE_DIR LIBRARY
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    page, include, library = (Path(arg).resolve() for arg in sys.argv[1:])
    pieces = re.findall(r"^```c\n(.*?)^```$", page.read_text(), re.M | re.S)
    functions = [name for piece in pieces for name in re.findall(r"^static [^\n;]*?\b(\w+)\([^\n]*\)\n{", piece, re.M)]
    if len(pieces) < 2 or not functions:
        sys.exit(f"{page.name} has no pieces of C")
    # What nothing calls would be a warning, and warnings are errors.
    table = ", ".join(f"(void (*)(void)) {name}" for name in functions)
    program = "\n".join(pieces) + f"\nint main(void)\n{{\n    void (*const all[])(void) = {{ {table} }};\n\n    return all[0] == NULL;\n}}\n"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.c"
        source.write_text(program)
        subprocess.run(["cc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-Wno-cast-function-type", f"-I{include}", str(source),
                        str(library), f"-Wl,-rpath,{library.parent}", "-pthread", "-o", f"{folder}/page"], check=True)
        subprocess.run([f"{folder}/page"], check=True)
    print(f"{len(pieces)} pieces, {len(functions)} functions")


if __name__ == "__main__":
    main()
