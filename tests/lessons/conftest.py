"""One local cloud for each file of lesson tests, emptied before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Context, Result, run
from tests import clouds

Judge = Callable[..., Result]


@pytest.fixture(scope="module")
def local_aws() -> Iterator[Any]:
    with clouds.opened() as opened:
        yield opened


@pytest.fixture
def aws(local_aws: Any) -> Any:
    local_aws.reset()
    return local_aws


@pytest.fixture
def judge(aws: Any, tmp_path: Path) -> Judge:
    """Run a check on a learner's text, as a grader would: this cloud, this folder, these cases."""

    def judged(
        key: str, text: str | bytes | None, more: dict[str, tuple[Case, ...]] | None = None
    ) -> Result:
        check = lessons.check(key)
        if text is not None:
            file = tmp_path / check.files[0]
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run(check, Context(aws, tmp_path, more or {}))

    return judged
