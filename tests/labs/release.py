"""For authors: make the learner's copies of labs from their sources, run them and store them.

    .venv/bin/python tests/labs/release.py labs/L06*

The copy is what nbgrader's `generate_assignment` would make of source.ipynb, with the outputs that
a learner sees who runs all cells without having written anything. `--bare` leaves the outputs out.
"""

from __future__ import annotations

import argparse
import copy
import shutil
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.labs.nbgrader_format import learners_copy
from tests.notebooks import store, stored


def release(folder: Path, bare: bool = False) -> Path:
    """Tidy the source, and write the learner's copy of the lab in `folder`; returns its path."""
    source = nbformat.read(folder / "source.ipynb", as_version=4)
    tidy(source)
    write(source, folder / "source.ipynb")
    notebook = learners_copy(source)
    path = folder / f"{folder.name}.ipynb"
    if not bare:
        shutil.rmtree(folder / "work", ignore_errors=True)
        executed = store.executed(copy.deepcopy(notebook), folder)
        for cell, ran in zip(notebook.cells, executed.cells, strict=True):
            if cell.cell_type == "code":
                cell.execution_count = ran.execution_count
                cell.outputs = store.joined([store.without_widgets(one) for one in ran.outputs])
    write(notebook, path)
    return path


def tidy(source: NotebookNode) -> None:
    """Leave only what is the same on every machine: no outputs, metadata that matters, ids."""
    source.metadata = nbformat.from_dict(stored.METADATA)
    source.nbformat, source.nbformat_minor = 4, 5
    for position, cell in enumerate(source.cells, 1):
        cell.id = f"cell-{position:02}"
        kept = {name: cell.metadata[name] for name in ("nbgrader", "tags") if name in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook with one line end at its end, on every system."""
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("labs", nargs="+", type=Path, help="labs' folders")
    parser.add_argument("--bare", action="store_true", help="without running the cells")
    arguments = parser.parse_args()
    store.prepare_environment()
    for folder in arguments.labs:
        print(f"{release(folder.resolve(), arguments.bare)}: made from its source")
    return 0


if __name__ == "__main__":
    sys.exit(main())
