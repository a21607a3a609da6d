"""Judges one submission, on a bench that is ready: seed, run the notebook, look from outside."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.cloud import Cloud
from helpers.grading.notebook_run import Ran
from helpers.grading.reading import Cell, Notebook, read
from helpers.grading.withholding import Withheld
from helpers.teach.checking import Case, Context, Outcome, Result, run
from helpers.teach.labs import Lab

#: The form of a result. One more when its meaning changes.
FORM = 1
#: What `Ran.ended` means, for the student.
ENDED = {
    "time": "The notebook took longer than {seconds:g} seconds and was stopped.",
    "memory": "The notebook took more memory than it may have and was stopped.",
    "output": "The notebook printed more than {megabytes} MB and was stopped.",
    "process": "The notebook's process ended before its last cell.",
}

RunCells = Callable[[list[dict[str, Any]], str], Ran]


def judge(
    lab: Lab,
    hidden: dict[str, tuple[Case, ...]],
    cloud: Cloud,
    student: str,
    content: bytes,
    run_cells: RunCells,
    limits: tuple[float, int],
) -> dict[str, Any]:
    """The result of one submission, as JSON-ready data.

    `run_cells` runs the cells where the judge wants them run. `limits` are the notebook's seconds
    and bytes of output, for the texts. Never raises for what a submission holds; what goes wrong on
    the judge's own side stands in `fault`, and then nothing has been judged.
    """
    began = time.monotonic()
    notebook = read(content, lab.notebook.read_bytes())
    result = blank(lab, student)
    result["flags"], result["reasons"] = notebook.flags, notebook.reasons
    try:
        cloud.reset()
        lab.seed(cloud, student)
        seeded = time.monotonic()
        ran = _run(notebook, student, run_cells)
        ended = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="judge-") as folder:
            context = Context(cloud, Path(folder), more=hidden, student=student)
            checked = run(lab.check, context)
    except Exception as error:
        result["fault"] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        result["trace"] = traceback.format_exc()[-2000:]
        return result
    if ran.ended:
        told = ENDED.get(ran.ended, "The notebook ended early.")
        result["reasons"].append(told.format(seconds=limits[0], megabytes=limits[1] >> 20))
    _take_check(result, checked, Withheld(lab.check, hidden))
    result["cells"] = _cells(notebook, ran)
    result["manual"] = {
        cell.name: cell.source[:20_000] for cell in notebook.cells if cell.name and _is_text(cell)
    }
    result["output"], result["output_bytes"] = ran.output, ran.output_bytes
    result["seconds"] = {
        "seed": round(seeded - began, 3),
        "notebook": ran.seconds,
        "check": round(time.monotonic() - ended, 3),
        "all": round(time.monotonic() - began, 3),
    }
    return result


def blank(lab: Lab, student: str) -> dict[str, Any]:
    """A result in which nothing is judged yet and nothing has been earned."""
    requirements = [
        {"name": one.name, "points": one.points, "met": False, "hidden": False}
        for one in lab.check.requirements
    ]
    return {
        "form": FORM,
        "lab": lab.key,
        "student": student,
        "points": 0,
        "of": sum(one.points for one in lab.check.requirements),
        "outcome": Outcome.NOT_ATTEMPTED.value,
        "requirements": requirements,
        "reasons": [],
        "flags": [],
        "cells": [],
        "manual": {},
        "fault": "",
        "seconds": {},
    }


def _run(notebook: Notebook, student: str, run_cells: RunCells) -> Ran:
    cells = [
        {"number": cell.number, "source": cell.source, "ours": cell.is_ours}
        for cell in notebook.code
    ]
    return run_cells(cells, student) if cells else Ran()


def _take_check(result: dict[str, Any], checked: Result, withheld: Withheld) -> None:
    """Copy what the check found; of hidden cases the advice alone."""
    data = checked.as_data()
    result["fault"] = data["fault"]
    result["outcome"] = data["outcome"]
    if data["reason"] and not data["fault"]:
        result["reasons"].append(data["reason"])
    if not data["requirements"]:
        return
    result["points"], result["of"] = data["points"], data["of"]
    result["requirements"] = [withheld.clean(one) for one in data["requirements"]]


def _cells(notebook: Notebook, ran: Ran) -> list[dict[str, Any]]:
    told = []
    for index, cell in enumerate(notebook.code):
        found = ran.cells.get(index, {"state": "not run"})
        told.append(
            {"number": cell.number, "name": cell.name, "origin": cell.origin}
            | ({} if cell.attempted else {"untouched": True})
            | found
        )
    return told


def _is_text(cell: Cell) -> bool:
    return cell.kind == "markdown"
