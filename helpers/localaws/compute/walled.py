"""A runtime behind the walls that ``sandbox.py`` builds, on Linux."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO, cast

from helpers.localaws.compute.planned import Exit, Plan, starter


class SandboxUnavailable(Exception):
    """This system does not allow unprivileged namespaces."""


class Walled:
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
            "argv": _command(plan),
        }
        script = str(Path(__file__).with_name("sandbox.py"))
        try:
            self._process = starter.submit(
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


def _shown(path: str) -> str:
    """Where a folder of this machine stands inside: at its own place, unless Lambda uses that."""
    taken = any(Path(path).is_relative_to(place) for place in ("/tmp", "/opt", "/var/task"))
    return f"/var/lang/host{path}" if taken else path


def _command(plan: Plan) -> list[str]:
    """The command with its folders as they are inside."""
    command = list(plan.argv)
    for folder in plan.binds:
        command = [
            _shown(folder) + word[len(folder) :]
            if word == folder or word.startswith(f"{folder}/")
            else word
            for word in command
        ]
    return command


def _binds(plan: Plan) -> list[list[str]]:
    """What of this machine the environment sees: [source, target] pairs."""
    binds = [[path, _shown(path)] for path in ("/usr", "/etc", *plan.binds)]
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
