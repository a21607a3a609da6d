"""`09.boundary`: a ceiling that lets work through and nothing else, and each slip told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Result
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "09.boundary"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "boundary.json.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "boundary.json.txt").read_text(encoding="utf-8")
BUCKET = "arn:aws:s3:::shop-lab-ACCOUNT"
LOGS, FILES, QUEUES, FUNCTIONS = range(4)
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: the check makes nothing."""
    return local_aws


def but(number: int, **elements: Any) -> str:
    """The solution with other elements in one statement."""
    document = json.loads(SOLUTION)
    document["Statement"][number].update(elements)
    return json.dumps(document)


def without(number: int) -> str:
    document = json.loads(SOLUTION)
    del document["Statement"][number]
    return json.dumps(document)


def of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", **elements}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **elements}


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file boundary.json yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


ALL_OBJECTS = [BUCKET, f"{BUCKET}/*"]
RIGHT = {
    "the solution": SOLUTION,
    "with a belt": of(*json.loads(SOLUTION)["Statement"], deny(Action="iam:*", Resource="*")),
    "narrower": of(
        allow(
            Action=["logs:Create*", "logs:PutLogEvents"],
            Resource="arn:aws:logs:*:ACCOUNT:log-group:/aws/lambda/lab-*",
        ),
        allow(Action=["s3:ListBucket", "s3:*Object"], Resource=ALL_OBJECTS),
        allow(
            Action=["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            Resource="arn:aws:sqs:us-east-1:ACCOUNT:lab-*",
        ),
        allow(
            Action="lambda:Invoke*", Resource="arn:aws:lambda:us-east-1:ACCOUNT:function:lab-*"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


EVERYTHING = allow(Action="*", Resource="*")
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "only what is forbidden": (
        of(deny(Action=["iam:*", "cloudtrail:*"], Resource="*")),
        ("only deny", "lets nothing through", "Write what is allowed"),
    ),
    "everything": (of(EVERYTHING), ("everything but", "make a user", "no ceiling")),
    "everything but the bad things": (
        of(EVERYTHING, deny(Action=["iam:*", "cloudtrail:*"], Resource="*")),
        ("everything but", "read the shop's orders", "think of every bad thing"),
    ),
    "NotAction": (
        of(allow(NotAction="iam:*", Resource="*")),
        ("NotAction", "stop the audit trail", "nearly all of AWS"),
    ),
    "no logs": (without(LOGS), ("no logs", "make its log group", "blind")),
    "logs without groups": (
        but(LOGS, Action=["logs:PutLogEvents"]),
        ("no logs", "make its log group"),
    ),
    "the bucket alone": (but(FILES, Resource=BUCKET), ("bucket only", f"add {BUCKET}/*")),
    "the objects alone": (
        but(FILES, Resource=f"{BUCKET}/*"),
        ("objects only", "list the lab's bucket", "a list of both"),
    ),
    "no queue": (without(QUEUES), ("missing", "send to lab-jobs", "no policy can give")),
    "another queue": (
        but(QUEUES, Resource="arn:aws:sqs:*:ACCOUNT:lab"),
        ("other resource", "sqs:SendMessage is allowed on"),
    ),
    "s3 on everything": (
        but(FILES, Resource="*"),
        ("star resource", "read the payroll", "lab-"),
    ),
    "all buckets of the shop": (
        but(FILES, Resource="arn:aws:s3:::shop-*"),
        ("too many names", "read the payroll"),
    ),
    "all queues": (
        but(QUEUES, Resource="arn:aws:sqs:*:ACCOUNT:*"),
        ("too many names", "send to the queue shop-orders"),
    ),
    "all of Lambda": (
        but(FUNCTIONS, Action="lambda:*"),
        ("star action", "put other code into lab-crop", "lambda:*"),
    ),
    "every function": (
        but(FUNCTIONS, Resource="*"),
        ("star resource", "invoke shop-payout"),
    ),
    "a deny too many": (
        of(
            *json.loads(SOLUTION)["Statement"],
            deny(Action=["s3:Delete*", "sqs:Delete*"], Resource="*"),
        ),
        ("denied", "delete an object of the lab's bucket", "A Deny wins"),
    ),
    "a policy for a bucket": (
        of(allow(Action="s3:*", Resource=ALL_OBJECTS, Principal="*")),
        ("refused", "no Principal"),
    ),
    "dots left": (but(QUEUES, Action="..."), ("dots", 'still a "..."')),
    "no JSON": ("{", ("no JSON",)),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_a_boundary_gives_nothing(aws: Any) -> None:
    """What the last sentence of the notebook's section says, asked of the simulator."""
    document = SOLUTION.replace("ACCOUNT", aws.account_id)
    answer = aws.client("iam").simulate_custom_policy(
        PolicyInputList=[of(allow(Action="sqs:ListQueues", Resource="*"))],
        PermissionsBoundaryPolicyInputList=[document],
        ActionNames=["s3:GetObject"],
        ResourceArns=[f"arn:aws:s3:::shop-lab-{aws.account_id}/in/1.jpg"],
    )
    assert answer["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
