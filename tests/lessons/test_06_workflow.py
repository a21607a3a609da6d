"""`06.workflow`: right in both query languages, and each way to lose an order is told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Result
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "06.workflow"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "payment.asl.json.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "payment.asl.json.txt").read_text(encoding="utf-8")
BUSY = {"ErrorEquals": ["BankBusy"], "IntervalSeconds": 5, "MaxAttempts": 3}
DECLINED = {"ErrorEquals": ["CardDeclined"], "ResultPath": "$.problem", "Next": "Refuse"}
OTHER = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.problem", "Next": "Manual"}
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: all that the check makes has a name of its own."""
    return local_aws


def pay(leave_out: tuple[str, ...] = (), **changed: Any) -> str:
    """The solution with some of Pay's fields changed or left out."""
    machine = json.loads(SOLUTION)
    state = {**machine["States"]["Pay"], **changed}
    machine["States"]["Pay"] = {name: state[name] for name in state if name not in leave_out}
    return json.dumps(machine)


def without(**fields: Any) -> list[dict[str, Any]]:
    """The solution's Catch with some fields of both entries changed; None leaves one out."""
    entries = [{**DECLINED, **fields}, {**OTHER, **fields}]
    return [{k: v for k, v in one.items() if v is not None} for one in entries]


JSONATA = {
    "QueryLanguage": "JSONata",
    "StartAt": "Pay",
    "States": {
        "Pay": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {
                "FunctionName": "${pay}",
                "Payload": {
                    "order": "{% $states.input %}",
                    "attempt": "{% $states.context.State.RetryCount %}",
                },
            },
            "Output": "{% $merge([$states.input, {'payment': $states.result.Payload}]) %}",
            "Retry": [{"ErrorEquals": ["BankBusy"], "MaxAttempts": 2, "JitterStrategy": "FULL"}],
            "Catch": [
                {
                    "ErrorEquals": [error],
                    "Output": "{% $merge([$states.input, {'problem': $states.errorOutput}]) %}",
                    "Next": following,
                }
                for error, following in (("CardDeclined", "Refuse"), ("States.ALL", "Manual"))
            ],
            "Next": "Ship",
        },
        "Ship": {"Type": "Succeed"},
        "Refuse": {"Type": "Succeed"},
        "Manual": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {"QueueUrl": "${manual}", "MessageBody": "{% $states.input %}"},
            "End": True,
        },
    },
}
RIGHT = {
    "the solution": SOLUTION,
    "in JSONata": json.dumps(JSONATA),
    "others tried once more": pay(
        Retry=[
            {"ErrorEquals": ["CardDeclined"], "MaxAttempts": 0},
            {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 60, "MaxAttempts": 2},
        ],
        Catch=[DECLINED, {**OTHER, "ErrorEquals": ["States.TaskFailed"]}],
    ),
}


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file payment.asl.json yet")
    is_not_attempted(judge(KEY, STARTER + "\n"), "still as it was given")


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


WRONG = {
    "no JSON": (SOLUTION.replace("}],", "}]", 1), ("no JSON", "A comma")),
    "a place is gone": (SOLUTION.replace("${manual}", "orders"), ("place", "${manual}")),
    "nothing leads to the others": (
        pay(leave_out=("Catch",)),
        ("refused", "not reachable", "Catch"),
    ),
    "everything first": (
        pay(Catch=[OTHER, DECLINED]),
        ("refused", "States.ALL stands alone"),
    ),
    "the result replaces the order": (
        pay(leave_out=("ResultPath",)),
        ("order lost", 'Ship does not get the order: it gets {"receipt": "R-A-fine"}', "$.payment"),
    ),
    "the whole reply": (
        pay(leave_out=("ResultSelector",)),
        ("whole reply", "ResultSelector"),
    ),
    "another name": (pay(ResultPath="$.receipt"), ("receipt", "under payment")),
    "no attempt for the bank": (
        pay(Parameters={"FunctionName": "${pay}", "Payload.$": "$"}),
        ("payload", "KeyError", "order and attempt"),
    ),
    "a path to nowhere": (
        pay(ResultSelector={"receipt.$": "$.receipt"}),
        ("runtime", "States.Runtime", "'$.receipt' could not be found"),
    ),
    "no retry": (pay(leave_out=("Retry",)), ("no retry", "Pay → Manual", "Retry comes first")),
    "one more try": (
        pay(Retry=[{**BUSY, "MaxAttempts": 1}]),
        ("too few tries", "there were 2", "after the first one"),
    ),
    "declined cards again": (
        pay(Retry=[{**BUSY, "ErrorEquals": ["States.ALL"]}]),
        ("declined again", "asked 4 times", "name BankBusy"),
    ),
    "declined cards to people": (
        pay(
            Catch=[
                {**OTHER, "ErrorEquals": ["CardDeclined", "States.TaskFailed"]},
                {**DECLINED, "ErrorEquals": ["States.ALL"]},
            ]
        ),
        ("declined to people", "first that fits"),
    ),
    "everybody is refused": (
        pay(Catch=[{**DECLINED, "ErrorEquals": ["States.TaskFailed"]}, OTHER]),
        ("refused for another reason", "nobody has thought of"),
    ),
    "some errors left out": (
        pay(Catch=[DECLINED, {**OTHER, "ErrorEquals": ["BankBusy"]}]),
        ("not to Manual", "FAILED with ArithmeticError", "States.ALL"),
    ),
    "the error replaces the order": (
        pay(Catch=without(ResultPath=None)),
        ("order lost", "Refuse does not get the order", '"Error": "CardDeclined"'),
    ),
    "the error is thrown away": (
        pay(Catch=[{**entry, "ResultPath": None} for entry in (DECLINED, OTHER)]),
        ("no problem", "CardDeclined", '"ResultPath": "$.problem"'),
    ),
    "round and round": (
        pay(Catch=[DECLINED, {**OTHER, "ErrorEquals": ["BankBusy"]}, {**OTHER, "Next": "Again"}])
        .replace('"Ship": {', '"Again": {"Type": "Pass", "Next": "Pay"}, "Ship": {'),
        ("endless", "more than twelve times"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_points_for_half_of_it_and_nothing_is_left_behind(judge: Judge, aws: Any) -> None:
    result = judge(KEY, pay(leave_out=("Retry",)))
    assert (result.points, result.of) == (3, 4)
    functions = aws.client("lambda").list_functions()["Functions"]
    assert not [one for one in functions if one["FunctionName"].startswith("check-")]
    machines = aws.client("stepfunctions").list_state_machines()["stateMachines"]
    assert not [one for one in machines if one["name"].startswith("check-")]
    assert "QueueUrls" not in aws.client("sqs").list_queues(QueueNamePrefix="check-")
    roles = aws.client("iam").list_roles()["Roles"]
    assert not [one for one in roles if one["RoleName"].startswith("check-")]
