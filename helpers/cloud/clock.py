"""The course clock: minutes pass at once on a local cloud, and really on any other.

aws.clock.advance(minutes=2)
aws.clock.advance(minutes=15, really=True)     # where time is real, and that long is meant
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from helpers.cloud.errors import CloudError

#: A longer wait is refused where time is real, unless it is asked for in so many words.
LONGEST = timedelta(minutes=5)
#: Seconds between two words about how long it still takes.
_STEP = 5.0
#: A wait below so many seconds is not worth a word.
_SHORT = 3.0


class Clock(Protocol):
    """The time of the open cloud."""

    def now(self) -> datetime:
        """The cloud's time, in UTC."""

    def advance(self, *, really: bool = False, **duration: float) -> datetime:
        """Let time pass: ``advance(minutes=5)``. Takes what ``timedelta`` takes.

        ``really``: wait even if it takes long. It changes nothing where the clock can be moved.
        """


class MovableClock:
    """The clock of a local cloud, moved through its control interface."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._ask("GET", "clock")["now"], UTC)

    def advance(self, *, really: bool = False, **duration: float) -> datetime:
        seconds = _seconds(duration)
        answer = self._ask("POST", f"clock/advance?seconds={seconds!r}")
        return datetime.fromtimestamp(answer["now"], UTC)

    def _ask(self, method: str, what: str) -> Any:
        return control(self._url, self._token, method, what)


class RealClock:
    """The clock of a cloud whose time cannot be moved: advancing waits, and says how long.

    It waits by the time of day, because AWS's time goes on while a laptop sleeps.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda text: print(text, end="", flush=True),
    ) -> None:
        self._now, self._sleep, self._say = now, sleep, say

    def now(self) -> datetime:
        return self._now()

    def advance(self, *, really: bool = False, **duration: float) -> datetime:
        """Wait so long; raises CloudError for more than five minutes, WaitInterrupted on Ctrl-C."""
        span = timedelta(seconds=_seconds(duration))
        if span > LONGEST and not really:
            raise CloudError(_too_long(span, duration))
        began = self._now()
        until = began + span
        quiet = span.total_seconds() < _SHORT
        if not quiet:
            self._say(
                f"This cloud's time cannot be moved: waiting {in_words(span)}, until "
                f"{until.astimezone():%H:%M:%S}. Interrupt the kernel to stop waiting.\n"
            )
        try:
            while (left := until - self._now()) > timedelta(0):
                if not quiet:
                    self._say(f"\r{in_words(left)} left".ljust(40))
                self._sleep(min(_STEP, left.total_seconds()))
        except KeyboardInterrupt:
            raise WaitInterrupted(self._now() - began, span) from None
        if not quiet:
            self._say(f"\r{in_words(span)} have passed.".ljust(40) + "\n")
        return self._now()


class WaitInterrupted(CloudError, KeyboardInterrupt):
    """Somebody did not want to wait any longer."""

    def __init__(self, waited: timedelta, wanted: timedelta) -> None:
        super().__init__(
            f"You stopped waiting after {in_words(waited)} of {in_words(wanted)}. Nothing else was "
            "stopped: the cloud's own time goes on. Run the cell again to wait once more, or go on "
            "with the next one and expect that what should have happened by then has not."
        )


def in_words(span: timedelta) -> str:
    """ "2 minutes 5 seconds", "1 hour", "1 day 12 hours": the two largest units."""
    seconds = max(0, round(span.total_seconds()))
    parts = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def _too_long(span: timedelta, duration: dict[str, float]) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in duration.items())
    return (
        f"This would be a real wait of {in_words(span)}, because only a local cloud's clock can be "
        "moved. Nothing was waited for. To see at once what this cell shows, run the notebook up "
        "to here on the local cloud: aws.close(), then aws = cloud.open(). To wait all the same: "
        f"aws.clock.advance({given}, really=True)"
    )


#: A proxy that this machine is set to use knows nothing of a local AWS.
_straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def control(url: str, token: str, method: str, what: str) -> Any:
    """Call the control interface of a local AWS; raises CloudError where it refuses or is gone."""
    request = urllib.request.Request(
        f"{url}/_localaws/{what}",
        method=method,
        headers={"Authorization": f"Bearer {token}"},
        data=b"" if method == "POST" else None,
    )
    try:
        with _straight.open(request, timeout=60) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as problem:
        raise CloudError(_refusal(problem)) from None
    except (urllib.error.URLError, OSError) as problem:
        raise CloudError(
            f"The local cloud at {url} does not answer ({problem}). Open it again: "
            "aws = cloud.open()"
        ) from None


def _refusal(problem: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(problem)["message"])
    except (ValueError, KeyError, TypeError):
        return (
            f"What answers at {problem.url} is not a local cloud (it said {problem.code}). Open a "
            "new one: aws = cloud.open()"
        )


def _seconds(duration: dict[str, float]) -> float:
    if not duration:
        raise CloudError("Say how far to move the clock, for example aws.clock.advance(minutes=5)")
    try:
        seconds = timedelta(**duration).total_seconds()
    except (TypeError, ValueError, OverflowError):
        given = ", ".join(f"{name}={value!r}" for name, value in duration.items())
        raise CloudError(
            f"The clock cannot move by {given}: it takes numbers of weeks, days, hours, minutes or "
            "seconds. For example: aws.clock.advance(minutes=5)"
        ) from None
    if seconds < 0:
        raise CloudError(
            "Time only moves forward: give a positive duration, or start again at the real time "
            "in an empty cloud with aws.reset()"
        )
    return seconds
