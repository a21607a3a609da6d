"""Fixtures of the tests of opening a cloud."""

from __future__ import annotations

import contextlib
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


@pytest.fixture
def aws() -> cloud.Cloud:
    """The local cloud: the one that an earlier test of the file has left open, or a new one."""
    return cloud.open()


@pytest.fixture
def closed() -> None:
    """No cloud is open when the test begins."""
    _close()


@pytest.fixture(scope="module", autouse=True)
def _closed_in_the_end() -> Iterator[None]:
    yield
    _close()


def _close() -> None:
    with contextlib.suppress(cloud.NoCloudOpen):
        cloud.current().close()
