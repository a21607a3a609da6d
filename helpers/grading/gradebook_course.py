"""Makes the folder that nbgrader's Formgrader opens, of what the judge has found.

    source/L06/            the lab, with its solution
    submitted/ana/L06/     the text parts alone
    autograded/ana/L06/    the whole notebook as it is marked
    gradebook.db           the judge's marks in the lab's check, the text parts awaiting theirs
    nbgrader_config.py     keeps Formgrader from running anything of a student's
    judge-L06.json         whose id is whose, and a hash of each text that is shown

nbgrader is no part of the course: it lives in an environment of its own, and is only needed here,
to fill the gradebook, and by the person who marks.
Source: https://nbgrader.readthedocs.io/en/stable/user_guide/philosophy.html
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.grading.gradebook import (
    GradebookProblem,
    Mark,
    Marks,
    code_cells,
    graded_cells,
    hash_of,
    is_answered,
    parts,
)
from helpers.grading.gradebook_notebook import marked_notebook
from helpers.grading.gradebook_read import manifest, shown
from helpers.grading.gradebook_text import PathTrick, identity, name
from helpers.grading.reading import Notebook, read
from helpers.grading.roster import Roster, person
from helpers.grading.store import write_whole
from helpers.grading.submissions import Submission
from helpers.grading.walls import ROOT
from helpers.teach.labs import Lab

VERSION = "0.9.6"
_OWN = ROOT / ".course" / "nbgrader"
_IN_IT = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
FILL = Path(__file__).with_name("gradebook_fill.py")
CONFIG = """\
# Written by the judge (start.py grade --formgrader). Formgrader reads it in this folder.
c = get_config()
# The judge has run the notebooks, behind walls. The button "autograde" runs nothing here.
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = []
"""


def nbgraders_python() -> Path:
    """The Python that has nbgrader: NBGRADER, else the one in .course/nbgrader."""
    found = Path(os.environ.get("NBGRADER") or _OWN.joinpath(*_IN_IT))
    if found.is_file():
        return found
    python = _OWN.joinpath(*_IN_IT)
    raise GradebookProblem(
        f"Formgrader is part of nbgrader, which is not at {found}. To install it, beside the "
        f"course and apart from it:\n\n    python3 -m venv {_OWN} && {python} -m pip install "
        f"nbgrader=={VERSION}\n\n(or set NBGRADER to a Python that has it)"
    )


def may_write(course: Path, submissions: Path) -> None:
    """Refuse a folder that holds something else, and one that a later run would take for work."""
    inside, around = course.resolve(), submissions.resolve()
    if around.is_dir() and (inside == around or around in inside.parents):
        raise GradebookProblem(
            f"{course} lies in the folder of the submissions, and would be graded as one. Name a "
            "folder elsewhere."
        )
    config = course / "nbgrader_config.py"
    ours = config.is_file() and config.read_text(errors="replace").startswith(CONFIG[:40])
    if course.exists() and not ours and (not course.is_dir() or any(course.iterdir())):
        raise GradebookProblem(
            f"{course} holds something else already. Name a folder that is new, or one that this "
            "command has made."
        )


def write_course(
    course: Path,
    lab: Lab,
    results: Sequence[dict[str, Any]],
    submissions: Sequence[Submission],
    roster: Roster,
    marks: Marks,
) -> list[str]:
    """Write the folder, or bring it up to date. Returns what the instructor should know.

    `results` are the judge's, before the sum with a person's marks. Results that are not judged
    yet are left out.
    """
    python = nbgraders_python()
    cells = _checked(lab)
    notes: list[str] = []
    _write(course / "nbgrader_config.py", CONFIG)
    source = lab.folder / "source.ipynb"
    lesson = (source if source.is_file() else lab.notebook).read_text(encoding="utf-8")
    _write(course / "source" / lab.key / lab.notebook.name, lesson)
    files = {one.student: one for one in submissions}
    reference = lab.notebook.read_bytes()
    before = shown(course, lab.key) if manifest(course, lab.key).exists() else {"students": {}}
    students, rows = dict(before["students"]), []
    taken: dict[str, str] = {who.casefold(): one["student"] for who, one in students.items()}
    for result in results:
        student = result["student"]
        if result["fault"]:
            notes.append(f"{student} is not judged yet, and not in the gradebook.")
            continue
        try:
            who = identity(student)
        except PathTrick as reason:
            notes.append(f"{reason}: not in the gradebook.")
            continue
        if taken.setdefault(who.casefold(), student) != student:
            notes.append(
                f"{student!r} and {taken[who.casefold()]!r} would share a folder on some systems: "
                f"{student!r} is not in the gradebook."
            )
            continue
        notebook = _notebook(files.get(student), reference)
        for folder, with_code in (("submitted", False), ("autograded", True)):
            place = course / folder / who / lab.key
            text = marked_notebook(result, notebook, reference, cells, with_code)
            _write(place / lab.notebook.name, text)
            if when := _when(result):
                _write(place / "timestamp.txt", f"{when}\n")
        answers = {part.name: hash_of(result, part.name) for part in parts(lab)}
        answers |= dict.fromkeys(code_cells(lab), "")
        students[who] = {"student": student, "answers": answers}
        rows.append(_row(who, result, lab, marks.read(student), roster))
    _fill(python, course, lab, cells, rows)
    about = {
        "lab": lab.key,
        "parts": {part.name: part.points for part in parts(lab)},
        "students": students,
    }
    write_whole(manifest(course, lab.key), json.dumps(about, indent=1) + "\n")
    marks.folder.mkdir(parents=True, exist_ok=True)
    return notes


def _checked(lab: Lab) -> list[dict[str, Any]]:
    """The lab's graded cells. Raises GradebookProblem for a lab that is not made for this."""
    cells = graded_cells(lab)
    checks = [one for one in cells if one["grade"] and not one["solution"]]
    manual = [one for one in cells if one["grade"] and one["solution"]]
    if len(checks) != 1 or any(one["cell_type"] != "markdown" for one in manual):
        raise GradebookProblem(
            f"{lab.key} needs one locked graded cell (the check), and text cells as manual parts."
        )
    if not manual or any(one["task"] for one in cells):
        raise GradebookProblem(f"{lab.key} has no text cell that a person marks.")
    checks[0]["points"] = float(lab.points)
    return cells


