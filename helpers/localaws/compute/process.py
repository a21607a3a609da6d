"""Starts an execution environment's process: inside the sandbox on Linux, plainly elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import psutil

from helpers.localaws.compute.governor import Governor

#: Linux ends a child with the *thread* that started it (PR_SET_PDEATHSIG), so one thread that
#: lives as long as the server starts all of them.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process-starter")


@dataclass(frozen=True)
class Plan:
    """What to start, and within which limits."""

    argv: list[str]
    environment: dict[str, str]
    task: Path  #: the unpacked code: /var/task
    layers: Path | None  #: /opt
    folder: Path  #: belongs to this environment alone
    memory_mb: int
    storage_mb: int
    binds: tuple[str, ...] = ()  #: host paths the runtime needs, shown at the same place
    image: Path | None = None  #: an unpacked container image whose files are the root
    working_directory: str = "/var/task"

    @property
    def cpu_share(self) -> float:
        """Cores. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
        return self.memory_mb / 1769


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit code, or the signal that ended it, and the peak memory."""

    code: int | None
    signal: int | None
    peak_bytes: int
    out_of_memory: bool = False
    exec_problem: str = ""  #: the program could not be started at all


class SandboxUnavailable(Exception):
    """This system does not allow unprivileged namespaces."""


class Sandboxed:
    """A runtime behind the walls of ``sandbox.py``."""

    def __init__(self, plan: Plan) -> None:
        root = plan.folder / "root"
        root.mkdir(parents=True, exist_ok=True)
        control_in, self._control = os.pipe()
        self._status, status_out = os.pipe()
        spec = {
            "root": str(root),
            "image": str(plan.image) if plan.image else None,
            "binds": [] if plan.image else _without_nested(_binds(plan)),
            "directory": plan.working_directory,
            "tmp_mb": plan.storage_mb,
            "memory_mb": plan.memory_mb,
            "cpu_share": plan.cpu_share,
            "control": control_in,
            "status": status_out,
            "argv": plan.argv,
        }
        script = str(Path(__file__).with_name("sandbox.py"))
        try:
            self._process = _starter.submit(
                subprocess.Popen,
                [os.path.realpath(sys.executable), "-I", "-S", script, json.dumps(spec)],
                env=plan.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                pass_fds=(control_in, status_out),
                start_new_session=True,
                cwd="/",
            ).result()
        finally:
            os.close(control_in)
            os.close(status_out)
        self.pid = self._process.pid
        self.output = cast(BinaryIO, self._process.stdout)
        self._lines = os.fdopen(self._status, "r")
        self._frozen = threading.Condition()
        self._answer: int | None = None
        self._exit: Exit | None = None
        self._exec_problem = ""
        self._exited = threading.Event()
        first = self._lines.readline()
        if first.strip() != "ready":
            self.kill()
            self._process.wait()
            self._close()
            raise SandboxUnavailable(first.strip() or "the sandbox ended at once")
        threading.Thread(target=self._listen, name=f"status-{self.pid}", daemon=True).start()

    def thaw(self, full_cpu: bool = False) -> None:
        """Let the environment run, on its CPU share unless ``full_cpu`` is asked for."""
        self._order(b"I" if full_cpu else b"T")

    def freeze(self) -> int:
        """Stop everything in the environment; return its peak memory in bytes."""
        with self._frozen:
            self._answer = None
            self._order(b"F")
            self._frozen.wait_for(lambda: self._answer or self._exit, timeout=2)
            return self._answer or 0

    def kill(self) -> None:
        """End everything in the environment at once."""
        self._process.kill()  # the warden dies with its launcher, the namespace with the warden

    def wait(self) -> Exit:
        """Wait for the end."""
        self._exited.wait()
        self._process.wait()
        assert self._exit
        return self._exit

    def _listen(self) -> None:
        for line in self._lines:
            kind, *values = line.split()
            if kind == "frozen":
                with self._frozen:
                    self._answer = int(values[0])
                    self._frozen.notify_all()
            elif kind == "exit":
                status, peak = int(values[0]), int(values[1])
                by_signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
                code = None if by_signal else os.WEXITSTATUS(status)
                self._exit = Exit(code, by_signal, peak, values[2] == "memory", self._exec_problem)
            elif kind == "noexec":
                self._exec_problem = line.partition(" ")[2].strip()
        if self._exit is None:
            self._exit = Exit(None, 9, 0)  # killed together with its warden
        with self._frozen:
            self._frozen.notify_all()
        self._process.wait()
        self._close()
        self._exited.set()

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(OSError):  # it has ended; whoever waits for it will see
            os.write(self._control, order)

    def _close(self) -> None:
        control, self._control = self._control, -1
        if control >= 0:
            os.close(control)
        self._lines.close()


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
        self._process = _starter.submit(
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


def _binds(plan: Plan) -> list[list[str]]:
    """What of this machine the environment sees: [source, target] pairs."""
    binds = [[path, path] for path in ("/usr", "/etc", *plan.binds)]
    binds.append([str(plan.task), "/var/task"])
    if plan.layers:
        binds.append([str(plan.layers), "/opt"])
    return binds


def _without_nested(binds: list[list[str]]) -> list[list[str]]:
    """Leave out what is already visible because a folder above it is, at the same place."""
    kept: list[list[str]] = []
    for source, target in sorted(binds, key=lambda pair: len(pair[1])):
        covered = any(
            source == target and s == t and Path(target).is_relative_to(t) for s, t in kept
        )
        if not covered and Path(source).exists():
            kept.append([source, target])
    return kept


_sandbox_allowed = sys.platform == "linux" and os.environ.get("LOCALAWS_SANDBOX") != "off"


def start(make_plan: Callable[[bool], Plan]) -> Sandboxed | Plain:
    """Start a process: behind walls where the system allows it, else without.

    ``make_plan`` is told whether there are walls, because paths inside depend on them.
    """
    global _sandbox_allowed
    if _sandbox_allowed:
        try:
            return Sandboxed(make_plan(True))
        except SandboxUnavailable as problem:
            _sandbox_allowed = False
            print(f"No sandbox on this system ({problem}): handlers run without.", file=sys.stderr)
    return Plain(make_plan(False))
