#!/usr/bin/python3
"""Stands where podman and CRI-O stand towards conmon, for tests/engines/conmon.bats.

    conmon.py [--attach SOCKET] [--messages N] start CMD...
        starts CMD, a conmon, with a start pipe and a sync pipe; prints what comes out of the latter, a line each, until it
        ends or N lines (1) have come. With --attach it is an exec that waits until somebody is attached: that is us, our
        standard streams become its.

    conmon.py attach SOCKET
        attaches: sends stdin until its end, and prints what comes until the other side closes
"""
import argparse
import os
import select
import socket
import subprocess
import sys

DEADLINE = 60


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(DEADLINE)
    s.connect(path)
    return s


def relay(s):
    """The first byte of a packet says which stream it is of."""
    streams = {2: sys.stdout.buffer, 3: sys.stderr.buffer}
    data = sys.stdin.buffer.read()
    if data:
        s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    while packet := s.recv(32768):
        streams[packet[0]].write(packet[1:])
        streams[packet[0]].flush()


def read_line(fd):
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([fd], [], [], DEADLINE)[0]:
            sys.exit("conmon.py: nothing came in time")
        byte = os.read(fd, 1)
        if not byte:
            break
        line += byte
    return line.decode()


def start(arguments):
    sync, sync_end = os.pipe()
    start_end, go = os.pipe()
    attach, attach_end = os.pipe()
    inherited = [sync_end, start_end, attach_end] + [fd for fd in (3, 4) if os.path.exists(f"/proc/self/fd/{fd}")]
    environment = dict(os.environ, _OCI_SYNCPIPE=str(sync_end), _OCI_STARTPIPE=str(start_end))
    if arguments.attach:
        environment["_OCI_ATTACHPIPE"] = str(attach_end)
    none = subprocess.DEVNULL
    child = subprocess.Popen(arguments.command, env=environment, pass_fds=inherited, stdin=none, stdout=none, stderr=none)
    for fd in (sync_end, start_end, attach_end):
        os.close(fd)
    os.write(go, b"0")
    if arguments.attach:
        read_line(attach)
        attached = connect(arguments.attach)
        os.write(go, b"0")
    for _ in range(arguments.messages):
        print(read_line(sync), end="", flush=True)
    if arguments.attach:
        relay(attached)
    child.wait(DEADLINE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["start", "attach"])
    parser.add_argument("--attach", metavar="SOCKET")
    parser.add_argument("--messages", type=int, default=1)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.verb == "start":
        start(arguments)
    else:
        relay(connect(arguments.command[0]))


if __name__ == "__main__":
    main()
