"""The events of one execution, in the order in which they happened.

It stands in for the interpreter's event manager, and so is told of each event. The one that ends
the execution closes it: what the interpreter still says afterwards (a handler that answers after
its time is up) is not part of it.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

from helpers.localaws.triggers.stepfunctions.moments import now

#: The last event of an execution → the execution's status.
ENDINGS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}

#: An execution of a standard workflow ends with this event.
#: Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_EVENTS = 25_000
_TOO_MANY = {
    "error": "States.Runtime",
    "cause": f"The execution reached the maximum number of history events ({MAX_EVENTS}).",
}

Listener = Callable[[dict[str, Any]], None]


class History:
    """Takes events; ``listen`` is called with each, in order, and must be quick.

    ``overflow`` is called when there were too many; None: there may be any number.
    """

    def __init__(
        self,
        listen: Listener,
        is_running: Callable[[], bool],
        overflow: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._listen = listen
        self._is_running = is_running
        self._overflow = overflow
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self.closed = False

    def add_event(
        self,
        context: Any,
        event_type: Any,
        event_details: Any = None,
        timestamp: Any = None,
        update_source_event_id: bool = True,
    ) -> int:
        """Called by the interpreter; ``context`` holds which event led to this one."""
        kind = str(event_type.value)
        if self._overflow and len(self._events) >= MAX_EVENTS - 1 and kind not in ENDINGS:
            self._overflow(_TOO_MANY)
        with self._lock:
            if self._is_superfluous(kind, context, event_details):
                return len(self._events)
            number = self._append(kind, context.source_event_id, event_details or {})
            self.closed = kind in ENDINGS
            context.last_published_event_id = number
            if update_source_event_id:
                context.source_event_id = number
            self._listen(self._events[-1])
            return number

    def end(self, kind: str, details: dict[str, Any]) -> bool:
        """Add the last event from outside of the interpreter; False: it had ended before."""
        with self._lock:
            if self.closed:
                return False
            self._append(kind, 0, details)
            self.closed = True
            self._listen(self._events[-1])
            return True

    def events(self) -> list[dict[str, Any]]:
        """All so far, as GetExecutionHistory answers them."""
        with self._lock:
            return copy.deepcopy(self._events)

    def _is_superfluous(self, kind: str, context: Any, details: Any) -> bool:
        """What the interpreter says, and AWS does not."""
        if self.closed or (kind in ENDINGS and self._is_running()):
            return True  # the second: an error of a state that may still be caught is no end
        if kind == "EvaluationFailed" and self._events:
            last = self._events[context.last_published_event_id - 1]
            return bool(last["type"] == kind)  # said where it happened, and again by its state
        if kind == "TaskFailed":  # a path that found nothing: the task has not begun
            return "resource" not in ((details or {}).get("taskFailedEventDetails") or {})
        return False

    def _append(self, kind: str, previous: int, details: dict[str, Any]) -> int:
        number = len(self._events) + 1
        event = {
            "timestamp": now(),
            "type": kind,
            "id": number,
            "previousEventId": previous,
            **{name: _present(value) for name, value in details.items() if value is not None},
        }
        self._events.append(event)
        return number


def _present(details: Any) -> Any:
    """A copy of an event's details, without what has no value."""
    given = {name: value for name, value in details.items() if value is not None}
    return copy.deepcopy(given)


def details_of(event: dict[str, Any]) -> dict[str, Any]:
    """The details of an event, whatever they are called for its type."""
    named = (value for name, value in event.items() if name.endswith("EventDetails"))
    return dict(next(named, None) or {})
