"""Each rule about stored notebooks is broken once, to see that it notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks import stored, test_stored


def small_notebook() -> NotebookNode:
    """A notebook of an unused number that keeps to every rule."""
    cells = [
        new_markdown_cell("# A title\n\n## 1 · First\n\n```python\n# no heading\n```"),
        new_code_cell("print(1)", execution_count=1, outputs=[new_output("stream", text="1\n")]),
        new_code_cell("print(2)", execution_count=2, outputs=[new_output("stream", text="2\n")]),
    ]
    return new_notebook(cells=cells, metadata=stored.METADATA)


def skip_a_count(notebook: NotebookNode) -> None:
    notebook.cells[2].execution_count = 3


def never_run(notebook: NotebookNode) -> None:
    notebook.cells[1].execution_count = None


def empty(notebook: NotebookNode) -> None:
    notebook.cells.append(new_code_cell(""))


def sleep(notebook: NotebookNode) -> None:
    notebook.cells[1].source = "from time import sleep\nsleep(1)"


def look_inside(notebook: NotebookNode) -> None:
    notebook.cells[1].source = "from helpers import localaws"


def long_cell(notebook: NotebookNode) -> None:
    notebook.cells[1].source = "print(1)\n" * 13


def skip_a_level(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "# A title\n\n### Deep"


def same_heading(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "# A title\n\n## One\n\n## One"


def silent_picture(notebook: NotebookNode) -> None:
    notebook.cells[0].source += "\n\n![](picture.png)"


def dead_link(notebook: NotebookNode) -> None:
    notebook.cells[0].source += "\n\n[next](nowhere.ipynb)"


def ignored_at_the_end(notebook: NotebookNode) -> None:
    notebook.cells[2].metadata.tags = ["nbval-ignore-output"]


def machine_path(notebook: NotebookNode) -> None:
    notebook.cells[1].outputs[0].text = f"{stored.ROOT}/notebooks\n"


def editor_metadata(notebook: NotebookNode) -> None:
    notebook.metadata["vscode"] = {}


def foreign_claim(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.tags = ["claim:C01"]


def silent_claim(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.tags = ["claim:C99"]
    notebook.cells[1].outputs = []


BROKEN = [
    (skip_a_count, test_stored.test_every_code_cell_was_executed_once_and_in_order),
    (never_run, test_stored.test_every_code_cell_was_executed_once_and_in_order),
    (empty, test_stored.test_no_code_cell_is_empty),
    (sleep, test_stored.test_no_cell_sleeps_or_looks_inside_the_local_aws),
    (look_inside, test_stored.test_no_cell_sleeps_or_looks_inside_the_local_aws),
    (long_cell, test_stored.test_cells_are_short),
    (skip_a_level, test_stored.test_headings_start_at_one_and_go_down_one_level_at_a_time),
    (same_heading, test_stored.test_headings_have_names_of_their_own_within_a_section),
    (silent_picture, test_stored.test_pictures_have_alternative_text_and_are_there),
    (dead_link, test_stored.test_links_to_files_lead_somewhere),
    (ignored_at_the_end, test_stored.test_an_ignored_output_is_followed_by_a_compared_one),
    (machine_path, test_stored.test_outputs_name_nothing_of_the_machine_that_stored_them),
    (editor_metadata, test_stored.test_metadata_is_small_and_the_same_on_every_machine),
    (foreign_claim, test_stored.test_every_claim_of_this_notebook_is_shown_by_a_compared_cell),
    (silent_claim, test_stored.test_every_claim_of_this_notebook_is_shown_by_a_compared_cell),
]


@pytest.mark.parametrize(("damage", "rule"), BROKEN, ids=lambda function: function.__name__)
def test_a_broken_rule_is_noticed(
    tmp_path: Path, damage: Callable[[NotebookNode], None], rule: Callable[[Path], None]
) -> None:
    path = tmp_path / "99-small.ipynb"
    notebook = small_notebook()
    nbformat.write(notebook, path)
    rule(path)
    damage(notebook)
    nbformat.write(notebook, path)
    with pytest.raises(AssertionError):
        rule(path)
