"""What a lab is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.cloud import Cloud
from helpers.teach.checking import Check


@dataclass(frozen=True)
class Lab:
    """One lab: a ticket, a fault that is put into a cloud, and the check of the end state.

    `key` is "L06", `folder` the lab's own folder. `seed(cloud, student)` puts the fault and the
    data, the same for the same student each time, whatever an earlier seed and a student's work
    left under the same names. `check` looks at the cloud through AWS calls only; its judges find
    the student's id in the context. `facts(student)` are the words that differ from student to
    student and that the student may know: the ticket's placeholders, such as names of resources.
    """

    key: str
    title: str
    folder: Path
    seed: Callable[[Cloud, str], None]
    check: Check
    facts: Callable[[str], Mapping[str, str]]

    @property
    def notebook(self) -> Path:
        """The learner's copy, generated from source.ipynb."""
        return self.folder / f"{self.folder.name}.ipynb"

    @property
    def points(self) -> int:
        """What the check is worth. Manual parts are worth points of their own."""
        return sum(requirement.points for requirement in self.check.requirements)

    def ticket(self, student: str) -> str:
        """The ticket as this student reads it, in Markdown."""
        text = (self.folder / "ticket.md").read_text(encoding="utf-8")
        for name, value in self.facts(student).items():
            text = text.replace("{" + name + "}", value)
        return text
