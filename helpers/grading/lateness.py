"""What is taken off for being late: a table that is read from one line, and shown as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_UNITS = {"m": 60, "h": 3600, "d": 86400}
_STEP = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([mhd])\s*:\s*(\d+(?:\.\d+)?)\s*%?\s*$")


class WrongTable(Exception):
    """The line could not be read. The message shows a right one."""


@dataclass(frozen=True)
class Lateness:
    """How late a submission was and what it loses. `percent` of the points that were earned."""

    by: timedelta
    percent: float

    @property
    def words(self) -> str:
        seconds = int(self.by.total_seconds())
        if seconds <= 0:
            return ""
        days, rest = divmod(seconds, 86400)
        hours, minutes = divmod(rest // 60, 60)
        return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


@dataclass(frozen=True)
class LateTable:
    """`steps` are (up to so many seconds late, percent); what is later than the last loses all."""

    due: datetime | None = None
    steps: tuple[tuple[float, float], ...] = ()

    def of(self, when: datetime | None) -> Lateness:
        """The lateness of something submitted at `when`; unknown times are never late."""
        if self.due is None or when is None or when <= self.due:
            return Lateness(timedelta(0), 0.0)
        by = when - self.due
        for most, percent in self.steps:
            if by.total_seconds() <= most:
                return Lateness(by, percent)
        return Lateness(by, 100.0 if self.steps else 0.0)

    def words(self) -> list[str]:
        """The table, one line a step."""
        lines = [f"up to {_span(most)} late: {percent:g} % off" for most, percent in self.steps]
        return [*lines, f"later: {'100 % off' if self.steps else 'nothing off'}"]


def late_table(due: str | None, steps: str | None) -> LateTable:
    """Read ``--due 2026-11-30T23:59+01:00 --late "1h:0, 24h:10, 7d:50"``."""
    if due is None:
        if steps:
            raise WrongTable("--late needs --due: when was it due? --due 2026-11-30T23:59")
        return LateTable()
    try:
        moment = datetime.fromisoformat(due)
    except ValueError:
        raise WrongTable(f"--due takes a time such as 2026-11-30T23:59, not {due!r}.") from None
    found = []
    for step in (steps or "").split(","):
        if not step.strip():
            continue
        read = _STEP.match(step)
        if read is None or float(read[3]) > 100:
            raise WrongTable(
                f"--late cannot read {step.strip()!r}. It takes steps of lateness and percent: "
                '--late "1h:0, 24h:10, 7d:50"'
            )
        found.append((float(read[1]) * _UNITS[read[2]], float(read[3])))
    moment = moment if moment.tzinfo else moment.astimezone()
    return LateTable(moment, tuple(sorted(found)))


def _span(seconds: float) -> str:
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} seconds"
