"""The answers in a lab's folder: right and wrong ones, each with what has to come of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from helpers.teach import labs
from helpers.teach.labs import Lab
from tests.labs.nbgrader_format import grade_id

STUDENT = "ana"
#: Every lab, or those that COURSE_LABS names ("L01 L04"), while somebody is at work on another.
KEYS = os.environ.get("COURSE_LABS", "").split() or labs.keys()
#: In an answer's cells: the source's own solution of that cell.
SAME = "="


@dataclass(frozen=True)
class Answer:
    """One answer: sources by the cells' grade_id, and for each requirement whether it holds."""

    lab: Lab
    kind: str  #: "right" or "wrong"
    name: str
    about: str
    student: str
    cells: dict[str, str]
    requirements: dict[str, bool]
    message: str
    needs: str  #: a program that not every machine has, "" for none

    def __str__(self) -> str:
        return f"{self.lab.key}-{self.kind}-{self.name}"


def solutions(lab: Lab) -> dict[str, str]:
    """The source's own solution of each code cell that the learner writes."""
    source = nbformat.read(lab.folder / "source.ipynb", as_version=4)
    return {
        grade_id(cell): without_marks(cell.source)
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def starters(lab: Lab) -> dict[str, str]:
    """What the learner's copy has in those cells."""
    copy = nbformat.read(lab.notebook, as_version=4)
    return {grade_id(cell): cell.source for cell in copy.cells if grade_id(cell) in solutions(lab)}


def without_marks(text: str) -> str:
    """A cell's text without the lines that mark the solution."""
    marks = ("### BEGIN SOLUTION", "### END SOLUTION")
    return "\n".join(line for line in text.split("\n") if line.strip() not in marks)


def every(kind: str = "*", all_of_them: bool = False) -> Iterator[Answer]:
    """Every answer of every lab, of one kind or of both.

    Those that need a program come only where they are asked for.
    """
    for lab in map(labs.load, KEYS):
        own = solutions(lab)
        for path in sorted((lab.folder / "answers").glob(f"{kind}/*.json")):
            answer = _read(lab, path, own)
            if all_of_them or not answer.needs:
                yield answer


def _read(lab: Lab, path: Path, own: dict[str, str]) -> Answer:
    data = json.loads(path.read_text(encoding="utf-8"))
    unknown = set(data) - {"about", "student", "cells", "requirements", "message", "needs"}
    if unknown:
        raise ValueError(f"{path.name}: nothing reads {', '.join(sorted(unknown))}")
    cells = {name: own[name] if text == SAME else text for name, text in data["cells"].items()}
    return Answer(
        lab,
        path.parent.name,
        path.stem,
        data["about"],
        data.get("student", STUDENT),
        cells,
        data["requirements"],
        data["message"],
        data.get("needs", ""),
    )
