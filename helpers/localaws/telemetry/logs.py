"""Writes log events to CloudWatch Logs, in the background and in order.

On AWS log lines arrive a moment after the invocation too: whoever reads them waits for them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

#: Events that a log stream keeps; older ones go, so that a long session does not fill the memory.
KEPT_EVENTS = 9_000


@dataclass(frozen=True)
class LogEvent:
    """One event on its way: ``timestamp`` in milliseconds since the epoch."""

    account: str
    region: str
    group: str
    stream: str
    timestamp: int
    message: str
    trace: str = ""  #: of the invocation that wrote it: the chain goes on with whoever reads it
    role: str = ""  #: the execution role that has to allow it; "": a service writes for itself


#: Whether a function's event may be written, told whether its group and its stream exist.
MayWrite = Callable[[LogEvent, bool, bool], bool]


class LogWriter:
    """A queue in front of moto's CloudWatch Logs."""

    def __init__(self, may_write: MayWrite = lambda event, has_group, has_stream: True) -> None:
        self._may_write = may_write
        self._queue: queue.SimpleQueue[LogEvent | threading.Event] = queue.SimpleQueue()
        threading.Thread(target=self._write_all, name="log-writer", daemon=True).start()

    def write(self, event: LogEvent) -> None:
        """Hand in an event; it becomes readable in a moment."""
        self._queue.put(event)

    def flush(self) -> None:
        """Return when everything handed in so far is readable."""
        written = threading.Event()
        self._queue.put(written)
        written.wait(10)

    def _write_all(self) -> None:
        while True:
            event = self._queue.get()
            if isinstance(event, threading.Event):
                event.set()
                continue
            batch = [event]
            # Whatever waits for the same stream goes in one call.
            while not self._queue.empty():
                following = self._queue.get()
                if isinstance(following, threading.Event):
                    self._put(batch)
                    batch = []
                    following.set()
                    continue
                if batch and following.stream != batch[0].stream:
                    self._put(batch)
                    batch = []
                batch.append(following)
            self._put(batch)

    def _put(self, batch: list[LogEvent]) -> None:
        if not batch:
            return
        from moto.logs.models import logs_backends

        from helpers.localaws.gateway.call import carrying

        first = batch[0]
        backend = logs_backends[first.account][first.region]
        known = backend.groups.get(first.group)
        has_stream = known is not None and first.stream in known.streams
        if first.role and not self._may_write(first, known is not None, has_stream):
            return
        backend.ensure_log_group(first.group)
        group = backend.groups[first.group]
        if first.stream not in group.streams:
            group.create_log_stream(first.stream)
        events = [{"timestamp": event.timestamp, "message": event.message} for event in batch]
        with carrying(batch[-1].trace):
            group.put_log_events(first.stream, events)
        stored = group.streams[first.stream].events
        if len(stored) > KEPT_EVENTS + 500:
            del stored[:-KEPT_EVENTS]
