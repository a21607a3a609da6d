"""When a schedule is due: ``rate(5 minutes)``, ``cron(0 10 * * ? *)``, ``at(2026-11-23T10:00:00)``.

AWS's cron differs from others: six fields, days of the week from 1 (Sunday) to 7, ``?`` in one of
the two fields for days, ``L``, ``W`` and ``#``.
Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FIRST_YEAR, LAST_YEAR = 1970, 2199


class InvalidExpression(Exception):
    """AWS refuses the expression."""


class Expression:
    """An expression. Times are aware, in UTC."""

    def first(self, start: datetime) -> datetime | None:
        """The first time at ``start`` or after it; None: it never comes."""
        raise NotImplementedError

    def following(self, due: datetime) -> datetime | None:
        """The time that comes after ``due``, which is one itself."""
        raise NotImplementedError

    def skip_to(self, due: datetime, now: datetime) -> datetime | None:
        """The first time after ``now``, where ``due`` is an earlier one."""
        raise NotImplementedError


@dataclass(frozen=True)
class Rate(Expression):
    """Every so many seconds, counted from the start: neither time zones nor seasons change that."""

    seconds: int

    def first(self, start: datetime) -> datetime:
        return start

    def following(self, due: datetime) -> datetime | None:
        return self._after(due, 1)

    def skip_to(self, due: datetime, now: datetime) -> datetime | None:
        return self._after(due, int((now - due).total_seconds() // self.seconds) + 1)

    def _after(self, due: datetime, steps: int) -> datetime | None:
        try:
            return due + timedelta(seconds=steps * self.seconds)
        except OverflowError:  # beyond the last year that there is
            return None


@dataclass(frozen=True)
class At(Expression):
    """Once."""

    moment: datetime

    def first(self, start: datetime) -> datetime | None:
        return self.moment if self.moment >= start else None

    def following(self, due: datetime) -> None:
        return None

    def skip_to(self, due: datetime, now: datetime) -> None:
        return None


@dataclass(frozen=True)
class Cron(Expression):
    """Minutes, hours, months and years as sets; the days of a month by a function."""

    minutes: list[int]
    hours: list[int]
    days: Callable[[int, int], list[int]]  #: of a year and a month
    months: frozenset[int]
    years: frozenset[int]
    zone: tzinfo

    def first(self, start: datetime) -> datetime | None:
        return self._next(start - timedelta(microseconds=1))

    def following(self, due: datetime) -> datetime | None:
        return self._next(due)

    def skip_to(self, due: datetime, now: datetime) -> datetime | None:
        return self._next(now)

    def _next(self, after: datetime) -> datetime | None:
        """The first time later than ``after``.

        A time of day that a spring's shift leaves out is skipped; one that an autumn's shift
        repeats happens once, the first time.
        """
        local = after.astimezone(self.zone)
        for day in self._days_from(local.date()):
            for hour in self.hours:
                if day == local.date() and hour < local.hour - 1:
                    continue  # past: a season's shift is no longer than an hour
                for minute in self.minutes:
                    wall = datetime(day.year, day.month, day.day, hour, minute)
                    moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
                    exists = moment.astimezone(self.zone).replace(tzinfo=None) == wall
                    if exists and moment > after:
                        return moment
        return None

    def _days_from(self, start: date) -> Iterator[date]:
        for year in sorted(one for one in self.years if one >= start.year):
            for month in sorted(self.months):
                if (year, month) < (start.year, start.month):
                    continue
                for day in self.days(year, month):
                    if date(year, month, day) >= start:
                        yield date(year, month, day)


def parse(expression: str, timezone: str = "UTC", one_time: bool = True) -> Expression:
    """Read an expression. ``one_time``: at() is allowed too, as in EventBridge Scheduler.

    Raises InvalidExpression, also for a time zone that is not known.
    """
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression, re.DOTALL)
    if found is None:
        raise InvalidExpression(expression)
    kind, inside = found.groups()
    if kind == "rate":
        return _rate(inside)
    zone = time_zone(timezone)
    if kind == "cron":
        return _cron(inside, zone)
    if not one_time:
        raise InvalidExpression(expression)
    return _at(inside, zone)


def time_zone(name: str) -> tzinfo:
    """A time zone by its name in the IANA data base. Raises InvalidExpression."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidExpression(name) from None


