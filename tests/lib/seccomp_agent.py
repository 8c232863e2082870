"""seccomp_agent.py SOCKET STATE-FILE [ERRNO | --deaf]: what answers a filter's notifications.

Takes one listener on SOCKET, writes the state that came with it to STATE-FILE, and answers every call with ERRNO until the
container is gone. --deaf: listens, but never accepts."""
import array
import fcntl
import select
import socket
import struct
import sys

RECV, SEND = 0xc0502100, 0xc0182101                 # SECCOMP_IOCTL_NOTIF_RECV, _SEND


def receive(connection):
    text, ancillary, _, _ = connection.recvmsg(1 << 16, socket.CMSG_SPACE(4))
    fds = array.array("i")
    fds.frombytes(ancillary[0][2])
    return text, fds[0]


def answer(listener, errno):
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        if not poll.poll()[0][1] & select.POLLIN:   # POLLHUP: nobody is left behind the filter
            return
        request = bytearray(80)
        fcntl.ioctl(listener, RECV, request)
        fcntl.ioctl(listener, SEND, struct.pack("QqiI", struct.unpack_from("Q", request)[0], 0, -errno, 0))


def main():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(sys.argv[1])
    server.listen(4)
    print("listening", flush=True)
    if sys.argv[3] == "--deaf":
        sys.stdin.read()
        return
    connection, _ = server.accept()
    text, listener = receive(connection)
    with open(sys.argv[2], "wb") as state:
        state.write(text)
    answer(listener, int(sys.argv[3]))


main()
