"""A mapping's view of its stream: shards, the records in them, and how they look in an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from helpers.localaws.triggers.filters import passes
from helpers.localaws.triggers.streams import kinesis_shards
from helpers.localaws.triggers.streams.changes import RETENTION, ChangeStream
from helpers.localaws.triggers.streams.records import Record
from helpers.localaws.triggers.streams.tables import find_stream

if TYPE_CHECKING:
    from helpers.localaws.triggers.mappings import Mapping


@dataclass
class ShardInfo:
    """A shard as the stream shows it now. ``closed``: no record will be added any more."""

    id: str
    parents: list[str]
    closed: bool


class Source(Protocol):
    """One stream, for one mapping."""

    bell_arn: str  #: what rings when a record was added
    batch_info: str  #: the member of a failure record that describes the batch

    @property
    def retention(self) -> float:
        """Seconds that records stay."""

    def shards(self) -> list[ShardInfo]:
        """Every shard, parents before children; empty where the stream is gone."""

    def read(self, shard_id: str, after: int, most: int) -> list[Record]:
        """Up to ``most`` records with a sequence number above ``after``, oldest first."""

    def start(self, shard_id: str, position: str, moment: float | None) -> int:
        """The number to read after, for a StartingPosition."""

    def passes(self, criteria: dict[str, Any] | None, record: Record) -> bool:
        """Whether a record matches the mapping's FilterCriteria."""

    def moment(self, seconds: float) -> str:
        """A time as failure records spell it."""


def source_of(mapping: Mapping) -> Source:
    if mapping.source_arn.split(":")[2] == "dynamodb":
        return TableSource(mapping)
    return KinesisSource(mapping)


def exists(source_arn: str) -> bool:
    """Whether there is such a stream, or such a consumer of one."""
    if source_arn.split(":")[2] == "dynamodb":
        return find_stream(source_arn) is not None
    stream_arn, consumer = _parts(source_arn)
    stream = _kinesis_stream(stream_arn)
    if stream is None:
        return False
    return consumer is None or stream.get_consumer_by_arn(source_arn) is not None


class TableSource:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""

    batch_info = "DDBStreamBatchInfo"
    retention: float = RETENTION

    def __init__(self, mapping: Mapping) -> None:
        self.bell_arn = mapping.source_arn

    def shards(self) -> list[ShardInfo]:
        stream = self._stream()
        return [ShardInfo(stream.shard_id, [], stream.disabled is not None)] if stream else []

    def read(self, shard_id: str, after: int, most: int) -> list[Record]:
        stream = self._stream()
        return stream.read(after, most) if stream else []

    def start(self, shard_id: str, position: str, moment: float | None) -> int:
        stream = self._stream()
        return stream.latest() if stream and position == "LATEST" else 0

    def passes(self, criteria: dict[str, Any] | None, record: Record) -> bool:
        return passes(criteria, record.event, "")

    def moment(self, seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _stream(self) -> ChangeStream | None:
        return find_stream(self.bell_arn)


class KinesisSource:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"""

    batch_info = "KinesisBatchInfo"

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self.bell_arn, _ = _parts(mapping.source_arn)
        self._region = self.bell_arn.split(":")[3]

    @property
    def retention(self) -> float:
        stream = _kinesis_stream(self.bell_arn)
        return (stream.retention_period_hours if stream else 24) * 3600.0

    def shards(self) -> list[ShardInfo]:
        stream = _kinesis_stream(self.bell_arn)
        found = sorted(stream.shards.values(), key=lambda one: one.shard_id) if stream else []
        return [
            ShardInfo(
                shard.shard_id,
                [parent for parent in (shard.parent, shard.adjacent_parent) if parent],
                not shard.is_open,
            )
            for shard in found
        ]

    def read(self, shard_id: str, after: int, most: int) -> list[Record]:
        shard = self._shard(shard_id)
        if shard is None:
            return []
        return [
            self._record(shard_id, record) for record in kinesis_shards.after(shard, after, most)
        ]

    def start(self, shard_id: str, position: str, moment: float | None) -> int:
        shard = self._shard(shard_id)
        if shard is None or position == "TRIM_HORIZON":
            return 0
        if position == "LATEST":
            return max(kinesis_shards.numbers(shard), default=0)
        earlier = [
            number
            for number in kinesis_shards.numbers(shard)
            if shard.records[number].created_at < (moment or 0)
        ]
        return max(earlier, default=0)

    def passes(self, criteria: dict[str, Any] | None, record: Record) -> bool:
        """Patterns look into the data, decoded, under the key ``data``.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
        """
        if not (criteria or {}).get("Filters"):
            return True
        try:
            data = kinesis_shards.decoded(record.event["kinesis"]["data"])
        except ValueError:
            data = None
        return passes(criteria, {**record.event, "data": data}, "data")

    def moment(self, seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def _shard(self, shard_id: str) -> Any:
        stream = _kinesis_stream(self.bell_arn)
        shard = stream.shards.get(shard_id) if stream else None
        if shard is not None:
            kinesis_shards.trim(stream, shard)
        return shard

    def _record(self, shard_id: str, record: Any) -> Record:
        number = str(record.sequence_number)
        event = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": number,
                "data": record.data,
                "approximateArrivalTimestamp": round(record.created_at, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard_id}:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self._mapping.role,
            "awsRegion": self._region,
            "eventSourceARN": self._mapping.source_arn,
        }
        return Record(record.sequence_number, record.created_at, record.partition_key, event)


def _kinesis_stream(arn: str) -> Any:
    from moto.kinesis.models import kinesis_backends

    parts = arn.split(":", 5)
    if len(parts) < 6 or "/" not in parts[5]:
        return None
    return kinesis_backends[parts[4]][parts[3]].streams.get(parts[5].split("/")[1])


def _parts(source_arn: str) -> tuple[str, str | None]:
    """The stream's ARN, and the consumer's name where a consumer was given."""
    stream_arn, _, consumer = source_arn.partition("/consumer/")
    return stream_arn, consumer or None
