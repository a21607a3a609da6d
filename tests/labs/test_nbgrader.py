"""The learner's copies against nbgrader's own generate_assignment, and the generator by itself.

nbgrader is no part of the course's environment. NBGRADER names the Python of one that has it:

    python3 -m venv /tmp/nbgrader && /tmp/nbgrader/bin/pip install nbgrader==0.9.6
    NBGRADER=/tmp/nbgrader/bin/python .venv/bin/pytest -q tests/labs/test_nbgrader.py
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.teach import labs
from tests.labs import answers
from tests.labs.nbgrader_format import NotInTheFormat, learners_copy
from tests.notebooks import stored

NBGRADER = os.environ.get("NBGRADER", "")


def settings(name: str, **more: object) -> dict[str, object]:
    given = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3}
    return {"nbgrader": given | {"solution": False, "task": False} | more}


def notebook(*cells: NotebookNode) -> NotebookNode:
    for number, cell in enumerate(cells, 1):
        cell.id = f"cell-{number:02}"
    made = new_notebook(metadata=stored.METADATA, cells=list(cells))
    return nbformat.from_dict(made)


EVERYTHING = notebook(
    new_markdown_cell("Not of nbgrader's interest."),
    new_code_cell("1 + 1", execution_count=3, outputs=[]),
    new_code_cell("x = 1  # given\nx = 2", metadata=settings("whole", solution=True)),
    new_code_cell(
        "def f():\n    a = 1\n    # ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION\n\nf()",
        metadata=settings("part", solution=True) | {"tags": ["raises-exception"]},
    ),
    new_code_cell(
        "assert f() == 1\n### BEGIN HIDDEN TESTS\nassert f() != 2\n### END HIDDEN TESTS\n",
        metadata=settings("tests", grade=True, locked=True, points=2),
    ),
    new_code_cell("a = 5", metadata=settings("given", locked=True)),
    new_markdown_cell(
        "The answer.", metadata=settings("text", grade=True, solution=True, points=1)
    ),
    new_markdown_cell(
        "Why?\n\n### BEGIN SOLUTION\nSo.\n### END SOLUTION",
        metadata=settings("why", grade=True, solution=True, points=0.5),
    ),
    new_markdown_cell(
        "Do it.\n=== BEGIN MARK SCHEME ===\n2 for all\n=== END MARK SCHEME ===",
        metadata=settings("task", task=True, points=2, locked=True),
    ),
)


def sources() -> list[tuple[str, NotebookNode]]:
    own = [(key, stored.read(labs.load(key).folder / "source.ipynb")) for key in answers.KEYS]
    return [("everything", EVERYTHING), *own]


@pytest.mark.skipif(
    not NBGRADER,
    reason="the generator against nbgrader itself; tests/labs/test_nbgrader.py says how",
)
@pytest.mark.parametrize(("name", "source"), sources(), ids=lambda value: str(value)[:12])
def test_our_copy_is_nbgraders_copy(name: str, source: NotebookNode, tmp_path: Path) -> None:
    folder = tmp_path / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(source, folder / "lab.ipynb")
    python = Path(NBGRADER)
    subprocess.run(
        [python, "-m", "nbgrader", "generate_assignment", name, "--force"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        timeout=150,
    )
    theirs = stored.read(tmp_path / "release" / name / "lab.ipynb")
    assert nbformat.writes(learners_copy(source)) == nbformat.writes(theirs)


def test_solutions_hidden_tests_and_mark_schemes_are_taken_out() -> None:
    copy = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in learners_copy(EVERYTHING).cells
        if "nbgrader" in cell.metadata
    }
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    assert copy["whole"].source == stub
    indented = stub.replace("\n", "\n    ")
    assert copy["part"].source == f"def f():\n    a = 1\n    {indented}\n\nf()"
    assert copy["tests"].source == "assert f() == 1\n"
    assert copy["text"].source == "YOUR ANSWER HERE"
    assert copy["why"].source == "Why?\n\nYOUR ANSWER HERE"
    assert copy["task"].source == "Do it."
    assert not copy["tests"].metadata.editable
    assert "editable" not in copy["part"].metadata
    assert not copy["part"].metadata.deletable
    assert copy["part"].metadata.tags == ["raises-exception"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (new_code_cell("### BEGIN SOLUTION\n1", metadata=settings("a", solution=True)), "missing"),
        (
            new_code_cell("### BEGIN SOLUTION\n1\n### END SOLUTION", metadata=settings("a")),
            "in a cell that is none",
        ),
        (
            new_code_cell(
                "### BEGIN SOLUTION\n### BEGIN SOLUTION", metadata=settings("a", solution=True)
            ),
            "within",
        ),
        (
            new_code_cell(
                "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS",
                metadata=settings("a", locked=True),
            ),
            "may have none",
        ),
        (new_code_cell("1", metadata=settings("", solution=True)), "grade_id"),
        (new_code_cell("1", metadata=settings("a", grade=True)), "needs points"),
        (new_code_cell("1", metadata=settings("a", schema_version=2)), "schema_version"),
        (new_markdown_cell("1", metadata=settings("a", grade=True, points=1)), "text is graded"),
    ],
)
def test_what_nbgrader_would_refuse_is_refused(cell: NotebookNode, said: str) -> None:
    with pytest.raises(NotInTheFormat, match=said):
        learners_copy(notebook(cell))
