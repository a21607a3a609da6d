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
        self._answer: tuple[int, int] | None = None
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
            return self._answer[0] if self._answer else 0

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
                    self._answer = int(values[0]), int(values[1])
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
    """A runtime without walls, for systems that have no namespaces or forbid them."""

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
        self._peak = 0

    def thaw(self, full_cpu: bool = False) -> None:
        """Nothing to do: without walls nothing was frozen (the ledger says so)."""

    def freeze(self) -> int:
        """The peak memory in bytes."""
        try:
            tree = [psutil.Process(self.pid)]
            tree += tree[0].children(recursive=True)
            self._peak = max(self._peak, sum(one.memory_info().rss for one in tree))
        except psutil.Error:
            pass
        return self._peak

    def kill(self) -> None:
        """End the process and all that descend from it."""
        try:
            tree = [psutil.Process(self.pid)]
            tree += tree[0].children(recursive=True)
        except psutil.Error:
            tree = []
        for one in tree:
            with contextlib.suppress(psutil.Error):
                one.kill()

    def wait(self) -> Exit:
        """Wait for the end."""
        code = self._process.wait()
        return Exit(code if code >= 0 else None, -code if code < 0 else None, self._peak)


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
