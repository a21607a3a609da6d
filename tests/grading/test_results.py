"""What is kept of a run: found again by what it is of, whole, and not from two runs at once."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.grading import version
from helpers.grading.judging import FORM
from helpers.grading.store import CannotWrite, Store, key_of
from helpers.grading.walls import Limits
from helpers.teach import labs

LAB = labs.load("L01")


def result(**more: Any) -> dict[str, Any]:
    found = {
        "form": FORM, "student": "ana", "points": 1, "of": 3, "fault": "", "seconds": {},
        "requirements": [{"name": "a", "points": 1, "met": True, "hidden": False}],
        "reasons": [], "flags": [], "cells": [],
    }  # fmt: skip
    return found | more


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lab and of the judge, to be changed."""
    shutil.copytree(LAB.folder, tmp_path / "lab")
    helpers = Path(version.__file__).parents[1]
    for name in ("grading", "teach", "cloud", "localaws/gateway"):
        shutil.copytree(helpers / name, tmp_path / "helpers" / name)
    monkeypatch.setattr(version, "_HELPERS", tmp_path / "helpers")
    return tmp_path


def version_of(tree: Path) -> str:
    return version.version_of(SimpleNamespace(folder=tree / "lab"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        "lab/check.py", "lab/hidden.py", "lab/work/quote.py", "lab/ticket.md", "lab/new/file.json",
        "helpers/grading/judging.py", "helpers/grading/worker.py", "helpers/grading/inside/cell.py",
        "helpers/teach/checking/run.py", "helpers/localaws/gateway/door.py",
    ],
)  # fmt: skip
def test_what_decides_about_marks_decides_whether_a_result_stands(tree: Path, path: str) -> None:
    before = version_of(tree)
    (tree / path).parent.mkdir(exist_ok=True)
    with (tree / path).open("a") as file:
        file.write("\n")
    assert version_of(tree) != before


def test_what_only_shows_or_explains_does_not(tree: Path) -> None:
    before = version_of(tree)
    for path in (
        "lab/instructor.md", "lab/answers/right/new.json", "lab/__pycache__/check.pyc",
        "lab/source.ipynb", "helpers/grading/exports.py", "helpers/grading/feedback.py",
        "helpers/teach/lessons/nb00/lesson.py", "lab/.hidden",
    ):  # fmt: skip
        (tree / path).parent.mkdir(exist_ok=True, parents=True)
        (tree / path).write_text("\n")
    assert version_of(tree) == before


def test_a_result_is_of_a_student_a_file_a_version_and_limits() -> None:
    keys = {
        key_of("ana", b"1", "v", Limits()), key_of("ben", b"1", "v", Limits()),
        key_of("ana", b"2", "v", Limits()), key_of("ana", b"1", "w", Limits()),
        key_of("ana", b"1", "v", Limits(seconds=1)), key_of("\udcff", b"1", "v", Limits()),
    }  # fmt: skip
    assert len(keys) == 6


@pytest.mark.parametrize(
    "edited",
    [
        {"points": "3"}, {"points": float("nan")}, {"points": -1}, {"points": True}, {"of": None},
        {"student": "ben"}, {"form": 0}, {"requirements": [3]}, {"requirements": [{"name": "a"}]},
        {"seconds": {"any": 1}}, {"reasons": None}, {"fault": None},
    ],
)  # fmt: skip
def test_an_edited_result_is_none(tmp_path: Path, edited: dict[str, Any]) -> None:
    store = Store(tmp_path)
    store.write(result())
    assert store.read("ana") == result()
    (path,) = store.folder.glob("*.json")
    path.write_text(json.dumps(result(**edited)))
    assert store.read("ana") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"student": "ana"}'])
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.write(result())
    (path,) = store.folder.glob("*.json")
    path.write_text(text)
    assert store.read("ana") is None


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.write(result())

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        store.write(result(points=3))
    assert store.read("ana") == result()
    assert len(list(store.folder.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="marks need Linux; to run it: use Linux")
def test_two_runs_do_not_write_at_once(tmp_path: Path) -> None:
    with Store(tmp_path).alone():
        with pytest.raises(CannotWrite, match="Another run"), Store(tmp_path).alone():
            pass
    with Store(tmp_path).alone():
        pass
