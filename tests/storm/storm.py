"""storm.py --base BASE …: the storm itself. BASE is a directory with a bundle's parts that tests/storm/run has made. Starts the
engines, waits, looks for all that might be left of them in the whole machine, and prints the figures."""
import argparse
import os
import pickle
import random
import signal
import subprocess
import sys
import time

from leftovers import leftovers

HERE = os.path.dirname(os.path.abspath(__file__))


def cycle_range(text):
    """N, or N-M."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def settings(options):
    mark = os.path.basename(options.base)
    return {
        "base": options.base, "mark": f"PROA_STORM={mark}", "parent": f"/{mark}", "seed": options.seed,
        "runtime": options.runtime, "options": ["--systemd-cgroup"] if options.systemd else [], "systemd": options.systemd,
        "jq": options.jq, "blows": options.blows / 100, "until": time.time() + options.seconds,
        "stop": f"{options.base}/stop", "cycles": options.cycles,
    }


def start_engine(options, storm, number):
    place = f"{options.base}/{number}"
    os.makedirs(f"{place}/bundle")
    os.mkdir(f"{place}/root")
    environment = dict(os.environ, PROA_STORM=storm["mark"].partition("=")[2])
    return subprocess.Popen([options.harness, "subreaper", sys.executable, "-BS", f"{HERE}/engine.py", options.base, str(number)],
                            env=environment)


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
    add("--blows", type=float, default=30,
        help="percent of the commands that SIGKILL is meant for: most end before it comes; a third as many are stopped and continued")
    add("--cycles", type=cycle_range, default=(0, None), help="N or N-M: these only, over and over, to reproduce what the report says")
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
