"""Throttling: a bucket of tokens for each stage's method or route, filled on the course clock.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-request-throttling.html
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass
class _Bucket:
    rate: float  #: tokens a second
    burst: float  #: how many it holds
    tokens: float
    filled: float  #: when, on the course clock


class Throttles:
    """Every bucket of this cloud."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def admit(self, key: tuple[str, ...], rate: float | None, burst: float | None) -> bool:
        """Take a token; False: there is none, the request is one too many.

        A limit that is None does not limit: the account's own are far beyond one machine.
        """
        if rate is None and burst is None:
            return True
        rate = 10_000.0 if rate is None else float(rate)
        burst = 5_000.0 if burst is None else float(burst)
        now = time.time()
        with self._lock:
            bucket = self._buckets.get(key)
            # With new limits, or when the clock was put back: begin with a full one.
            if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
                bucket = self._buckets[key] = _Bucket(rate, burst, burst, now)
            elapsed = max(0.0, now - bucket.filled)
            bucket.tokens = min(burst, bucket.tokens + elapsed * rate)
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True

    def clear(self) -> None:
        with self._lock:
            self._buckets.clear()
