"""The poller of a stream's mapping: keeps a lane at work in every shard.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from helpers.localaws.triggers.streams.bells import SHARDS, Bell
from helpers.localaws.triggers.streams.lane import Lane
from helpers.localaws.triggers.streams.progress import Progress
from helpers.localaws.triggers.streams.sources import ShardInfo, source_of

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.mappings import Mapping


class StreamPoller:
    """Starts lanes for the shards that are there, and for those that come by resharding."""

    def __init__(self, service: LambdaService, mapping: Mapping) -> None:
        self._service, self._mapping = service, mapping
        self._source = source_of(mapping)
        self._progress: Progress = mapping.progress
        self._count: int = mapping.config.get("ParallelizationFactor", 1)
        self._lock = threading.Lock()
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._stopped = threading.Event()
        self._bell = Bell(self._source.bell_arn + SHARDS)
        if not self._progress.begun:
            self._take_starting_positions()
        threading.Thread(target=self._watch, name="stream-shards", daemon=True).start()

    def stop(self) -> None:
        """Invoke no more; invocations under way are finished."""
        self._stopped.set()
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.stop()
        self._bell.ring()

    def _take_starting_positions(self) -> None:
        config = self._mapping.config
        for shard in self._source.shards():
            after = self._source.start(
                shard.id,
                config["StartingPosition"],
                config.get("StartingPositionTimestamp"),
            )
            self._progress.lanes(shard.id, self._count, after)
        self._progress.begun = True

    def _watch(self) -> None:
        while not self._stopped.is_set():
            seen = self._bell.count
            shards = self._source.shards()
            known = {shard.id for shard in shards}
            for shard in shards:
                if not self._progress.finished(shard.id) and self._is_ready(shard, known):
                    self._start_lanes(shard)
            self._bell.wait(seen)

    def _is_ready(self, shard: ShardInfo, known: set[str]) -> bool:
        """Records that came before a shard was split or merged are processed first."""
        return all(self._progress.finished(parent) for parent in shard.parents if parent in known)

    def _start_lanes(self, shard: ShardInfo) -> None:
        # A shard that comes later is read from its beginning: nothing of it can be older.
        positions = self._progress.lanes(shard.id, self._count)
        with self._lock:
            for number, position in enumerate(positions):
                key = shard.id, number
                if key in self._lanes or self._progress.finished(*key) or self._stopped.is_set():
                    continue
                lane = self._lanes[key] = Lane(
                    self._service,
                    self._mapping,
                    self._source,
                    shard.id,
                    (number, self._count),
                    position,
                )
                threading.Thread(
                    target=self._run, args=(key, lane), name=f"stream-{shard.id}", daemon=True
                ).start()

    def _run(self, key: tuple[str, int], lane: Lane) -> None:
        lane.run()
        if lane.finished:
            self._progress.finish(*key)
            self._bell.ring()  # its children may begin
        with self._lock:
            self._lanes.pop(key, None)
