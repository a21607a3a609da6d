"""The learner's copy of a lab's notebook, made from its source as nbgrader 0.9 makes it.

nbgrader itself is heavy, and the course does not need it to run. What its `generate_assignment`
does with its default settings is little, and stands here; tests/labs/test_nbgrader.py holds this
against the real one where that is installed.

Source: nbgrader 0.9.6, converters/generate_assignment.py (the order of the steps), preprocessors/
lockcells.py, clearsolutions.py, clearoutput.py, clearhiddentests.py, clearmarkingscheme.py,
computechecksums.py, and utils.py (compute_checksum).
"""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

CODE_STUB = ["# YOUR CODE HERE", "raise NotImplementedError()"]
TEXT_STUB = ["YOUR ANSWER HERE"]


class NotInTheFormat(Exception):
    """The source is not what nbgrader would accept. The message names the cell."""


def learners_copy(source: NotebookNode) -> NotebookNode:
    """A new notebook without solutions, hidden tests and outputs. Raises NotInTheFormat."""
    notebook = copy.deepcopy(source)
    notebook.metadata.pop("celltoolbar", None)
    _check(notebook)
    for cell in notebook.cells:
        _lock(cell)
        _clear_solution(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        _remove(cell, "HIDDEN TESTS", allowed=_is(cell, "grade"))
        _remove(cell, "MARK SCHEME", allowed=_is(cell, "task"))
        if _is(cell, "grade") or _is(cell, "solution") or _is_locked(cell):
            cell.metadata.nbgrader["checksum"] = _checksum(cell)
            cell.metadata.nbgrader["cell_type"] = cell.cell_type
    nbformat.validate(notebook)
    return notebook


def grade_id(cell: NotebookNode) -> str:
    """The name that nbgrader knows a cell by, "" for a cell of no interest to it."""
    return str(_settings(cell).get("grade_id", ""))


def _settings(cell: NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def _is(cell: NotebookNode, what: str) -> bool:
    return bool(_settings(cell).get(what, False))


def _is_locked(cell: NotebookNode) -> bool:
    if _is(cell, "solution"):
        return False
    return _is(cell, "grade") or _is(cell, "locked")


def _check(notebook: NotebookNode) -> None:
    """What nbgrader's CheckCellMetadata refuses, and what it would take wrongly."""
    names = [grade_id(cell) for cell in notebook.cells if _settings(cell)]
    for name in names:
        if not re.fullmatch(r"[\w-]+", name) or names.count(name) > 1:
            raise NotInTheFormat(f"grade_id {name!r} is empty, odd, or there twice")
    for cell in notebook.cells:
        settings = _settings(cell)
        if not settings:
            continue
        if settings.get("schema_version") != 3:
            raise NotInTheFormat(f"{grade_id(cell)}: schema_version has to be 3")
        if settings.get("grade") and not isinstance(settings.get("points"), int | float):
            raise NotInTheFormat(f"{grade_id(cell)}: a graded cell needs points")
        if cell.cell_type == "markdown" and settings.get("grade") != settings.get("solution"):
            raise NotInTheFormat(f"{grade_id(cell)}: text is graded as a solution, or not at all")


def _lock(cell: NotebookNode) -> None:
    if _is(cell, "solution"):
        cell.metadata["deletable"] = False
    elif _is_locked(cell):
        cell.metadata["deletable"] = False
        cell.metadata["editable"] = False


def _clear_solution(cell: NotebookNode) -> None:
    stub = CODE_STUB if cell.cell_type == "code" else TEXT_STUB
    text, found = _without(cell.source, "SOLUTION", stub, grade_id(cell))
    if found and not _is(cell, "solution"):
        raise NotInTheFormat(f"a solution stands in a cell that is none: {cell.source[:60]!r}")
    if _is(cell, "solution") and not found:
        text = "\n".join(stub)
    cell.source = text


def _remove(cell: NotebookNode, what: str, allowed: bool) -> None:
    text, found = _without(cell.source, what, [], grade_id(cell))
    if found and not allowed:
        raise NotInTheFormat(f"{what} stands in a cell that may have none: {cell.source[:60]!r}")
    cell.source = text


def _without(text: str, what: str, stub: list[str], name: str) -> tuple[str, bool]:
    """The text with each region from BEGIN `what` to END `what` replaced, and whether one was."""
    kept: list[str] = []
    inside = found = False
    for line in text.split("\n"):
        if f"BEGIN {what}" in line:
            if inside:
                raise NotInTheFormat(f"{name}: BEGIN {what} within BEGIN {what}")
            inside = found = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part for part in stub]
        elif f"END {what}" in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise NotInTheFormat(f"{name}: END {what} is missing")
    return "\n".join(kept), found


def _checksum(cell: NotebookNode) -> str:
    """nbgrader's own, by which it notices that a locked cell was edited."""
    parts = [cell.source, cell.cell_type]
    parts += [str(_is(cell, "grade")), str(_is(cell, "solution")), str(_is_locked(cell))]
    parts.append(grade_id(cell))
    if _is(cell, "grade"):
        parts.append(str(float(_settings(cell)["points"])))
    return hashlib.md5("".join(parts).encode()).hexdigest()
