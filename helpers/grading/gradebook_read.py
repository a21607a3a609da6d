"""Reads a person's marks and comments out of Formgrader's gradebook.db. Needs no nbgrader.

Source: the tables are nbgrader.api's,
https://nbgrader.readthedocs.io/en/stable/api/gradebook.html
"""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.grading.gradebook import GradebookProblem, Mark, Marks

_GRADES = """
SELECT submitted_assignment.student_id, base_cell.name, grade.manual_score, grade.extra_credit
FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN assignment ON assignment.id = submitted_assignment.assignment_id
WHERE assignment.name = ?
"""
_COMMENTS = """
SELECT submitted_assignment.student_id, base_cell.name, comment.manual_comment
FROM comment
JOIN base_cell ON base_cell.id = comment.cell_id
JOIN submitted_notebook ON submitted_notebook.id = comment.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN assignment ON assignment.id = submitted_assignment.assignment_id
WHERE assignment.name = ?
"""


@dataclass
class Taken:
    """What was taken in: how many marks and comments, and what the instructor should know."""

    marks: int = 0
    comments: int = 0
    notes: list[str] = field(default_factory=list)


def manifest(course: Path, key: str) -> Path:
    """The file that tells whose id is whose in a course folder, and which texts it shows."""
    return course / f"judge-{key}.json"


def shown(course: Path, key: str) -> dict[str, Any]:
    """What was written into the course folder for this lab. Raises GradebookProblem."""
    path = manifest(course, key)
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["lab"] != key:
            raise ValueError("it is of another lab")
    except FileNotFoundError:
        raise GradebookProblem(
            f"{course} is no course folder for {key}: it has no {path.name}. To make one: "
            "--formgrader FOLDER"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradebookProblem(f"{path} cannot be read: {error}") from None
    return found


def take_in(course: Path, key: str, marks: Marks) -> Taken:
    """Take the marks that people have entered into `marks`. Reads the database, changes nothing.

    A mark is of the text that the course folder shows. What somebody entered for a cell that the
    judge marks is not taken.
    """
    written, taken = shown(course, key), Taken()
    points, comments = _entered(course / "gradebook.db", key)
    for identity, one in written["students"].items():
        found = {}
        for name, answer in one["answers"].items():
            score, extra = points.pop((identity, name), (None, None))
            mark = Mark(
                _number(score, identity, name),
                _number(extra, identity, name) or 0,
                comments.get((identity, name), ""),
                answer,
            )
            taken.marks += mark.points is not None
            taken.comments += bool(mark.comment)
            most = written["parts"].get(name, 0)
            if mark.points is not None and not 0 <= mark.points <= most:
                taken.notes.append(f"{one['student']}: {mark.points:g} of {most:g} for “{name}”.")
            found[name] = mark
        marks.write(one["student"], found)
    for (identity, name), entered in points.items():
        if any(entered):
            taken.notes.append(
                f"{identity}: a mark was entered for “{name}”, which the judge marks; it was not "
                "taken."
            )
    return taken


def _entered(
    database: Path, key: str
) -> tuple[dict[tuple[str, str], tuple[Any, Any]], dict[tuple[str, str], str]]:
    """(points and extra credit, comments), each by (the gradebook's id, the cell's name)."""
    if not database.is_file():
        raise GradebookProblem(f"There is no gradebook at {database}.")
    address = f"file:{quote(database.resolve().as_posix())}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as book:
            points = {
                (who, cell): (score, extra)
                for who, cell, score, extra in book.execute(_GRADES, (key,))
            }
            comments = {
                (who, cell): str(said).strip()
                for who, cell, said in book.execute(_COMMENTS, (key,))
                if said
            }
    except sqlite3.Error as error:
        raise GradebookProblem(
            f"{database} cannot be read as a gradebook of nbgrader 0.9: {error}"
        ) from None
    return points, comments


def _number(entered: Any, identity: str, name: str) -> float | None:
    if entered is None:
        return None
    if not isinstance(entered, int | float) or not math.isfinite(entered):
        raise GradebookProblem(f"The mark of {identity} for “{name}” is no number: {entered!r}")
    return float(entered)
