"""Takes messages out of a queue and invokes the function with them."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import lineage
from helpers.localaws.compute.errors import LambdaError, ResourceNotFound, TooManyRequests
from helpers.localaws.compute.invocation import Invocation, Outcome
from helpers.localaws.queues.contents import LOCK, QUEUES_CHANGED, wake_all
from helpers.localaws.queues.redrive import queue_of
from helpers.localaws.triggers.filters import passes
from helpers.localaws.triggers.sqs.batch import Batch
from helpers.localaws.triggers.sqs.failures import REPORTS, failed
from helpers.localaws.triggers.sqs.record import record, trace_header
from helpers.localaws.triggers.sqs.width import MOST, Width

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.mappings import Mapping

#: Lambda receives as many messages at a time as SQS hands out.
RECEIVE = 10
#: Seconds between attempts while the function is throttled: doubling from the first to the last.
FIRST_BACKOFF, LAST_BACKOFF = 1.0, 16.0


class QueuePoller:
    """One thread that waits for messages, and a few that invoke the function with them.

    Nobody looks again and again: the queue wakes the thread when a message has come or can be seen
    again, and the clock wakes it when it is moved.
    """

    def __init__(self, service: LambdaService, mapping: Mapping) -> None:
        self._service, self._mapping = service, mapping
        self._width = Width()
        self._left: list[Any] = []  # received, but one too many for the last batch
        self._stopped = threading.Event()
        name = mapping.source_arn.rpartition(":")[2]
        self._workers = ThreadPoolExecutor(MOST, thread_name_prefix=f"sqs-{name}")
        threading.Thread(target=self._poll, name=f"poll-{name}", daemon=True).start()

    def stop(self) -> None:
        """Take no more messages; batches in flight are finished."""
        self._stopped.set()
        wake_all()
        self._workers.shutdown(wait=False)

    # -- taking messages -----------------------------------------------------------------------

    def _poll(self) -> None:
        while not self._stopped.is_set():
            queue = self._wait_for_messages()
            if queue is None:
                return
            try:
                batch = self._gather(queue)
                if batch:
                    self._workers.submit(self._process, batch)
                    continue
            except Exception:
                # Stopped in between: the messages come back after their visibility timeout.
                if not self._stopped.is_set():
                    traceback.print_exc(file=sys.stderr)
            self._give_place_back(queue)

    def _wait_for_messages(self) -> Any:
        """The queue, once it has a message and there is a place for a batch; None: stopped."""
        with LOCK:
            while not self._stopped.is_set():
                queue = queue_of(self._mapping.source_arn)
                if queue is None:  # it was deleted; one of the same name may come
                    QUEUES_CHANGED.wait()
                elif not self._has_function():  # the same, but nobody tells
                    QUEUES_CHANGED.wait(1)
                elif not self._left and not queue.contents.has_something():
                    self._width.calm()
                    queue.contents.wait(float("inf"))
                elif not self._mapping.may("sqs:ReceiveMessage"):
                    # The messages stay in the queue. Nobody tells when the role changes.
                    QUEUES_CHANGED.wait(1)
                elif self._width.take(self._maximum_concurrency()):
                    return queue
                else:
                    queue.contents.wait(self._width.next_place_at())
        return None

    def _has_function(self) -> bool:
        """Whether the function is there: the mapping means whichever has its name now.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html (mappings are
        not deleted with their function)
        """
        try:
            return bool(self._mapping.function)
        except ResourceNotFound:
            return False

    def _maximum_concurrency(self) -> int | None:
        most: int | None = (self._mapping.config.get("ScalingConfig") or {}).get(
            "MaximumConcurrency"
        )
        return most

    def _give_place_back(self, queue: Any) -> None:
        with LOCK:
            self._width.give_back()
            queue.contents.changed.notify_all()

    def _gather(self, queue: Any) -> Batch:
        """Messages for one invocation: as many as fit, waiting for more within the window."""
        config = self._mapping.config
        window = config.get("MaximumBatchingWindowInSeconds") or 0
        batch, until = Batch(queue), 0.0
        while len(batch) < config["BatchSize"]:
            wanted = min(RECEIVE, config["BatchSize"] - len(batch))
            received, self._left = self._left or self._receive(queue, wanted), []
            for number, message in enumerate(received):
                if not self._take(batch, message):
                    self._left = received[number:]
                    return batch
            if not received:
                until = until or time.time() + window
                if time.time() >= until or self._stopped.is_set():
                    break
                with LOCK:
                    if not queue.contents.has_something():
                        queue.contents.wait(until)
            if batch and not until:
                until = time.time() + window  # it begins with the first message
        return batch

    @staticmethod
    def _receive(queue: Any, most: int) -> list[Any]:
        received: list[Any] = queue.contents.receive(most, queue.visibility_timeout)
        return received

    def _take(self, batch: Batch, message: Any) -> bool:
        """Put a message into the batch, or delete it if the filter says so; False: no room."""
        shown = record(message, self._mapping.source_arn)
        if passes(self._mapping.config.get("FilterCriteria"), shown, "body"):
            return batch.add(message, shown)
        held = batch.queue.contents.find(message.receipt_handle)
        if held is not None:
            batch.queue.contents.remove(held)
        return True

    # -- invoking ------------------------------------------------------------------------------

    def _process(self, batch: Batch) -> None:
        try:
            self._invoke(batch)
        except LambdaError:
            pass  # the messages come back after their visibility timeout
        except Exception:
            traceback.print_exc(file=sys.stderr)
        finally:
            self._give_place_back(batch.queue)

    def _invoke(self, batch: Batch) -> None:
        mapping = self._mapping
        function = mapping.function
        header = trace_header(batch.messages[0][0])
        trace, count = lineage.extend(header, function.latest.arn)
        if count > lineage.LIMIT and function.recursive_loop == "Terminate":
            # Not run, and not deleted: the redrive policy takes the messages in the end.
            self._service.metrics.count(function, "RecursiveInvocationsDropped")
            return
        invocation = Invocation(batch.payload, function.arn(mapping.qualifier), trace_id=trace)
        outcome = self._run(batch, invocation)
        if outcome is None or outcome.error:
            return
        if not mapping.may("sqs:DeleteMessage"):
            return  # they come back after their visibility timeout
        reports = REPORTS in mapping.config.get("FunctionResponseTypes", [])
        batch.delete(keep=failed(outcome.payload, batch.ids) if reports else set())

    def _run(self, batch: Batch, invocation: Invocation) -> Outcome | None:
        """Invoke; None where the function was throttled until the messages could be seen again."""
        until = time.time() + batch.queue.visibility_timeout
        backoff = FIRST_BACKOFF
        while True:
            function = self._mapping.function
            version = function.route(self._mapping.qualifier)
            if version.state == "Pending":
                if not self._pause(batch, 0.05, until):
                    return None
                continue
            try:
                return self._service.invoke(function, version, invocation)
            except TooManyRequests:
                if not self._pause(batch, backoff, until):
                    return None
                backoff = min(2 * backoff, LAST_BACKOFF)

    def _pause(self, batch: Batch, seconds: float, until: float) -> bool:
        """Wait on the course clock; False: stopped, or there is no time for it."""
        end = time.time() + seconds
        with LOCK:
            while time.time() < end <= until and not self._stopped.is_set():
                batch.queue.contents.wait(end)
        return end <= until and not self._stopped.is_set()
