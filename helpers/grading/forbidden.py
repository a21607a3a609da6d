"""System calls that a notebook has no use for: a filter for the kernel, as bubblewrap takes it.

The resource limits count memory that belongs to a process. What these calls make belongs to none
(memfd, System V shared memory), or reaches deeper into the kernel and into others than any lab
does. They fail as if the kernel did not have them.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import errno
import platform
import struct

#: From the kernel's headers: linux/audit.h, and each machine's table of system calls.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "bpf": 321,
            "userfaultfd": 323, "io_uring_setup": 425, "add_key": 248, "request_key": 249,
            "keyctl": 250, "perf_event_open": 298, "ptrace": 101, "process_vm_readv": 310,
            "process_vm_writev": 311, "pidfd_getfd": 438,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "bpf": 280,
            "userfaultfd": 282, "io_uring_setup": 425, "add_key": 217, "request_key": 218,
            "keyctl": 219, "perf_event_open": 241, "ptrace": 117, "process_vm_readv": 270,
            "process_vm_writev": 271, "pidfd_getfd": 438,
        },
    ),
}  # fmt: skip
# From linux/bpf_common.h and linux/seccomp.h.
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _MACHINE_AT = 0, 4
#: From here on the numbers belong to another way of calling (x32), which nothing here uses.
_OTHER_CALLS = 0x40000000


def program() -> bytes | None:
    """The filter's machine words; None on a machine whose numbers are not written down here."""
    found = _MACHINES.get(platform.machine())
    if found is None:
        return None
    machine, calls = found
    refuse = _ERROR | errno.ENOSYS
    words = [
        _word(_LOAD, _MACHINE_AT),
        _word(_JUMP_EQUAL, machine, 1, 0),
        _word(_RETURN, _KILL),  # a program of another kind of machine, with other numbers
        _word(_LOAD, _NUMBER_AT),
        _word(_JUMP_AT_LEAST, _OTHER_CALLS, 0, 1),
        _word(_RETURN, refuse),
    ]
    for number in sorted(calls.values()):
        words += [_word(_JUMP_EQUAL, number, 0, 1), _word(_RETURN, refuse)]
    return b"".join([*words, _word(_RETURN, _ALLOW)])


def _word(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
