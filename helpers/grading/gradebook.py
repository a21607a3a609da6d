"""Writes an nbgrader gradebook and reads it: ``PYTHON-WITH-NBGRADER gradebook.py`` with one JSON
document on standard input ({"course", "assignment", "notebook", "cells", "students"}).

The judge's marks become the automatic score of the lab's locked cell. What a person has given in
Formgrader is never touched, and is printed as JSON: {student: {cell: points}}.

Source: https://nbgrader.readthedocs.io/en/stable/api/gradebook.html
"""

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    from nbgrader.api import Gradebook

    told = json.load(sys.stdin)
    path = Path(told["course"], "gradebook.db").resolve()
    with Gradebook(f"sqlite:///{path}", course_id=told["assignment"]) as book:
        _write_assignment(book, told)
        for student in told["students"]:
            _write_student(book, told, student)
        json.dump(
            {one["id"]: _manual(book, told, one["id"]) for one in told["students"]}, sys.stdout
        )


def _write_assignment(book: Any, told: dict[str, Any]) -> None:
    name, notebook = told["assignment"], told["notebook"]
    book.update_or_create_assignment(name)
    book.update_or_create_notebook(notebook, name)
    for cell in told["cells"]:
        where = (cell["name"], notebook, name)
        if cell["points"] is not None:
            book.update_or_create_grade_cell(
                *where, max_score=cell["points"], cell_type=cell["kind"]
            )
        if cell["solution"]:
            book.update_or_create_solution_cell(*where)
        book.update_or_create_source_cell(
            *where, cell_type=cell["kind"], source=cell["source"], locked=cell["locked"]
        )


def _write_student(book: Any, told: dict[str, Any], student: dict[str, Any]) -> None:
    name, notebook = told["assignment"], told["notebook"]
    about = {key: student[key] for key in ("first_name", "last_name", "email") if student[key]}
    book.update_or_create_student(student["id"], **about)
    book.update_or_create_submission(name, student["id"])
    for cell in told["cells"]:
        if cell["points"] is None:
            continue
        grade = book.find_grade(cell["name"], notebook, name, student["id"])
        if cell["judged"]:
            grade.auto_score = student["points"]
            grade.needs_manual_grade = False
        else:
            grade.needs_manual_grade = grade.manual_score is None
    book.db.commit()


def _manual(book: Any, told: dict[str, Any], student: str) -> dict[str, float]:
    marks = {}
    for cell in told["cells"]:
        if cell["points"] is None or cell["judged"]:
            continue
        grade = book.find_grade(cell["name"], told["notebook"], told["assignment"], student)
        if grade.manual_score is not None:
            marks[cell["name"]] = grade.manual_score + (grade.extra_credit or 0)
    return marks


if __name__ == "__main__":
    main()
