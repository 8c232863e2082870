#!/usr/bin/env python3
"""Shows that every check of lint.py can fail: each gets a copy of the source with one thing wrong in it.

usage: can_fail.py SOURCE_ROOT
"""
import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import lint

# check, file, what is put at its end (or, when the file is new, in it)
BREAKS = [
    ("floors", "src/base/str.h", '#include "plan/plan.h"\n'),
    ("cycles", "src/base/arena.c", "void f(void) { op_init(0, 0); }\n"),
    ("headers", "src/base/str.h", "struct nothing_known f(undeclared x);\n"),
    ("opening", "src/base/new.h", "int x;\n"),
    ("banned", "src/plan/set.c", "void f(char *s) { strcpy(s, s); }\n"),
    ("banned", "src/base/io.c", "void f(void) { umask(0); }\n"),
    ("banned", "cli/text.c", "void f(void) { goto out; out:; }\n"),
    ("cloexec", "src/host/file.c", 'void f(void) { open("x", O_RDONLY); }\n'),
    ("sizes", "src/plan/set.c", "void f(void)\n{\n" + "    ;\n" * 61 + "}\n"),
    ("sizes", "src/plan/set.c", "\n" * 600),
    ("topics", "ARCHITECTURE.md", "`plan/nowhere.c`\n"),
    ("unused", "src/plan/set.h", "void set_nobody(void);\n"),
    ("words", "src/plan/set.c", "/* TO" "DO */\n"),
    ("exports", "include/proa/proa.h", "PROA_API int proa_nowhere(void);\n"),
]


def archive(build, name, code):
    (build / "x.c").write_text(code)
    subprocess.run(["cc", "-c", "x.c", "-o", "x.o"], cwd=build, check=True)
    subprocess.run(["ar", "rc", f"libproa-{name}.a", "x.o"], cwd=build, check=True)


def broken_build(build):
    """A planner that opens a file, a library that exports nothing, an init that needs libc's printf, an
    audit that removes a file."""
    archive(build, "plan", "int open(const char *, int); int plan_x(void) { return open(\"x\", 0); }")
    archive(build, "spec", "int spec_x;")
    archive(build, "base", "int base_x;")
    archive(build, "audit", "int unlink(const char *); int audit_x(void) { return unlink(\"x\"); }")
    init = build / "src/init/proa-init.p"
    init.mkdir(parents=True)
    (build / "x.c").write_text("int printf(const char *, ...); int init_x(void) { return printf(\"x\"); }")
    subprocess.run(["cc", "-c", "x.c", "-o", str(init / "x.o")], cwd=build, check=True)
    subprocess.run(["cc", "-shared", "-nostdlib", "x.o", "-o", "libproa.so"], cwd=build, check=True)


def faults(check, root, build):
    return list(getattr(lint, "check_" + check)(root, build))


def try_source(root, copy, build, row):
    check, name, text = row
    path = copy / name
    path.write_text((path.read_text() if path.exists() else "") + text)
    found = faults(check, copy, build)
    if (root / name).exists():
        shutil.copy(root / name, path)
    else:
        path.unlink()
    return bool(found)


def main():
    root, bad = Path(sys.argv[1]).resolve(), 0
    with tempfile.TemporaryDirectory() as scratch:
        copy, build = Path(scratch) / "copy", Path(scratch) / "build"
        build.mkdir()
        broken_build(build)
        for name in ("src", "cli", "include", "tests/unit", "tools"):
            shutil.copytree(root / name, copy / name)
        for path in root.glob("*.md"):
            shutil.copy(path, copy)
        with contextlib.suppress(FileNotFoundError):
            subprocess.run(["git", "init", "-q", str(copy)], check=True)
            subprocess.run(["git", "-C", str(copy), "add", "."], check=True)
        tried = [(row[0], row[1], try_source(root, copy, build, row)) for row in BREAKS]
        tried += [(check, "the build", bool(faults(check, copy, build))) for check in ("pure", "readonly", "freestanding")]
    for check, what, failed in tried:
        if not failed:
            print(f"the check {check} does not mind {what}")
            bad = 1
    for name in sorted({n[len("check_"):] for n in vars(lint) if n.startswith("check_")} - {row[0] for row in tried}):
        print(f"nothing shows that the check {name} can fail")
        bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
