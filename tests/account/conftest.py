"""Fixtures of the tests of an account: what stands in for it, and a learner's environment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import cloud
from helpers.cloud.account.removing import Pace
from tests.account.standin import NUMBER, Standin

#: Faster than real: nothing here takes minutes to disappear.
QUICK = Pace(patience=20, pause=0.05, longest=0.5)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    started = Standin(tmp_path_factory.mktemp("standin"))
    yield started
    started.stop()


@pytest.fixture
def account(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``account(**options)`` opens the stand-in in this process; it is closed in the end."""
    for name in ("HOME", "USERPROFILE", "COURSE_ACCOUNT_FOLDER"):
        monkeypatch.setenv(name, standin.environment[name])

    def opened(**options: Any) -> Any:
        given = {"number": NUMBER, "endpoint": standin.url, "pace": QUICK, **options}
        return cloud.open("account", **given)

    yield opened
    with contextlib.suppress(cloud.NoCloudOpen):
        cloud.current().close()
    standin.reset()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path
