"""The toy lab in a folder of its own, and whether this machine can keep submissions apart."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from helpers.grading.isolation import INSTALL, is_installed, problem
from helpers.grading.walls import ROOT
from tests.grading import notebooks


@cache
def why_no_sandbox() -> str | None:
    """None, or the reason why the judge's sandbox tests cannot run here, with what helps."""
    if problem() is None:
        return None
    if not is_installed():
        return f"the judge's sandbox needs bubblewrap; to run it: {INSTALL}"
    if os.environ.get("LOCALAWS_SANDBOX") == "off":
        return "the judge's sandbox needs walls; to run it: unset LOCALAWS_SANDBOX"
    return (
        "the judge's sandbox needs user namespaces, which this system forbids; to run it: use a "
        "machine that allows them, `python3 start.py grade` says which"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("sandbox") and (why := why_no_sandbox()):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def toy() -> Iterator[Path]:
    """The toy lab's folder. Not below tests/, where its notebook would be run as a test, and not in
    /tmp, where a submission sees a folder of its own.
    """
    (ROOT / ".course").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="toy-", dir=ROOT / ".course") as parent:
        Path(parent).chmod(0o755)
        yield _toy(Path(parent) / "toy")


def _toy(folder: Path) -> Path:
    shutil.copytree(notebooks.TOY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    todo = notebooks.cells(notebooks.TODO, notebooks.TODO)
    (folder / "toy.ipynb").write_text(notebooks.as_text(todo))
    return folder
