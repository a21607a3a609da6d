"""Where the judge's marks and a person's meet: the manual parts of a lab, and the marks for them.

The judge's marks stand in the results and never change here. A person's marks stand beside them,
one file a student below ``manual/``, each with a hash of the text that it was given for: when a
student hands in another text, that part waits for a mark again, and the old mark is kept among the
earlier ones. Once there is a ``manual`` folder, the manual parts count: every export has the sum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.grading.store import Store, file_name, write_whole
from helpers.teach.labs import Lab

#: What can be said of one part.
MARKED, WAITING, EMPTY = "marked", "waits for a mark", "nothing was handed in"
#: What `settle` adds to a result.
ADDED = ("manual_marks", "code_comments", "total", "total_of")


class GradebookProblem(Exception):
    """Marks cannot be read or written. The message says what to do."""


@dataclass(frozen=True)
class Part:
    """A text cell that a person marks: its grade_id, what it is worth, its text as it is given."""

    name: str
    points: float
    starter: str


@dataclass(frozen=True)
class Mark:
    """What a person has entered: points (None: not yet), extra points, a comment.

    `answer` is the hash of the text that was shown to that person (see `hash_of`); "" for a cell of
    code, which the judge marks and a person may comment.
    """

    points: float | None
    extra: float = 0
    comment: str = ""
    answer: str = ""

    @property
    def total(self) -> float | None:
        return None if self.points is None else self.points + self.extra

    @property
    def says_something(self) -> bool:
        return self.points is not None or bool(self.extra) or bool(self.comment)


class Marks:
    """The marks that were taken in, one file a student, beside the results in `out`."""

    def __init__(self, out: Path) -> None:
        self.folder = out / "manual"

    @property
    def are_kept(self) -> bool:
        """Whether a person marks here at all."""
        return self.folder.is_dir()

    def read(self, student: str) -> dict[str, Mark]:
        """The student's marks by the parts' names; {} where there are none."""
        try:
            return {name: Mark(**one) for name, one in self._data(student)["marks"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise self._unreadable(student, error) from None

    def write(self, student: str, marks: Mapping[str, Mark]) -> None:
        """Keep what was entered, instead of what was there. A mark that was given for another text
        than the new one is kept among the earlier ones.
        """
        before, data = self.read(student), self._data(student)
        earlier = list(data.get("earlier", ()))
        for name, mark in before.items():
            if mark.says_something and (name not in marks or marks[name].answer != mark.answer):
                earlier.append({"part": name} | asdict(mark))
        said = {
            "student": student,
            "marks": {name: asdict(one) for name, one in marks.items() if one.says_something},
            "earlier": earlier,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        if said != data:
            write_whole(self._path(student), json.dumps(said, indent=1, sort_keys=True) + "\n")

    def _path(self, student: str) -> Path:
        return self.folder / f"{file_name(student)}.json"

    def _data(self, student: str) -> dict[str, Any]:
        """What is stored. Marks that cannot be read are not passed over without a word."""
        try:
            found = json.loads(self._path(student).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"marks": {}}
        except (OSError, ValueError) as error:
            raise self._unreadable(student, error) from None
        if not isinstance(found, dict) or found.get("student") != student:
            raise self._unreadable(student, "it is of another student")
        return found

    def _unreadable(self, student: str, why: object) -> GradebookProblem:
        return GradebookProblem(
            f"{self._path(student)} cannot be read ({why}). Delete it, and take the marks in again."
        )


def graded_cells(lab: Lab) -> list[dict[str, Any]]:
    """The cells that nbgrader knows, in the learner's copy: its settings of each, and the text."""
    document = json.loads(lab.notebook.read_text(encoding="utf-8"))
    found = []
    for cell in document["cells"]:
        settings = cell.get("metadata", {}).get("nbgrader", {})
        if not settings.get("grade_id"):
            continue
        source = cell["source"]
        found.append(
            {
                "name": settings["grade_id"],
                "cell_type": cell["cell_type"],
                "source": source if isinstance(source, str) else "".join(source),
                "grade": bool(settings.get("grade")),
                "solution": bool(settings.get("solution")),
                "locked": bool(settings.get("locked")),
                "task": bool(settings.get("task")),
                "points": float(settings.get("points") or 0),
            }
        )
    return found


