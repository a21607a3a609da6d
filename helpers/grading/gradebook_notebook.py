"""One student's notebook as the person who marks it sees it in Formgrader.

The lab's own words are rendered; whatever a student wrote is shown sign for sign
(gradebook_text.py). Nothing in it has been run by this: what the judge found stands as plain text
below the lab's check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from helpers.grading.gradebook_text import literal, printable
from helpers.grading.reading import Cell, Notebook

#: Of a notebook with a thousand cells, this many are shown; parts to mark always are.
MOST_CELLS = 200
_FORM = {
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
NOTHING = "(Nothing was handed in here.)"

Settings = Mapping[str, Any]


def marked_notebook(
    result: Mapping[str, Any],
    submitted: Notebook,
    reference: bytes,
    graded: Sequence[Settings],
    with_code: bool = True,
) -> str:
    """The notebook's JSON. `graded` are the lab's cells that nbgrader knows (`graded_cells`).

    Without code, it is what stands in ``submitted``: should somebody let nbgrader run that, there
    is nothing of a student's in it to run.
    """
    document = json.loads(reference)
    own = {_source(cell) for cell in document["cells"] if cell["cell_type"] == "markdown"}
    known = {one["name"]: one for one in graded}
    last = {cell.name: index for index, cell in enumerate(submitted.cells) if cell.name}
    made: list[dict[str, Any]] = []
    seen: set[str] = set()
    for index, cell in enumerate(submitted.cells):
        settings = known.get(cell.name) if last.get(cell.name) == index else None
        if settings is None and len(made) >= MOST_CELLS:
            continue
        if settings is not None and settings["cell_type"] == "markdown":
            made.append(_answer(settings, result, cell))
            seen.add(cell.name)
        elif settings is not None and settings["grade"]:
            made.append(_check(settings, result))
            seen.add(cell.name)
        elif cell.kind != "code":
            made.append(
                _cell("markdown", cell.source if cell.source in own else literal(cell.source))
            )
        elif with_code:
            made.append(_cell("code", printable(cell.source), settings))
            seen.add(cell.name)
    for settings in graded:
        if settings["name"] not in seen and settings["grade"]:
            manual = settings["cell_type"] == "markdown"
            made.append(_answer(settings, result, None) if manual else _check(settings, result))
    for number, one in enumerate(made, 1):
        one["id"] = f"cell-{number:03}"
    return json.dumps({"cells": made} | _FORM, indent=1) + "\n"


def _answer(settings: Settings, result: Mapping[str, Any], cell: Cell | None) -> dict[str, Any]:
    """A part to mark. The text is the one that the judge kept, else the cell's, whatever it is."""
    text = str(result["manual"].get(settings["name"], cell.source if cell else ""))
    return _cell("markdown", literal(text if text.strip() else NOTHING), settings)


def _check(settings: Settings, result: Mapping[str, Any]) -> dict[str, Any]:
    """The lab's check, with what the judge found."""
    lines = [f"The judge: {result['points']:g} of {result['of']:g} points"]
    for one in result["requirements"]:
        sign = "✓" if one["met"] else "✗"
        lines.append(f"{sign} {one['name']} ({one['points']} points)")
        lines += [f"    {said}" for said in (one.get("seen"), one.get("advice")) if said]
    lines += [*result["reasons"], *result["notes"], *(f"Flag: {one}" for one in result["flags"])]
    wrapped = [fill(line, 100, subsequent_indent="    ") for line in lines]
    said = printable("\n".join(wrapped)) + "\n"
    made = _cell("code", settings["source"], dict(settings) | {"points": result["of"]})
    made["outputs"] = [{"name": "stdout", "output_type": "stream", "text": said}]
    return made


def _cell(kind: str, source: str, settings: Settings | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "id": "", "metadata": {}, "source": source}
    if kind == "code":
        made |= {"execution_count": None, "outputs": []}
    if settings is not None:
        nbgrader = {
            "grade": settings["grade"],
            "grade_id": settings["name"],
            "locked": settings["locked"],
            "schema_version": 3,
            "solution": settings["solution"],
            "task": False,
        }
        made["metadata"]["nbgrader"] = nbgrader | (
            {"points": settings["points"], "cell_type": kind} if settings["grade"] else {}
        )
    return made


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
