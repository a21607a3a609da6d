"""The asynchronous queue: events that were accepted with 202 and are delivered afterwards.

A handler's error is retried twice, after one and two minutes of the course clock.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.localaws import clock
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.compute.invocation import Invocation

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Seconds before the first and the second retry.
RETRY_DELAYS = (60, 120)
#: How many queued events are delivered at the same time.
WORKERS = 32


@dataclass
class QueuedEvent:
    """An accepted event and what has become of it so far."""

    account: str
    region: str
    name: str
    qualifier: str | None
    invocation: Invocation
    attempts: int = 0


class EventQueue:
    """Delivers events when they are due on the course clock."""

    def __init__(self, service: LambdaService) -> None:
        self._service = service
        self._due: list[tuple[float, int, QueuedEvent]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="async-invoke")
        self._closed = False
        clock.on_change(self._wake)
        threading.Thread(target=self._dispatch, name="async-queue", daemon=True).start()

    def put(self, event: QueuedEvent, delay: float = 0.0) -> None:
        """Accept an event, to be delivered after ``delay`` seconds of the course clock."""
        with self._changed:
            heapq.heappush(self._due, (time.time() + delay, next(self._order), event))
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what has not been delivered (the cloud is being emptied)."""
        with self._changed:
            self._due.clear()

    def close(self) -> None:
        self._closed = True
        self.clear()
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _dispatch(self) -> None:
        while not self._closed:
            with self._changed:
                now = time.time()
                if not self._due or self._due[0][0] > now:
                    self._changed.wait(self._due[0][0] - now if self._due else None)
                    continue
                _, _, event = heapq.heappop(self._due)
            self._workers.submit(self._deliver, event)

    def _deliver(self, event: QueuedEvent) -> None:
        try:
            functions = self._service.functions(event.account, event.region)
            version = functions.get(event.name).version(event.qualifier)
            event.attempts += 1
            event.invocation.tail.clear()
            outcome = self._service.invoke(version, event.invocation)
            if outcome.error and event.attempts <= len(RETRY_DELAYS):
                self.put(event, RETRY_DELAYS[event.attempts - 1])
        except LambdaError:
            pass  # the function was deleted meanwhile: its events go with it
        except Exception:
            traceback.print_exc(file=sys.stderr)
