"""The asynchronous queue: events that were accepted with 202 and are delivered afterwards.

A handler's error is retried twice, after one and two minutes; a throttle is tried again, later and
later, until the event is too old. All times are those of the course clock.
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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.localaws import clock
from helpers.localaws.compute import destinations, lineage
from helpers.localaws.compute.errors import ResourceNotFound, TooManyRequests
from helpers.localaws.compute.function import LATEST, Function, Version
from helpers.localaws.compute.invocation import Invocation, Outcome

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Seconds before the first and the second retry of a handler's error.
RETRY_DELAYS = (60, 120)
#: Seconds between attempts while throttled: doubling from the first to the last.
FIRST_BACKOFF, LAST_BACKOFF = 1, 300
MAX_AGE = 21_600
#: How many queued events are delivered at the same time. More wait; none is lost.
WORKERS = 32


@dataclass
class QueuedEvent:
    """An accepted event and what has become of it so far."""

    account: str
    region: str
    name: str
    qualifier: str | None
    invocation: Invocation
    accepted: float = field(default_factory=time.time)  #: on the course clock
    attempts: int = 0  #: how often the handler has run
    throttles: int = 0  #: how often in a row it was refused
    outcome: Outcome | None = None  #: of the last attempt


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
            self._workers.submit(self._deliver_safely, event)

    def _deliver_safely(self, event: QueuedEvent) -> None:
        try:
            self._deliver(event)
        except ResourceNotFound:
            pass  # the function was deleted meanwhile: its events go with it
        except Exception:
            traceback.print_exc(file=sys.stderr)

    def _deliver(self, event: QueuedEvent) -> None:
        function = self._service.functions(event.account, event.region).get(event.name)
        version = function.route(event.qualifier)
        if version.state == "Pending" or version.last_update_status == "InProgress":
            self.put(event, 0.05)  # queued events wait for the new code
            return
        if function.reserved == 0:
            self._give_up(event, function, version, "ZeroReservedConcurrency")
            return
        if event.attempts == 0 and not self._may_run(event, function):
            self._service.metrics.count(function, "RecursiveInvocationsDropped")
            self._give_up(event, function, version, "RecursiveInvocationsDropped")
            return
        event.invocation.tail.clear()
        # A delay counts from here. Who sees the end in the log and moves the clock forward by the
        # delay meets the next attempt, however busy this machine is in between.
        since = time.time()
        try:
            event.outcome = self._service.invoke(function, version, event.invocation)
        except TooManyRequests:
            delay = min(FIRST_BACKOFF * 2**event.throttles, LAST_BACKOFF)
            event.throttles += 1
        else:
            since = event.outcome.ended
            event.attempts += 1
            event.throttles = 0
            if self._service.functions(event.account, event.region).get(event.name) is not function:
                return  # the cloud was emptied meanwhile, and this is another one of that name
            if event.outcome.error is None:
                self._send(event, function, version, "OnSuccess", "Success")
                return
            if event.attempts > self._setting(event, function, "MaximumRetryAttempts", 2):
                self._give_up(event, function, version, "RetriesExhausted")
                return
            delay = RETRY_DELAYS[event.attempts - 1]
        # Decided ahead: an event that would be too old at its next attempt is given up now.
        max_age = self._setting(event, function, "MaximumEventAgeInSeconds", MAX_AGE)
        if since + delay - event.accepted > max_age:
            self._give_up(event, function, version, "EventAgeExceeded")
        else:
            self.put(event, since + delay - time.time())

    @staticmethod
    def _may_run(event: QueuedEvent, function: Function) -> bool:
        """Put the function's place in the chain into the trace header; False: the chain loops."""
        trace, count = lineage.extend(event.invocation.trace_id, function.latest.arn)
        event.invocation.trace_id = trace
        return count <= lineage.LIMIT or function.recursive_loop == "Allow"

    def _give_up(
        self, event: QueuedEvent, function: Function, version: Version, condition: str
    ) -> None:
        """The event will not be tried again: dead-letter queue and failure destination get it."""
        sender = destinations.Sender(self._service.endpoint)
        queue = version.config.get("DeadLetterConfig", {}).get("TargetArn")
        if queue and not sender.to_dead_letter_queue(
            version, queue, event.invocation, event.outcome
        ):
            self._service.metrics.count(function, "DeadLetterErrors")
        self._service.metrics.count(function, "AsyncEventsDropped")
        self._send(event, function, version, "OnFailure", condition)

    def _send(
        self, event: QueuedEvent, function: Function, version: Version, side: str, condition: str
    ) -> None:
        config = self._setting(event, function, "DestinationConfig", {})
        target = (config.get(side) or {}).get("Destination")
        if not target:
            return
        document = destinations.record(
            function,
            event.qualifier or LATEST,
            event.invocation,
            condition,
            event.attempts,
            event.outcome,
        )
        sender = destinations.Sender(self._service.endpoint)
        if not sender.to_destination(version, target, document):
            self._service.metrics.count(function, "DestinationDeliveryFailures")

    @staticmethod
    def _setting(event: QueuedEvent, function: Function, name: str, default: Any) -> Any:
        config = function.invoke_configs.get(event.qualifier or LATEST, {})
        return config.get(name, default)
