"""Whatever is in a submitted file: cells come out, and reasons for what does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.grading import reading
from helpers.grading.reading import Notebook, read
from tests.grading.notebooks import DOUBLE, STORE, TODO, as_text, cell, cells, notebook

REFERENCE = as_text(cells(TODO, TODO)).encode()


def reads(content: bytes | dict[str, Any]) -> Notebook:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read(raw, REFERENCE)


def named(found: Notebook) -> list[str]:
    return [one.name for one in found.code]


def test_a_whole_notebook_has_nothing_to_tell() -> None:
    found = reads(notebook(cells()))
    assert (found.reasons, found.flags) == ([], [])
    assert [one.source for one in found.code if one.name in ("store", "double")] == [STORE, DOUBLE]
    assert found.answer("story") == "YOUR ANSWER HERE"


@pytest.mark.parametrize("value", [5, True, None, float("inf"), "x", {}, [[]], [{}]])
def test_any_json_may_stand_anywhere(value: Any) -> None:
    one = {"cell_type": "code", "metadata": {}, "source": "1"}
    for name in ("cell_type", "metadata", "source", "id"):
        reads(notebook([one | {name: value}]))
    for name in ("tags", "nbgrader"):
        reads(notebook([one | {"metadata": {name: value}}]))
    for name in ("cells", "metadata"):
        reads({**notebook([one]), name: value})
    reads({"worksheets": value})
    reads({"worksheets": [{"cells": value}, {"cells": [one]}]})


def test_untouched_answers_are_known() -> None:
    found = reads(notebook(cells(STORE, TODO)))
    assert {one.name: one.attempted for one in found.code if one.name} == {
        "store": True, "double": False, "check": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"PK\x03\x04\x00\x00", "JSON is broken"),
        (b'{"cells": [', "JSON is broken"),
        (b"[1, 2]", "JSON of another kind"),
        (b"null", "JSON of another kind"),
        (b"{}", "no list of cells"),
        (b'{"cells": {"a": 1}}', "no list of cells"),
        (b'{"cells": []}', "no cells"),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"cells": [], "n": ' + b"9" * 50_000 + b"}", "JSON is broken"),
        (b"\x00" * 1000, "JSON is broken"),
        (b"\xff\xfe" + b"\xd8" * 99, "JSON is broken"),
    ],
)
def test_what_is_no_notebook_gets_a_reason(content: bytes, told: str) -> None:
    found = reads(content)
    assert any(told in reason for reason in found.reasons), found.reasons
    assert found.code == []


def test_a_file_of_50_mb_is_read_and_a_larger_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "A" * (50 << 20)}}
    large = notebook([*cells(), cell("1", outputs=[picture])])
    assert reads(large).reasons == []
    assert "store" in named(reads(large))
    monkeypatch.setattr(reading, "MOST_BYTES", 40 << 20)
    assert "are not read" in reads(large).reasons[0]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "another encoding")],
)
def test_other_encodings_are_read(encoding: str, told: str) -> None:
    content = as_text(cells(f"# é à\n{STORE}")).encode("utf-8").decode("unicode_escape")
    text = json.dumps(notebook(cells("# é\n" + STORE)), ensure_ascii=False)
    assert content
    found = reads(text.encode(encoding))
    assert any(told in reason for reason in found.reasons)
    assert next(one for one in found.code if one.name == "store").source == "# é\n" + STORE


def test_broken_cells_cost_only_themselves() -> None:
    broken: list[Any] = [
        None, 7, "text", [], {}, {"cell_type": "code", "source": 7},
        {"cell_type": "code", "source": ["a", 7]}, {"cell_type": 3, "source": ""},
    ]  # fmt: skip
    found = reads(notebook([*broken, *cells()]))
    assert sum("is broken" in reason for reason in found.reasons) == len(broken)
    assert named(found) == ["", "store", "double", "check"]


@pytest.mark.parametrize(
    "metadata", [None, [], "x", {"nbgrader": 7}, {"nbgrader": {"grade_id": 7}}]
)
def test_strange_metadata_is_no_obstacle(metadata: Any) -> None:
    strange = cell("1") | {"metadata": metadata}
    found = reads(notebook([strange, *cells()], metadata=metadata))
    assert len(found.code) == 5


def test_too_many_cells_and_too_long_ones_are_left_out() -> None:
    found = reads(notebook([cell("1")] * 1500))
    assert len(found.code) <= 1000 + 1
    assert any("first 1000 of 1500" in reason for reason in found.reasons)
    found = reads(notebook(cells(store="#" * (300 << 10))))
    assert any("300 kB" in reason for reason in found.reasons)


def test_a_locked_cell_that_was_changed_is_run_as_it_was() -> None:
    changed = cells()
    changed[3]["source"] = "print('full marks')"
    found = reads(notebook(changed))
    assert found.flags == ["Locked cell “check” was changed; the original was run."]
    assert found.code[-1].source == "print('visible checks')"


def test_a_missing_locked_cell_comes_back_in_its_place() -> None:
    some = cells()
    found = reads(notebook([*some[:3], *some[4:]]))
    assert found.reasons == ["Locked cell “check” is missing."]
    assert named(found) == ["", "store", "double", "check"]


def test_a_missing_answer_is_named() -> None:
    some = cells()
    found = reads(notebook([some[0], *some[2:]]))
    assert found.reasons == ["Cell “store” is missing."]
    assert named(found) == ["", "double", "check"]


def test_doubled_cells() -> None:
    some = cells()
    found = reads(notebook([*some, some[1], some[3]]))
    assert found.flags == ["Locked cell “check” is there more than once."]
    assert found.reasons == ["Cell “store” is there more than once; each was run, in order."]
    assert named(found) == ["", "store", "double", "check", "store"]


def test_added_cells_are_run_where_they_stand() -> None:
    some = cells()
    found = reads(notebook([*some[:2], cell("x = 1"), *some[2:]]))
    assert [one.origin for one in found.code] == [
        "submitted", "submitted", "added", "submitted", "restored",
    ]  # fmt: skip


def test_an_answer_whose_metadata_is_gone_is_known_by_its_cells_id() -> None:
    reference = cells(TODO, TODO)
    reference[1]["id"] = "two"
    bare = cells()
    bare[1] = cell(STORE, id="two")
    found = read(json.dumps(notebook(bare)).encode(), as_text(reference).encode())
    assert found.reasons == []
    assert named(found)[1] == "store"


def test_another_kernel_gets_a_reason_and_is_run() -> None:
    found = reads(notebook(cells(), metadata={"kernelspec": {"language": "R", "name": "ir"}}))
    assert found.reasons == ["The notebook's kernel is 'R'; it was run as Python."]
    assert len(found.code) == 4


def test_a_notebook_of_the_old_form_is_read() -> None:
    old = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "metadata": {}}]
    found = reads({"worksheets": [{"cells": old}], "nbformat": 3, "metadata": {}})
    assert found.code[0].source == "x = 1\ny = 2"


def test_a_cell_that_only_looks_is_left_out_as_long_as_it_is_untouched() -> None:
    reference = [*cells(TODO, TODO), cell("sleep()", id="look") | {"metadata": {"tags": ["look"]}}]
    for source, number in (("sleep()", 4), ("mine()", 5)):
        submitted = [*cells(), cell(source, id="look")]
        found = read(json.dumps(notebook(submitted)).encode(), as_text(reference).encode())
        assert len(found.code) == number
