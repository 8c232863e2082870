"""What may be left of a storm: looks for it in the whole machine. Each function returns or yields a line for each thing that is."""
import os
import subprocess

from containers import hierarchies


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def processes(base):
    """Those that live, below us or marked, in cgroups of ours or with mounts of ours."""
    mark = os.path.basename(base)
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid == os.getpid() or not read(f"/proc/{pid}/cmdline"):
            continue
        for what in "environ", "cgroup", "mountinfo":
            if mark in read(f"/proc/{pid}/{what}"):
                yield f"process {pid} ({read(f'/proc/{pid}/comm').strip()}): its {what} names {mark}"


def descendants():
    """We are a subreaper: whatever an engine has left alive or unreaped has come to us."""
    try:
        return [f"a child: {os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)}"]
    except ChildProcessError:
        return []


def cgroups(storm):
    """Each engine's parent is what it has named; that there is nothing below is what rmdir says."""
    for top in hierarchies():
        for path, _, _ in os.walk(f"{top}{storm['parent']}", topdown=False):
            if path.count("/") > f"{top}{storm['parent']}".count("/") + 1:
                yield f"cgroup {path}"
            else:
                yield from remove(path)


def units():
    """The slice is systemd's to keep; scopes in it would show."""
    left = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "storm*.scope"], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["systemctl", "stop", "storm.slice"], check=False)
    return [f"unit {line}" for line in left.splitlines()]


def remove(path):
    try:
        os.rmdir(path)
    except OSError as error:
        yield f"cgroup {path}: {error.strerror}"


def files(base, engines):
    for number in range(engines):
        for path, directories, names in os.walk(f"{base}/{number}"):
            relative = path[len(f"{base}/{number}"):]
            yield from (f"directory {path}/{d}" for d in directories if relative or d not in ("root", "bundle"))
            yield from (f"file {path}/{n}" for n in names if relative not in ("", "/bundle"))


def leftovers(storm, engines):
    base = storm["base"]
    yield from descendants()
    yield from processes(base)
    yield from cgroups(storm)
    yield from files(base, engines)
    yield from units() if storm["systemd"] else []
    for what in "/proc/self/mountinfo", "/proc/net/unix":
        yield from (f"{what}: {line}" for line in read(what).splitlines() if base in line)
