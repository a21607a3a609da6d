"""The board's fields and its button, with questions that a cloud answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import cloud
from helpers.teach import DecisionBoard, TeachError
from helpers.teach.decision.board import Drawn, context_of
from tests import clouds

OBJECT = "arn:aws:s3:::shop/a.txt"
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
ALLOW = {
    "Sid": "In",
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
}


@pytest.fixture(scope="module")
def aws() -> Iterator[cloud.Cloud]:
    with clouds.opened() as opened:
        _roles(opened)
        yield opened


def _roles(opened: cloud.Cloud) -> None:
    iam = opened.client("iam")
    iam.create_role(RoleName="board-label", AssumeRolePolicyDocument=_document(TRUST))
    iam.put_role_policy(RoleName="board-label", PolicyName="may", PolicyDocument=_document(ALLOW))


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def drawn(aws: cloud.Cloud) -> Drawn:
    return DecisionBoard("board-label", "s3:GetObject", OBJECT).drawn()


def press(drawn: Drawn) -> str:
    """Press the button; the line that says the outcome."""
    (button,) = [one for one in drawn.widget.children if one.description == "Decide"]
    button.click()
    return str(drawn.widget.children[-2].value)


def test_without_a_kernel_the_board_says_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    board = DecisionBoard("board-label", "s3:GetObject", OBJECT, {"aws:SourceVpc": "vpc-1"})
    board.show()
    assert capsys.readouterr().out.splitlines()[-1] == (
        f'Or type: show.decision("board-label", "s3:GetObject", "{OBJECT}", '
        "context={'aws:SourceVpc': 'vpc-1'})"
    )
    assert '"…", "…", "…"' in DecisionBoard().as_text()


def test_every_field_has_a_label_and_offers_what_there_is(drawn: Drawn) -> None:
    fields = drawn.widget.children[:4]
    assert [one.description for one in fields] == ["Who", "Action", "Resource", "Context"]
    assert "board-label" in drawn.principal.options
    assert "s3:GetObject" in drawn.action.options
    assert not drawn.principal.ensure_option


def test_decide_says_the_outcome_and_the_steps(drawn: Drawn) -> None:
    said: list[str] = []
    drawn.widget.children[-2].observe(lambda change: said.append(change["new"]), names="value")
    status, steps = press(drawn), drawn.widget.children[-1]
    assert "Asking AWS …" in said[0]
    assert 'role="status"' in status
    assert "Denied: because no identity-based policy allows the s3:GetObject action" in status
    assert "<b>silent</b>" in steps.value
    assert "the context that you gave does not say" in steps.value

    drawn.context.value = "aws:SourceVpc = vpc-1\n"
    assert "Allowed: statement" in press(drawn)
    assert "<b>allows</b>" in steps.value


def test_a_wrong_field_is_told_and_the_old_steps_are_gone(drawn: Drawn) -> None:
    press(drawn)
    drawn.action.value = "GetObject"
    assert "That did not work: &quot;GetObject&quot; is no action." in press(drawn)
    assert drawn.widget.children[-1].value == ""


def test_context_is_a_key_in_each_line() -> None:
    text = "aws:SourceIp = 203.0.113.7\n\naws:TagKeys = cost, team\naws:RequestTag/a=b=c"
    assert context_of(text) == {
        "aws:SourceIp": "203.0.113.7",
        "aws:TagKeys": ["cost", "team"],
        "aws:RequestTag/a": "b=c",
    }
    for wrong in ("SourceIp = 1", "aws:SourceIp", "aws:SourceIp ="):
        with pytest.raises(TeachError, match=r"is no context key\. Write one in each line"):
            context_of(wrong)
