"""Run a learner's copy as the learner would, without a kernel: quick enough for a table of answers.

A cell is Python, or a file to write (%%writefile); the labs' notebooks use nothing else of
IPython's, and tests/labs/test_labs.py holds them to that.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.teach import lab
from helpers.teach.labs import Lab
from tests.labs.nbgrader_format import grade_id

WRITEFILE = "%%writefile "
#: Cells that only look are left out: nothing that follows needs them.
LOOK = "look"


@dataclass
class Ran:
    """One run: what was printed, and each cell's error by the cell's grade_id or number."""

    printed: str = ""
    errors: dict[str, BaseException] = field(default_factory=dict)


def filled(of: Lab, cells: Mapping[str, str]) -> NotebookNode:
    """The learner's copy with sources put into cells by their grade_id. KeyError for others."""
    notebook = nbformat.read(of.notebook, as_version=4)
    there = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    for name, source in cells.items():
        there[name].source = source
    return notebook


def run(notebook: NotebookNode, student: str) -> Ran:
    """Run all cells here and now, in the current folder and on the open cloud.

    A cell that fails does not keep the others from running.
    """
    ran, names = Ran(), dict[str, Any](__name__="__main__")
    output = io.StringIO()
    with contextlib.redirect_stdout(output), _as_student(student):
        for number, cell in enumerate(notebook.cells, 1):
            tags = cell.metadata.get("tags", [])
            if (
                cell.cell_type != "code"
                or grade_id(cell) == "check"
                or LOOK in tags
                or not cell.source.strip()
            ):
                continue
            try:
                _run(cell.source, names)
            except (Exception, SystemExit) as error:
                ran.errors[grade_id(cell) or str(number)] = error
    ran.printed = output.getvalue()
    return ran


def _run(source: str, names: dict[str, Any]) -> None:
    if source.startswith(WRITEFILE):
        first, _, text = source.partition("\n")
        path = Path(first.removeprefix(WRITEFILE).strip())
        path.write_text(text + "\n", encoding="utf-8")
        return
    exec(compile(source, "a cell", "exec"), names)


@contextlib.contextmanager
def _as_student(student: str) -> Iterator[None]:
    """lab.open(…, student=…) with this student, whatever id stands in the copy."""
    before = os.environ.get(lab.STUDENT)
    lab._opened = None  # another notebook's
    os.environ[lab.STUDENT] = student
    try:
        yield
    finally:
        lab._opened = None
        os.environ.pop(lab.STUDENT)
        if before is not None:
            os.environ[lab.STUDENT] = before
