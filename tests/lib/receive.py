#!/usr/bin/python3
"""receive.py PATH CMD...: what CMD sends to a stream socket at PATH, in the way engines take it.

Nothing is accepted before CMD has ended. Prints the payload, then a line for each descriptor: "pidfd PID" or what its
link under /proc/self/fd says. Exit status: CMD's; 97 when nothing came.
"""
import os
import re
import socket
import subprocess
import sys

path, command = sys.argv[1], sys.argv[2:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
listener.settimeout(60)
none = subprocess.DEVNULL
status = subprocess.run(command, stdin=none, stdout=none, stderr=none).returncode
if status:
    sys.exit(status)
try:
    data, fds, _, _ = socket.recv_fds(listener.accept()[0], 4096, 8)
except TimeoutError:
    sys.exit(97)
print(data.decode())
for fd in fds:
    pid = re.search(r"^Pid:\s*(-?\d+)", open(f"/proc/self/fdinfo/{fd}").read(), re.M)
    print(f"pidfd {pid[1]}" if pid else os.readlink(f"/proc/self/fd/{fd}"))
