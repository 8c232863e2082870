#!/usr/bin/env python3
"""Checks what ARCHITECTURE.md promises of the source: one check per function, one line per fault.

usage: lint.py CHECK SOURCE_ROOT [BUILD_ROOT]     (CHECK: the name of a function below without "check_")
"""
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

# Which folders each floor may include from. `launch` and `container` see the init only by its two faces.
FLOORS = {
    "base": {"base"},
    "spec": {"spec", "base"},
    "host": {"host", "base"},
    "plan": {"plan", "spec", "base", "host/host.h", "init/protocol.h"},
    "init": {"init", "plan/plan.h"},
    "systemd": {"systemd", "plan/plan.h", "plan/unit_type.h"},
    "launch": {"launch", "plan", "host", "base", "spec/words.h", "init/protocol.h", "init/image.h", "init/keep_caps.h",
               "systemd/protocol.h", "systemd/image.h"},
    "audit": {"audit", "plan", "host", "base", "spec/words.h", "launch/cgroup_file.h", "launch/bpf.h"},
    "container": {"container", "audit", "launch", "plan", "host", "spec", "base", "proa/proa.h"},
    "cli": {"cli", "proa/proa.h"},
}

# What the planner may call: memory, strings, formatting, sorting and arithmetic. No system call hides in these.
PURE = re.compile(
    r"^(mem\w+|str\w+|__str\w+|__mem\w+_chk|__isoc\w*_sscanf|__isoc\w*_strto\w+|sscanf|v?snprintf|__v?snprintf_chk|qsort|bsearch|"
    r"strto\w+|inet_[pn]to[pn]|log2?|pow|ceil|floor|exp2?|abort|__ctype_\w+|__stack_chk_fail|__asan_\w+|__ubsan_\w+|_GLOBAL_OFFSET_TABLE_|"
    r"__tls_get_addr|__gcov\w*|__llvm\w*|proa_pure_\w+)$")

BANNED = re.compile(r"\b(gets|strcpy|strcat|sprintf|vsprintf|strtok|strncpy|sleep|usleep|nanosleep|system|popen)\s*\(")
# What would change the caller's process: the library never does.
CALLER = re.compile(r"\b(umask|chdir|fchdir|sigprocmask|sigaction|signal|setenv|putenv|exit|_exit|setuid|setgid)\s*\(")


def sources(root, suffixes=(".c", ".h")):
    for folder in [root / "src", root / "cli", root / "include"]:
        yield from sorted(p for p in folder.rglob("*") if p.suffix in suffixes)


def strip_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def includes(path):
    return re.findall(r'^\s*#\s*include\s+["<]([^">]+)[">]', path.read_text(), re.M)


def own_includes(root, path):
    """The project's own headers that a file includes, as paths below src/, cli/ or include/."""
    for name in includes(path):
        for base in (root / "src", root / "include", path.parent):
            if (base / name).is_file():
                yield (base / name).resolve(), name
                break


def floor_of(root, path):
    rel = path.relative_to(root)
    return "cli" if rel.parts[0] == "cli" else rel.parts[1]


def check_floors(root, _build):
    for path in sources(root):
        rel = path.relative_to(root)
        if rel.parts[0] == "include":
            continue
        floor = floor_of(root, path)
        for target, name in own_includes(root, path):
            folder = name.split("/")[0] if "/" in name else floor
            if folder not in FLOORS[floor] and name not in FLOORS[floor]:
                yield f"{rel}: floor {floor} may not include {name}"


def graph(root):
    """Which .c file depends on which: by the functions it names, whoever declares them."""
    texts = {path: strip_comments(path.read_text()) for path in sources(root, (".c",))}
    home = {name: path for path, text in texts.items()
            for name in re.findall(r"^(?!static)\w[\w *]*?\b(\w+)\([^;{}]*\)\n{", text, re.M)}
    return {path: {home[word] for word in re.findall(r"\b(\w+)(?=\()", text) if word in home} - {path} for path, text in texts.items()}


def check_cycles(root, _build):
    edges, done, stack = graph(root), set(), []

    def visit(node):
        if node in stack:
            yield " -> ".join(p.name for p in stack[stack.index(node):] + [node])
        elif node not in done:
            stack.append(node)
            for after in sorted(edges.get(node, ())):
                yield from visit(after)
            stack.pop()
            done.add(node)

    for node in sorted(edges):
        yield from visit(node)


