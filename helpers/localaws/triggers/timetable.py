"""A timetable: what has to be done when the course clock reaches a time.

One thread does everything on it, in the order of the times: whatever was due first happens first,
also after the clock was moved forward by days.
"""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
import time
import traceback
from collections.abc import Callable

from helpers.localaws import clock

Action = Callable[[], None]


class Timetable:
    """Deliveries that are made after the producer's call, their retries, and schedules."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        clock.on_change(self._wake)
        threading.Thread(target=self._work, name="timetable", daemon=True).start()

    def soon(self, action: Action) -> None:
        """Do ``action`` as soon as everything that is due already has been done."""
        self.at(time.time(), action)

    def at(self, when: float, action: Action) -> None:
        """Do ``action`` when the course clock shows ``when`` (seconds since the epoch)."""
        with self._changed:
            heapq.heappush(self._due, (when, next(self._order), action))
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget everything (the cloud is being emptied)."""
        with self._changed:
            self._due.clear()

    def close(self) -> None:
        self._closed = True
        self.clear()
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while not self._closed:
            with self._changed:
                now = time.time()
                if not self._due or self._due[0][0] > now:
                    # In pieces: a wait of weeks is more than some systems take.
                    self._changed.wait(min(self._due[0][0] - now, 3600) if self._due else None)
                    continue
                _, _, action = heapq.heappop(self._due)
            try:
                action()
            except Exception:
                traceback.print_exc(file=sys.stderr)
