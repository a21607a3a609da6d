"""How many batches of a queue are in flight at once.

Lambda begins with five, and as long as messages wait it takes 300 more a minute.
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

import time

FIRST = 5
PER_SECOND = 300 / 60
#: AWS goes up to 1,250; this machine is not as wide.
MOST = 32


class Width:
    """Counts the places; used by one poller, which guards it."""

    def __init__(self) -> None:
        self._taken = 0
        self._most = MOST
        self._crowded_since: float | None = None  # on the course clock

    def take(self, maximum_concurrency: int | None) -> bool:
        """Take a place for a batch; False: there is none yet."""
        self._most = min(maximum_concurrency or MOST, MOST)
        if self._crowded_since is None and self._taken >= FIRST:
            self._crowded_since = time.time()
        if self._taken >= self._places():
            return False
        self._taken += 1
        return True

    def give_back(self) -> None:
        """A batch is done."""
        self._taken -= 1

    def calm(self) -> None:
        """No message waits: the next crowd begins small again."""
        self._crowded_since = None

    def next_place_at(self) -> float:
        """When there will be one more place, if none is given back before."""
        if self._crowded_since is None or self._taken >= self._most:
            return float("inf")
        return self._crowded_since + (self._taken + 1 - FIRST) / PER_SECOND

    def _places(self) -> int:
        if self._crowded_since is None:
            return min(FIRST, self._most)
        grown = (time.time() - self._crowded_since) * PER_SECOND
        return min(int(FIRST + grown), self._most)
