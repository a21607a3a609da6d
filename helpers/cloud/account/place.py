"""Where runs are written down, and what a run is called."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

#: Only a folder: it neither opens an account nor names one. Tests keep theirs apart with it.
VARIABLE = "COURSE_ACCOUNT_FOLDER"
_COURSE = Path(__file__).resolve().parents[3] / ".course"


def folder() -> Path:
    """The folder of the ledgers, outside of git. It is made when it is missing."""
    path = Path(os.environ.get(VARIABLE) or _COURSE / "account")
    path.mkdir(parents=True, exist_ok=True)
    return path


def new_run() -> str:
    """The id of a run: eight letters and digits that a name and a tag can carry."""
    return secrets.token_hex(4)


def ledgers() -> Iterator[Path]:
    """The ledgers of every run that has one, the oldest first."""
    yield from sorted(folder().glob("*.jsonl"), key=lambda path: path.stat().st_mtime)


class Alive:
    """Says that a run's process lives: a lock that the system releases however it ends."""

    def __init__(self, ledger: Path) -> None:
        path = ledger.with_suffix(".lock")
        self._file: IO[str] | None = open(path, "a+", encoding="utf-8")  # noqa: SIM115
        if not _lock(self._file):
            self._file.close()
            self._file = None

    @property
    def ours(self) -> bool:
        """Whether the lock is held here; else another process has it, and lives."""
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[str]) -> bool:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
