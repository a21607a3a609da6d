"""Marks as the files that Canvas, Moodle and nbgrader's users read.

Sources: https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
https://docs.moodle.org/en/Grade_import
https://nbgrader.readthedocs.io/en/stable/plugins/export-plugin.html
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from helpers.grading.gradebook import said_of
from helpers.grading.roster import Person, Roster, person
from helpers.grading.store import write_whole

#: A spreadsheet takes what begins with one of these for a formula, and runs it.
FORMULA = tuple("=+-@|%＝＋－＠｜％")
#: Where a spreadsheet of some countries begins a new cell, whatever the quotes say.
_NEXT_CELL = re.compile(rf"(;\s*)(?=[{re.escape(''.join(FORMULA))}])")


def write_exports(
    folder: Path, results: Sequence[dict[str, Any]], roster: Roster, title: str
) -> None:
    """Write canvas.csv, moodle.csv and nbgrader.csv into `folder`."""
    people = [(one, person(roster, one["student"], one["lms_id"])) for one in results]
    possible = max((one["of"] for one in results), default=0)
    write_whole(folder / "canvas.csv", _canvas(people, title, possible))
    write_whole(folder / "moodle.csv", _moodle(people, title))
    write_whole(folder / "nbgrader.csv", _nbgrader(people))


def cell(value: Any) -> str:
    """A value that no spreadsheet takes for a formula and no reader for the end of a line."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    text = "".join(one if one.isprintable() else " " for one in str(value))
    text = _NEXT_CELL.sub(r"\1'", text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The text of a CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def _canvas(people: Sequence[tuple[dict[str, Any], Person]], title: str, possible: float) -> str:
    """Canvas matches by ID, else by SIS ids; its second line holds the points that are possible."""
    heading = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", cell(title)]
    rows: list[Sequence[Any]] = [["    Points Possible", "", "", "", "", possible]]
    for result, one in people:
        name = one.name or ", ".join(part for part in (one.last_name, one.first_name) if part)
        identity = one.canvas_id or result["lms_id"]
        login = one.login or one.student
        rows.append(
            [name or one.student, identity, one.sis_id, login, one.section, result["score"]]
        )
    return table(heading, rows)


def _moodle(people: Sequence[tuple[dict[str, Any], Person]], title: str) -> str:
    """Moodle maps one column to the user: useridnumber or useremail; feedback stands beside."""
    heading = ["username", "useridnumber", "useremail", cell(title), cell(f"{title} feedback")]
    return table(
        heading,
        [
            [
                one.login or one.student,
                one.id_number or result["lms_id"],
                one.email,
                result["score"],
                _in_a_line(result),
            ]
            for result, one in people
        ],
    )


def _nbgrader(people: Sequence[tuple[dict[str, Any], Person]]) -> str:
    """The columns of nbgrader's own CsvExportPlugin."""
    heading = [
        "assignment",
        "duedate",
        "timestamp",
        "student_id",
        "last_name",
        "first_name",
        "email",
        "raw_score",
        "late_submission_penalty",
        "score",
        "max_score",
    ]
    return table(
        heading,
        [
            [
                result["lab"],
                result["late"].get("due", ""),
                result["submitted"],
                result["student"],
                one.last_name,
                one.first_name,
                one.email,
                result["points"],
                round(result["points"] - result["score"], 2),
                result["score"],
                result["of"],
            ]
            for result, one in people
        ],
    )


def _in_a_line(result: dict[str, Any]) -> str:
    met = sum(bool(one["met"]) for one in result["requirements"])
    late = f", {result['late']['by']} late" if result["late"]["by"] else ""
    manual = f", {said_of(result)}" if said_of(result) else ""
    return f"{met} of {len(result['requirements'])} requirements hold{manual}{late}"
