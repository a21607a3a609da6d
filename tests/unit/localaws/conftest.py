"""Fixtures of the tests of the local AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import cloud
from tests import clouds


@pytest.fixture(scope="module")
def aws() -> Iterator[cloud.Cloud]:
    """One local cloud for a whole file."""
    with clouds.opened() as opened:
        yield opened
