"""The conversation with one runtime process, from its start to its end.

The runtime's side arrives through the Runtime API (``next_event``, ``take_…``); the environment's
side waits here for what the runtime does.
"""

from __future__ import annotations

import json
import threading

from helpers.localaws.compute.invocation import Outcome, response_too_large
from helpers.localaws.compute.planned import Exit
from helpers.localaws.compute.runtime_api import MAX_RESPONSE_BYTES

Event = tuple[dict[str, str], bytes]


class RuntimeSession:
    """State shared by the two sides, guarded by one condition."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = False  # the runtime asks for the next event
        self._closed = False
        self._event: Event | None = None
        self._request_id: str | None = None
        self._outcome: Outcome | None = None
        self._init_error: bytes | None = None
        self.preparation_ms = 0.0  #: spent by our runtime for us, not for the handler
        self.exit: Exit | None = None  #: how the process ended, once it has

    # -- the environment's side ------------------------------------------------------------------

    def wait_ready(self, seconds: float) -> bool:
        """Wait until the runtime asks for an event; False: it failed, ended or took too long."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._init_error is not None or self.exit, seconds
            )
            return self._waiting

    def init_failure(self) -> Outcome | None:
        """What the runtime reported instead of getting ready."""
        if self._init_error is None:
            return None
        error_type = _error_type(self._init_error)
        reported = error_type if _is_platforms(error_type) else "Runtime.Unknown"
        return Outcome(self._init_error, "Unhandled", "error", reported, reusable=False)

    def deliver(self, event: Event, request_id: str | None = None) -> None:
        """Hand the runtime its next event (without a request id: a message of ours)."""
        with self._changed:
            self._event, self._request_id, self._outcome = event, request_id, None
            self._waiting = False
            self._changed.notify_all()

    def wait_outcome(self, seconds: float) -> Outcome | None:
        """The invocation's outcome; None: the process ended (see ``exit``) or time is up.

        An invocation is over when the runtime asks for the next event, not before: what a handler
        does after its response still belongs to it.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (self._outcome is not None and self._waiting) or self.exit, seconds
            )
            if self._outcome is None or not (self._waiting or self.exit):
                return None
            self._outcome.reusable = self._outcome.reusable and self._waiting
            return self._outcome

    def ended(self, how: Exit) -> None:
        """The process has ended."""
        with self._changed:
            self.exit = how
            self._changed.notify_all()

    def close(self) -> None:
        """Let the connection of the runtime end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # -- the runtime's side ----------------------------------------------------------------------

    def next_event(self, preparation_ms: float) -> Event | None:
        with self._changed:
            self.preparation_ms = preparation_ms
            self._waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._event or self._closed)
            event, self._event = self._event, None
            return None if self._closed else event

    def take_response(self, request_id: str, body: bytes, too_large: bool) -> bool:
        outcome = response_too_large(MAX_RESPONSE_BYTES) if too_large else Outcome(body)
        return self._take(request_id, outcome)

    def take_error(self, request_id: str, body: bytes, too_large: bool) -> bool:
        if too_large:
            return self._take(request_id, response_too_large(MAX_RESPONSE_BYTES))
        # A handler's own exception is a result for Lambda; its runtime's failure is not.
        error_type = _error_type(body)
        if _is_platforms(error_type):
            return self._take(request_id, Outcome(body, "Unhandled", "error", error_type))
        return self._take(request_id, Outcome(body, "Unhandled"))

    def take_init_error(self, body: bytes) -> None:
        with self._changed:
            self._init_error = body
            self._changed.notify_all()

    def _take(self, request_id: str, outcome: Outcome) -> bool:
        with self._changed:
            if request_id != self._request_id or self._outcome is not None:
                return False
            self._outcome = outcome
            self._changed.notify_all()
            return True


def _error_type(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"


def _is_platforms(error_type: str) -> bool:
    return error_type.startswith(("Runtime.", "Function."))
