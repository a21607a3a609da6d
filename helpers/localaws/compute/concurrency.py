"""How many invocations may be in flight: the account's limit and reserved concurrency.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.localaws.compute.errors import TooManyRequests
from helpers.localaws.compute.function import Function, Functions

#: The default quota. AWS starts new accounts with less, often 10; LOCALAWS_CONCURRENCY sets it.
ACCOUNT_LIMIT = int(os.environ.get("LOCALAWS_CONCURRENCY", "1000"))
#: What must stay unreserved for functions without a reservation.
UNRESERVED_MINIMUM = min(100, ACCOUNT_LIMIT)


class Concurrency:
    """Counts the invocations in flight on on-demand environments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()  # by the function's ARN

    @contextmanager
    def slot(self, functions: Functions, function: Function) -> Iterator[int]:
        """Hold one invocation's place; raises TooManyRequests where there is none.

        Gives the number of invocations of the function now in flight.
        """
        key = function.latest.arn
        with self._lock:
            self._must_have_room(functions, function)
            self._running[key] += 1
            running = self._running[key]
        try:
            yield running
        finally:
            with self._lock:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]

    def running(self, function: Function) -> int:
        """The function's invocations in flight."""
        return self._running[function.latest.arn]

    def _must_have_room(self, functions: Functions, function: Function) -> None:
        if function.reserved is not None:
            room = function.reserved - function.provisioned_total
            if self._running[function.latest.arn] >= room:
                raise TooManyRequests(
                    "Rate Exceeded.", Reason="ReservedFunctionConcurrentInvocationLimitExceeded"
                )
            return
        others = [one for one in functions.all() if one.reserved is None]
        in_use = sum(self._running[one.latest.arn] for one in others)
        taken = sum(one.provisioned_total for one in others)
        if in_use >= unreserved(functions) - taken:
            raise TooManyRequests("Rate Exceeded.", Reason="ConcurrentInvocationLimitExceeded")


def unreserved(functions: Functions) -> int:
    """``UnreservedConcurrentExecutions``: the account's limit less all reservations."""
    return ACCOUNT_LIMIT - sum(one.reserved or 0 for one in functions.all())
