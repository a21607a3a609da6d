"""Moments, as Step Functions tells them: to the millisecond."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> float:
    """Seconds since the epoch, by the course clock."""
    return round(time.time(), 3)


def iso(moment: float) -> str:
    """``2026-11-23T10:00:00.123Z``."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
