"""A class of generated submissions of L06, judged for marks from end to end.

COURSE_CLASS=200 makes it a class of 200; by default it is a small one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas
import pytest

from helpers.teach import labs
from tests.labs.answers import Answer, every
from tests.labs.running import filled

pytestmark = [pytest.mark.sandbox, pytest.mark.linux, pytest.mark.timeout(3600)]

ROOT = Path(__file__).resolve().parents[2]
STUDENTS = int(os.environ.get("COURSE_CLASS", "8"))


@dataclass
class Graded:
    out: Path
    said: str
    results: dict[str, dict[str, Any]]
    answers: dict[str, Answer | None]


def judge(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "start.py"), "grade", "subs", "--lab", "L06"]
    words = ["--out", "out", "--roster", "roster.csv", "--due", "2026-01-01", "--late", "9999d:10"]
    return subprocess.run(
        [*command, *words, *more], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("class")
    lab = labs.load("L06")
    right = [one for one in every("right") if one.lab is lab]
    wrong = [one for one in every("wrong") if one.lab is lab]
    mixed = [one for pair in zip(right * len(wrong), wrong, strict=False) for one in pair]
    answers: dict[str, Answer | None] = {"s000": None}
    for number in range(1, STUDENTS):
        answers[f"s{number:03}"] = mixed[(number - 1) % len(mixed)]
    lines = ["student_id,name,email,canvas_id"]
    for student, answer in answers.items():
        notebook = filled(lab, answer.cells if answer else {})
        nbformat.write(notebook, _path(folder, student))
        lines.append(f'{student},"{student}, Ana",{student}@example.org,{int(student[1:]) + 100}')
    (folder / "roster.csv").write_text("\n".join(lines))
    done = judge(folder)
    assert done.returncode == 0, done.stderr
    found = [json.loads(path.read_text()) for path in (folder / "out/results").glob("*.json")]
    return Graded(folder / "out", done.stderr, {one["student"]: one for one in found}, answers)


def _path(folder: Path, student: str) -> Path:
    path = folder / "subs" / student / "L06-poison-message.ipynb"
    path.parent.mkdir(parents=True)
    return path


def test_right_answers_earn_all_and_wrong_ones_less(graded: Graded) -> None:
    assert len(graded.results) == STUDENTS
    for student, answer in graded.answers.items():
        result = graded.results[student]
        assert result["fault"] == ""
        if answer is None:
            assert (result["points"], result["outcome"]) == (0, "not attempted")
        elif answer.kind == "right":
            assert result["points"] == result["of"], (answer.name, result["requirements"])
        else:
            assert result["points"] < result["of"], (answer.name, result["requirements"])


def test_pandas_opens_every_export(graded: Graded) -> None:
    points = {one["student"]: one["points"] for one in graded.results.values()}
    canvas = pandas.read_csv(graded.out / "canvas.csv")
    assert canvas.iloc[0]["L06 The poison-message storm"] == 12
    assert len(canvas) == STUDENTS + 1
    assert set(canvas["ID"].dropna()) == {number + 100 for number in range(STUDENTS)}
    moodle = pandas.read_csv(graded.out / "moodle.csv")
    assert set(moodle["useremail"]) == {f"{student}@example.org" for student in points}
    nbgrader = pandas.read_csv(graded.out / "nbgrader.csv").set_index("student_id")
    assert nbgrader["raw_score"].to_dict() == points
    assert nbgrader["score"].to_dict() == pytest.approx(
        {student: round(0.9 * many, 2) for student, many in points.items()}
    )
    late = pandas.read_csv(graded.out / "late.csv")
    assert set(late["percent_off"]) == {10}


def test_the_summary_and_the_feedback_are_there(graded: Graded) -> None:
    summary = json.loads((graded.out / "summary.json").read_text())
    assert summary["submissions"] == STUDENTS
    assert summary["flags"] == {}
    assert len(summary["requirements"]) == 8
    assert len(list((graded.out / "feedback").glob("*.html"))) == STUDENTS
    assert f"{STUDENTS} judged, 0 kept" in graded.said


def test_a_second_run_judges_nobody(graded: Graded) -> None:
    before = {path: path.stat().st_mtime_ns for path in (graded.out / "results").iterdir()}
    done = judge(graded.out.parent)
    assert f"0 judged, {STUDENTS} kept" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before
