"""Walks through the times of a schedule on the course clock, one firing after the other.

After a jump of the clock every firing that was due is made up for, in order, each with the time
that it was due at. An absurd jump (a firing a minute, for 95 years) is cut short.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from helpers.localaws.triggers.schedule_expressions import Expression
from helpers.localaws.triggers.timetable import Timetable

#: Firings of one schedule that one jump of the clock makes up for; later ones of it are left out.
MOST_AT_ONCE = 10_000

#: Called with the time that was due; False ends the schedule.
Fire = Callable[[datetime], bool]


class Recurring:
    """One schedule on the timetable. ``last``: it does not fire after that."""

    def __init__(
        self,
        timetable: Timetable,
        expression: Expression,
        start: datetime,
        fire: Fire,
        last: datetime | None = None,
        when_over: Callable[[], None] = lambda: None,
        delay: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._timetable, self._expression, self._fire = timetable, expression, fire
        self._last, self._when_over, self._delay = last, when_over, delay
        self._late = 0  #: firings in a row that were due long ago
        self._put(expression.first(start))

    def _put(self, due: datetime | None) -> None:
        """``delay`` gives the seconds after the due time: a flexible window."""
        if due is None or (self._last is not None and due > self._last):
            self._when_over()
            return
        self._timetable.at(due.timestamp() + self._delay(), lambda: self._now(due))

    def _now(self, due: datetime) -> None:
        if not self._fire(due):
            return
        now = datetime.fromtimestamp(time.time(), UTC)
        following = self._expression.following(due)
        self._late = self._late + 1 if following is not None and following < now else 0
        if self._late >= MOST_AT_ONCE:
            self._late = 0
            following = self._expression.skip_to(due, now)
        self._put(following)
