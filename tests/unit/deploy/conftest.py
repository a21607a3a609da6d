"""Fixtures of the tests of deploy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import cloud


@pytest.fixture(scope="module")
def aws() -> Iterator[cloud.Cloud]:
    """One local cloud for a whole file."""
    opened = cloud.open()
    yield opened
    opened.close()
