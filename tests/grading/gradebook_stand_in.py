"""Stands in for helpers/grading/gradebook_fill.py where nbgrader is not installed.

It reads the same plan and writes the same tables (gradebook.sql, held against nbgrader's own where
it is installed), with SQLite alone.
"""

import json
import sqlite3
import sys
import uuid
from contextlib import closing
from pathlib import Path

SCHEMA = Path(__file__).with_name("gradebook.sql")


class Book:
    """Rows that are there once, whatever is said again."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def row(self, table: str, *, having: dict, values: dict | None = None) -> str:
        """The id of the row with these values; made where there is none. `values` are set."""
        where = " AND ".join(f"{name} = ?" for name in having)
        query = f"SELECT id FROM {table} WHERE {where}"
        found = self.database.execute(query, [*having.values()]).fetchone()
        if found is None:
            made = {"id": uuid.uuid4().hex} | having | (values or {})
            marks = ", ".join("?" for _ in made)
            self.database.execute(
                f"INSERT INTO {table} ({', '.join(made)}) VALUES ({marks})",
                [*made.values()],
            )
            return str(made["id"])
        for name, value in (values or {}).items():
            change = f"UPDATE {table} SET {name} = ? WHERE id = ?"
            self.database.execute(change, [value, found[0]])
        return str(found[0])


def fill(plan: dict, database: sqlite3.Connection) -> None:
    book = Book(database)
    course = book.row("course", having={"id": "default_course"})
    about = {"name": plan["assignment"], "course_id": course}
    assignment = book.row("assignment", having=about)
    notebook = book.row("notebook", having={"name": plan["notebook"], "assignment_id": assignment})
    graded, commented = {}, {}
    for cell in plan["cells"]:
        named = {"name": cell["name"], "notebook_id": notebook}
        if cell["grade"]:
            graded[cell["name"]] = book.row("base_cell", having=named | {"type": "GradeCell"})
            worth = {"max_score": cell["points"], "cell_type": cell["cell_type"]}
            book.row("grade_cells", having={"id": graded[cell["name"]]}, values=worth)
        if cell["solution"]:
            commented[cell["name"]] = book.row("base_cell", having=named | {"type": "SolutionCell"})
    for one in plan["students"]:
        book.row("student", having={"id": one["id"]}, values=one["person"])
        whose = {"assignment_id": assignment, "student_id": one["id"]}
        submission = book.row("submitted_assignment", having=whose)
        of = {"assignment_id": submission, "notebook_id": notebook}
        submitted = book.row("submitted_notebook", having=of)
        for name, cell_id in graded.items():
            where = {"notebook_id": submitted, "cell_id": cell_id}
            book.row("grade", having=where, values=one["grades"][name])
        for name, cell_id in commented.items():
            where = {"notebook_id": submitted, "cell_id": cell_id}
            said = {"manual_comment": one["comments"].get(name)}
            book.row("comment", having=where, values=said)


if __name__ == "__main__":
    plan = json.load(sys.stdin)
    new = not Path(plan["database"]).exists()
    with closing(sqlite3.connect(plan["database"])) as database:
        if new:
            database.executescript(SCHEMA.read_text())
        fill(plan, database)
        database.commit()