def parts(lab: Lab) -> list[Part]:
    """What people mark in this lab."""
    return [
        Part(one["name"], one["points"], one["source"])
        for one in graded_cells(lab)
        if one["grade"] and one["solution"] and one["cell_type"] == "markdown"
    ]


def code_cells(lab: Lab) -> list[str]:
    """The names of the cells of code that a student fills in: people may comment them."""
    cells = graded_cells(lab)
    return [one["name"] for one in cells if one["solution"] and one["cell_type"] == "code"]


def hash_of(result: Mapping[str, Any], name: str) -> str:
    """A hash of a part's words: the same as long as the student has not written others."""
    words = " ".join(str(result["manual"].get(name, "")).split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def is_answered(result: Mapping[str, Any], part: Part) -> bool:
    """Whether the student has written anything there."""
    words = str(result["manual"].get(part.name, "")).split()
    return bool(words) and words != part.starter.split()


def settle(out: Path, results: Sequence[dict[str, Any]], lab: Lab) -> list[dict[str, Any]]:
    """The results with both marks in ``points``, ``of`` and ``score``; each part stands in
    ``manual_marks`` with its state, and what was said about code in ``code_comments``.

    Unchanged where nobody marks this class by hand: where no folder was ever written or read. The
    stored results keep the judge's points, and get the sum beside them: ``total``, ``total_of``.
    """
    marks, manual = Marks(out), parts(lab)
    if not (marks.are_kept and manual):
        return [{name: one[name] for name in one if name not in ADDED} for one in results]
    store = Store(out)
    return [_settled(one, marks.read(one["student"]), manual, store) for one in results]


def _settled(
    result: dict[str, Any], marks: Mapping[str, Mark], manual: Sequence[Part], store: Store
) -> dict[str, Any]:
    told = [_part(result, part, marks.get(part.name)) for part in manual]
    points = result["points"] + sum(one["points"] or 0 for one in told)
    comments = [
        {"name": name, "comment": mark.comment}
        for name, mark in marks.items()
        if mark.comment and not mark.answer
    ]
    added = {
        "manual_marks": told,
        "code_comments": comments,
        "total": _number(points),
        "total_of": _number(result["of"] + sum(part.points for part in manual)),
    }
    stored = store.read(result["student"])
    if stored is not None and {name: stored.get(name) for name in ADDED} != added:
        store.write(stored | added)
    return (
        result
        | added
        | {
            "points": added["total"],
            "of": added["total_of"],
            "score": round(points * (1 - result["late"]["percent"] / 100), 2),
        }
    )


def _part(result: Mapping[str, Any], part: Part, mark: Mark | None) -> dict[str, Any]:
    """One part: {"name", "of", "points" (None while it waits), "state", "comment"}."""
    if mark is not None and mark.answer != hash_of(result, part.name):
        mark = None
    told = {
        "name": part.name,
        "of": _number(part.points),
        "comment": mark.comment if mark else "",
    }
    if mark is not None and mark.total is not None:
        return told | {"points": _number(mark.total), "state": MARKED}
    if is_answered(result, part) or result["fault"]:
        return told | {"points": None, "state": WAITING}
    return told | {"points": 0, "state": EMPTY}


def _number(value: float) -> float:
    """2 instead of 2.0, as the judge writes its own points."""
    return int(value) if value == int(value) else round(value, 4)


def awaiting(results: Iterable[Mapping[str, Any]]) -> int:
    """How many answers wait for a person's mark."""
    return sum(part["state"] == WAITING for one in results for part in one.get("manual_marks", ()))


def said_of(result: Mapping[str, Any]) -> str:
    """A person's marks in a few words; "" where nobody marks by hand."""
    manual = result.get("manual_marks")
    if not manual:
        return ""
    given = sum(one["points"] or 0 for one in manual)
    waiting = awaiting([result])
    more = f", {waiting} not marked yet" if waiting else ""
    return f"{given:g} of {sum(one['of'] for one in manual):g} for what was written{more}"
