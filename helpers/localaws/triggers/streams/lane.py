"""One lane of a shard: collects batches in order, invokes the function, and retries what fails.

A shard has as many lanes as ParallelizationFactor says. A key's records are always in the same
lane, and no lane goes on before it is done with its batch.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from helpers.localaws.compute.errors import LambdaError, TooManyRequests
from helpers.localaws.compute.function import Version
from helpers.localaws.compute.invocation import Invocation, Outcome
from helpers.localaws.triggers.streams import access, failures
from helpers.localaws.triggers.streams.batch import Batch
from helpers.localaws.triggers.streams.bells import Bell
from helpers.localaws.triggers.streams.progress import Position
from helpers.localaws.triggers.streams.records import Record
from helpers.localaws.triggers.streams.reports import first_failure
from helpers.localaws.triggers.streams.sources import Source
from helpers.localaws.triggers.streams.windows import Window

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.mappings import Mapping

#: Seconds of the course clock between attempts, doubling from the first to the last. AWS retries
#: with pauses that it does not document.
FIRST_PAUSE, LAST_PAUSE = 0.1, 60.0
#: Real seconds between the beginnings of two batches that are not full: what is written meanwhile
#: goes together. (AWS looks into a table's stream four times a second, into Kinesis once.)
POLL = 0.1
#: Records taken from the stream at once.
CHUNK = 500
#: Bytes of one event: the limit of a synchronous invocation.
MOST_BYTES = 6 * 1024 * 1024


class Attempt(NamedTuple):
    """How one attempt went. ``failed_at``: the first record to be tried again; None: all is well.

    ``invoked`` is False where the function was throttled or is not there: that is no retry.
    """

    invoked: bool
    failed_at: int | None


NOT_INVOKED = Attempt(False, 0)


class Lane:
    """Works in a thread of its own until it is stopped or the shard has come to its end."""

    def __init__(
        self,
        service: LambdaService,
        mapping: Mapping,
        source: Source,
        shard_id: str,
        share: tuple[int, int],
        position: Position,
    ) -> None:
        self._service, self._mapping, self._source = service, mapping, source
        self._shard_id, self._position = shard_id, position
        self._number, self._lanes = share
        self._stopped = threading.Event()
        self._bell = Bell(source.bell_arn)
        self._last_batch = 0.0  #: when it began, on the machine's clock
        self.finished = False  #: whether a closed shard has been done to its end

    def stop(self) -> None:
        """Begin nothing new; an invocation under way is waited for by whoever comes next."""
        self._stopped.set()
        self._bell.ring()

    def run(self) -> None:
        with self._position.held:
            while not self._stopped.is_set():
                try:
                    batch = self._gather()
                    if batch is None:
                        return
                    self._process(batch)
                except Exception:
                    traceback.print_exc(file=sys.stderr)
                    self._stopped.wait(1)

    # -- collecting ----------------------------------------------------------------------------

    def _gather(self) -> Batch | None:
        """The next batch, once it is full or its batching window is over.

        None: the lane was stopped, or nothing will come any more.
        """
        found: list[Record] = []
        size, after, deadline = 0, self._position.after, 0.0
        wait: float | None  # for the bell, in seconds
        while not self._stopped.is_set():
            seen, now, config = self._bell.count, time.time(), self._mapping.config
            window = self._window(config)
            if not access.may_read(self._mapping):
                self._stopped.wait(1)  # nobody tells when the role changes
                continue
            full = closed = False
            while not full:
                chunk = self._source.read(self._shard_id, after, CHUNK)
                for record in chunk:
                    if not self._wanted(record, config):
                        after = record.sequence
                        continue
                    size += len(record.text) + 1
                    if (window and not window.holds(record)) or (found and size > MOST_BYTES):
                        full = True
                        break
                    if window is None:
                        window = self._window(config, record)
                    if not found:
                        deadline = now + (config.get("MaximumBatchingWindowInSeconds") or 0)
                    found.append(record)
                    after = record.sequence
                    if len(found) >= config["BatchSize"]:
                        full = True
                        break
                if len(chunk) < CHUNK:
                    break
            if found:
                due = min(deadline, window.end) if window else deadline
                rest = self._last_batch + POLL - time.monotonic()
                wait = 0.0 if full else max(due - now, rest, 0.0)
                if not wait:
                    self._last_batch = time.monotonic()
                    return Batch(found)
            else:
                self._position.after = after  # nobody wants what was passed over
                closed = self._is_closed()
                if window and (full or closed or now >= window.end or window.terminated_early):
                    return Batch([], final=True)
                if closed:
                    self.finished = True
                    return None
                wait = window.end - now if window else None
            self._bell.wait(seen, wait)
        return None

    def _wanted(self, record: Record, config: dict[str, Any]) -> bool:
        if self._lanes > 1 and zlib.crc32(record.key.encode()) % self._lanes != self._number:
            return False
        return self._source.passes(config.get("FilterCriteria"), record)

    def _window(self, config: dict[str, Any], record: Record | None = None) -> Window | None:
        """The tumbling window that is open; with a record, one is opened for it."""
        seconds = config.get("TumblingWindowInSeconds") or 0
        if not seconds:
            self._position.window = None
        elif record is not None:
            self._position.window = Window.of(record, seconds)
        window: Window | None = self._position.window
        return window

    def _is_closed(self) -> bool:
        shard = next((one for one in self._source.shards() if one.id == self._shard_id), None)
        return shard is not None and shard.closed

    # -- invoking ------------------------------------------------------------------------------

    def _process(self, batch: Batch) -> None:
        """Try until all records are done with: processed, or given up."""
        config = self._mapping.config
        most_retries = config.get("MaximumRetryAttempts", -1)
        bisect = config.get("BisectBatchOnFunctionError", False)
        todo, pause = deque([batch]), FIRST_PAUSE
        while todo and not self._stopped.is_set():
            batch = self._young(todo.popleft())
            if not batch.records and not batch.final:
                continue
            attempt = self._attempt(batch)
            if attempt.failed_at is None:
                self._done(batch)
                pause = FIRST_PAUSE
                continue
            if self._stopped.is_set():
                return
            if not attempt.invoked:
                todo.appendleft(batch)
            elif attempt.failed_at == 0 and bisect and len(batch.records) > 1:
                todo.extendleft(reversed(batch.halves()))
            else:
                if attempt.failed_at:  # the checkpoint moves on, and the count begins anew
                    self._done(batch.part(0, attempt.failed_at))
                    batch = batch.part(attempt.failed_at)
                    batch.retries, pause = 0, FIRST_PAUSE
                if not (attempt.failed_at and bisect):  # splitting is no retry
                    batch.retries += 1
                if 0 <= most_retries < batch.retries:
                    self._give_up(batch, failures.RETRIES_EXHAUSTED)
                    pause = FIRST_PAUSE
                    continue
                todo.appendleft(batch)
            self._pause(pause, todo[0])
            pause = min(pause * 2, LAST_PAUSE)

    def _attempt(self, batch: Batch) -> Attempt:
        """Invoke the function with a batch, once."""
        mapping = self._mapping
        try:
            function = mapping.function
            version = function.route(mapping.qualifier)
            if _is_changing(version):
                return NOT_INVOKED
            invocation = Invocation(self._payload(batch), mapping.function_arn)
            batch.request_id = invocation.request_id
            if batch.records:
                age = time.time() - batch.records[-1].arrived
                self._service.metrics.count(function, "IteratorAge", age * 1000)
            outcome = self._service.invoke(function, version, invocation)
        except TooManyRequests:
            mapping.last_result = "PROBLEM: Function call was throttled"
            return NOT_INVOKED
        except LambdaError as problem:  # the function is not there (any more)
            mapping.last_result = f"PROBLEM: {problem.message}"
            return NOT_INVOKED
        batch.invoked += 1
        batch.outcome = outcome
        failed_at = self._failed_at(batch, outcome)
        mapping.last_result = "OK" if failed_at is None else "PROBLEM: Function call failed"
        return Attempt(True, failed_at)

    def _payload(self, batch: Batch) -> bytes:
        window: Window | None = self._position.window
        if window is None:
            return batch.payload()
        return batch.payload(window.members(self._shard_id, self._mapping.source_arn, batch.final))

    def _failed_at(self, batch: Batch, outcome: Outcome) -> int | None:
        if outcome.error:
            return 0
        window: Window | None = self._position.window
        if window is not None and not window.take_state(outcome.payload):
            return 0
        if "ReportBatchItemFailures" not in (
            self._mapping.config.get("FunctionResponseTypes") or []
        ):
            return None
        return first_failure(outcome.payload, [str(one.sequence) for one in batch.records])

    # -- afterwards ----------------------------------------------------------------------------

    def _young(self, batch: Batch) -> Batch:
        """The batch without the records at its beginning that are too old; those are given up."""
        limit, now = self._oldest_age(), time.time()
        old = 0
        while old < len(batch.records) and now - batch.records[old].arrived > limit:
            old += 1
        if not old:
            return batch
        self._give_up(batch.part(0, old), failures.TOO_OLD)
        return batch.part(old)

    def _oldest_age(self) -> float:
        """Seconds after which a record is given up: the stream does not keep it for ever."""
        wanted = self._mapping.config.get("MaximumRecordAgeInSeconds", -1)
        retention = self._source.retention
        return retention if wanted == -1 else min(wanted, retention)

    def _give_up(self, batch: Batch, condition: str) -> None:
        if batch.records:
            failures.send(
                self._service, self._mapping, self._source, self._shard_id, batch, condition
            )
        self._done(batch)

    def _done(self, batch: Batch) -> None:
        """Move the checkpoint behind the batch."""
        if batch.final:
            self._position.window = None
        elif batch.records:
            self._position.after = batch.records[-1].sequence

    def _pause(self, seconds: float, batch: Batch) -> None:
        """Wait on the course clock, at most until the batch's first record is too old."""
        end = time.time() + seconds
        if batch.records:
            end = min(end, batch.records[0].arrived + self._oldest_age() + 0.001)
        while not self._stopped.is_set() and (left := end - time.time()) > 0:
            self._bell.wait(self._bell.count, left)


def _is_changing(version: Version) -> bool:
    return version.state == "Pending" or version.last_update_status == "InProgress"
