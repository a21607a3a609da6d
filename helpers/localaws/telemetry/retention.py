"""How long a log group keeps its events.

On AWS an event that has reached its group's retention is gone within 72 hours or so; here it is
gone at once.
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

from __future__ import annotations

import time
from typing import Any

#: Days that PutRetentionPolicy takes.
DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
_DAY = 86_400_000  # milliseconds


def problem(days: Any) -> str:
    """Why a retention is refused; empty: it is not.

    The text is AWS's, as reported at https://github.com/aws/aws-cdk/issues/1343.
    """
    if days in DAYS:
        return ""
    return f"Invalid retention value. Valid values are: {list(DAYS)}"


def expire(group: Any) -> None:
    """Delete the events of moto's log group that are older than its retention, in days."""
    if not group.retention_in_days:
        return  # they are kept for ever
    oldest = time.time() * 1000 - int(group.retention_in_days) * _DAY
    for stream in group.streams.values():
        if stream.events and min(event.timestamp for event in stream.events) < oldest:
            stream.events = [event for event in stream.events if event.timestamp >= oldest]
