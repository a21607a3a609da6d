"""A delivery that can be made later is tried again; one that cannot is dead-lettered at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.localaws.triggers.eventbridge import targets
from helpers.localaws.triggers.eventbridge.delivery import Delivery, attempt
from helpers.localaws.triggers.eventbridge.targets import Failed


class Lambdas:
    """Takes down what is counted and what is put on the timetable."""

    def __init__(self) -> None:
        self.counted: list[str] = []
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.metrics = SimpleNamespace(of_service=self._count)
        self.timetable = SimpleNamespace(at=lambda when, action: self.due.append((when, action)))

    def _count(self, *arguments: Any) -> None:
        self.counted += arguments[-1]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A target that fails so many times, and the dead letters that were written."""
    left, dead = [0], []

    def send(*_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise Failed("THROTTLING", "too many", again=True)

    def send_to_queue(*_: Any, attributes: Any) -> None:
        dead.append(attributes)

    monkeypatch.setattr(targets, "send", send)
    monkeypatch.setattr(targets, "send_to_queue", send_to_queue)
    return left, dead


def deliver(**policy: int) -> tuple[Lambdas, Delivery]:
    lambdas = Lambdas()
    rule = SimpleNamespace(
        arn="arn:rule", name="r", event_bus_name="default", account_id="1", region_name="x"
    )
    target = {"Arn": "arn:t", "RetryPolicy": policy, "DeadLetterConfig": {"Arn": "arn:dlq"}}
    one = Delivery(rule, target, {"id": "1"}, time.time(), began=time.time())
    attempt(lambdas, one)  # type: ignore[arg-type]
    return lambdas, one


def test_until_it_works(failing: Any) -> None:
    left, dead = failing
    left[0] = 5
    lambdas, one = deliver()
    pauses = []
    while lambdas.due:
        when, action = lambdas.due.pop()
        pauses.append(when - time.time())
        action()
    assert (one.retries, dead) == (5, [])
    assert lambdas.counted.count("RetryInvocationAttempts") == 5
    assert "FailedInvocations" not in lambdas.counted
    assert all(0 < pause < 17 for pause in pauses)
    assert pauses[4] > pauses[0], "later and later"


def test_as_often_as_the_policy_says(failing: Any) -> None:
    left, dead = failing
    left[0] = 100
    lambdas, _ = deliver(MaximumRetryAttempts=3)
    while lambdas.due:
        lambdas.due.pop()[1]()
    assert left[0] == 96
    (attributes,) = dead
    assert attributes["RETRY_ATTEMPTS"] == "3"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["ERROR_CODE"] == "THROTTLING"
    assert lambdas.counted.count("FailedInvocations") == 1


def test_as_long_as_the_policy_says(failing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    left, dead = failing
    left[0] = 1000
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    lambdas, one = deliver(MaximumEventAgeInSeconds=3600)
    while lambdas.due:
        now[0], action = lambdas.due.pop()
        action()
    assert dead[0]["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert 2000 < now[0] - 1_000_000 <= 3600
    assert 8 < one.retries < 40
