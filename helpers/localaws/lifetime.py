"""How the local AWS ends: with whoever started it, leaving no process and no folder behind.

The starter (a kernel, a test, ``start.py``) holds the other end of our standard input. However it
ends, also by ``kill -9``, the operating system closes that pipe, and that is our signal. If this
server itself is killed, the keeper (``keeper.py``) sees its own pipe close and cleans up for us.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

#: How often we look whether the starter is still our parent, in seconds.
_LOOK = 0.5


class Keeper:
    """A small process that outlives the server just long enough to clean up after it."""

    def __init__(self) -> None:
        #: Everything that the local AWS writes: code, layers, ``/tmp`` of the environments.
        self.folder = Path(tempfile.mkdtemp(prefix=f"localaws-{os.getpid()}-"))
        script = Path(__file__).with_name("keeper.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal must not take the keeper first
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._lock = threading.Lock()

    def watch(self, pid: int) -> None:
        """Kill the process group (or tree) ``pid`` if the server goes first."""
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """``pid`` has ended by itself; its number may be given to somebody else now."""
        self._tell(f"-{pid}")

    def close(self) -> None:
        """Let the keeper kill what is left, delete the folder and end."""
        with self._lock, contextlib.suppress(OSError):
            assert self._process.stdin
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)  # somebody may have killed the keeper

    def _tell(self, line: str) -> None:
        with self._lock:
            assert self._process.stdin
            try:
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()
            except (OSError, ValueError):
                pass  # the keeper is gone or closing: the server is ending anyway


def when_starter_ends(then: Callable[[], None]) -> None:
    """Call ``then`` (which may be called twice) when whoever started us has gone.

    Its pipe closes at once, unless it had forked: a child that lives on holds the pipe open. So
    we also look who our parent is, which on Linux and macOS changes when the starter ends.
    """
    starter = os.getppid()

    def read() -> None:
        while os.read(0, 4096):
            pass
        then()

    def look() -> None:
        pause = threading.Event()
        while os.getppid() == starter:
            pause.wait(_LOOK)
        then()

    threading.Thread(target=read, name="starter-pipe", daemon=True).start()
    if os.name != "nt":
        threading.Thread(target=look, name="starter-watch", daemon=True).start()
