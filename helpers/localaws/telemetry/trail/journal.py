"""What the gateway's last desk writes down of each request: little, and quickly.

The event that CloudTrail would show is made from it later, when somebody asks.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import BODY, Call
from helpers.localaws.telemetry.trail import kinds

#: How many management events are kept; a course's notebook makes some hundred.
MOST_EVENTS = 20_000
#: Bodies beyond this many bytes (a function's code) are not kept.
MOST_BYTES = 64_000


@dataclass
class Entry:
    """One request and its answer."""

    number: int
    time: float  #: on the course clock
    call: Call  #: with what a later reader needs of the request, and no more
    status: int
    answer: bytes
    content_type: str
    error_header: str  #: ``x-amzn-ErrorType``
    is_data: bool
    event_id: str
    described: dict[str, Any] | None = None  #: what LookupEvents shows of it, once it was asked


class Journal:
    """The entries of every account and region, oldest first."""

    def __init__(self, wants_data: Callable[[], bool]) -> None:
        self._wants_data = wants_data
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=MOST_EVENTS)
        self._data: deque[Entry] = deque(maxlen=MOST_EVENTS)

    def note(self, call: Call, response: Response) -> None:
        """Write one request down, if it is one that CloudTrail would record."""
        if call.service is None or call.front is not None:
            return
        is_data = kinds.is_data(call)
        if is_data and not self._wants_data():
            return
        entry = Entry(
            next(self._numbers),
            time.time(),
            _trimmed(call),
            response.status_code,
            _answer(response, is_data),
            response.content_type or "",
            response.headers.get("x-amzn-ErrorType", ""),
            is_data,
            str(uuid4()),
        )
        with self._lock:
            (self._data if is_data else self._entries).append(entry)

    def management(self) -> list[Entry]:
        """The entries of management events, oldest first."""
        with self._lock:
            return list(self._entries)

    def after(self, number: int) -> list[Entry]:
        """Every entry behind this number, oldest first: what a trail has not delivered yet."""
        with self._lock:
            found = [one for one in (*self._entries, *self._data) if one.number > number]
        return sorted(found, key=lambda one: one.number)

    def clear(self) -> None:
        """Forget everything (the cloud is being emptied)."""
        with self._lock:
            self._entries.clear()
            self._data.clear()


def _answer(response: Response, is_data: bool) -> bytes:
    """The body, where CloudTrail shows anything of it: of a change, and of an error."""
    if response.direct_passthrough or (is_data and response.status_code < 400):
        return b""
    content: bytes = response.get_data()
    return content if len(content) <= MOST_BYTES else b""


def _trimmed(call: Call) -> Call:
    """The call without its socket and streams, which would keep its connection alive."""
    kept: dict[str, Any] = {
        name: value for name, value in call.environ.items() if name.isupper() or name == BODY
    }
    kept["wsgi.url_scheme"] = "http"
    if len(kept.get(BODY, b"")) > MOST_BYTES:
        kept[BODY] = b""
    return Call(kept, call.caller, call.service, call.region, None, call.request_id)
