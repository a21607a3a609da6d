"""The cloud of a notebook that is being judged.

The judge owns the local AWS and runs the notebook where nothing else can be reached. There the
variable COURSE_CLOUD_RELAY holds a URL that leads to it, and ``cloud.open()`` returns that cloud
instead of starting one. Its clock and its reset belong to the judge: they say so and do nothing,
so that a notebook that uses them still runs to its end.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

VARIABLE = "COURSE_CLOUD_RELAY"


def url() -> str | None:
    """Where the judge's local AWS answers, or None in everybody's own notebooks."""
    return os.environ.get(VARIABLE) or None


class JudgesClock:
    """A clock that only the judge moves."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, **duration: float) -> datetime:
        print("The judge moves this cloud's clock when it checks; here it stays as it is.")
        return self.now()


def no_reset() -> None:
    """What ``aws.reset()`` does."""
    print("The judge empties this cloud between notebooks; here it stays as it is.")
