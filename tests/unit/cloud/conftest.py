"""Fixtures of the tests of opening a cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import cloud
from tests.unit.cloud.openers import Opener


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Callable[..., Opener]]:
    """``opener(script)`` starts a process that opens a cloud; whatever is left of it is ended."""
    started: list[Opener] = []

    def start(script: str, **environment: str) -> Opener:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Opener(folder, script, **environment))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="module")
def aws() -> Iterator[cloud.Cloud]:
    """One local cloud for a whole file; a test that needs it open may open it again."""
    opened = cloud.open()
    yield opened
    opened.close()
    cloud.open().close()  # whatever a test has opened instead
