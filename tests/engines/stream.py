#!/usr/bin/python3
"""Stands where kubectl stands, for tests/engines/cri.bats: at the URL that the CRI service has answered to Exec or Attach.

    stream.py URL

The script on stdin is one of tests/lib/console.py's; `insist` is not in it. What the program writes comes out of stdout and
stderr. The exit status is the program's; after Attach, which does not tell it, 0.
"""
import json
import os
import socket
import struct
import sys
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import console  # noqa: E402

# The first byte of a message says which stream it is of.
STDIN, STDOUT, STDERR, RESULT, SIZE = range(5)
BINARY = 0x82  # RFC 6455: the only fragment of a binary message
MASKED = 0x80

HANDSHAKE = """GET {0.path} HTTP/1.1
Host: {0.netloc}
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
Sec-WebSocket-Protocol: v4.channel.k8s.io

"""


class Stream(console.Terminal):
    def __init__(self, url):
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), console.DEADLINE)
        super().__init__(self.socket.makefile("rb"))
        self.result = {}
        self.socket.sendall(HANDSHAKE.format(address).replace("\n", "\r\n").encode())
        answer = list(iter(self.fd.readline, b"\r\n"))
        if b" 101 " not in answer[0]:
            console.fail(f"{url}: {answer[0]}")

    def write(self, stream, data):
        frame = bytes([BINARY, MASKED | 1 + len(data)]) + bytes(4) + bytes([stream]) + data
        self.socket.sendall(frame)

    def read(self):
        """A message; nothing once the other side closes."""
        kind, size = self.fd.read(2) or (0, 0)
        if size >= 126:
            size, = struct.unpack(*((">H", self.fd.read(2)) if size == 126 else (">Q", self.fd.read(8))))
        message = self.fd.read(size)
        return message if kind == BINARY else b""

    def send(self, text):
        self.write(STDIN, text.encode().decode("unicode_escape").encode())

    def resize(self, rows, cols):
        self.write(SIZE, json.dumps({"Width": cols, "Height": rows}).encode())

    def read_more(self, end):
        message = self.read()
        if message[:1] == bytes([RESULT]) and message[1:]:
            self.result = json.loads(message[1:])
            return True
        text = message[1:].decode(errors="replace")
        (sys.stderr if message[:1] == bytes([STDERR]) else sys.stdout).write(text)
        self.unread += text
        return bool(message)

    def exit_status(self):
        if self.result.get("status") == "Success":
            return 0
        if self.result.get("reason") == "NonZeroExitCode":
            return int(self.result["details"]["causes"][0]["message"])
        console.fail(f"the stream ended with {self.result}")


def main(url):
    stream = Stream(url)
    console.play(stream, sys.stdin)
    stream.drain()
    return stream.exit_status()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
