"""A runtime without walls, for systems that have no namespaces or forbid them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import psutil

from helpers.localaws.compute.governor import Governor
from helpers.localaws.compute.planned import Exit, Plan, starter

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
OPEN_FILES = 1024


class Plain:
    """A runtime without walls, for systems that have no namespaces or forbid them.

    Memory, CPU share and freezing are kept up from outside, on the tree of its processes. What
    leaves the tree (a daemon that forks twice) is found by its Runtime API address when it ends.
    """

    def __init__(self, plan: Plan) -> None:
        scratch = plan.folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        environment = plan.environment | {name: str(scratch) for name in ("TMPDIR", "TEMP", "TMP")}
        if os.name == "nt":
            environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
        before = frozenset(psutil.pids())
        self._process = starter.submit(
            subprocess.Popen,
            plan.argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=os.name != "nt",
            cwd=plan.task,
        ).result()
        self.pid = self._process.pid
        if sys.platform == "linux":
            with contextlib.suppress(psutil.Error):  # it has ended at once
                psutil.Process(self.pid).rlimit(psutil.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        self.output = cast(BinaryIO, self._process.stdout)
        self._address = plan.environment["AWS_LAMBDA_RUNTIME_API"]
        self._tree = Tree(self.pid, before)
        cores = os.cpu_count() or 1
        limit = plan.memory_mb * 1024 * 1024
        self._governor = Governor(self._tree, limit, plan.cpu_share, cores)
        self._changed = threading.Condition()
        threading.Thread(target=self._govern, name=f"governor-{self.pid}", daemon=True).start()

    def thaw(self, full_cpu: bool = False) -> None:
        """Let the environment run, on its CPU share unless ``full_cpu`` is asked for."""
        with self._changed:
            self._governor.thaw(full_cpu)
            self._changed.notify_all()

    def freeze(self) -> int:
        """Stop everything in the environment; return its peak memory in bytes."""
        with self._changed:
            self._governor.freeze()
            return self._governor.peak

    def kill(self) -> None:
        """End the process, all that descend from it, and what once did."""
        self._tree.kill()
        for other in _with_variable("AWS_LAMBDA_RUNTIME_API", self._address):
            with contextlib.suppress(psutil.Error):
                other.kill()

    def wait(self) -> Exit:
        """Wait for the end."""
        code = self._process.wait()
        with self._changed:
            self._changed.notify_all()
        by_signal = -code if code < 0 else None
        out_of_memory = self._governor.reason == "memory"
        return Exit(
            None if by_signal else code,
            9 if out_of_memory else by_signal,
            self._governor.peak,
            out_of_memory,
        )

    def _govern(self) -> None:
        while self._process.poll() is None:
            with self._changed:
                wait = self._governor.watch() if self._governor.thawed else None
                self._changed.wait(wait)


def _with_variable(name: str, value: str) -> list[psutil.Process]:
    """The processes that were started with this environment variable."""
    found = []
    wanted = f"{name}={value}\0".encode()
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error, OSError):  # ended, or somebody else's
            if sys.platform == "linux":  # psutil's own way takes three times as long there
                if wanted in Path(f"/proc/{pid}/environ").read_bytes():
                    found.append(psutil.Process(pid))
            elif psutil.Process(pid).environ().get(name) == value:
                found.append(psutil.Process(pid))
    return found


class Tree:
    """A process and all that descend from it, wherever psutil works.

    ``before`` are the numbers of the processes that there were before it was started. Each look
    asks only those that are new since the last one for their parent: asking all that there are
    takes longer than the pause between two looks.
    """

    def __init__(self, pid: int, before: frozenset[int]) -> None:
        self._pid = pid
        self._known = before
        self._members: dict[int, psutil.Process] = {}
        self._looking = threading.Lock()
        self._seen: dict[psutil.Process, float] = {}
        self._gone = 0.0
        self._number = 0

    def stop(self) -> None:
        self._each(psutil.Process.suspend)

    def resume(self) -> None:
        self._each(psutil.Process.resume)

    def kill(self) -> None:
        self._each(psutil.Process.kill)

    def memory(self) -> int:
        used = self._number = 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
                self._number += process.num_threads()
        return used

    def number(self) -> int:
        return self._number

    def cpu(self) -> float:
        now: dict[psutil.Process, float] = {}
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                now[process] = times.user + times.system
        self._gone += sum(used for process, used in self._seen.items() if process not in now)
        self._seen = now
        return self._gone + sum(now.values())

    def _processes(self) -> list[psutil.Process]:
        with self._looking:
            now = frozenset(psutil.pids())
            born: dict[psutil.Process, int] = {}
            for pid in now - self._known:
                with contextlib.suppress(psutil.Error):  # it has ended already
                    process = psutil.Process(pid)
                    born[process] = process.ppid()
            self._known = now
            ours = {pid: process for pid, process in self._members.items() if pid in now}
            found = True
            while found:  # a child that is new may have a new child itself
                more = {
                    process.pid: process
                    for process, parent in born.items()
                    if (process.pid == self._pid or parent in ours) and process.pid not in ours
                }
                ours |= more
                found = bool(more)
            self._members = ours
            return list(ours.values())

    def _each(self, act: Callable[[psutil.Process], None]) -> None:
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                act(process)
