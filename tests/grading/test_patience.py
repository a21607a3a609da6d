"""A handler that sleeps costs its own submission some marks, and nobody else an hour."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from helpers.grading import worker
from helpers.grading.judging import blank
from helpers.grading.worker import PATIENCE, Worker, _keep_clients
from helpers.teach import labs


def test_the_checks_own_clients_do_not_wait_for_ever() -> None:
    made: list[Any] = []
    opened: Any = SimpleNamespace(client=lambda service, **options: made.append(options))
    _keep_clients(opened)
    opened.client("lambda")
    opened.client("s3", aws_access_key_id="x")
    assert [one["config"].read_timeout for one in made] == [PATIENCE] * 2


def test_who_keeps_the_check_waiting_is_judged_once_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, tried, fresh = labs.load("L01"), list[str](), list[bool]()

    def waited(lab: Any, hidden: Any, cloud: Any, student: str, *_: Any) -> dict[str, Any]:
        tried.append(student)
        return blank(lab, student) | {"fault": "ReadTimeoutError : it slept"}

    monkeypatch.setattr(worker, "judge", waited)
    monkeypatch.setattr(Worker, "open", lambda self: None)
    monkeypatch.setattr(Worker, "refresh", lambda self: fresh.append(True))
    limits = {"seconds": 5}
    one = Worker(
        {"lab": "L01", "limits": limits, "practice": False, "scratch": "unused", "number": 0}
    )
    result = one.judge("ana", b"{}")
    assert (result["fault"], result["points"], result["of"]) == ("", 0, lab.points)
    assert "kept the check waiting" in result["reasons"][0]
    assert (tried, fresh) == (["ana"], [True])
