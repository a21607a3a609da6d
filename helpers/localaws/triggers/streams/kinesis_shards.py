"""Kinesis data streams made right under moto: where records go, how they are numbered, how long
they stay, and what a split or merged shard keeps.

Source: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from helpers.localaws.triggers.streams import bells

_lock = threading.Lock()


def put_record(shard: Any, partition_key: str, data: str, explicit_hash_key: str) -> str:
    """Add a record to a shard; return its sequence number."""
    from moto.kinesis.models import Record

    with _lock:
        order = numbers(shard)
        shard.records_put = shard.__dict__.get("records_put", 0) + 1
        sequence = first_number(shard) + shard.records_put * 10**4
        shard.records[sequence] = Record(partition_key, data, sequence, explicit_hash_key)
        order.append(sequence)
    return str(sequence)


def first_number(shard: Any) -> int:
    """56 digits: the shard's creation, then a counter, then the shard itself.

    So numbers grow within a shard, are given once in a stream, and a stream that was deleted and
    made again goes on above them.
    """
    created = shard.__dict__.setdefault("created_ms", int(time.time() * 1000))
    return int(f"49{created:013d}{shard._shard_id:041d}")


def numbers(shard: Any) -> list[int]:
    """The sequence numbers of a shard's records, in order."""
    found: list[int] = shard.__dict__.setdefault("numbers", [])
    return found


def after(shard: Any, sequence: int, most: int) -> list[Any]:
    """Up to ``most`` records with a higher number, oldest first."""
    with _lock:
        order = numbers(shard)
        begin = bisect_right(order, sequence)
        return [shard.records[number] for number in order[begin : begin + most]]


def trim(stream: Any, shard: Any) -> None:
    """Forget the records that are older than the stream's retention."""
    oldest = time.time() - stream.retention_period_hours * 3600
    with _lock:
        order = numbers(shard)
        old = 0
        while old < len(order) and shard.records[order[old]].created_at < oldest:
            del shard.records[order[old]]
            old += 1
        del order[:old]


def open_shard_for(stream: Any, partition_key: str, explicit_hash_key: str | None) -> Any:
    """The shard that takes a key's records now; those that were split or merged take none."""
    if explicit_hash_key:
        number = int(explicit_hash_key)
    else:
        number = int(hashlib.md5(partition_key.encode(), usedforsecurity=False).hexdigest(), 16)
    return next(
        shard
        for shard in list(stream.shards.values())
        if shard.is_open and shard.starting_hash <= number <= shard.ending_hash
    )


def keeping_records(stream: Any, shard_ids: list[str], reshard: Callable[[], None]) -> None:
    """Split or merge: new shards begin empty, and the closed ones keep what they have.

    Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
    """
    kept = {name: stream.shards[name].records for name in shard_ids if name in stream.shards}
    for name in kept:
        stream.shards[name].records = OrderedDict()  # moto would move them
    try:
        reshard()
    finally:
        for name, records in kept.items():
            stream.shards[name].records = records
    bells.ring(stream.arn)  # closed shards come to their end
    bells.ring(stream.arn + bells.SHARDS)


def decoded(data: str) -> str:
    """A record's data as text; raises ValueError where it is none."""
    return base64.b64decode(data).decode()