def _rate(inside: str) -> Rate:
    found = re.fullmatch(r"([1-9]\d{0,8}) (minute|hour|day)(s?)", inside)
    if found is None:
        raise InvalidExpression(inside)
    value, unit, plural = int(found[1]), found[2], bool(found[3])
    if (value == 1) == plural:  # "1 minute", but "5 minutes"
        raise InvalidExpression(inside)
    return Rate(value * _UNITS[unit])


def _at(inside: str, zone: tzinfo) -> At:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", inside):
        raise InvalidExpression(inside)
    try:
        return At(datetime.fromisoformat(inside).replace(tzinfo=zone).astimezone(UTC))
    except (ValueError, OverflowError):
        raise InvalidExpression(inside) from None


# -- cron --------------------------------------------------------------------------------------


def _cron(inside: str, zone: tzinfo) -> Cron:
    fields = inside.split()
    if len(fields) != 6:
        raise InvalidExpression(inside)
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):  # one of the two is "any", and not both
        raise InvalidExpression(inside)
    return Cron(
        sorted(_numbers(minutes, 0, 59)),
        sorted(_numbers(hours, 0, 23)),
        _days_of_month(days) if weekdays == "?" else _days_of_week(weekdays),
        frozenset(_numbers(months, 1, 12, _MONTHS)),
        frozenset(_numbers(years, FIRST_YEAR, LAST_YEAR)),
        zone,
    )


def _numbers(field: str, low: int, high: int, names: list[str] | None = None) -> set[int]:
    """``*``, ``5``, ``1-5``, ``JAN,MAR``, ``0/15``, ``10-30/5``."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if slash and not re.fullmatch(r"[1-9]\d*", step):
            raise InvalidExpression(field)
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        elif dash:
            start, end = _number(first, low, high, names), _number(last, low, high, names)
        else:
            start = _number(first, low, high, names)
            end = high if slash else start
        if start <= end:
            values = list(range(start, end + 1))
        else:  # "22-2", over the end and on from the beginning
            values = [*range(start, high + 1), *range(low, end + 1)]
        found.update(values[:: int(step) if slash else 1])
    return found


def _number(text: str, low: int, high: int, names: list[str] | None) -> int:
    if names and text.upper() in names:
        return names.index(text.upper()) + low
    if not re.fullmatch(r"\d{1,4}", text) or not low <= int(text) <= high:
        raise InvalidExpression(text)
    return int(text)


def _days_of_month(field: str) -> Callable[[int, int], list[int]]:
    """Also ``L`` (the last day), ``LW`` (the last weekday) and ``15W`` (the weekday next to it)."""
    if field == "L":
        return lambda year, month: [_length(year, month)]
    if field == "LW":
        return lambda year, month: [_nearest_weekday(year, month, _length(year, month))]
    if found := re.fullmatch(r"(\d{1,2})W", field):
        wanted = _number(found[1], 1, 31, None)
        return lambda year, month: (
            [_nearest_weekday(year, month, wanted)] if wanted <= _length(year, month) else []
        )
    days = sorted(_numbers(field, 1, 31))
    return lambda year, month: [day for day in days if day <= _length(year, month)]


def _days_of_week(field: str) -> Callable[[int, int], list[int]]:
    """Also ``L`` (Saturday), ``6L`` (the last Friday) and ``3#2`` (the second Tuesday)."""
    if field == "L":
        return _every({7})
    if found := re.fullmatch(r"(\w+)L", field):
        last = _number(found[1], 1, 7, _DAYS)
        return lambda year, month: _every({last})(year, month)[-1:]
    if found := re.fullmatch(r"(\w+)#([1-5])", field):
        day, which = _number(found[1], 1, 7, _DAYS), int(found[2])
        return lambda year, month: _every({day})(year, month)[which - 1 : which]
    return _every(_numbers(field, 1, 7, _DAYS))


def _every(weekdays: set[int]) -> Callable[[int, int], list[int]]:
    def days(year: int, month: int) -> list[int]:
        first = date(year, month, 1).isoweekday() % 7  # Sunday is 0
        return [
            day
            for day in range(1, _length(year, month) + 1)
            if (first + day - 1) % 7 + 1 in weekdays
        ]

    return days


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Saturday goes back and Sunday on, but never into another month."""
    weekday = date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
