"""`10.audit`: sentences matched with the ids of two tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Context, Result, run
from helpers.teach.lessons.nb10.audit import CONTROLS, FILE, ITEMS, TECHNIQUES
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "10.audit"
FOLDER = lessons.folder(KEY)
STARTER = (FOLDER / "starters" / f"{FILE}.txt").read_text()
SOLUTION = (FOLDER / "solutions" / f"{FILE}.txt").read_text()
NOTEBOOK = next((Path(__file__).parents[2] / "notebooks").glob("10-*.ipynb"))
Judge = Callable[[str | None], Result]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """It needs no cloud."""

    def judged(text: str | None) -> Result:
        if text is not None:
            (tmp_path / FILE).write_text(text)
        return run(lessons.check(KEY), Context(None, tmp_path))  # type: ignore[arg-type]

    return judged


def answered(**answers: str) -> str:
    """The solution with other answers behind some numbers."""
    given = json.loads(SOLUTION)
    return json.dumps({name: answers.get(name[:2], value) for name, value in given.items()})


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(None), "no file audit.json yet")
    is_not_attempted(judge(STARTER), "still as it was given")
    is_not_attempted(judge(STARTER.replace("intern", "trainee")), "still a question mark")


@pytest.mark.parametrize(
    "text",
    [
        SOLUTION,
        answered(R1="10.2.1", R3="A.8.10 Information deletion", F1="t1552"),
    ],
    ids=["the solution", "with names, and the wider requirement"],
)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(text))


WRONG = {
    "the store and the open place": (
        answered(F1="T1555.006"),
        ("F1 mixed up", "never was in one"),
    ),
    "the other way round": (answered(F2="T1552"), ("F2 mixed up", "the store is asked")),
    "what comes after": (answered(F1="T1078.004"), ("F1 mixed up", "where it lies")),
    "his own account": (answered(F3="T1078.004"), ("F3 mixed up", "what he can switch off")),
    "refused, not noted": (answered(R1="7.2.5"), ("R1 mixed up", "not that the refusal is noted")),
    "credentials for permissions": (answered(R2="PR.AA-01"), ("R2 mixed up", "what they may do")),
    "kept for deleted": (answered(R3="5.33"), ("R3 mixed up", "She asks when they go")),
    "another standard": (answered(R1="164.312(b)"), ("R1 elsewhere", "the column of PCI DSS")),
    "a control for a finding": (answered(F2="7.2.5"), ("F2 elsewhere", "the table of techniques")),
    "an id that nobody knows": (answered(F3="T9999"), ("F3 elsewhere", "is not in the table")),
    "one left open": (answered(R2="?"), ("R2 open", "PR.AA")),
    "no JSON": (SOLUTION.replace(",", "", 1), ("not JSON", "a comma but in the last line")),
    "a line taken out": (
        json.dumps({k: v for k, v in json.loads(SOLUTION).items() if k[:2] != "F3"}),
        ("line missing", "begins with F3"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(text), slip, *said)


def test_every_id_of_the_check_stands_in_the_notebooks_tables() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    (tables,) = [
        "".join(one["source"]) for one in cells if "PCI DSS 4.0.1" in "".join(one["source"])
    ]
    ids = {one for right in ITEMS for one in right.right} | set(TECHNIQUES)
    for known in [*ids, *(one for column in CONTROLS.values() for one in column)]:
        assert re.search(rf"(?<![\w.]){re.escape(known)}(?![\w.]*\d)", tables), known
