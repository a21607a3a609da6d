"""The clock of a cloud whose time is real, with a time of day that the test moves."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest

from helpers.cloud import CloudError
from helpers.cloud.clock import MovableClock, RealClock, WaitInterrupted, in_words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Day:
    """A time of day that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.time, self.said, self.slept = NOON, "", [0.0]
        self.interrupt_after, self.laptop_sleeps = 1e9, 0.0

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds + self.laptop_sleeps)
        if self.time - NOON >= timedelta(seconds=self.interrupt_after):
            raise KeyboardInterrupt

    def say(self, text: str) -> None:
        self.said += text

    def clock(self) -> RealClock:
        return RealClock(now=self.now, sleep=self.sleep, say=self.say)


@pytest.fixture
def day() -> Day:
    return Day()


def test_it_waits_and_says_how_long(day: Day) -> None:
    assert day.clock().advance(minutes=2) == NOON + timedelta(minutes=2)
    first, *words, last, end = day.said.replace("\n", "\r").split("\r")
    assert first.startswith("This cloud's time cannot be moved: waiting 2 minutes, until ")
    assert "Interrupt the kernel" in first
    assert [one.strip() for one in words[-3:]] == [
        "15 seconds left", "10 seconds left", "5 seconds left",
    ]  # fmt: skip
    assert (last.strip(), end) == ("2 minutes have passed.", "")
    assert day.said.count("\n") == 2  # two lines stay; the words between replace each other
    assert max(day.slept) <= 5  # so that an interrupt is noticed soon


def test_a_moment_is_not_worth_a_word(day: Day) -> None:
    day.clock().advance(seconds=2)
    assert day.said == ""
    assert sum(day.slept) == 2


def test_a_laptop_that_sleeps_does_not_wait_once_more(day: Day) -> None:
    day.laptop_sleeps = 3600
    day.clock().advance(minutes=5)
    assert sum(day.slept) == 5


def test_more_than_five_minutes_only_if_really(day: Day) -> None:
    clock = day.clock()
    with pytest.raises(CloudError) as caught:
        clock.advance(minutes=15)
    assert sum(day.slept) == 0
    text = str(caught.value)
    assert "a real wait of 15 minutes" in text
    assert "aws = cloud.open()" in text
    assert text.endswith("aws.clock.advance(minutes=15, really=True)")
    assert clock.advance(minutes=15, really=True) == NOON + timedelta(minutes=15)


def test_five_minutes_are_not_more_than_five(day: Day) -> None:
    assert day.clock().advance(minutes=4, seconds=60) == NOON + timedelta(minutes=5)


def test_an_interrupt_says_what_it_means(day: Day) -> None:
    day.interrupt_after = 40
    with pytest.raises(WaitInterrupted) as caught:
        day.clock().advance(minutes=2)
    assert str(caught.value).startswith("You stopped waiting after 40 seconds of 2 minutes.")
    assert "Run the cell again" in str(caught.value)
    assert isinstance(caught.value, CloudError)
    assert isinstance(caught.value, KeyboardInterrupt)  # `except Exception` is not its only way out
    assert caught.value._render_traceback_()[0].startswith("WaitInterrupted: You stopped")


def test_bad_durations_are_refused_in_the_same_words(day: Day) -> None:
    for duration in ({}, {"minutes": -1}, {"months": 1}, {"minutes": "five"}):
        with pytest.raises(CloudError):
            day.clock().advance(**duration)


def test_both_clocks_take_the_same(day: Day) -> None:
    """A cell that says really=True runs on a local cloud as well."""
    asked = [inspect.signature(one.advance).parameters for one in (MovableClock, RealClock)]
    assert list(asked[0]) == list(asked[1])


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ({}, "0 seconds"),
        ({"seconds": 1}, "1 second"),
        ({"minutes": 2, "seconds": 5}, "2 minutes 5 seconds"),
        ({"days": 1, "hours": 12, "seconds": 3}, "1 day 12 hours"),
    ],
)
def test_durations_in_words(span: dict[str, float], words: str) -> None:
    assert in_words(timedelta(**span)) == words
