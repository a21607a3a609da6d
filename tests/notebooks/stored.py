"""The stored notebooks, as the tests and the author's command read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))

#: The only metadata a notebook keeps. Anything else changes with the machine that ran it last.
METADATA: dict[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
IGNORING_TAGS = {"nbval-ignore-output", "nbval-skip"}
IGNORING_COMMENT = re.compile(r"^# *NBVAL_(IGNORE_OUTPUT|SKIP)\b", re.MULTILINE)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def number(path: Path) -> str:
    """The notebook's number, "01" of notebooks/01-a-first-handler.ipynb."""
    return path.name[:2]


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells that run, without the empty ones that Jupyter skips."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def is_compared(cell: nbformat.NotebookNode) -> bool:
    """True where nbval holds a fresh run against the stored output."""
    return not (tags(cell) & IGNORING_TAGS or IGNORING_COMMENT.search(cell.source))


def text_of(cell: nbformat.NotebookNode) -> str:
    """All that nbval compares of the cell's stored output, as one text."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", ""))
        parts += [output.get("ename", ""), output.get("evalue", "")]
        parts += [str(part) for kind, part in output.get("data", {}).items() if "image" not in kind]
    return "\n".join(part for part in parts if part)
