"""The engine: three outcomes, named requirements, hidden cases, and never a traceback."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from helpers.teach.checking import (
    Case,
    Check,
    Context,
    NotAttempted,
    Outcome,
    Requirement,
    Slip,
    run,
)

NO_CLOUD: Any = None  # these checks look at no cloud


def doubles(answer: Callable[[int], int], case: Case) -> None:
    got = answer(case.given)
    if got != case.expected:
        raise Slip("sum", f"{case.given} gave {got}.", "Double it.")


def positive(answer: Callable[[int], int], case: Case) -> None:
    if answer(case.given) < 0:
        raise Slip("sign", f"{case.given} gave less than nothing.", "Look at the sign.")


def never_ends(answer: Callable[[int], int], case: Case) -> None:
    raise Slip("timeout", "it never ended.", "Look for a loop.", final=True)


def make(answer: Callable[[int], int] | Exception, *more: Requirement) -> Check:
    @contextlib.contextmanager
    def prepare(context: Context) -> Iterator[Callable[[int], int]]:
        if isinstance(answer, Exception):
            raise answer
        yield answer

    return Check(
        key="90.double",
        prepare=prepare,
        requirements=(
            *more,
            Requirement("doubles", doubles, (Case(2, 4),), points=2),
            Requirement("stays positive", positive, (Case(3),)),
        ),
        hints=("Think.", "Think of two."),
        praise="Well done.",
    )


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(cloud=NO_CLOUD, folder=tmp_path)


def test_right(context: Context) -> None:
    result = run(make(lambda n: 2 * n), context)
    assert result.outcome is Outcome.RIGHT
    assert (result.points, result.of) == (3, 3)
    assert result.text() == "✓ 90.double, right: all 2 requirements are met. Well done."


def test_wrong_says_what_was_seen_the_advice_and_what_is_met(context: Context) -> None:
    result = run(make(lambda n: n * n * n), context)
    assert result.outcome is Outcome.WRONG
    assert (result.points, result.of) == (1, 3)
    assert result.text() == (
        "✗ 90.double, not yet: 2 gave 8.\n"
        '  Double it. (hint("90.double") says more)\n'
        "  Met so far, 1 of 2: stays positive."
    )


def test_not_attempted(context: Context) -> None:
    result = run(make(NotAttempted("nothing is there. Begin.")), context)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert result.text() == "○ 90.double, not attempted: nothing is there. Begin."
    assert result.fault == ""


def test_a_slip_while_preparing_leaves_every_requirement_unmet(context: Context) -> None:
    result = run(make(Slip("syntax", "a bracket is missing.", "Close it.")), context)
    assert (result.outcome, result.points, result.of) == (Outcome.WRONG, 0, 3)
    assert "a bracket is missing." in result.text()


def test_a_final_slip_ends_the_judging(context: Context) -> None:
    result = run(make(lambda n: 2 * n, Requirement("ends", never_ends)), context)
    assert [finding.slip is not None for finding in result.findings] == [True, False, False]
    assert not any(finding.met for finding in result.findings)


@pytest.mark.parametrize("hidden_last", [False, True])
def test_hidden_cases_can_come_after_all_public_ones(context: Context, hidden_last: bool) -> None:
    asked: list[object] = []

    def judge(subject: object, case: Case) -> None:
        asked.append(case.given)
        if case.given == "wrong":
            raise Slip("wrong", "it was wrong", "mend it")

    check = Check(
        key="x",
        prepare=lambda context: contextlib.nullcontext(),
        requirements=(
            Requirement("first", judge, (Case(1), Case("own", hidden=True), Case(2))),
            Requirement("second", judge, (Case("wrong"), Case(3))),
            Requirement("third", judge, (Case(4),)),
        ),
        hidden_last=hidden_last,
    )
    more = {name: (Case(f"hidden {name}", hidden=True),) for name in ("first", "second", "third")}
    result = run(check, replace(context, more=more))
    assert [finding.met for finding in result.findings] == [True, False, True]
    first, own = [1, "own", 2, "hidden first"], ["wrong", 4, "hidden third"]
    last = [1, 2, "wrong", 4, "own", "hidden first", "hidden third"]
    assert asked == (last if hidden_last else [*first, *own])


def test_hidden_cases_count_and_are_not_shown(context: Context) -> None:
    more = {"doubles": (Case(7, 14, hidden=True),)}
    result = run(make(lambda n: n + 2), Context(context.cloud, context.folder, more))
    assert result.outcome is Outcome.WRONG
    assert "7" not in result.text()
    assert "Double it." in result.text()
    assert "7 gave 9." in result.text(hidden=True)
    assert result.as_data()["requirements"][0]["hidden"] is True


def test_cases_for_a_requirement_that_does_not_exist_are_the_graders_mistake(
    context: Context,
) -> None:
    with pytest.raises(ValueError, match="no requirement called doubled"):
        run(make(lambda n: n), Context(context.cloud, context.folder, {"doubled": ()}))


def test_a_cloud_that_is_gone_says_nothing_about_the_work(context: Context) -> None:
    result = run(make(EndpointConnectionError(endpoint_url="http://localhost:1")), context)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert "cloud.open()" in result.text()
    assert "EndpointConnectionError" in result.fault


def test_a_check_that_stumbles_blames_the_course(context: Context) -> None:
    nothing: dict[int, int] = {}
    result = run(make(lambda n: nothing[n]), context)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert "a fault in the course, not in your work" in " ".join(result.text().split())
    assert "KeyError" in result.fault


def refusal(status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "AccessDenied", "Message": "no"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "GetObject",
    )


def test_a_refusal_while_judging_is_the_works_own_and_costs_one_requirement(
    context: Context,
) -> None:
    def asks(answer: Any, case: Case) -> None:
        raise refusal(403)

    result = run(make(lambda n: 2 * n, Requirement("can be read", asks)), context)
    assert not result.fault
    assert [finding.met for finding in result.findings] == [False, True, True]
    assert "AWS refused GetObject" in result.text()


def test_a_refusal_while_preparing_earns_nothing_and_a_servers_error_judges_nothing(
    context: Context,
) -> None:
    refused = run(make(refusal(404)), context)
    assert (refused.outcome, refused.points, refused.fault) == (Outcome.WRONG, 0, "")
    broken = run(make(refusal(500)), context)
    assert broken.outcome is Outcome.NOT_ATTEMPTED
    assert "AccessDenied" in broken.fault


def test_the_result_is_json_ready(context: Context) -> None:
    data = json.loads(json.dumps(run(make(lambda n: n), context).as_data()))
    assert (data["outcome"], data["points"], data["of"]) == ("not yet", 1, 3)
    assert data["requirements"][0]["slip"] == "sum"


def test_requirements_have_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="names of their own"):
        make(lambda n: n, Requirement("doubles", positive))
