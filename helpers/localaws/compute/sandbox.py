"""The walls of an execution environment on Linux, and the warden inside them.

Run as ``python -I -S sandbox.py SPEC`` (JSON). Needs no root, no container engine and no package:
unprivileged user, mount and process namespaces do it, where the system allows them.

Three processes stand one inside the other:

- the *launcher* (this script) enters new namespaces and waits;
- the *warden*, first process of the new process namespace, builds the file system that a handler
  sees on AWS (``/var/task``, ``/opt``, ``/tmp``; everything else read-only), starts the runtime,
  and keeps it within its CPU share and memory. When the warden ends, the kernel ends all others;
- the *runtime*, a program that speaks the Lambda Runtime API.

SPEC: ``root`` (an empty folder), ``image`` (an unpacked container image, or null), ``binds``
([source, target] pairs), ``directory`` (where the runtime starts), ``tmp_mb``, ``memory_mb``,
``cpu_share`` (cores), ``control`` and ``status`` (inherited file descriptors), ``argv``.

Control, one byte each: ``T`` thaw, ``I`` thaw with the full CPU, ``F`` freeze.
Status, one line each: ``ready``, ``frozen PEAK_BYTES``,
``noexec TEXT``, ``exit WAIT_STATUS PEAK_BYTES REASON``, ``broken TEXT``.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

# From the kernel's headers: sched.h, mount.h, prctl.h.
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWIPC = 0x20000, 0x10000000, 0x20000000, 0x8000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 4096, 8192, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
# Mount flags that a remount in a user namespace must repeat: statvfs's bit, mount's bit.
KEPT_FLAGS = ((2, 2), (4, 4), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))

#: The user that handlers run as on AWS (sbx_user1051).
SANDBOX_UID, SANDBOX_GID = 993, 990

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # -I leaves it out
from governor import Governor  # type: ignore[import-not-found]  # noqa: E402

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind=None, flags=0, options=None):
    encoded = [None if text is None else text.encode() for text in (source, target, kind, options)]
    result = libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3])
    check(result, f"mount {source} on {target}")


def enter_namespaces():
    """Become the owner of namespaces of our own; raises OSError where the system forbids it."""
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC), "unshare")
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{SANDBOX_UID} {uid} 1"),
        ("gid_map", f"{SANDBOX_GID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(content)


def bind(source, target):
    """Show ``source`` at ``target``, read-only."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a").close()
    mount(source, target, flags=MS_BIND | MS_REC)
    present = os.statvfs(target).f_flag
    kept = sum(flag for bit, flag in KEPT_FLAGS if present & bit)
    mount(None, target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def build_root(spec):
    """Build the handler's file system and make it the root."""
    root = spec["root"]
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    if spec["image"]:
        bind(spec["image"], root)
        mount("tmpfs", f"{root}/dev", "tmpfs", MS_NOSUID, "mode=755,size=1m")
    else:
        mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
        os.makedirs(f"{root}/tmp")
    size = f"mode=777,size={spec['tmp_mb']}m"
    mount("tmpfs", f"{root}/tmp", "tmpfs", MS_NOSUID | MS_NODEV, size)
    if not spec["image"]:  # after /tmp: the course itself may stand somewhere below it
        show_host(root, spec["binds"])
    for name in ("null", "zero", "full", "random", "urandom"):
        open(f"{root}/dev/{name}", "w").close()
        mount(f"/dev/{name}", f"{root}/dev/{name}", flags=MS_BIND)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
    mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if not spec["image"]:
        mount(None, root, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir(root)
    mount(".", "/", flags=MS_MOVE)
    os.chroot(".")
    os.chdir(spec["directory"])


def show_host(root, binds):
    """Fill an empty root with what of this machine a runtime needs, read-only."""
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            bind(f"/{name}", f"{root}/{name}")
    for source, target in binds:
        bind(source, root + target)
    for name in ("dev", "opt", "tmp", "proc"):
        os.makedirs(f"{root}/{name}", exist_ok=True)


def start_runtime(argv, status):
    """Start the runtime as a child that can gain no rights; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execvp(argv[0], argv)
    except OSError as problem:
        os.write(status, f"noexec fork/exec {argv[0]}: {str(problem.strerror).lower()}\n".encode())
    os._exit(127)


class Namespace:
    """All processes of the process namespace whose first one we are."""

    def __init__(self):
        self.seen, self.gone, self.last_number = {}, 0, 0

    def stop(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)

    def signal(self, number):
        try:
            os.kill(-1, number)  # everybody in this namespace but ourselves, in one stroke
        except ProcessLookupError:
            pass

    def pids(self):
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]

    def memory(self):
        """What each process has for itself, and what they share counted once."""
        private = shared_most = number = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/statm") as file:
                    _, resident, shared = map(int, file.read().split()[:3])
                number += os.stat(f"/proc/{pid}/task").st_nlink - 2
            except (OSError, ValueError):
                continue  # it has ended
            private += resident - shared
            shared_most = max(shared_most, shared)
        self.last_number = number
        return (private + shared_most) * resource.getpagesize()

    def number(self):
        return self.last_number

    def cpu(self):
        now = {}
        for pid in self.pids():
            try:
                # The kernel's number for "CPU time of process pid": see clock_getcpuclockid(3).
                now[pid] = time.clock_gettime_ns((~pid << 3) | 2)
            except OSError:
                continue
        for pid, before in self.seen.items():
            if now.get(pid, -1) < before:
                self.gone += before  # ended (or ended, and its number was given again)
        self.seen = now
        return (self.gone + sum(now.values())) / 1e9


class Warden:
    """Serves the orders that come through the control pipe, and looks after the processes."""

    def __init__(self, spec):
        self.control, self.status = spec["control"], spec["status"]
        self.governor = Governor(
            Namespace(),
            spec["memory_mb"] * 1024 * 1024,
            spec["cpu_share"],
            len(os.sched_getaffinity(0)),
        )

    def run(self, runtime):
        """Serve until the runtime ends, then say how it ended."""
        governor = self.governor
        wake_in, wake_out = os.pipe()
        for end in (wake_in, wake_out):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wait: float | None = 0.0
        while True:
            ready, _, _ = select.select([self.control, wake_in], [], [], wait)
            if wake_in in ready:
                os.read(wake_in, 4096)
            ended = self.reap(runtime)
            if ended is not None:
                governor.measure()
                self.say(f"exit {ended} {governor.peak} {governor.reason}")
                return
            if self.control in ready:
                order = os.read(self.control, 1)
                if not order:
                    return  # the server is gone
                self.obey(order)
            wait = governor.watch() if governor.thawed else None

    def obey(self, order):
        if order == b"F":
            self.governor.freeze()
            self.say(f"frozen {self.governor.peak}")
        else:
            self.governor.thaw(full_cpu=order == b"I")

    def reap(self, runtime):
        """Collect whoever has ended; the runtime's wait status if it was among them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == runtime:
                return status

    def say(self, line):
        try:
            os.write(self.status, f"{line}\n".encode())
        except OSError:
            pass


def main():
    spec = json.loads(sys.argv[1])
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number in (spec["control"], spec["status"]):
        os.set_inheritable(number, False)
    try:
        enter_namespaces()
        pid = os.fork()
        if pid == 0:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            build_root(spec)
            warden = Warden(spec)
            warden.say("ready")  # before a runtime that cannot be started has said so
            warden.run(start_runtime(spec["argv"], spec["status"]))
            os._exit(0)
    except OSError as problem:
        os.write(spec["status"], f"broken {problem}\n".encode())
        os._exit(1)
    os.close(spec["status"])
    # Nothing of ours may keep the handler's output open once the warden is gone.
    for number in (0, 1, 2):
        os.close(number)
    os.waitpid(pid, 0)
    os._exit(0)


if __name__ == "__main__":
    main()
