"""The timetable and what recurs on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.localaws import clock
from helpers.localaws.triggers.recurring import MOST_AT_ONCE, Recurring
from helpers.localaws.triggers.schedule_expressions import parse
from helpers.localaws.triggers.timetable import Timetable


def test_in_the_order_of_the_times() -> None:
    """Whatever was due first is done first; one that fails does not keep others back."""
    table, done, ended = Timetable(), [], threading.Event()
    held = threading.Event()

    def hold() -> None:
        held.wait(5)

    table.soon(hold)
    now = time.time()

    def fail() -> None:
        raise ValueError("on purpose")

    for number in (3, 1, 2):
        table.at(now - 10 + number, lambda number=number: done.append(number))  # type: ignore[misc]
    table.at(now - 20, fail)
    table.soon(ended.set)
    held.set()
    assert ended.wait(5)
    assert done == [1, 2, 3]
    table.at(time.time() + 3600, fail)
    table.close()


def test_whoever_moves_the_clock_finds_done_what_was_due() -> None:
    table = Timetable()
    done: list[str] = []

    def slowly() -> None:
        time.sleep(0.2)
        done.append("in an hour")

    table.at(time.time() + 3600, slowly)
    table.at(time.time() + 7200, lambda: done.append("in two"))
    clock.advance(3601)
    try:
        assert done == ["in an hour"]
    finally:
        table.close()
        clock.reset()


def test_an_absurd_jump_is_cut_short() -> None:
    """A firing a minute, 95 years late: so many, and then the next one that is to come."""
    waiting: list[tuple[float, Callable[[], None]]] = []

    class Table:
        def at(self, when: float, action: Callable[[], None]) -> None:
            waiting.append((when, action))

    fired: list[datetime] = []
    table: Any = Table()
    start = datetime.now(UTC) - timedelta(days=95 * 365)

    def fire(due: datetime) -> bool:
        fired.append(due)
        return True

    Recurring(table, parse("rate(1 minute)"), start, fire)
    while waiting and waiting[0][0] <= time.time():
        waiting.pop()[1]()
    assert len(fired) == MOST_AT_ONCE == 10_000
    assert fired[-1] - fired[0] == timedelta(minutes=9_999)
    assert 0 < waiting[0][0] - time.time() <= 60
