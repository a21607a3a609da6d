"""For authors: run notebooks from a clean kernel and store their outputs.

    .venv/bin/python tests/notebooks/store.py notebooks/01*.ipynb

Each notebook's own files in notebooks/work/ are removed first, and predictions and answers go to a
temporary file, so that what is stored is what a learner sees who runs all cells for the first time.
A notebook whose cells fail unexpectedly is left as it was, with the failure shown.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import start
from tests.notebooks import stored

CELL_SECONDS = 60


def clean(notebook: nbformat.NotebookNode) -> None:
    """Leave only what is the same on every machine: metadata, and cell ids in order."""
    notebook.metadata = nbformat.from_dict(stored.METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells, 1):
        kept = {"tags": sorted(stored.tags(cell))} if stored.tags(cell) else {}
        cell.metadata = nbformat.from_dict(kept)
        cell.id = f"cell-{position:02}"
        if cell.cell_type == "code":
            cell.outputs = joined([without_widgets(output) for output in cell.outputs])


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Consecutive pieces of one stream as one: where they were cut is a matter of timing."""
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = kept[-1] if kept else None
        streams = last is not None and last.output_type == output.output_type == "stream"
        if last is not None and streams and last.name == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def without_widgets(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A widget's id is new each time, and without a kernel it shows nothing: keep its text."""
    data = output.get("data", {})
    data.pop("application/vnd.jupyter.widget-view+json", None)
    if "metadata" in output:
        output.metadata = nbformat.from_dict({})
    return output


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The notebook, run in `folder` from a clean kernel. Raises CellExecutionError."""
    for cell in stored.code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory(prefix="course-store-") as scratch:
        os.environ["COURSE_PROGRESS"] = str(Path(scratch, "progress.json"))
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    return notebook


def prepare_environment() -> None:
    """What start.py gives to everything it starts: no settings of this machine."""
    environment = start.environment()
    os.environ.clear()
    os.environ.update(environment)


def store(path: Path) -> None:
    """Execute one notebook and write it back; raises CellExecutionError and writes nothing."""
    notebook = stored.read(path)
    shutil.rmtree(path.parent / "work" / stored.number(path), ignore_errors=True)
    notebook = executed(notebook, path.parent)
    clean(notebook)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")


def main(paths: list[str]) -> int:
    if not paths:
        print(__doc__)
        return 2
    prepare_environment()
    failures = 0
    for name in paths:
        began = time.perf_counter()
        try:
            store(Path(name).resolve())
        except CellExecutionError as failure:
            failures += 1
            print(f"{name}: left as it was.\n{failure}", file=sys.stderr)
        else:
            print(f"{name}: stored in {time.perf_counter() - began:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
