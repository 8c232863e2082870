#!/usr/bin/python3
"""A terminal for tests: drives a pty by a script read from stdin.

    console.py [--size ROWSxCOLS] CMD...        CMD runs on a pty of ours
    console.py --socket PATH CMD...             CMD sends us a pty over PATH, as create does

With --socket nothing is accepted before CMD has ended and its output is at EOF.
The script, one command a line:

    expect REGEX      read until it appears (a minute at most)
    send TEXT         write it; \\r, \\x03 and the like are understood
    size ROWS COLS    resize the terminal
    insist ROWS COLS REGEX
                      resize it and say so until REGEX appears: engines' clients (ctr, docker) read the size,
                      set it, and only then ask for SIGWINCH; a resize in between is lost
    sh COMMAND        run a command beside, with a shell
    eof               read until the other side has closed

All that came from the terminal goes to stdout. Exit status: CMD's; 97 when an expectation failed.
"""
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

DEADLINE = 60


def fail(text):
    sys.stdout.flush()
    print(f"console.py: {text}", file=sys.stderr)
    sys.exit(97)


class Terminal:
    def __init__(self, fd):
        self.fd = fd
        self.unread = ""

    def resize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def size(self):
        return struct.unpack("HHHH", fcntl.ioctl(self.fd, termios.TIOCGWINSZ, bytes(8)))[:2]

    def send(self, text):
        os.write(self.fd, text.encode().decode("unicode_escape").encode())

    def read_more(self, end):
        """Reads once; False at the end of the stream."""
        if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
            fail(f"nothing came in time; unread: {self.unread[-400:]!r}")
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # EIO: the last descriptor of the other side was closed
            data = b""
        text = data.decode(errors="replace")
        sys.stdout.write(text)
        self.unread += text
        return bool(data)

    def expect(self, regex):
        end = time.monotonic() + DEADLINE
        while not (found := re.search(regex, self.unread)):
            if not self.read_more(end):
                fail(f"the stream ended before {regex!r}; unread: {self.unread!r}")
        self.unread = self.unread[found.end():]

    def foreground(self):
        return os.tcgetpgrp(self.fd) or fail("nobody is in the foreground")

    def insist(self, rows, cols, regex):
        self.resize(int(rows), int(cols))
        end = time.monotonic() + DEADLINE
        while not re.search(regex, self.unread):
            if select.select([self.fd], [], [], 0.2)[0]:
                if not self.read_more(end):
                    break
            elif time.monotonic() < end:
                os.killpg(self.foreground(), signal.SIGWINCH)
            else:
                break
        self.expect(regex)

    def drain(self):
        while self.read_more(time.monotonic() + DEADLINE):
            self.unread = ""


def play(terminal, script):
    for line in script:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "expect":
            terminal.expect(rest)
        elif verb == "send":
            terminal.send(rest)
        elif verb == "size":
            terminal.resize(*map(int, rest.split()))
        elif verb == "insist":
            terminal.insist(*rest.split(" ", 2))
        elif verb == "sh":
            if subprocess.run(rest, shell=True).returncode:
                fail(f"{rest}: failed")
        elif verb == "eof":
            terminal.drain()
        elif verb:
            fail(f"unknown verb {verb!r}")


def status_of(code):
    return 128 - code if code < 0 else code


def on_own_pty(argv, size):
    pid, fd = os.forkpty()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        os.execvp(argv[0], argv)
    terminal = Terminal(fd)
    play(terminal, sys.stdin)
    terminal.drain()
    return status_of(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def on_socket(argv, path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        fail("the command or its output did not end")
    sys.stdout.write(done.stdout.decode(errors="replace"))
    if done.returncode:
        return status_of(done.returncode)
    listener.settimeout(DEADLINE)
    connection, _ = listener.accept()
    data, fds, flags, _ = socket.recv_fds(connection, 4096, 8)
    if len(fds) != 1 or not data or flags & socket.MSG_CTRUNC:
        fail(f"expected one descriptor and some bytes, got {len(fds)} and {len(data)}")
    terminal = Terminal(fds[0])
    print("payload:", data.decode())
    print("size:", *terminal.size())
    play(terminal, sys.stdin)
    return 0


def main(argv):
    size, path = (24, 80), None
    while argv and argv[0].startswith("--"):
        option = argv.pop(0)
        value = argv.pop(0)
        if option == "--size":
            size = tuple(map(int, value.split("x")))
        elif option == "--socket":
            path = value
        else:
            fail(f"unknown option {option}")
    sys.stdin.reconfigure(encoding="utf-8")
    return on_socket(argv, path) if path else on_own_pty(argv, size)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
