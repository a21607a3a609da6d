"""How the local AWS ends: with whoever started it, leaving no process and no folder behind.

The starter (a kernel, a test, ``start.py``) holds the other end of our standard input. However it
ends, also by ``kill -9``, the operating system closes that pipe, and that is our signal. If this
server itself is killed, the keeper (``keeper.py``) sees its own pipe close and cleans up for us.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path


class Keeper:
    """A small process that outlives the server just long enough to clean up after it."""

    def __init__(self) -> None:
        #: Everything that the local AWS writes: code, layers, ``/tmp`` of the environments.
        self.folder = Path(tempfile.mkdtemp(prefix="localaws-"))
        script = Path(__file__).with_name("keeper.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal must not take the keeper first
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
        with self._lock:
            assert self._process.stdin
            self._process.stdin.close()
        self._process.wait(timeout=20)

    def _tell(self, line: str) -> None:
        with self._lock:
            assert self._process.stdin
            try:
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()
            except (OSError, ValueError):
                pass  # the keeper is gone or closing: the server is ending anyway


def when_stdin_closes(then: Callable[[], None]) -> None:
    """Call ``then`` once, in a thread of its own, when whoever started us has gone."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        then()

    threading.Thread(target=wait, name="starter-watch", daemon=True).start()
