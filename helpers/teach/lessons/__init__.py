"""What each notebook asks and says, found by key: "01.reply" stands in `nb01`.

A lesson is a package with the dictionaries PREDICTIONS, QUIZZES and CHECKS, whose keys are the
keys that the notebook uses. Texts that are files (starters, solutions) stand beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.teach.errors import unknown
from helpers.teach.questions import Prediction, Quiz

if TYPE_CHECKING:
    from helpers.teach.checking import Check


def numbers() -> list[str]:
    """The notebooks that have a lesson: ["00", "01", …]."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted(name.removeprefix("nb") for name in names if name.startswith("nb"))


def prediction(key: str) -> Prediction:
    """The prediction called `key`."""
    found: Prediction = _find("prediction", "PREDICTIONS", key)
    return found


def quiz(key: str) -> Quiz:
    """The quiz question called `key`."""
    found: Quiz = _find("quiz question", "QUIZZES", key)
    return found


def check(key: str) -> Check:
    """The check called `key`."""
    found: Check = _find("check", "CHECKS", key)
    return found


def keys(table: str) -> list[str]:
    """Every key of one table ("PREDICTIONS", "QUIZZES" or "CHECKS") over all lessons."""
    return [key for number in numbers() for key in getattr(_lesson(number), table)]


def folder(key: str) -> Path:
    """The folder of the lesson that `key` belongs to."""
    return Path(__path__[0]) / f"nb{key.split('.')[0]}"


def _find(what: str, table: str, key: str) -> Any:
    number = str(key).split(".")[0]
    if number in numbers():
        entries = getattr(_lesson(number), table)
        if key in entries:
            return entries[key]
    raise unknown(what, key, keys(table))


def _lesson(number: str) -> Any:
    return importlib.import_module(f"{__name__}.nb{number}")
