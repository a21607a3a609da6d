"""Which environments have walls: all that a cloud ever starts, or none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from helpers.localaws.compute import process
from helpers.localaws.compute.walled import SandboxUnavailable


@pytest.fixture
def walls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A script of what happens at each attempt to build walls: "" for well, else the problem."""
    script: list[str] = []

    def walled(plan: Any) -> str:
        problem = script.pop(0)
        if problem:
            raise SandboxUnavailable(problem)
        return "walled"

    monkeypatch.setattr(process, "Walled", walled)
    monkeypatch.setattr(process, "Plain", lambda plan: "plain")
    monkeypatch.setattr(process, "_sandbox_allowed", True)
    monkeypatch.setattr(process, "_walls_have_stood", False)
    return script


def plan(walls: bool) -> Any:
    return SimpleNamespace(argv=["python"], walls=walls)


def test_a_system_without_namespaces_is_asked_once(walls: list[str]) -> None:
    walls.append("unshare: Operation not permitted")
    assert str(process.start(plan)) == "plain"
    assert str(process.start(plan)) == "plain"
    assert walls == []


def test_where_walls_stood_nothing_runs_without(walls: list[str]) -> None:
    walls += ["", "No space left on device", "", "no", "no", "no"]
    assert str(process.start(plan)) == "walled"
    assert str(process.start(plan)) == "walled"
    with pytest.raises(OSError, match=r"no new sandbox \(no\)"):
        process.start(plan)
    assert walls == []