def _notebook(submission: Submission | None, reference: bytes) -> Notebook:
    """The submitted cells; none where the file cannot be read."""
    if submission is None or submission.problem:
        return Notebook()
    try:
        return read(submission.read(), reference)
    except Exception:  # broken archives raise many kinds
        return Notebook()


def _row(
    who: str, result: Mapping[str, Any], lab: Lab, marks: Mapping[str, Mark], roster: Roster
) -> dict[str, Any]:
    """What the gradebook is to say of one student."""
    grades: dict[str, dict[str, Any]] = {}
    comments = {cell: marks[cell].comment for cell in code_cells(lab) if cell in marks}
    for part in parts(lab):
        mark, answered = marks.get(part.name), is_answered(result, part)
        if mark is not None and mark.answer != hash_of(result, part.name):
            mark = None
        points = mark.points if mark else None
        grades[part.name] = {
            "auto_score": None if answered else 0.0,
            "manual_score": points,
            "extra_credit": (mark.extra or None) if mark else None,
            "needs_manual_grade": answered and points is None,
        }
        if mark and mark.comment:
            comments[part.name] = mark.comment
    for cell in _checked(lab):
        if cell["grade"] and not cell["solution"]:
            grades[cell["name"]] = {
                "auto_score": float(result["points"]),
                "needs_manual_grade": False,
            }
    one = person(roster, result["student"], result["lms_id"])
    return {
        "id": who,
        "person": {
            "first_name": name(one.first_name) or None,
            "last_name": name(one.last_name) or None,
            "email": name(one.email) or None,
        },
        "submitted": _when(result),
        "grades": grades,
        "comments": comments,
    }


def _fill(
    python: Path,
    course: Path,
    lab: Lab,
    cells: Sequence[Mapping[str, Any]],
    students: Sequence[Mapping[str, Any]],
) -> None:
    database = course / "gradebook.db"
    made = database if database.exists() else course / "gradebook.new.db"
    if made is not database:
        made.unlink(missing_ok=True)  # half of one, of a run that was stopped
    plan = {
        "database": made.resolve().as_posix(),
        "assignment": lab.key,
        "notebook": lab.notebook.stem,
        "cells": list(cells),
        "students": list(students),
    }
    # nbgrader asks a program beside that Python for its tables' version, by its bare name.
    done = subprocess.run(
        [python, "-I", FILL],
        input=json.dumps(plan),
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise GradebookProblem(
            f"nbgrader could not fill the gradebook: {said[-1]}\n({python}; the judge is made for "
            f"nbgrader {VERSION})"
        )
    made.replace(database)


def _when(result: Mapping[str, Any]) -> str:
    """The moment of submission as nbgrader writes it; "" where it is not known."""
    try:
        moment = datetime.fromisoformat(result["submitted"]).astimezone(UTC)
    except ValueError:
        return ""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _write(path: Path, said: str) -> None:
    """Write what is different, whole; what is the same keeps its time."""
    with contextlib.suppress(OSError):
        if path.read_text(encoding="utf-8") == said:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, said)
