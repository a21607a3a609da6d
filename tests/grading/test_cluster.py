"""A cluster's machines are asked before they judge. (A stand-in speaks for Dask's client.)"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from types import ModuleType
from typing import Any, ClassVar

import pytest

from helpers.grading import cluster as cluster_module
from helpers.grading.cluster import NoCluster, cluster

HERE, THERE = "tcp://10.0.0.1:1", "tcp://10.0.0.2:1"


class Client:
    """Two machines; `says` is what the second answers instead."""

    says: Any = None
    asked: ClassVar[list[str]] = []

    def __init__(self, address: str, timeout: int) -> None:
        self.address = address

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        return {HERE: 2, THERE: 3}

    def run(self, function: Callable[..., Any], *words: Any, on_error: str = "") -> dict[str, Any]:
        self.asked.append(function.__name__)
        answer = function(*words)
        return {HERE: answer, THERE: answer if self.says is None else self.says}

    def get_executor(self, pure: bool) -> Executor:
        return ThreadPoolExecutor(1)


@pytest.fixture(autouse=True)
def _dask(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("distributed")
    module.Client = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", module)
    monkeypatch.setattr(Client, "asked", [])
    monkeypatch.setattr(cluster_module, "problem", lambda: None)


def test_equal_machines_judge_and_are_left_clean() -> None:
    with cluster("tcp://x:1", "L01", practice=False) as (_, width):
        assert width == 5
    assert Client.asked == ["_about", "_leave"]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (("another version", ""), "others at tcp://10.0.0.2:1 than here"),
        (ModuleNotFoundError("No module named 'helpers'"), "No module named 'helpers'"),
    ],
)
def test_another_course_does_not_judge(
    monkeypatch: pytest.MonkeyPatch, says: Any, told: str
) -> None:
    monkeypatch.setattr(Client, "says", says)
    with pytest.raises(NoCluster, match=told), cluster("tcp://x:1", "L01", practice=True):
        pass


def test_each_machine_is_asked_for_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "problem", lambda: "bubblewrap is not installed")
    told = "Nothing was graded: at tcp://10.0.0.1:1, bubblewrap is not installed"
    with pytest.raises(NoCluster, match=told), cluster("tcp://x:1", "L01", practice=False):
        pass
    with cluster("tcp://x:1", "L01", practice=True):
        pass
