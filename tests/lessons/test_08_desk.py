"""`08.desk`: four mistakes repaired, in several ways, and each way of doing too much told apart.

A wrong answer is judged by the one requirement that it misses, to save the functions that the
others would start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Context, Result, run
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "08.desk"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "desk-policy.json.txt").read_text()
STARTER = (FOLDER / "starters" / "desk-policy.json.txt").read_text()
Judge = Callable[..., Result]

ORDERS = "arn:aws:s3:::shop-orders-${AWS::AccountId}/*"
LABELS = "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:shop-labels"
NOTES = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/shop-notes"
GROUP = "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/shop-desk"


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert SOLUTION.count(old) == 1, old
    return SOLUTION.replace(old, new)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


LOGS = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], f"{GROUP}:*")
WORK = [
    allow("s3:GetObject", ORDERS),
    allow("sqs:SendMessage", LABELS),
    allow("dynamodb:PutItem", NOTES),
]


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file desk-policy.json yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "the account's own number, one key's folder, two statements for the log": policy(
        allow("s3:GetObject", "arn:aws:s3:::shop-orders-123456789012/orders/*"),
        *WORK[1:],
        allow("logs:CreateLogGroup", f"{GROUP}:*"),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{GROUP}:log-stream:*"),
    ),
    "in small letters, and a Deny beside it": policy(
        allow("s3:getobject", ORDERS),
        *WORK[1:],
        LOGS,
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
    ),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "no JSON": (but('"SendLabels",', '"SendLabels"'), ("no JSON", "a comma between two entries")),
    "a list": ("[]", ("no JSON", 'begins with "{"')),
    "the bucket for its objects": (
        but("${AWS::AccountId}/*", "${AWS::AccountId}"),
        ("cannot read the order", "That is the bucket. Its objects are"),
    ),
    "the star of the key forgotten": (
        but("${AWS::AccountId}/*", "${AWS::AccountId}/orders/"),
        ("cannot read the order", "without a * at its end"),
    ),
    "the wrong verb left": (
        but("sqs:SendMessage", "sqs:ReceiveMessage"),
        ("cannot send the label", "sqs:SendMessage is missing there"),
    ),
    "an action that does not exist": (
        but("sqs:SendMessage", "sqs:SendMessages"),
        ("cannot send the label", "sqs:SendMessages. sqs:SendMessage is missing"),
    ),
    "another region": (
        but("sqs:${AWS::Region}", "sqs:eu-west-3"),
        ("cannot send the label", "The region is another one: eu-west-3 in the policy"),
    ),
    "another account": (
        but("${AWS::AccountId}:table", "111122223333:table"),
        ("cannot note it", "The account is another one: 111122223333"),
    ),
    "the table without its kind": (
        but("table/shop-notes", "shop-notes"),
        ("cannot note it", "It is another name: shop-notes in the policy"),
    ),
    "the group for its streams": (
        but("shop-desk:*", "shop-desk"),
        ("no log", "with a star at the end"),
    ),
    "no statement for the log": (policy(*WORK), ("no log", "no line in its log")),
    "every action": (
        policy(allow("*", [ORDERS, LABELS, NOTES, f"{GROUP}:*"])),
        ("every action", "and so does everything else"),
    ),
    "every resource": (
        policy(allow("s3:GetObject", "*"), *WORK[1:], LOGS),
        ("every resource", 's3:GetObject on "*"', "The denial named the one resource"),
    ),
    "everything": (policy(allow("*", "*")), ("every action",)),
    "a whole service": (
        but('"s3:GetObject"', '"s3:*"'),
        ("whole service", '"s3:*"', "deletion included"),
    ),
    "a pattern of actions": (
        but('"s3:GetObject"', '"s3:Get*"'),
        ("pattern of actions", '"s3:Get*"', "Write the action out"),
    ),
    "all but": (
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        ("turned round", "everything else"),
    ),
    "every queue of the account": (
        but(":shop-labels", ":*"),
        ("every resource", "sqs:SendMessage on"),
    ),
    "every bucket whose name begins so": (
        but("${AWS::AccountId}/*", "${AWS::AccountId}*"),
        ("too much", "s3:GetObject on arn:aws:s3:::shop-orders-123456789012-invoices/B-1.json"),
    ),
    "every queue of the shop": (
        but(":shop-labels", ":shop-*"),
        ("too much", "sqs:SendMessage on", "shop-payments"),
    ),
    "both verbs": (
        but('"sqs:SendMessage"', '["sqs:SendMessage", "sqs:ReceiveMessage"]'),
        ("too much", "may also do sqs:ReceiveMessage"),
    ),
    "listing too": (
        policy(*WORK, LOGS, allow("s3:ListBucket", ORDERS.removesuffix("/*"))),
        ("too much", "may also do s3:ListBucket"),
    ),
    "every function's log": (
        but("/aws/lambda/shop-desk:*", "/aws/lambda/*"),
        ("too much", "may also do logs:PutLogEvents", "shop-label"),
    ),
    "a principal": (
        policy(*WORK, {**LOGS, "Principal": "*"}),
        ("not accepted", "IAM does not accept the policy", "has no Principal"),
    ),
    "an effect in small letters": (
        SOLUTION.replace('"Allow"', '"allow"'),
        ("not accepted", "IAM does not accept the policy"),
    ),
    "denied again": (
        policy(*WORK, LOGS, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}),
        ("cannot send the label", "with an explicit deny in an identity-based policy"),
    ),
}


MISSES = {
    "cannot read the order": "reads the order",
    "cannot send the label": "sends the label",
    "cannot note it": "notes it",
    "no log": "writes its log",
    "too much": "nothing else",
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(aws: Any, tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    check = lessons.check(KEY)
    asked = tuple(
        one for one in check.requirements if one.name == MISSES.get(slip, "reads the order")
    )
    (tmp_path / "desk-policy.json").write_text(text)
    is_wrong(run(replace(check, requirements=asked), Context(aws, tmp_path)), slip, *said)


def test_the_first_thing_missed_is_told_and_the_rest_is_judged(judge: Judge) -> None:
    result = judge(KEY, but("sqs:SendMessage", "sqs:ReceiveMessage"))
    is_wrong(result, "cannot send the label")
    assert [finding.met for finding in result.findings] == [True, False, True, True, False]


def test_nothing_of_the_check_is_left(aws: Any, judge: Judge) -> None:
    judge(KEY, SOLUTION)
    assert "QueueUrls" not in aws.client("sqs").list_queues()
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("iam").list_roles()["Roles"] == []


def test_what_is_there_stays(aws: Any, judge: Judge) -> None:
    s3, name = aws.client("s3"), "shop-orders-123456789012"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="orders/A-17.json", Body=b"the learner's")
    is_right(judge(KEY, SOLUTION))
    kept = s3.get_object(Bucket=name, Key="orders/A-17.json")["Body"].read()
    assert kept == b"the learner's"
