"""Waits that follow the course clock, for moto's interpreter.

The interpreter waits in ``threading.Event`` and ``time.sleep``, which count the machine's seconds.
With these in their place a Wait, a retry's interval, a timeout and a heartbeat are over as soon as
``aws.clock.advance`` has moved past them, and not a moment sooner.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from helpers.localaws import clock

_waiting: set[CourseEvent] = set()
_lock = threading.Lock()


class CourseEvent:
    """Like ``threading.Event``; the seconds of ``wait`` are those of the course clock."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        with self._changed:
            self._set = True
            self._changed.notify_all()

    def clear(self) -> None:
        with self._changed:
            self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; False: ``timeout`` seconds have passed before."""
        deadline = None if timeout is None else time.time() + timeout
        with _lock:
            _waiting.add(self)
        try:
            with self._changed:
                while not self._set:
                    left = None if deadline is None else deadline - time.time()
                    if left is not None and left <= 0:
                        return False
                    # Woken when it is set, when the clock has been moved, or when time is up.
                    self._changed.wait(left)
                return True
        finally:
            with _lock:
                _waiting.discard(self)

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class EndingEvent(CourseEvent):
    """The event of an execution's environment: set when it ends, and then set for good.

    The interpreter clears it at once, so that whoever was about to wait would wait in vain.
    """

    def clear(self) -> None:
        pass


def _wake_all() -> None:
    with _lock:
        events = list(_waiting)
    for event in events:
        event.wake()


clock.on_change(_wake_all)

_sleeper = threading.local()


@contextmanager
def interruptible_by(env: Any) -> Iterator[None]:
    """Inside, ``sleep`` in this thread ends when the (moto) environment ``env`` ends."""
    before = getattr(_sleeper, "env", None)
    _sleeper.env = env
    try:
        yield
    finally:
        _sleeper.env = before


def sleep(seconds: float) -> None:
    """In place of ``time.sleep``: seconds of the course clock, or until the environment ends."""
    env = getattr(_sleeper, "env", None)
    event = env.program_state_event if env is not None else CourseEvent()
    event.wait(seconds)


class Deadlines:
    """Calls functions at moments of the course clock, in one thread of its own."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._started = False

    def put(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call ``call`` (quick) in ``seconds``; returns a function that takes it back."""
        entry = (time.time() + seconds, next(self._order), call)
        with self._changed:
            if not self._started:
                self._started = True
                clock.on_change(self._wake)
                threading.Thread(target=self._work, name="sfn-deadlines", daemon=True).start()
            heapq.heappush(self._due, entry)
            self._changed.notify_all()

        def take_back() -> None:
            with self._changed:
                if entry in self._due:
                    self._due.remove(entry)
                    heapq.heapify(self._due)

        return take_back

    def clear(self) -> None:
        with self._changed:
            self._due.clear()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                left = self._due[0][0] - time.time() if self._due else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                _, _, call = heapq.heappop(self._due)
            call()


_ends = threading.Condition()
_ended = 0


def announce_end() -> None:
    """An execution has ended: whoever waits for one looks whether it is his."""
    global _ended
    with _ends:
        _ended += 1
        _ends.notify_all()


def sleep_until_some_end(_: float) -> None:
    """In place of the pause between two looks at an execution that is waited for.

    Returns as soon as any execution has ended since the last look (real seconds: at most one).
    """
    seen = getattr(_sleeper, "seen", None)
    with _ends:
        if seen == _ended:
            _ends.wait(1)
        _sleeper.seen = _ended
