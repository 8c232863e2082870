#!/usr/bin/env python3
"""Compares the manual pages with the command's help and the public header, in both directions.

usage: man.py options MAN_FOLDER PROA          every command has a page, and every option of each is in it, as the help has it
       man.py functions MAN_FOLDER HEADER      every function is in libproa(3)
       man.py compiles MAN_FOLDER              scdoc and groff have nothing to say about the pages
       man.py example MAN_FOLDER INCLUDE LIB   the program of libproa(3) compiles and runs
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIP = 77


def sections(path):
    """The lines below each heading of a page."""
    found, name = {}, ""
    for line in path.read_text().splitlines():
        if line.startswith("# "):
            name = line[2:]
        found.setdefault(name, []).append(line)
    return found


def help_sections(proa, *command):
    text = subprocess.run([proa, *command, "--help"], capture_output=True, text=True, check=True).stdout
    return {block.split(":\n")[0]: block.split(":\n", 1)[1].splitlines() for block in re.split(r"\n\n(?=[A-Z ]+:\n)", text)}


def help_options(lines):
    return {re.split(r"  +", line.strip())[0] for line in lines}


def page_options(page):
    """The terms that are explained below OPTIONS, without their markup."""
    lines = page.get("OPTIONS", [])
    return {re.sub(r"[*_]", "", line) for line, after in zip(lines, lines[1:]) if line.startswith("*-") and after.startswith("\t")}


def differences(where, expected, found):
    for name in sorted(expected - found):
        yield f"{where}: {name} is missing"
    for name in sorted(found - expected):
        yield f"{where}: the help knows no {name}"


def check_options(folder, proa):
    program, overview = help_sections(proa), sections(folder / "proa.8.scd")
    commands = {re.split(r"[ ,]", line.strip())[0]: re.split(r"  +", line.strip())[1] for line in program["COMMANDS"]}
    pages = {path.name[len("proa-"):-len(".8.scd")] for path in folder.glob("proa-*.8.scd")}
    yield from differences("pages", set(commands), pages)
    yield from differences("proa.8, commands", set(commands),
                           {line.split("*")[1] for line in overview["COMMANDS"] if line.startswith("*")})
    yield from differences("proa.8", help_options(program["GLOBAL OPTIONS"]), page_options(overview))
    for name in sorted(set(commands) & pages):
        page = sections(folder / f"proa-{name}.8.scd")
        yield from differences(f"proa-{name}.8", help_options(help_sections(proa, name)["OPTIONS"]) - {"--help, -h"}, page_options(page))
        if f"proa-{name} - {commands[name]}" not in page["NAME"]:
            yield f"proa-{name}.8 says what it does in other words than the help: {commands[name]}"


def check_functions(folder, header):
    declared = set(re.findall(r"PROA_API[^;{]*?\b(proa_\w+)\s*\(", re.sub(r"/\*.*?\*/", "", Path(header).read_text(), flags=re.S)))
    named = set(re.findall(r"\*(proa_\w+)\*\(\)", (folder / "libproa.3.scd").read_text()))
    yield from (f"libproa.3: {name} is missing" for name in sorted(declared - named))
    yield from (f"libproa.3: there is no {name}" for name in sorted(named - declared))


def check_compiles(folder):
    if not shutil.which("scdoc"):
        sys.exit(SKIP)
    viewer = ["groff", "-man", "-ww", "-z", "-Tutf8"] if shutil.which("groff") else None
    for path in sorted(folder.glob("*.scd")):
        page = subprocess.run(["scdoc"], stdin=path.open(), capture_output=True, text=True)
        if page.returncode or page.stderr:
            yield f"{path.name}: {page.stderr.strip()}"
        elif viewer:
            shown = subprocess.run(viewer, input=page.stdout, capture_output=True, text=True)
            if shown.returncode or shown.stderr:
                yield f"{path.name}: {shown.stderr.strip()}"


def check_example(folder, include, library):
    program = re.search(r"^```\n(#include.*?)^```$", (folder / "libproa.3.scd").read_text(), re.M | re.S).group(1)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "example.c"
        source.write_text(program)
        subprocess.run(["cc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", f"-I{include}", source, library,
                        f"-Wl,-rpath,{Path(library).resolve().parent}", "-o", f"{scratch}/example"], check=True)
        usage = subprocess.run([f"{scratch}/example"], capture_output=True, text=True)
        if usage.returncode != 2 or "usage: " not in usage.stderr:
            yield f"without arguments it says {usage.stderr.strip()!r} and exits with {usage.returncode}"
        nothing = subprocess.run([f"{scratch}/example", f"{scratch}/nowhere", "one"], capture_output=True, text=True)
        if nothing.returncode != 1 or "nowhere" not in nothing.stderr:
            yield f"without a bundle it says {nothing.stderr.strip()!r} and exits with {nothing.returncode}"


def main():
    faults = list(globals()["check_" + sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:]))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
