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
Status, one line each: ``ready``, ``frozen PEAK_BYTES CPU_NANOSECONDS``,
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
#: Length of a CPU accounting period, in seconds.
PERIOD = 0.02

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


class Warden:
    """Freezes and thaws the environment, and holds its CPU share and memory."""

    def __init__(self, spec):
        self.control, self.status = spec["control"], spec["status"]
        self.memory_limit = spec["memory_mb"] * 1024 * 1024
        self.share = spec["cpu_share"]
        self.cores = len(os.sched_getaffinity(0))
        #: CPU seconds that may be used before the environment has to pause.
        self.most_credit = max(self.share * PERIOD, 0.0015)
        self.peak = 0
        self.thawed = self.initialising = True  # AWS gives init the full CPU
        self.credit, self.credit_at = self.most_credit, time.monotonic()
        self.seen, self.gone, self.used_before = {}, 0, 0
        self.reason = "-"

    def run(self, runtime):
        """Serve until the runtime ends, then say how it ended."""
        wake_in, wake_out = os.pipe()
        for end in (wake_in, wake_out):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.say("ready")
        wait: float | None = 0.0
        while True:
            ready, _, _ = select.select([self.control, wake_in], [], [], wait)
            if wake_in in ready:
                os.read(wake_in, 4096)
            ended = self.reap(runtime)
            if ended is not None:
                self.measure()
                self.say(f"exit {ended} {self.peak} {self.reason}")
                return
            if self.control in ready:
                order = os.read(self.control, 1)
                if not order:
                    return  # the server is gone
                self.obey(order)
            wait = self.watch() if self.thawed else None

    def obey(self, order):
        if order in (b"T", b"I"):
            self.thawed, self.initialising = True, order == b"I"
            self.used()
            self.credit, self.credit_at = self.most_credit, time.monotonic()
            self.signal_all(signal.SIGCONT)
        elif order == b"F":
            self.thawed = False
            self.signal_all(signal.SIGSTOP)
            self.measure()
            self.say(f"frozen {self.peak} {self.total_cpu()}")

    def watch(self):
        """Look at memory and CPU once; return the seconds until the next look."""
        if self.measure() > self.memory_limit:
            self.reason = "memory"
            self.signal_all(signal.SIGKILL)
            return 0.02
        if self.initialising or self.share >= self.cores:
            return PERIOD / 2
        now = time.monotonic()
        gained = (now - self.credit_at) * self.share
        self.credit = min(self.credit + gained, self.most_credit) - self.used()
        self.credit_at = now
        if self.credit < 0:
            self.pause(-self.credit / self.share)
            return 0.0
        return max(self.credit / self.cores, 0.001)

    def pause(self, seconds):
        """Stop everything for ``seconds``, unless the server wants something meanwhile."""
        self.signal_all(signal.SIGSTOP)
        select.select([self.control], [], [], seconds)
        self.signal_all(signal.SIGCONT)

    def signal_all(self, number):
        try:
            os.kill(-1, number)  # everybody in this process namespace but ourselves
        except ProcessLookupError:
            pass

    def pids(self):
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]

    def measure(self):
        """Bytes of memory in use: each process's own, and what they share counted once."""
        private = shared_most = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/statm") as file:
                    _, resident, shared = map(int, file.read().split()[:3])
            except (OSError, ValueError):
                continue  # it has ended
            private += resident - shared
            shared_most = max(shared_most, shared)
        used = (private + shared_most) * resource.getpagesize()
        self.peak = max(self.peak, used)
        return used

    def total_cpu(self):
        """Nanoseconds of CPU used since the start by all processes, ended ones too."""
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
        return self.gone + sum(now.values())

    def used(self):
        """Seconds of CPU used since this was last asked."""
        total = self.total_cpu()
        used, self.used_before = total - self.used_before, total
        return used / 1e9

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
            Warden(spec).run(start_runtime(spec["argv"], spec["status"]))
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
