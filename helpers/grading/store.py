"""Keeps the results: one file a student, written whole or not at all, found again by what it is of.

A result is kept for as long as the submission, the limits and what decides about marks (`version`)
are the same; that is its key. So a run that was interrupted goes on where it stopped, and a regrade
judges what has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from helpers.grading.judging import FORM
from helpers.grading.walls import Limits

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]


def key_of(student: str, content: bytes, version: str, limits: Limits) -> str:
    """What a result is of."""
    about = json.dumps([student, version, asdict(limits)], sort_keys=True)
    return hashlib.sha256(about.encode() + hashlib.sha256(content).digest()).hexdigest()


def file_name(student: str) -> str:
    """A name for a student's files: readable, harmless everywhere, and nobody else's."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", student)[:40].strip("._-") or "student"
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable}-{digest[:16]}"  # as many as nobody finds a second name for


MOST_POINTS = 1e6


class CannotWrite(Exception):
    """A file could not be written, or somebody else writes there. The message says what to do."""


class Store:
    """The folder of results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "results"
        self.folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """As the only run that writes here. Raises CannotWrite where another one does."""
        if fcntl is None:  # Windows, where nothing is graded for marks
            yield
            return
        number = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(number)
            told = f"Another run writes to {self.folder.parent} now: wait for it, or use --out."
            raise CannotWrite(told) from None
        except OSError:
            pass  # a file system that has no locks
        try:
            yield
        finally:
            os.close(number)

    def read(self, student: str) -> dict[str, Any] | None:
        """The stored result, or None where there is none that can be used."""
        try:
            text = (self.folder / f"{file_name(student)}.json").read_text(encoding="utf-8")
            found = json.loads(text)
        except (OSError, ValueError, RecursionError):
            return None
        return found if _is_result(found) and found["student"] == student else None

    def write(self, result: dict[str, Any]) -> None:
        """Store a result. Whoever reads finds the old one or the new one, never a part."""
        path = self.folder / f"{file_name(result['student'])}.json"
        write_whole(path, json.dumps(result, indent=1, sort_keys=True) + "\n")


def _is_result(found: Any) -> bool:
    """Whether it has the form that a result has: somebody may have edited it."""
    if not isinstance(found, dict) or found.get("form") != FORM:
        return False
    numbers: list[Any] = [found.get("points"), found.get("of")]
    if not all(type(one) in (int, float) and 0 <= one <= MOST_POINTS for one in numbers):
        return False
    seconds = found.get("seconds")
    if not isinstance(found.get("fault"), str) or not isinstance(seconds, dict):
        return False
    if seconds and type(seconds.get("all")) not in (int, float):
        return False
    lists = [found.get(name) for name in ("requirements", "reasons", "flags", "cells")]
    if not all(isinstance(one, list) for one in lists):
        return False
    needed = {"name", "points", "met", "hidden"}
    return all(isinstance(one, dict) and needed <= one.keys() for one in found["requirements"])


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old one or the new one.

    Raises CannotWrite (a full disk, say), and leaves the old one as it was.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        with open(new, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            new.unlink()
        raise CannotWrite(
            f"{path} could not be written: {problem.strerror}. What is there already is whole; "
            "when there is room, run the same command again."
        ) from None
