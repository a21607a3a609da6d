"""Tumbling windows: a state that travels from invocation to invocation until its time is over.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helpers.localaws.triggers.streams.records import Record

#: A state with more bytes ends its window early.
MOST_BYTES = 1024 * 1024


@dataclass
class Window:
    """One window of one shard. Windows begin at whole multiples of their length."""

    start: float
    seconds: int
    state: Any = field(default_factory=dict)
    terminated_early: bool = False

    @classmethod
    def of(cls, record: Record, seconds: int) -> Window:
        return cls(record.arrived // seconds * seconds, seconds)

    @property
    def end(self) -> float:
        return self.start + self.seconds

    def holds(self, record: Record) -> bool:
        return self.start <= record.arrived < self.end and not self.terminated_early

    def members(self, shard_id: str, source_arn: str, final: bool) -> str:
        """What an event has besides its records, as JSON that begins with a comma."""
        more = {
            "window": {"start": _moment(self.start), "end": _moment(self.end)},
            "state": self.state,
            "shardId": shard_id,
            "eventSourceARN": source_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": self.terminated_early,
        }
        return "," + json.dumps(more, separators=(",", ":"))[1:-1]

    def take_state(self, payload: bytes) -> bool:
        """Keep the state that the handler returned; False where it returned none."""
        try:
            reply = json.loads(payload)
        except ValueError:
            return False
        if not isinstance(reply, dict) or "state" not in reply:
            return False
        self.state = reply["state"]
        self.terminated_early = len(json.dumps(self.state)) > MOST_BYTES
        return True


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
