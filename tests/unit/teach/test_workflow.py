"""State machines as text and as Mermaid, and histories that read the same on every run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.teach import TeachError, show
from helpers.teach.workflow import drawing, history, words

MACHINE: dict[str, Any] = {
    "StartAt": "Pay",
    "States": {
        "Pay": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "shop-pay"},
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Lost"}],
            "Next": "Large?",
        },
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Both"}],
            "Default": "Done",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Z", "States": {"Z": {"Type": "Pass", "End": True}}},
                {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 7200, "End": True}}},
            ],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Lost": {"Type": "Fail"},
    },
}

PATH = [("1", "Pay"), ("2", "Lost")]


def test_as_text() -> None:
    assert drawing.as_text(MACHINE, PATH).splitlines() == [
        "A workflow that starts with Pay:",
        "  Pay (Task: shop-pay): → Large?; on any error → Lost",
        "      on Busy tries again up to 2 times, after 1 s, 2 s",
        "  Large? (Choice): if total > 100 → Both; otherwise → Done",
        "  Both (Parallel): → Done",
        "      inside, from Z:",
        "        Z (Pass): the end",
        "      inside, from A:",
        "        A (Wait: 2 hours): the end",
        "  Done (Succeed): the end",
        "  Lost (Fail): fails",
        "The path that was taken: 1 Pay → 2 Lost",
    ]


def test_as_mermaid() -> None:
    """Words beside every sign: a step's number for the path, "on" for an error."""
    lines = [line.strip() for line in drawing.as_mermaid(MACHINE, PATH).splitlines()]
    assert lines[0] == "flowchart TD"
    description = lines[lines.index("accDescr {") + 1 : lines.index("}")]
    said = drawing.as_text(MACHINE, PATH).splitlines()
    assert description == [line.strip() for line in said]
    pay = next(line for line in lines if "1 · Pay" in line)
    node = pay.partition("[")[0]
    assert f"class {node} taken" in lines
    assert sum(line.startswith("class ") for line in lines) == 2
    assert any(line.startswith(f"{node} -.->") and '|"on any error"|' in line for line in lines)
    assert any('|"total > 100"|' in line for line in lines)
    assert sum(line.startswith("subgraph ") for line in lines) == lines.count("end") == 1


def test_what_would_break_a_drawing() -> None:
    machine = {"StartAt": 'a "b" <c>', "States": {'a "b" <c>': {"Type": "Succeed"}}}
    drawn = drawing.as_mermaid(machine)
    assert "a #quot;b#quot; #lt;c>" in drawn


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"Variable": "$.a", "StringEquals": "x"}, 'a = "x"'),
        ({"Variable": "$.a", "NumericLessThanEqualsPath": "$.b"}, "a ≤ b"),
        ({"Variable": "$.a", "IsPresent": False}, "a is not present"),
        ({"Not": {"Variable": "$.a", "IsNull": True}}, "not (a is null)"),
        (
            {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b", "IsString": True}]},
            "a is null and b is string",
        ),
        ({"Condition": "{% $states.input.total > 100 %}"}, "$states.input.total > 100"),
    ],
)
def test_conditions(rule: dict[str, Any], said: str) -> None:
    assert words.condition(rule) == said


def test_durations() -> None:
    assert [words.duration(seconds) for seconds in (604_800, 3_600, 90, 120)] == [
        "7 days", "1 hour", "90 seconds", "2 minutes",
    ]  # fmt: skip


class Told:
    """A history in the making."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, before: int, **details: Any) -> int:
        number = len(self.events) + 1
        event = {"id": number, "previousEventId": before, "type": kind}
        self.events.append({**event, "someEventDetails": details} if details else event)
        return number

    def entered(self, kind: str, before: int, name: str, given: Any) -> int:
        return self.add(f"{kind}StateEntered", before, name=name, input=json.dumps(given))

    def exited(self, kind: str, before: int, name: str, given: Any) -> int:
        return self.add(f"{kind}StateExited", before, name=name, output=json.dumps(given))


def told_rows(told: Told, status: str = "SUCCEEDED") -> list[dict[str, str]]:
    return history.rows(history.visits(told.events), status)


def test_a_retry_and_a_catch() -> None:
    told = Told()
    told.add("ExecutionStarted", 0, input="{}")
    at = told.entered("Task", 0, "Pay", {"order": 7})
    for _ in range(2):
        at = told.add("TaskScheduled", at)
        at = told.add("TaskFailed", at, error="Busy", cause="{}")
    cause = json.dumps({"errorMessage": "no money", "stackTrace": ["line 9"]})
    at = told.exited("Task", at, "Pay", {"order": 7, "problem": {"Error": "Busy", "Cause": cause}})
    at = told.entered("Fail", at, "Lost", {"order": 7})
    told.add("ExecutionFailed", at, error="Lost")
    first, last = told_rows(told, "FAILED")
    assert first["what happened"] == "Busy twice: caught"
    assert first["what went in"] == '{"order": 7}'
    assert first["what came out"] == (
        'the same and {"problem": {"Error": "Busy", "Cause": "no money"}}'
    )
    assert (last["step"], last["state"], last["what came out"]) == ("2", "Lost", "")


@pytest.mark.parametrize("order", [("A", "Z"), ("Z", "A")])
def test_branches_stand_in_the_same_order_whichever_was_first(order: tuple[str, str]) -> None:
    told = Told()
    both = told.entered("Parallel", 0, "Both", 1)
    began = told.add("ParallelStateStarted", both)
    inside = {name: told.entered("Pass", began, name, 1) for name in order}
    last = 0
    for name in order:
        last = told.exited("Pass", inside[name], name, 1)
    told.add("ParallelStateSucceeded", last)
    at = told.exited("Parallel", last, "Both", [1, 1])
    at = told.entered("Choice", at, "Large?", [1, 1])
    at = told.exited("Choice", at, "Large?", [1, 1])
    told.entered("Wait", at, "A week", [1, 1])
    rows = told_rows(told, "RUNNING")
    assert [(row["step"], row["state"], row["what happened"]) for row in rows] == [
        ("1", "Both", "2 branches"),
        ("1a", "A", "done"),
        ("1b", "Z", "done"),
        ("2", "Large?", "chose A week"),
        ("3", "A week", "is waiting here"),
    ]
    after = [row["what came out"] for row in rows]
    assert after == ["[1, 1]", "the same", "the same", "the same", ""]


def test_what_is_no_state_machine() -> None:
    with pytest.raises(TeachError, match="StartAt and States"):
        show.workflow({"States": {}})
