"""L04's check puts back what it changes, and notices rights that change while it looks."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from helpers.teach import labs
from helpers.teach.checking import Context, Result, run
from tests.labs import answers
from tests.labs.conftest import Work

LAB = labs.load("L04")
STUDENT = "ana"
FUNCTION = LAB.facts(STUDENT)["function"]
LIVE = "release 2 is live, brought by the pipeline"


@pytest.fixture
def mended(work: Work, local_aws: Any) -> Any:
    """A cloud in which the solution has run."""
    done = work(LAB, answers.solutions(LAB), STUDENT)
    assert done.result.points == LAB.points
    return local_aws


def check(cloud: Any, tmp_path: Any) -> Result:
    return run(LAB.check, Context(cloud, tmp_path, labs.hidden_cases(LAB), STUDENT))


def unmet(result: Result) -> set[str]:
    return {finding.requirement for finding in result.findings if not finding.met}


def versions(lambda_: Any) -> list[str]:
    found = lambda_.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    return [one["Version"] for one in found]


def live(lambda_: Any) -> str:
    return str(lambda_.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"])


def test_the_check_leaves_versions_and_alias_as_they_were(mended: Any, tmp_path: Any) -> None:
    lambda_ = mended.client("lambda")
    first, second = versions(lambda_)[1:3]
    lambda_.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=first)
    for _ in range(2):
        assert unmet(check(mended, tmp_path)) == {LIVE}
        assert (versions(lambda_), live(lambda_)) == (["$LATEST", first, second], first)


def test_a_check_is_no_release_by_hand_to_the_next_one(mended: Any, tmp_path: Any) -> None:
    lambda_ = mended.client("lambda")
    before = versions(lambda_), live(lambda_)
    # The check's own release publishes one version more now, and has to take it back.
    lambda_.update_function_configuration(FunctionName=FUNCTION, Description="for contact sheets")
    for _ in range(2):
        assert unmet(check(mended, tmp_path)) == set()
        assert (versions(lambda_), live(lambda_)) == before


def test_rights_that_change_while_the_check_looks_are_no_answer(
    mended: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[LAB.check.prepare.__module__]
    looks = module._pipeline_read

    def somebody_writes(desk: Any) -> str:
        for name, policy in desk.inline(desk.shop.role).items():
            desk.iam.put_role_policy(
                RoleName=desk.shop.role, PolicyName=name, PolicyDocument=json.dumps(policy)
            )
        return str(looks(desk))

    monkeypatch.setattr(module, "_pipeline_read", somebody_writes)
    result = check(mended, tmp_path)
    assert unmet(result) == {"the pipeline can do nothing else", "the function can do nothing else"}
    words = " ".join(labs.report(result).split())
    assert "somebody changed rights while the check looked" in words
