"""The events of an execution, as the interpreter tells them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from helpers.localaws.triggers.stepfunctions.history import MAX_EVENTS, History


def say(history: History, kind: str, context: Any = None, **details: Any) -> int:
    context = context or SimpleNamespace(source_event_id=0, last_published_event_id=0)
    return history.add_event(context, SimpleNamespace(value=kind), details or None)


def test_each_event_names_the_one_before_it() -> None:
    told: list[Any] = []
    history = History(told.append, lambda: False)
    context = SimpleNamespace(source_event_id=0, last_published_event_id=0)
    for kind in ("ExecutionStarted", "PassStateEntered", "PassStateExited"):
        say(history, kind, context)
    assert [(one["id"], one["previousEventId"]) for one in history.events()] == [
        (1, 0),
        (2, 1),
        (3, 2),
    ]
    assert [one["type"] for one in told] == [one["type"] for one in history.events()]


def test_nothing_comes_after_the_end() -> None:
    history = History(lambda event: None, lambda: False)
    say(history, "ExecutionStarted")
    assert history.end("ExecutionAborted", {"executionAbortedEventDetails": {"cause": "c"}})
    say(history, "LambdaFunctionSucceeded")
    assert not history.end("ExecutionFailed", {})
    assert [one["type"] for one in history.events()] == ["ExecutionStarted", "ExecutionAborted"]


def test_what_is_told_is_a_copy() -> None:
    history = History(lambda event: None, lambda: False)
    details = {"stateEnteredEventDetails": {"name": "S", "input": None}}
    say(history, "PassStateEntered", **details)
    history.events()[0]["type"] = "Other"
    event = history.events()[0]
    assert event["type"] == "PassStateEntered"
    assert event["stateEnteredEventDetails"] == {"name": "S"}  # without what has no value


def test_a_standard_execution_has_25000_events_at_most() -> None:
    def overflow(details: dict[str, Any]) -> None:
        history.end("ExecutionFailed", {"executionFailedEventDetails": details})

    history = History(lambda event: None, lambda: False, overflow)
    for _ in range(MAX_EVENTS + 10):
        say(history, "PassStateEntered")
    events = history.events()
    assert len(events) == MAX_EVENTS
    assert events[-1]["type"] == "ExecutionFailed"
    assert "maximum number of history events (25000)" in str(events[-1])
