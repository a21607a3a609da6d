"""Namespaces inside bubblewrap's: each notebook its own, and without any rights in them.

bubblewrap has decided already what can be seen at all. Here a process that was forked from the
nursery gets what the next notebook must not share: processes, network, memory, folders to write in.

Sources: namespaces(7), user_namespaces(7), capabilities(7), prctl(2).
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(kind, target, flags, options=""):
    done = libc.mount(
        kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    check(done, f"mount {kind} on {target}")


def enter(folders):
    """Enter namespaces of our own. In the one process that returns: the first one in them.

    The other, outside, waits for it and ends with it. `folders` are fresh and empty afterwards:
    {path: bytes that fit}. Raises OSError where the system forbids it.
    """
    uid, gid = os.getuid(), os.getgid()
    every = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    check(libc.unshare(every), "unshare")
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(content)
    pid = os.fork()
    if pid:
        for number in range(256):
            try:
                os.close(number)
            except OSError:
                pass
        os.waitpid(pid, 0)
        os._exit(0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    check(libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None), "mount /")
    mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for path, size in folders.items():
        mount("tmpfs", path, MS_NOSUID | MS_NODEV, f"mode=0755,size={size}")
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")  # no rights are to be had in a namespace further in
    bring_up_loopback()


def bring_up_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def leave_rights(calls):
    """Give up every right, for ever; `calls` is the filter for system calls, b"" without."""
    for number in range(64):
        if libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    check(libc.capset(header, struct.pack("=6I", *[0] * 6)), "capset")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if calls:
        words = ctypes.create_string_buffer(calls, len(calls))
        filter_ = struct.pack("@HP", len(calls) // 8, ctypes.addressof(words))
        done = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(filter_), 0, 0)
        check(done, "seccomp")
