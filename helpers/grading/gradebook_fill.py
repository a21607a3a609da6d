"""Fills gradebook.db through nbgrader's own interface. Run by the Python that has nbgrader.

    PYTHON -I gradebook_fill.py < plan.json

It stands alone: of this course it imports nothing, and what it knows is in the plan
(helpers/grading/gradebook_course.py). All of it can be said again: what is there is brought up to
date. The marks of people are set to what the plan says, which has read them from here before.

Source: https://nbgrader.readthedocs.io/en/stable/api/gradebook.html
"""

import json
import sys
from typing import Any

from nbgrader.api import Gradebook, MissingEntry  # type: ignore[import-not-found]


def fill(plan: dict[str, Any]) -> None:
    assignment, notebook = plan["assignment"], plan["notebook"]
    with Gradebook(f"sqlite:///{plan['database']}", "default_course") as book:
        book.update_or_create_assignment(assignment)
        _cells(book, assignment, notebook, plan["cells"])
        for one in plan["students"]:
            book.update_or_create_student(one["id"], **one["person"])
            when = {"timestamp": one["submitted"]} if one["submitted"] else {}
            book.update_or_create_submission(assignment, one["id"], **when)
            submitted = book.find_submission_notebook(notebook, assignment, one["id"])
            for grade in submitted.grades:
                for field, value in one["grades"][grade.name].items():
                    setattr(grade, field, value)
            for comment in submitted.comments:
                comment.manual_comment = one["comments"].get(comment.name)
            book.db.commit()


def _cells(book: Any, assignment: str, notebook: str, cells: list[dict[str, Any]]) -> None:
    """The cells as they are; another set of cells than before would leave marks without a cell."""
    names = {cell["name"] for cell in cells}
    try:
        before = {cell.name for cell in book.find_notebook(notebook, assignment).source_cells}
    except MissingEntry:
        before = set()
    if before and before != names:
        raise SystemExit(
            "The lab's cells have other names than in this gradebook. Let it be written into "
            "another folder; marks that were taken in are kept."
        )
    book.update_or_create_notebook(notebook, assignment)
    for cell in cells:
        where = (cell["name"], notebook, assignment)
        if cell["grade"]:
            book.update_or_create_grade_cell(
                *where, max_score=cell["points"], cell_type=cell["cell_type"]
            )
        if cell["solution"]:
            book.update_or_create_solution_cell(*where)
        book.update_or_create_source_cell(
            *where, source=cell["source"], cell_type=cell["cell_type"], locked=cell["locked"]
        )


if __name__ == "__main__":
    fill(json.load(sys.stdin))
