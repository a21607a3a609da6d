"""Wakes whoever waits for records of a stream, so that nobody has to look again and again."""

from __future__ import annotations

import threading
from weakref import WeakSet

from helpers.localaws import clock

#: Behind a stream's ARN: the bell that rings when its shards change.
SHARDS = "#shards"


class Bell:
    """Can be rung by anybody, and waited for by many.

    ``count`` is read before looking for records and given to ``wait``: a ring in between is not
    missed.
    """

    def __init__(self, stream_arn: str) -> None:
        self.stream_arn = stream_arn
        self.count = 0
        self._rung = threading.Condition()
        with _lock:
            _bells.add(self)

    def ring(self) -> None:
        with self._rung:
            self.count += 1
            self._rung.notify_all()

    def wait(self, seen: int, seconds: float | None = None) -> None:
        """Return when the bell has been rung since ``seen``, or after ``seconds``."""
        with self._rung:
            self._rung.wait_for(lambda: self.count != seen, seconds)


_lock = threading.Lock()
_bells: WeakSet[Bell] = WeakSet()


def ring(stream_arn: str | None = None) -> None:
    """Wake everybody who waits at this stream; without one, everybody who waits at all."""
    with _lock:
        found = [one for one in _bells if stream_arn in (None, one.stream_arn)]
    for bell in found:
        bell.ring()


# A moved clock may end a batching window or a pause.
clock.on_change(ring)
