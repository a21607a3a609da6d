"""Whether anybody is still at work in this server.

Emptying the cloud must not be outrun: a stack that is being created, a request whose sender has
been ended, an event that is on its way would go on in the emptied cloud, which belongs to somebody
else. Where submissions are judged one after the other, the server therefore waits until every
thread that worked for the one before has ended, or says that it cannot.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import thread as pools
from typing import Any

#: So long the server waits. Whoever empties it then takes a new one instead.
SECONDS = 2.0
_PAUSE = 0.01
#: Threads that are started when they are first needed, and stay.
_STAYING = ("sfn-deadlines",)


class Quiet:
    """Knows the threads that the server itself needs. `servers` take the requests."""

    def __init__(self, servers: Sequence[Any], is_busy: Callable[[], bool]) -> None:
        self._servers, self._is_busy = servers, is_busy
        self._own: set[threading.Thread] = set()

    def begin(self) -> None:
        """The server stands: whatever runs now is its own."""
        self._own = set(threading.enumerate())

    def wait(self, end: Callable[[], None]) -> bool:
        """Until nobody works; False where that takes too long.

        `end` ends all that can be ended and forgets what is still to be done; it is called again
        and again, and once after the last one has stopped.
        """
        deadline = time.monotonic() + SECONDS
        while True:
            is_quiet = self._nobody_works()
            end()
            if is_quiet or time.monotonic() > deadline:
                return is_quiet
            time.sleep(_PAUSE)

    def _nobody_works(self) -> bool:
        # A connection may wait to be accepted, also one whose other end is gone.
        if select.select(self._servers, [], [], 0)[0] or self._is_busy():
            return False
        frames = sys._current_frames()
        return all(
            one is threading.current_thread()
            or one in self._own
            or one.name in _STAYING
            or _waits_in_a_pool(frames.get(one.ident or 0))
            for one in threading.enumerate()
        )


def _waits_in_a_pool(frame: Any) -> bool:
    """Whether this is a pool's thread without a task: the innermost line is the pool's own."""
    return frame is not None and frame.f_code is pools._worker.__code__
