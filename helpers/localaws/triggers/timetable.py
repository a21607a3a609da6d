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
#: Seconds that moving the clock waits for what has become due, before it returns.
PATIENCE = 5.0


class Timetable:
    """Deliveries that are made after the producer's call, their retries, and schedules."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._busy = False
        clock.on_change(self._catch_up)
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

    def is_busy(self) -> bool:
        """Whether something on it is being done now."""
        return self._busy

    def close(self) -> None:
        self._closed = True
        self.clear()
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _catch_up(self) -> None:
        """The clock was moved: whoever moved it finds done what was due, unless it takes long."""
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy and not self._is_due(), PATIENCE)

    def _is_due(self) -> bool:
        return bool(self._due) and self._due[0][0] <= time.time()

    def _work(self) -> None:
        while not self._closed:
            with self._changed:
                self._busy = self._is_due()
                if not self._busy:
                    self._changed.notify_all()
                    left = self._due[0][0] - time.time() if self._due else None
                    # In pieces: a wait of weeks is more than some systems take.
                    self._changed.wait(None if left is None else min(max(left, 0), 3600))
                    continue
                _, _, action = heapq.heappop(self._due)
            try:
                action()
            except Exception:
                traceback.print_exc(file=sys.stderr)
