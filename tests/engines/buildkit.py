#!/usr/bin/python3
"""Calls a runtime as BuildKit does, for tests/engines/buildkit.bats.

    buildkit.py [--tty ROWSxCOLS] [--abandon] CMD...

CMD runs in the foreground, the leader of a process group of its own, and is killed when its parent dies. With --tty its
standard streams are a pty that is nobody's controlling terminal; the script on stdin is one of tests/lib/console.py's,
with a further verb:

    winch ROWS COLS   resize the pty and tell CMD by SIGWINCH, as the session leader of that terminal would be told

Without --tty the streams are inherited. The exit status is CMD's. --abandon prints CMD's first line of output and its pid,
and ends: CMD's parent has died then.
"""
import ctypes
import os
import pty
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import console  # noqa: E402

PR_SET_PDEATHSIG = 1


def before_exec():
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def winch(terminal, runtime, words):
    terminal.resize(*map(int, words))
    runtime.send_signal(signal.SIGWINCH)


def play(terminal, runtime, script):
    for line in script:
        if line.startswith("winch "):
            winch(terminal, runtime, line.split()[1:])
        else:
            console.play(terminal, [line])


def on_pty(argv, size):
    ours, theirs = pty.openpty()
    terminal = console.Terminal(ours)
    terminal.resize(*size)
    runtime = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=before_exec)
    os.close(theirs)
    play(terminal, runtime, sys.stdin)
    terminal.drain()
    return runtime.wait()


def abandon(argv):
    runtime = subprocess.Popen(argv, stdout=subprocess.PIPE, preexec_fn=before_exec)
    print(runtime.stdout.readline().decode(), end="")
    print(runtime.pid)
    return 0


def main(argv):
    size = None
    if argv[0] == "--tty":
        size = tuple(map(int, argv[1].split("x")))
        argv = argv[2:]
    if argv[0] == "--abandon":
        return abandon(argv[1:])
    code = on_pty(argv, size) if size else subprocess.call(argv, preexec_fn=before_exec)
    return console.status_of(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
