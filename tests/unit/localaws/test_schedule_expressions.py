"""rate(), cron() and at(): when they are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.localaws.triggers.schedule_expressions import Cron, InvalidExpression, parse

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday


def times(expression: str, number: int, zone: str = "UTC", start: datetime = START) -> list[str]:
    """The next times, in UTC, in few characters."""
    parsed = parse(expression, zone)
    found: list[str] = []
    due = parsed.first(start)
    while due is not None and len(found) < number:
        found.append(f"{due:%Y-%m-%d %H:%M}")
        due = parsed.following(due)
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 10 * * ? *)", ["2026-11-23 10:00", "2026-11-24 10:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-23 12:15", "2026-11-24 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-23 09:30", "2026-11-23 09:45"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-23 09:30", "2026-11-23 09:35"]),
        ("cron(5,35 14 * * ? *)", ["2026-11-23 14:05", "2026-11-23 14:35"]),
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-11-27 10:15", "2026-12-25 10:15"]),
        ("cron(0 9 ? * 2#1 *)", ["2026-12-07 09:00", "2027-01-04 09:00"]),
        ("cron(0 2 ? * SAT#3 *)", ["2026-12-19 02:00", "2027-01-16 02:00"]),
        ("cron(0 9 ? * 1 *)", ["2026-11-29 09:00", "2026-12-06 09:00"]),
        ("cron(0 9 ? * L *)", ["2026-11-28 09:00", "2026-12-05 09:00"]),
        ("cron(0 10 L * ? *)", ["2026-11-30 10:00", "2026-12-31 10:00"]),
        ("cron(0 10 LW 1 ? *)", ["2027-01-29 10:00", "2028-01-31 10:00"]),
        ("cron(0 10 1W * ? 2027)", ["2027-01-01 10:00", "2027-02-01 10:00"]),
        ("cron(0 10 1W 5 ? 2027)", ["2027-05-03 10:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 22-2/2 ? NOV MON *)", ["2026-11-23 22:00", "2026-11-30 00:00"]),
        ("rate(5 minutes)", ["2026-11-23 09:30", "2026-11-23 09:35"]),
        ("rate(1 day)", ["2026-11-23 09:30", "2026-11-24 09:30"]),
        ("at(2026-12-24T18:00:00)", ["2026-12-24 18:00"]),
        ("at(2020-01-01T00:00:00)", []),
    ],
)
def test_times(expression: str, expected: list[str]) -> None:
    assert times(expression, 2) == expected


def test_time_zones() -> None:
    """What a spring leaves out is skipped, what an autumn repeats happens once."""
    spring = datetime(2026, 3, 7, tzinfo=UTC)
    assert times("cron(30 2 * * ? *)", 3, "America/New_York", spring) == [
        "2026-03-07 07:30", "2026-03-09 06:30", "2026-03-10 06:30",
    ]  # fmt: skip
    autumn = datetime(2026, 10, 31, tzinfo=UTC)
    assert times("cron(30 1 * * ? *)", 3, "America/New_York", autumn) == [
        "2026-10-31 05:30", "2026-11-01 05:30", "2026-11-02 06:30",
    ]  # fmt: skip
    assert times("at(2027-07-01T12:00:00)", 1, "Europe/Berlin") == ["2027-07-01 10:00"]
    assert times("rate(1 day)", 2, "Europe/Berlin", spring)[1] == "2026-03-08 00:00"
    with pytest.raises(InvalidExpression):
        parse("cron(0 10 * * ? *)", "Europe/Nowhere")


def test_skipping() -> None:
    """From a time long ago to the first one after another time, without the steps between."""
    due, now = datetime(1990, 1, 1, tzinfo=UTC), datetime(2080, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert parse("rate(1 minute)").skip_to(due, now) == now.replace(minute=1, second=0)
    assert parse("cron(* * * * ? *)").skip_to(due, now) == now.replace(minute=1, second=0)
    assert parse("rate(999999999 days)").following(due) is None


NUMBER = st.integers(0, 59)


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.sets(NUMBER, min_size=1, max_size=4),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
    days=st.sets(st.integers(1, 31), min_size=1, max_size=4),
    start=st.datetimes(datetime(1971, 1, 1), datetime(2190, 1, 1)),
)
def test_a_cron_leaves_nothing_out(
    minutes: set[int], hours: set[int], days: set[int], start: datetime
) -> None:
    """Between one time and the next there is no minute that fits the fields."""
    fields = [",".join(map(str, sorted(values))) for values in (minutes, hours, days)]
    cron = parse(f"cron({' '.join(fields)} * ? *)")
    assert isinstance(cron, Cron)
    begin = start.replace(tzinfo=UTC)
    due = cron.first(begin)
    assert due is not None
    assert due >= begin
    assert (due.minute in minutes, due.hour in hours, due.day in days) == (True, True, True)
    following = cron.following(due)
    assert following is not None
    for gap_end, gap_start in ((due, begin), (following, due + timedelta(minutes=1))):
        step = gap_start.replace(second=0, microsecond=0)
        step += timedelta(minutes=1) if step < gap_start else timedelta()
        for _ in range(3000):  # two days of minutes: more would only take longer
            if step >= gap_end:
                break
            fits = step.minute in minutes and step.hour in hours and step.day in days
            assert not fits
            step += timedelta(minutes=1)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789*/,-?LW#MONJAN() acronte", max_size=30))
def test_nonsense_is_refused_and_nothing_else_happens(text: str) -> None:
    for expression in (text, f"cron({text})", f"rate({text})", f"at({text})"):
        try:
            due = parse(expression).first(START)
        except InvalidExpression:
            continue
        assert due is None or due >= START