def check_headers(root, _build):
    for path in sources(root, (".h",)):
        rel = path.relative_to(root)
        if "aarch64" in path.name:
            continue
        flags = ["-ffreestanding"] if "init" in rel.parts else []
        with tempfile.NamedTemporaryFile("w", suffix=".c") as unit:
            unit.write(f'#include "{path}"\n')
            unit.flush()
            run = subprocess.run(["cc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wno-unused-function", "-Werror", "-fsyntax-only",
                                  f"-I{root}/src", f"-I{root}/include", f"-I{root}/cli", *flags, unit.name],
                                 capture_output=True, text=True)
        if run.returncode:
            yield f"{rel} does not compile alone: {run.stderr.splitlines()[0]}"


def check_opening(root, _build):
    """Every internal header opens with what its module promises and guards itself."""
    for path in sources(root, (".h",)):
        text, rel = path.read_text(), path.relative_to(root)
        if rel.parts[0] != "include" and "#pragma once" not in text:
            yield f"{rel}: no #pragma once"
        if not text.startswith("/*"):
            yield f"{rel}: does not open with a comment on what it promises"


def symbols(archive, what):
    out = subprocess.run(["nm", what, str(archive)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines() if line.strip() and not line.rstrip().endswith(":")}


def defined(archive):
    return symbols(archive, "--defined-only")


def check_pure(root, build):
    """The planner calls nothing of libc that could make a system call."""
    floors = [build / f"libproa-{name}.a" for name in ("plan", "spec", "base")]
    known = set().union(*(defined(a) for a in floors))
    for name in sorted(symbols(floors[0], "-u") - known):
        if not PURE.match(name):
            yield f"src/plan calls {name}, which is not pure"


# What an audit may ask of libc: to read, and to do sums. The names of bpf.h that do more are no part of it.
READS = re.compile(
    r"^(mem\w+|str\w+|__str\w+|__mem\w+_chk|__isoc\w*_sscanf|__isoc\w*_strto\w+|sscanf|v?snprintf|__v?snprintf_chk|qsort|bsearch|"
    r"strto\w+|open(at)?(64)?|__open(at)?(64)?_2|close|stat|stat64|fstatat|fstatat64|statx|fstatfs|fstatfs64|readlink|__readlink_chk|"
    r"poll|f?d?opendir|readdir|readdir64|closedir|sysconf|syscall|ioctl|gnu_dev_\w+|abort|__errno_location|__ctype_\w+|__stack_chk_fail|"
    r"__asan_\w+|__ubsan_\w+|_GLOBAL_OFFSET_TABLE_|__tls_get_addr|__gcov\w*|__llvm\w*|"
    # of the floors below
    r"arena_\w+|str_\w+|op_\w+|io_read_at|plan_\w+|words_\w+|parse_\w+|utf8_length|rdt_schemata_hold|"
    r"cgroup_file_(open|open_dir|read)|cgroup_members_add|deadline_in|deadline_left|"
    r"bpf_(load_devices|list_devices|open|read_image))$")


def check_readonly(root, build):
    """An audit changes nothing: it calls only what reads, and opens nothing for writing."""
    audit = build / "libproa-audit.a"
    for name in sorted(symbols(audit, "-u") - defined(audit)):
        if not READS.match(name):
            yield f"src/audit calls {name}, which does more than read"
    for path in sources(root, (".c",)):
        rel = path.relative_to(root)
        for word in re.findall(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC)\b", path.read_text() if "audit" in rel.parts else ""):
            yield f"{rel}: {word}"


def check_freestanding(root, build):
    """The init has no undefined symbol: nothing of libc is in it."""
    images = [p for p in (build / "src" / "init").glob("proa-init*") if p.is_file() and p.read_bytes()[:4] == b"\x7fELF"]
    if not images:
        yield "no init found in the build folder"
    for image in images:
        out = subprocess.run(["readelf", "-h", "-d", "-l", str(image)], capture_output=True, text=True, check=True).stdout
        if "INTERP" in out or "Dynamic section at" in out:
            yield f"{image.name} is not a static program"
        if "aarch64" not in image.name and image.stat().st_size > 49152:
            yield f"{image.name} has grown to {image.stat().st_size} bytes"
    objects = [p for p in (build / "src" / "init").rglob("*.o") if "proa-init" in str(p)]
    own = set().union(set(), *(defined(o) for o in objects))
    own |= set(re.findall(r"^\s*(?:PROVIDE\()?(\w+) = ", (root / "src/init/init.ld").read_text(), re.M))
    for o in objects:
        for name in sorted(symbols(o, "-u") - own - {"_GLOBAL_OFFSET_TABLE_"}):
            yield f"{o.name} needs {name}"


def check_exports(root, build):
    """The library exports what the public header declares, no more, no less."""
    header = strip_comments((root / "include/proa/proa.h").read_text())
    declared = set(re.findall(r"PROA_API[^;{]*?\b(proa_\w+)\s*\(", header))
    out = subprocess.run(["nm", "-D", "--defined-only", str(build / "libproa.so")], capture_output=True, text=True, check=True)
    exported = {line.split()[-1].split("@")[0] for line in out.stdout.splitlines()} - {"PROA_0"}
    for name in sorted(declared ^ exported):
        yield f"{name} is {'declared but not exported' if name in declared else 'exported but not declared'}"


def check_banned(root, _build):
    for path in sources(root):
        rel = path.relative_to(root)
        for number, line in enumerate(strip_comments(path.read_text()).splitlines(), 1):
            found = BANNED.search(line) or (rel.parts[0] == "src" and rel.parts[1] not in ("init", "systemd") and CALLER.search(line))
            if found and not line.lstrip().startswith("#") and "X(" not in line:
                yield f"{rel}:{number}: {found.group(1)} is not used here"
            if re.search(r"\bgoto\b", line):
                yield f"{rel}:{number}: goto"


def check_cloexec(root, _build):
    """Every descriptor is close-on-exec from its first moment."""
    for path in sources(root):
        rel = path.relative_to(root)
        if rel.parts[0] != "src" or rel.parts[1] in ("init", "plan"):
            continue
        text = strip_comments(path.read_text())
        for call in re.finditer(r"\b(open|openat|socket|socketpair|memfd_create|eventfd|signalfd|timerfd_create|pipe2|dup3|accept4|"
                                r"epoll_create1|inotify_init1)\s*\(", text):
            depth, at = 1, call.end()
            while depth and at < len(text):
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                at += 1
            arguments = text[call.end():at]
            if "CLOEXEC" not in arguments and "flags" not in arguments and "how" not in arguments:
                yield f"{rel}:{text.count(chr(10), 0, call.start()) + 1}: {call.group(1)} without CLOEXEC"


def check_sizes(root, _build):
    """No file above 600 lines but data tables, no function above 60."""
    for path in sources(root, (".c",)):
        text, rel = path.read_text(), path.relative_to(root)
        if text.count("\n") > 600:
            yield f"{rel} has {text.count(chr(10))} lines"
        start = None
        for number, line in enumerate(text.splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start and number - start > 60:
                yield f"{rel}:{start}: a function of {number - start} lines"


def check_topics(root, _build):
    """Every source file that the documents name is there."""
    for name in ("ARCHITECTURE.md", "HACKING.md", "README.md", "SECURITY.md"):
        for path in re.findall(rf"`((?:src|include|tests|tools|{'|'.join(FLOORS)})/[\w./*-]+)", (root / name).read_text()):
            if not any(any(base.glob(path.rstrip("/"))) for base in (root, root / "src")):
                yield f"{name} speaks of {path}, which is not there"


def check_unused(root, _build):
    """What an internal header declares, somebody calls: the program or a test."""
    texts = {p: strip_comments(p.read_text()) for p in [*sources(root), *sorted((root / "tests").rglob("*.[ch]"))]}
    words = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    for header, text in texts.items():
        if header.suffix != ".h" or "include" in header.relative_to(root).parts:
            continue
        for name in re.findall(r"^(?!static|typedef|#)\w[\w *]*?\b(\w+)\([^;{]*\)[^;{()]*;", text, re.M):
            if words[name] <= 2 and name not in ("memcpy", "memset", "memcmp", "memmove"):      # the compiler calls these
                yield f"{header.relative_to(root)}: nobody calls {name}"


def check_words(root, _build):
    """The source speaks of proa alone."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, listed):
        path = root / name
        if path.suffix in (".png",) or not path.is_file() or name.startswith("tests/lint/"):
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if re.search(r"/home/\w+/|\bTODO\b|\bFIXME\b", line):
                yield f"{name}:{number}: {line.strip()[:80]}"


def main():
    check, root = sys.argv[1], Path(sys.argv[2]).resolve()
    build = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
    faults = list(globals()["check_" + check](root, build))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
