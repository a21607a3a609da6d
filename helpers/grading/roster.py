"""Who is in the class: a CSV that maps a student's id to what an LMS wants to read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from helpers.grading.submissions import Submission

#: Our name of a column, and the headings under which LMSs export it, in lower case.
COLUMNS = {
    "student": ("student_id", "student id", "id", "login", "sis login id", "username", "student"),
    "name": ("name", "student name", "full name"),
    "first_name": ("first_name", "first name", "firstname"),
    "last_name": ("last_name", "last name", "surname", "lastname"),
    "email": ("email", "email address"),
    "canvas_id": ("canvas_id", "canvas id"),
    "sis_id": ("sis_id", "sis user id"),
    "login": ("login", "sis login id", "username"),
    "section": ("section",),
    "submitted": ("submitted", "submitted_at", "submitted at"),
    "id_number": ("id_number", "id number", "idnumber", "useridnumber"),
}


class WrongRoster(Exception):
    """The file could not be used. The message says what is missing."""


@dataclass(frozen=True)
class Person:
    """One line of the roster. `submitted` is when the LMS took the submission: an ISO 8601 time."""

    student: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    section: str = ""
    id_number: str = ""
    submitted: str = ""

    @property
    def when(self) -> datetime | None:
        """`submitted` as a time; raises WrongRoster where it is none."""
        if not self.submitted:
            return None
        try:
            return datetime.fromisoformat(self.submitted).astimezone(UTC).astimezone()
        except (ValueError, OverflowError):
            raise WrongRoster(
                f"The roster says of {self.student!r} that it was submitted at "
                f"{self.submitted!r}; it takes a time such as 2026-11-30T23:59+01:00."
            ) from None


Roster = dict[str, Person]


def read_roster(path: Path) -> Roster:
    """The roster by student's id. Raises WrongRoster."""
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise WrongRoster(f"The roster cannot be read: {error}") from None
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    headings = {(name or "").strip().lower(): name for name in (rows[0] if rows else {})}
    found = {
        ours: next((headings[one] for one in known if one in headings), None)
        for ours, known in COLUMNS.items()
    }
    if not rows or found["student"] is None:
        raise WrongRoster(
            f"{path} needs a first line with names of columns, one of them student_id (the name "
            f"that a submission's file or folder has). Understood are: {_known()}."
        )
    roster = {}
    for row in rows:
        words = {ours: (row.get(name) or "").strip() for ours, name in found.items() if name}
        if words["student"]:
            roster[words["student"]] = Person(**words)
    return roster


def person(roster: Roster, student: str, lms_id: str) -> Person:
    """The student's line, by id or by the number that the LMS gave; one without details if none."""
    if student in roster:
        return roster[student]
    for one in roster.values():
        if lms_id and lms_id in (one.canvas_id, one.id_number):
            return one
    return Person(student)


def timed(submissions: Iterable[Submission], roster: Roster) -> list[Submission]:
    """The submissions, with the roster's times where it has some. Raises WrongRoster."""
    found = []
    for one in submissions:
        when = person(roster, one.student, one.lms_id).when
        found.append(one if when is None else replace(one, when=when, told_by="roster"))
    return found


def _known() -> str:
    names: Iterable[str] = (known[0] for known in COLUMNS.values())
    return ", ".join(names)
