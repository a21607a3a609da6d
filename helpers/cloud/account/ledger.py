"""The write-ahead ledger: what is about to be made stands on the disk before it is made.

One JSON object a line, each forced to the disk (fsync) before the call goes on:

``{"what": "run", "run", "account", "region", "endpoint", "profile", "notebook", "date", "before"}``
    ``before``: for each kind, the ids that were there when the run began; null where AWS denied it
``{"what": "intent", "n", "operation", "kind", "id", "absent"}``
    a creating call is about to be sent; ``id`` is "" where AWS makes it up; ``absent`` says that
    we looked and nothing of that id was there (null: nobody had to look)
``{"what": "made", "n", "id"}`` · ``{"what": "refused", "n", "why"}`` · ``{"what": "unknown", …}``
    its outcome; none of them: the process ended between the two
``{"what": "gone", "kind", "id"}`` · ``{"what": "left", "kind", "id", "why"}``
``{"what": "finished"}``
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Ledger:
    """Appends to one run's ledger; several threads, and the AWS CLI beside them, may write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        """Append one line and force it to the disk. Raises OSError: then nothing may be sent."""
        line = json.dumps({"what": what, **facts}, separators=(",", ":"), default=str) + "\n"
        with self._writing:
            new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                data = line.encode()
                if os.fstat(descriptor).st_size and not _ends_a_line(descriptor):
                    data = b"\n" + data  # a crash has cut the line before it
                if os.write(descriptor, data) != len(data):
                    raise OSError(f"There is no room for the ledger on the disk: {self.path}")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if new:
                _sync_folder(self.path.parent)


@dataclass
class Entry:
    """One resource that a run made, or may have made."""

    kind: str
    id: str
    operation: str
    state: str  #: "made", or "unknown": sent, and the outcome never heard
    absent: bool | None


@dataclass
class Story:
    """What a ledger tells."""

    path: Path
    head: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    gone: set[tuple[str, str]] = field(default_factory=set)
    left: dict[tuple[str, str], str] = field(default_factory=dict)
    finished: bool = False

    @property
    def run(self) -> str:
        return str(self.head.get("run", ""))

    def remaining(self) -> list[Entry]:
        """What was made, or may have been, and was not seen to be gone."""
        return [one for one in self.entries if (one.kind, one.id) not in self.gone]


def read(path: Path) -> Story:
    """The story of one ledger. A last line that was cut off in the middle is left out."""
    story = Story(path)
    open_calls: dict[str, Entry] = {}
    for fact in _lines(path):
        with contextlib.suppress(KeyError, TypeError):  # half of it is missing: it says nothing
            _tell(story, open_calls, fact)
    return story


def _tell(story: Story, open_calls: dict[str, Entry], fact: dict[str, Any]) -> None:
    what = fact["what"]
    if what == "run":
        story.head = fact
    elif what == "intent":
        entry = Entry(fact["kind"], fact["id"], fact["operation"], "unknown", fact.get("absent"))
        open_calls[fact["n"]] = entry
        story.entries.append(entry)
        story.finished = False  # a call that was on its way when the run was cleaned up
        story.gone.discard((entry.kind, entry.id))
    elif what == "made" and fact["n"] in open_calls:
        entry = open_calls.pop(fact["n"])
        entry.state, entry.id = "made", fact["id"]
        story.gone.discard((entry.kind, entry.id))
    elif what == "refused" and fact["n"] in open_calls:
        story.entries.remove(open_calls.pop(fact["n"]))
    elif what == "gone":
        story.gone.add((fact["kind"], fact["id"]))
    elif what == "left":
        story.left[fact["kind"], fact["id"]] = fact["why"]
    elif what == "finished":
        story.finished = True


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\n"):
        try:
            fact = json.loads(line)
        except ValueError:
            continue
        if isinstance(fact, dict) and "what" in fact:
            yield fact


def _ends_a_line(descriptor: int) -> bool:
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    """A new file's name is on the disk only when its folder is; Windows does that by itself."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
