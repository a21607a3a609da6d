"""One local cloud for the tests of deploy, and a file to deploy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import cloud


@pytest.fixture(scope="module")
def aws() -> Iterator[cloud.Cloud]:
    opened = cloud.open()
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """``file(text)`` writes app.py and returns its path."""

    def written(text: str) -> Path:
        path = tmp_path / "app.py"
        path.write_text(text, encoding="utf-8")
        return path

    return written
