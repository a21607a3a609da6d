"""The asynchronous queue: from when its delays count."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.localaws.compute.events import RETRY_DELAYS, EventQueue, QueuedEvent
from helpers.localaws.compute.invocation import Invocation, Outcome


class Service:
    """As much of the Lambda service as the queue needs; its one function always fails.

    An attempt ends, its log can be read, and this machine then is busy for so long that somebody
    who has read it moves the clock forward before the queue goes on. (The end is dated back here;
    no clock has to be moved for that.)
    """

    def __init__(self) -> None:
        self.attempts = 0
        self.given_up = threading.Event()
        self.metrics = SimpleNamespace(count=self._count)
        version = SimpleNamespace(
            state="Active", last_update_status="Successful", config={}, number="$LATEST"
        )
        self.function = SimpleNamespace(
            latest=SimpleNamespace(arn="arn"),
            recursive_loop="Terminate",
            reserved=None,
            invoke_configs={},
            route=lambda qualifier: version,
        )
        self.endpoint = "http://localhost:1"

    def functions(self, account: str, region: str) -> Any:
        return SimpleNamespace(get=lambda name: self.function)

    def invoke(self, function: Any, version: Any, invocation: Invocation) -> Outcome:
        moved_forward_since = RETRY_DELAYS[min(self.attempts, 1)]
        self.attempts += 1
        return Outcome(b"{}", "Unhandled", ended=time.time() - moved_forward_since)

    def _count(self, function: Any, metric: str) -> None:
        if metric == "AsyncEventsDropped":
            self.given_up.set()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    queue = EventQueue(made)  # type: ignore[arg-type]
    queue.put(QueuedEvent("123456789012", "us-east-1", "failing", None, Invocation(b"{}", "arn")))
    yield made
    queue.close()


def test_a_retry_counts_from_the_end_of_the_attempt(service: Service) -> None:
    """Not from when the queue comes round to it: the clock may have been moved in between."""
    assert service.given_up.wait(20)
    assert service.attempts == 3
