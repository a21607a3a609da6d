"""Each test writes its own progress file and meets a lesson of its own, "90"."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from helpers.teach import lessons, predicting
from helpers.teach.questions import Prediction, Quiz

OPTIONS = {"a": "one", "b": "two", "c": "three"}


@pytest.fixture(autouse=True)
def progress_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "somewhere" / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    return file


@pytest.fixture(autouse=True)
def lesson(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> types.ModuleType:
    module = types.ModuleType("helpers.teach.lessons.nb90")
    tables = {
        "PREDICTIONS": {
            "90.how-many": Prediction(
                question="How many?",
                right="b",
                replies={"a": "You thought of one.", "b": "Two.", "c": "You thought of three."},
                because="There are always two.",
            )
        },
        "QUIZZES": {
            "90.why": Quiz(
                question="Why?",
                options=OPTIONS,
                right="c",
                replies={"a": "Not one.", "b": "Not two.", "c": "Because of three."},
            )
        },
        "CHECKS": {},
    }
    for name, table in tables.items():
        setattr(module, name, table)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(lessons, "numbers", lambda: ["90"])
    monkeypatch.setattr(lessons, "folder", lambda key: tmp_path / "lesson")
    predicting._open.clear()
    return module
