#!/usr/bin/python3
"""bounded.py SECONDS MEGABYTES CMD...: runs CMD; fails with 96 when it, with all that it waited for, took more.

SECONDS are those of the processor; what hangs is killed after twenty times as many. Otherwise the exit status is CMD's."""
import resource
import subprocess
import sys

def is_uml():
    with open("/proc/cpuinfo") as cpus:
        return "User Mode Linux" in cpus.read()


seconds, megabytes, argv = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
# It cannot tell its own time from that of the machine's other programs.
if is_uml():
    seconds *= 5
try:
    status = subprocess.run(argv, timeout=20 * seconds).returncode
except subprocess.TimeoutExpired:
    sys.exit("bounded.py: it hangs")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
time = used.ru_utime + used.ru_stime
if time > seconds or used.ru_maxrss > megabytes * 1024:
    print(f"bounded.py: {time:.2f} s, {used.ru_maxrss / 1024:.1f} MB", file=sys.stderr)
    sys.exit(96)
sys.exit(status)
