"""Keeps the results: one file a student, written whole or not at all, found again by what it is of.

A result is kept for as long as the submission, the lab and the judge's own form are the same; that
is its key. So a run that was interrupted goes on where it stopped, and a regrade judges what has
changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from helpers.grading.judging import FORM
from helpers.teach.labs import Lab


def version_of(lab: Lab) -> str:
    """A hash of everything that decides about marks: the lab's files and the check engine."""
    sums = hashlib.sha256(f"form {FORM}\n".encode())
    engine = Path(__file__).resolve().parents[1] / "teach" / "checking"
    for folder in (lab.folder, engine):
        for path in sorted(folder.glob("*")):
            if path.suffix in (".py", ".ipynb", ".md") and path.name != "instructor.md":
                sums.update(f"{path.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return sums.hexdigest()


def key_of(student: str, content: bytes, version: str) -> str:
    """What a result is of."""
    about = student.encode("utf-8", "surrogatepass")
    sums = hashlib.sha256(version.encode() + hashlib.sha256(about).digest())
    sums.update(hashlib.sha256(content).digest())
    return sums.hexdigest()


def file_name(student: str) -> str:
    """A name for a student's files: readable, harmless everywhere, and nobody else's."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", student)[:40].strip("._-") or "student"
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable}-{digest[:8]}"


class Store:
    """The folder of results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "results"
        self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, student: str) -> dict[str, Any] | None:
        """The stored result, or None where there is none that can be read."""
        try:
            text = (self.folder / f"{file_name(student)}.json").read_text(encoding="utf-8")
            found = json.loads(text)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("student") == student else None

    def write(self, result: dict[str, Any]) -> None:
        """Store a result. Whoever reads finds the old one or the new one, never a part."""
        path = self.folder / f"{file_name(result['student'])}.json"
        write_whole(path, json.dumps(result, indent=1, sort_keys=True) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old one or the new one."""
    new = path.with_name(f".{path.name}.new")
    with open(new, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
