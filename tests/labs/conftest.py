"""One local cloud for each file of lab tests; each lab is worked at in an empty one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers.teach.checking import Context, Result
from helpers.teach.checking import run as run_check
from helpers.teach.labs import Lab, hidden_cases, report
from tests import clouds
from tests.labs import running


@dataclass(frozen=True)
class Done:
    """A learner's copy after its run, and what a check says of the cloud it left."""

    ran: running.Ran
    result: Result

    @property
    def words(self) -> str:
        """What a grader shows, on one line."""
        return " ".join(report(self.result, hidden=False).split())

    @property
    def held(self) -> dict[str, bool]:
        """Each requirement, and whether it holds."""
        return {finding.requirement: finding.met for finding in self.result.findings}


Work = Callable[..., Done]


@pytest.fixture(scope="module")
def local_aws() -> Iterator[Any]:
    with clouds.opened() as opened:
        yield opened


@pytest.fixture
def work(local_aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Run a learner's copy with some cells filled in, then the check with its hidden cases."""
    monkeypatch.chdir(tmp_path)

    def worked(lab: Lab, cells: Mapping[str, str], student: str, hidden: bool = True) -> Done:
        local_aws.reset()
        ran = running.run(running.filled(lab, cells), student)
        more = hidden_cases(lab) if hidden else {}
        context = Context(local_aws, Path("work"), more, student)
        return Done(ran, run_check(lab.check, context))

    return worked
