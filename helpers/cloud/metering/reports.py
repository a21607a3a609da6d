"""The REPORT line that Lambda writes at the end of each invocation: what is billed for it.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

#: Finds the line in both log formats; https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
PATTERN = '?"REPORT RequestId" ?"platform.report"'
_BILLED = re.compile(r"Billed Duration: (\d+) ms")
_MEMORY = re.compile(r"Memory Size: (\d+) MB")


@dataclass(frozen=True)
class Report:
    """One invocation: milliseconds and megabytes; ``traced``: X-Ray recorded it."""

    billed_ms: int
    memory_mb: int
    traced: bool = False

    @property
    def gb_seconds(self) -> Decimal:
        """What duration is billed in."""
        return Decimal(self.billed_ms) * self.memory_mb / 1024 / 1000


def read(messages: Iterable[str]) -> list[Report]:
    """The reports among log events, in either format; everything else is skipped."""
    return [found for message in messages if (found := _one(message)) is not None]


def _one(message: str) -> Report | None:
    if message.startswith("REPORT RequestId"):
        billed, memory = _BILLED.search(message), _MEMORY.search(message)
        if billed is None or memory is None:
            return None
        return Report(int(billed[1]), int(memory[1]), "Sampled: true" in message)
    if not message.lstrip().startswith("{"):
        return None
    try:
        event = json.loads(message)
        if event.get("type") != "platform.report":
            return None
        record = event["record"]
        traced = bool(record.get("tracing"))
        metrics = record["metrics"]
        return Report(int(metrics["billedDurationMs"]), int(metrics["memorySizeMB"]), traced)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a handler's own line that happens to look like one
