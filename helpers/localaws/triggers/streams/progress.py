"""How far a mapping has come. It outlives pollers: a mapping that is enabled again goes on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Position:
    """Of one lane of one shard. ``held`` while somebody works in this lane."""

    after: int  #: the last sequence number that is done with
    held: threading.Lock = field(default_factory=threading.Lock)
    window: Any = None  #: the tumbling window that is open


class Progress:
    """The positions in all shards of a stream, by shard and lane."""

    def __init__(self) -> None:
        self.begun = False  #: whether the starting positions have been taken
        self._lanes: dict[str, list[Position]] = {}
        self._finished: dict[str, set[int]] = {}

    def lanes(self, shard_id: str, count: int, start: int = 0) -> list[Position]:
        """The positions of a shard's ``count`` lanes; a new shard is read after ``start``.

        With another count than before all begin where the slowest was, so that nothing is lost.
        """
        known = self._lanes.get(shard_id)
        if known is None or len(known) != count:
            after = min(one.after for one in known) if known else start
            self._lanes[shard_id] = [Position(after) for _ in range(count)]
            self._finished.pop(shard_id, None)
        return self._lanes[shard_id]

    def finish(self, shard_id: str, lane: int) -> None:
        """The shard was closed, and this lane has done all of it."""
        self._finished.setdefault(shard_id, set()).add(lane)

    def finished(self, shard_id: str, lane: int | None = None) -> bool:
        """Whether a lane of a closed shard is done; without one, whether all are."""
        done = self._finished.get(shard_id, set())
        if lane is not None:
            return lane in done
        return shard_id in self._lanes and len(done) == len(self._lanes[shard_id])
