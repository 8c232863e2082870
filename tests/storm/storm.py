"""storm.py BASE: the storm itself. BASE is a directory with a bundle's parts that tests/storm/run has made. Starts the engines, waits,
looks for all that might be left of them in the whole machine, and prints the figures."""
import argparse
import os
import pickle
import random
import signal
import subprocess
import sys
import time

from containers import hierarchies

HERE = os.path.dirname(os.path.abspath(__file__))


def settings(options):
    mark = os.path.basename(options.base)
    first, last = (int(x) for x in (options.cycles + "-" + options.cycles).split("-")[:2]) if options.cycles else (0, None)
    return {
        "base": options.base, "mark": f"PROA_STORM={mark}", "parent": f"/{mark}", "seed": options.seed,
        "runtime": options.runtime, "options": ["--systemd-cgroup"] if options.systemd else [], "systemd": options.systemd,
        "jq": options.jq, "blows": options.blows / 100, "until": time.time() + options.seconds,
        "stop": f"{options.base}/stop", "cycles": (first, last),
    }


def start_engine(options, storm, number):
    place = f"{options.base}/{number}"
    os.makedirs(f"{place}/bundle")
    os.mkdir(f"{place}/root")
    environment = dict(os.environ, PROA_STORM=storm["mark"].partition("=")[2])
    return subprocess.Popen([options.harness, "subreaper", sys.executable, "-BS", f"{HERE}/engine.py", options.base, str(number)],
                            env=environment)


# ---- What is left -----------------------------------------------------------------------------

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def processes(base):
    """Those that live, below us or marked, in cgroups of ours or with mounts of ours."""
    mark = os.path.basename(base)
    own = {os.getpid()}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid in own or not read(f"/proc/{pid}/cmdline"):
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


# ---- Report -----------------------------------------------------------------------------------

def gather(base, engines):
    counts, figures, messages = {}, {}, {}
    for number in range(engines):
        with open(f"{base}/{number}/figures", "rb") as file:
            more = pickle.load(file)
        os.unlink(f"{base}/{number}/figures")
        for total, part in zip((counts, figures, messages), more):
            for key, value in part.items():
                total[key] = total[key] + value if key in total else value
    return counts, figures, messages


def report(counts, figures, messages, seconds, verbose):
    done = sum(len(list_) for list_ in figures.values())
    print(f"{'command':18} {'number':>7} {'min ms':>8} {'median':>8} {'p99':>8}")
    for kind, times in sorted(figures.items()):
        times.sort()
        least, median, most = (1000 * times[i] for i in (0, len(times) // 2, len(times) * 99 // 100))
        print(f"{kind:18} {len(times):7} {least:8.1f} {median:8.1f} {most:8.1f}")
    if verbose:
        print("\nanswers other than success:")
        print(*(f"{n:7} {key}" for key, n in sorted(messages.items())), sep="\n")
    print(f"\n{counts['cycles']} containers, {done + counts['killed'] + counts['stopped']} commands in {seconds:.0f} s:",
          f"{done / seconds:.0f} a second; {counts['killed']} killed, {counts['stopped']} stopped and continued;",
          f"{counts['lost']} containers removed by force after it; {counts['violations']} violations")


def main():
    parser = argparse.ArgumentParser(prog="tests/storm/run")
    add = parser.add_argument
    add("--seconds", type=float, default=60, help="how long")
    add("--engines", type=int, default=8, help="how many at a time")
    add("--seed", default=str(random.SystemRandom().randrange(10 ** 6)), help="of everything that is drawn")
    add("--blows", type=float, default=30, help="percent of the commands that SIGKILL is meant for: most end before it comes; a third as many are stopped and continued")
    add("--cycles", help="N or N-M: these only, over and over, to reproduce what the report says")
    add("--systemd", action="store_true", help="let systemd make the cgroups")
    add("--verbose", action="store_true", help="print all answers other than success")
    for name in "base", "runtime", "harness", "jq":
        add(f"--{name}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    print(f"storm: seed {options.seed}, {options.engines} engines, {options.seconds:.0f} s, {options.runtime}", flush=True)
    storm, begun = settings(options), time.monotonic()
    with open(f"{options.base}/storm", "wb") as file:
        pickle.dump(storm, file)
    engines = [start_engine(options, storm, number) for number in range(options.engines)]
    signal.signal(signal.SIGTERM, lambda *_: open(storm["stop"], "w", encoding="utf-8").close())
    crashed = sum(engine.wait() != 0 for engine in engines)
    seconds = time.monotonic() - begun
    counts, figures, messages = gather(options.base, options.engines) if not crashed else ({"violations": crashed}, {}, {})
    left = list(leftovers(storm, options.engines))
    print(*(f"LEFT {item}" for item in left), sep="\n", end="\n" if left else "")
    if not crashed:
        report(counts, figures, messages, seconds, options.verbose)
    sys.exit(1 if left or counts["violations"] else 0)


if __name__ == "__main__":
    main()
