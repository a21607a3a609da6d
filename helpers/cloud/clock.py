"""The course clock: minutes pass at once on a local cloud, and really on any other."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from helpers.cloud.errors import CloudError


class Clock(Protocol):
    """The time of the open cloud."""

    def now(self) -> datetime:
        """The cloud's time, in UTC."""

    def advance(self, **duration: float) -> datetime:
        """Let time pass: ``advance(minutes=5)``. Takes what ``timedelta`` takes."""


class MovableClock:
    """The clock of a local cloud, moved through its control interface."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._ask("GET", "clock")["now"], UTC)

    def advance(self, **duration: float) -> datetime:
        seconds = _seconds(duration)
        answer = self._ask("POST", f"clock/advance?seconds={seconds!r}")
        return datetime.fromtimestamp(answer["now"], UTC)

    def _ask(self, method: str, what: str) -> Any:
        return control(self._url, self._token, method, what)


class RealClock:
    """The clock of a cloud whose time cannot be moved: advancing waits, and says how long."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, **duration: float) -> datetime:
        seconds = _seconds(duration)
        print(f"This cloud's time cannot be moved: waiting {timedelta(seconds=seconds)} …")
        time.sleep(seconds)
        return self.now()


def control(url: str, token: str, method: str, what: str) -> Any:
    """Call the control interface of a local AWS; raises CloudError where it refuses or is gone."""
    request = urllib.request.Request(
        f"{url}/_localaws/{what}",
        method=method,
        headers={"Authorization": f"Bearer {token}"},
        data=b"" if method == "POST" else None,
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=60
        ) as reply:
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
