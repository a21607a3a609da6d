"""A runtime without walls, for systems that have no namespaces or forbid them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
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
        self._tree = Tree(self.pid)
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
        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if other.environ().get("AWS_LAMBDA_RUNTIME_API") == self._address:
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


class Tree:
    """A process and all that descend from it, wherever psutil works."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
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
        try:
            root = psutil.Process(self._pid)
            return [root, *root.children(recursive=True)]
        except psutil.Error:
            return []

    def _each(self, act: Callable[[psutil.Process], None]) -> None:
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                act(process)
