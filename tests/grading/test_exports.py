"""Marks as files for other programs, opened with pandas; nothing in them acts as a formula."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas
import pytest

from helpers.grading.exports import FORMULA, cell, write_exports
from helpers.grading.feedback import feedback
from helpers.grading.judging import FORM
from helpers.grading.lateness import WrongTable, late_table
from helpers.grading.roster import WrongRoster, read_roster, timed
from helpers.grading.store import Store, file_name
from helpers.grading.submissions import collect
from helpers.grading.summary import summary_data, summary_page

STUDENTS = [
    "ana", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "a,b\"c\n=2", "a; =1+1",
    "＝1", "../../etc/passwd",
    "zoë", "<script>alert(1)</script>", "con", "x" * 300, "\udc80", "a\x00b",
]  # fmt: skip


def result(student: str, points: int = 2) -> dict[str, Any]:
    return {
        "form": FORM, "lab": "L06", "student": student, "points": points,
        "of": 3, "score": points / 2,
        "lms_id": "4711" if student == "ana" else "", "submitted": "2026-11-23T12:00:00+00:00",
        "late": {"by": "2 h 0 min", "percent": 50}, "notes": [student], "flags": [student],
        "reasons": [f"=1+1 {student}"], "fault": "", "seconds": {"all": 1.5}, "key": "k",
        "requirements": [
            {"name": "one", "points": 2, "met": points >= 2, "slip": None, "seen": None,
             "advice": None, "hidden": False},
            {"name": "two", "points": 1, "met": points > 2, "slip": "s", "seen": student,
             "advice": "<b>Do</b>", "hidden": False},
        ],
        "cells": [
            {"number": 1, "name": student, "origin": "submitted", "state": "failed",
             "error": f"<script>{student}</script>", "where": "cell 1", "notes": [student]},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    roster = folder / "roster.csv"
    roster.write_text(
        "\ufeffstudent_id,name,Email address,canvas_id,SIS User ID,idnumber\n"
        'ana,"Silva, Ana",ana@example.org,99,S-1,N-1\n',
        encoding="utf-8",
    )
    write_exports(folder, [result(one) for one in STUDENTS], read_roster(roster), "L06 =Storm")
    return folder


@pytest.mark.parametrize("name", ["canvas", "moodle", "nbgrader"])
def test_pandas_reads_one_row_for_each_student(folder: Path, name: str) -> None:
    table = pandas.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    rows = table.iloc[1:] if name == "canvas" else table
    assert len(rows) == len(STUDENTS)
    score = {"canvas": "L06 =Storm", "moodle": "L06 =Storm", "nbgrader": "score"}[name]
    assert set(rows[score]) == {"1"}


@pytest.mark.parametrize("name", ["canvas", "moodle", "nbgrader"])
def test_no_cell_is_a_formula(folder: Path, name: str) -> None:
    table = pandas.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False, header=None)
    for value in table.to_numpy().ravel():
        assert not str(value).lstrip().startswith(FORMULA), value
        assert str(value).isprintable()
        # As a spreadsheet reads it where a semicolon parts the cells.
        for part in str(value).split(";"):
            assert not part.lstrip().startswith(FORMULA), value


def test_canvas_finds_the_student_and_the_points_that_are_possible(folder: Path) -> None:
    table = pandas.read_csv(folder / "canvas.csv", dtype=str, keep_default_na=False)
    assert list(table)[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert table.iloc[0]["Student"].strip() == "Points Possible"
    assert table.iloc[0]["L06 =Storm"] == "3"
    ana = table[table["Student"] == "Silva, Ana"].iloc[0]
    assert (ana["ID"], ana["SIS User ID"], ana["L06 =Storm"]) == ("99", "S-1", "1")


def test_moodle_finds_the_student_by_number_or_email(folder: Path) -> None:
    table = pandas.read_csv(folder / "moodle.csv", dtype=str, keep_default_na=False)
    ana = table[table["useridnumber"] == "N-1"].iloc[0]
    assert ana["useremail"] == "ana@example.org"
    assert ana["L06 =Storm feedback"].startswith("1 of 2 requirements hold")


def test_nbgraders_columns(folder: Path) -> None:
    table = pandas.read_csv(folder / "nbgrader.csv", keep_default_na=False)
    assert ",".join(map(str, table)) == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
        "late_submission_penalty,score,max_score"
    )
    ana = table[table["student_id"] == "ana"].iloc[0]
    assert (ana["raw_score"], ana["late_submission_penalty"], ana["score"]) == (2, 1, 1)


def test_numbers_stay_numbers() -> None:
    assert [cell(one) for one in (-3, 2.5, 0)] == ["-3", "2.5", "0"]


@pytest.mark.parametrize("student", STUDENTS)
def test_pages_hold_no_markup_of_a_student(student: str) -> None:
    late = late_table("2026-11-23T10:00+00:00", "1h:0, 7d:50")
    for page in (
        feedback(result(student), "A & B"),
        summary_page([result(student)], "A & B", late),
    ):
        assert "<script" not in page
        assert "<b>Do" not in page
        assert "default-src &#x27;none&#x27;" in page
        page.encode("utf-8", "backslashreplace")


def test_names_of_files_are_harmless_and_each_students_own(tmp_path: Path) -> None:
    names = [file_name(one) for one in STUDENTS]
    assert len(set(names)) == len(STUDENTS)
    for name in names:
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum()
        assert len(name) < 60
    store = Store(tmp_path)
    for one in STUDENTS:
        store.write(result(one))
    assert [store.read(one)["student"] for one in STUDENTS] == STUDENTS  # type: ignore[index]
    assert len(list(tmp_path.rglob("*"))) == len(STUDENTS) + 1


def test_the_summary_counts_and_names() -> None:
    results = [result("ana", 3), result("ben", 2), result("cy", 0)]
    data = summary_data(results, late_table(None, None))
    assert data["requirements"] == [
        {"name": "one", "met": 2, "not_met": 1, "slips": ""},
        {"name": "two", "met": 1, "not_met": 2, "slips": "s (3)"},
    ]
    assert set(data["flags"]) == {"ana", "ben", "cy"}
    assert data["times"] == {"median": 1.5, "longest": 1.5}
    json.dumps(data)


@pytest.mark.parametrize(
    ("hours", "percent"), [(-5, 0), (0.5, 0), (1, 0), (1.1, 10), (24, 10), (25, 50), (169, 100)]
)
def test_lateness_is_read_from_the_table(hours: float, percent: float) -> None:
    table = late_table("2026-11-23T10:00+00:00", "24h:10,1h:0, 7d : 50%")
    when = datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(hours=hours)
    assert table.of(when).percent == percent


@pytest.mark.parametrize(
    ("due", "late"),
    [(None, "1h:0"), ("yesterday", None), ("2026-11-23", "1h"), ("2026-11-23", "1h:200")],
)
def test_a_table_that_cannot_be_read_is_explained(due: str | None, late: str | None) -> None:
    with pytest.raises(WrongTable, match="--"):
        late_table(due, late)


@pytest.mark.parametrize("text", ["", "name,email\nana,a@b.c\n", "a\n"])
def test_a_roster_without_ids_is_explained(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(WrongRoster, match="student_id"):
        read_roster(tmp_path / "r.csv")


def test_the_rosters_times_are_the_ones_that_count(tmp_path: Path) -> None:
    (tmp_path / "ana.ipynb").write_text("{}")
    (tmp_path / "ben.ipynb").write_text("{}")
    roster = tmp_path / "r.csv"
    roster.write_text("student_id,submitted\nana,2026-11-23T12:00Z\nben,\n")
    ana, ben = timed(collect(tmp_path, "L06"), read_roster(roster))
    assert ana.when == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert (ana.told_by, ben.told_by) == ("roster", "file")
    for wrong in ("soon", "0001-01-01T00:00:00+14:00"):
        roster.write_text(f"student_id,submitted\nana,{wrong}\n")
        with pytest.raises(WrongRoster, match="2026-11-30T23:59"):
            timed(collect(tmp_path, "L06"), read_roster(roster))
