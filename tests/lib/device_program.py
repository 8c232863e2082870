#!/usr/bin/env python3
"""Damages the device rules of a cgroup v2.

usage: device_program.py detach|detach-unnamed|allow CGROUP

detach takes all device programs away; detach-unnamed those without a name, which leaves systemd's;
allow attaches one that allows everything.
"""
import ctypes
import os
import struct
import sys

SYS_BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
PROG_LOAD, PROG_ATTACH, PROG_DETACH, PROG_GET_FD_BY_ID, GET_INFO_BY_FD, PROG_QUERY = 5, 8, 9, 13, 15, 16
INFO_SIZE, INFO_NAME = 128, slice(64, 80)   # struct bpf_prog_info
TYPE_CGROUP_DEVICE, CGROUP_DEVICE, ALLOW_MULTI = 15, 6, 2
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    result = libc.syscall(SYS_BPF, command, buffer, len(buffer))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf command {command}")
    return result, buffer.raw


def is_named(fd):
    info = ctypes.create_string_buffer(INFO_SIZE)
    bpf(GET_INFO_BY_FD, struct.pack("IIQ", fd, INFO_SIZE, ctypes.addressof(info)))
    return any(info.raw[INFO_NAME])


def detach(cgroup, only_unnamed=False):
    ids = (ctypes.c_uint32 * 64)()
    query = struct.pack("IIIIQI", cgroup, CGROUP_DEVICE, 0, 0, ctypes.addressof(ids), len(ids))
    count = struct.unpack_from("I", bpf(PROG_QUERY, query)[1], 24)[0]
    for program in ids[:count]:
        fd = bpf(PROG_GET_FD_BY_ID, struct.pack("I", program))[0]
        if not only_unnamed or not is_named(fd):
            bpf(PROG_DETACH, struct.pack("III", cgroup, fd, CGROUP_DEVICE))


def detach_unnamed(cgroup):
    detach(cgroup, only_unnamed=True)


def allow(cgroup):
    # r0 = 1; exit
    code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, 1, 0x95, 0, 0, 0))
    license_text = ctypes.create_string_buffer(b"GPL")
    load = struct.pack("IIQQ", TYPE_CGROUP_DEVICE, 2, ctypes.addressof(code), ctypes.addressof(license_text))
    fd = bpf(PROG_LOAD, load)[0]
    bpf(PROG_ATTACH, struct.pack("IIII", cgroup, fd, CGROUP_DEVICE, ALLOW_MULTI))


if __name__ == "__main__":
    actions = {"detach": detach, "detach-unnamed": detach_unnamed, "allow": allow}
    actions[sys.argv[1]](os.open(sys.argv[2], os.O_RDONLY | os.O_DIRECTORY))
