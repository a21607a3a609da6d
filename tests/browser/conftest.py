"""One JupyterLab and one browser for each file of browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import look


@pytest.fixture(scope="module")  # no wider: while Playwright is active, asyncio.run() is refused
def desk() -> Iterator[look.Desk]:
    with look.desk() as opened:
        yield opened
