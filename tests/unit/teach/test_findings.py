"""What the linter finds, and that nothing of it comes from the internet or depends on the run."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from helpers.teach import TeachError, show
from helpers.teach.findings import Finding, findings

BUCKET, OBJECTS = "arn:aws:s3:::shop-in", "arn:aws:s3:::shop-in/*"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:shop-out"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


NOTHING_TO_SAY = {
    "objects": policy(allow("s3:GetObject", OBJECTS)),
    "queue": policy(allow("sqs:SendMessage", QUEUE, Sid="Out")),
    "an action without resources": policy(allow("s3:ListAllMyBuckets")),
    "trust": policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ),
}
SAID = {
    "the bucket, not its objects": (
        allow("s3:GetObject", BUCKET, Sid="In"),
        Finding(
            "In",
            "medium",
            "No resources match for action s3:GetObject. This action requires one of: "
            "accesspointobject, object",
        ),
    ),
    "no such action": (
        allow("s3:GetObjekt", OBJECTS),
        Finding("1", "error", "Action GetObjekt not found in service s3."),
    ),
    "no such service": (
        allow("shop:Print"),
        Finding("1", "error", "Action Print not found in service shop."),
    ),
    "everything": (
        allow("*"),
        Finding(
            "1",
            "critical",
            "Statement allows all actions on all resources - CRITICAL SECURITY RISK",
        ),
    ),
    "a whole service": (
        allow("s3:*", OBJECTS),
        Finding("1", "high", "Service wildcard 's3:*' grants all permissions for the s3 service"),
    ),
    "every resource": (
        allow("sqs:SendMessage"),
        Finding(
            "1",
            "medium",
            'Statement applies to all resources ("*") with actions that typically require '
            "specific resources: sqs:SendMessage",
        ),
    ),
    "a key that the action does not have": (
        allow("sqs:SendMessage", QUEUE, Condition={"StringEquals": {"sqs:colour": "red"}}),
        Finding(
            "1",
            "error",
            "Condition key sqs:colour is not valid for action sqs:SendMessage",
        ),
    ),
}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: Any, **more: Any) -> Any:
        raise AssertionError("the linter asked the internet")

    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.mark.parametrize("document", NOTHING_TO_SAY.values(), ids=NOTHING_TO_SAY)
def test_nothing_to_say(document: dict[str, Any]) -> None:
    assert findings(document) == []


@pytest.mark.parametrize(("statement", "expected"), SAID.values(), ids=SAID)
def test_what_is_found(statement: dict[str, Any], expected: Finding) -> None:
    found = findings(policy(statement))
    assert expected in found
    assert found == findings(json.dumps(policy(statement)))


def test_statements_come_in_their_order() -> None:
    found = findings(policy(allow("s3:GetObject", BUCKET), allow("*"), allow("sqs:*", QUEUE)))
    assert [one.statement for one in found] == ["1", "2", "3"]


def test_in_a_thread_with_an_event_loop() -> None:
    async def in_a_notebook() -> list[Finding]:
        return findings(policy(allow("*")))

    assert len(asyncio.run(in_a_notebook())) == 1


@pytest.mark.parametrize("given", ["s3:GetObject", "[]", {"Effect": "Allow"}, 7])
def test_what_is_no_policy(given: Any) -> None:
    with pytest.raises(TeachError, match="Give the "):
        findings(given)


def test_shown_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    show.findings(NOTHING_TO_SAY["objects"])
    assert capsys.readouterr().out == "The linter's findings: none\n"
    show.findings(policy(allow("s3:*", OBJECTS, Sid="All")))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The linter's findings: 1"
    assert lines[3].startswith("All        high      Service wildcard")
