"""What every stored notebook keeps to, so that nbval compares it and everybody can read it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.notebooks import stored

CELL_LINES = 12  # with something on them: what fits in a reader's head
FILE_LINES = 25  # a %%writefile cell holds a whole handler
IGNORED_CELLS = 4  # a notebook with more is hardly compared at all

CLAIMS = json.loads((Path(__file__).parent / "claims.json").read_text(encoding="utf-8"))

each_notebook = pytest.mark.parametrize("path", stored.NOTEBOOKS, ids=lambda path: path.stem)


def first_line(cell: NotebookNode) -> str:
    return cell.source.strip().splitlines()[0]


@each_notebook
def test_every_code_cell_was_executed_once_and_in_order(path: Path) -> None:
    cells = stored.code_cells(stored.read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), (
        f"store it again: .venv/bin/python tests/notebooks/store.py notebooks/{path.name}"
    )


@each_notebook
def test_no_code_cell_is_empty(path: Path) -> None:
    notebook = stored.read(path)
    empty = [cell for cell in notebook.cells if not cell.source.strip()]
    assert not empty, f"{len(empty)} empty cells"


@each_notebook
def test_no_cell_sleeps_or_looks_inside_the_local_aws(path: Path) -> None:
    for cell in stored.code_cells(stored.read(path)):
        assert not re.search(r"\bsleep\(", cell.source), f"wait for a state: {first_line(cell)}"
        assert "localaws" not in cell.source, f"reach it as AWS: {first_line(cell)}"


@each_notebook
def test_cells_are_short(path: Path) -> None:
    long = {}
    for cell in stored.code_cells(stored.read(path)):
        lines = sum(1 for line in cell.source.splitlines() if line.strip())
        if lines > (FILE_LINES if first_line(cell).startswith("%%") else CELL_LINES):
            long[first_line(cell)] = lines
    assert not long


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    """(level, text) of each heading of the Markdown cells, fenced code left out."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            found += re.findall(r"^(#+) +(.+)$", prose, flags=re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


@each_notebook
def test_headings_start_at_one_and_go_down_one_level_at_a_time(path: Path) -> None:
    found = headings(stored.read(path))
    assert found[0][0] == 1
    assert [level for level, _ in found].count(1) == 1, "one title for each notebook"
    for (above, _), (level, text) in pairwise(found):
        assert level <= above + 1, f"a level is skipped before {text!r}"


@each_notebook
def test_headings_have_names_of_their_own_within_a_section(path: Path) -> None:
    """A screen reader lists headings: two sections of one name cannot be told apart there."""
    sections = [text for level, text in headings(stored.read(path)) if level <= 2]
    assert len(set(sections)) == len(sections)


@each_notebook
def test_pictures_have_alternative_text_and_are_there(path: Path) -> None:
    for cell in stored.read(path).cells:
        if cell.cell_type != "markdown":
            continue
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)", cell.source):
            assert len(alt.strip()) > 10, f"say what {target} shows"
            assert target.startswith("attachment:") or (path.parent / target).is_file(), target
        for picture in re.findall(r"<img\b[^>]*>", cell.source):
            assert re.search(r"alt=[\"'][^\"']{10,}", picture), picture


@each_notebook
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for cell in stored.read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)\s#]+)", cell.source):
                if not re.match(r"\w+:", target):
                    assert (path.parent / target).exists(), target


@each_notebook
def test_an_ignored_output_is_followed_by_a_compared_one(path: Path) -> None:
    cells = stored.code_cells(stored.read(path))
    ignored = [cell for cell in cells if not stored.is_compared(cell)]
    assert len(ignored) <= IGNORED_CELLS, [first_line(cell) for cell in ignored]
    for cell, following in pairwise([*cells, None]):
        if cell is not None and not stored.is_compared(cell):
            assert following is not None, first_line(cell)
            assert stored.is_compared(following), first_line(cell)
            assert stored.text_of(following).strip(), first_line(following)


@each_notebook
def test_outputs_name_nothing_of_the_machine_that_stored_them(path: Path) -> None:
    for cell in stored.code_cells(stored.read(path)):
        text = stored.text_of(cell)
        assert str(stored.ROOT) not in text, first_line(cell)
        assert str(Path.home()) + "/" not in text, first_line(cell)


@each_notebook
def test_metadata_is_small_and_the_same_on_every_machine(path: Path) -> None:
    notebook = stored.read(path)
    assert notebook.metadata == stored.METADATA
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}, first_line(cell)


def test_claims_are_numbered_without_gaps() -> None:
    assert [claim["id"] for claim in CLAIMS] == [f"C{n:02}" for n in range(1, len(CLAIMS) + 1)]


@each_notebook
def test_every_claim_of_this_notebook_is_shown_by_a_compared_cell(path: Path) -> None:
    expected = {claim["id"] for claim in CLAIMS if claim["notebook"] == stored.number(path)}
    shown: set[str] = set()
    for cell in stored.code_cells(stored.read(path)):
        claims = {tag.removeprefix("claim:") for tag in stored.tags(cell) if "claim" in tag}
        if claims:
            assert stored.is_compared(cell), f"nothing compares {first_line(cell)}"
            assert stored.text_of(cell).strip(), f"nothing is seen of {first_line(cell)}"
        shown |= claims
    assert shown == expected
