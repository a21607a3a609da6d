"""The DynamoDB Streams API, for readers other than Lambda: they take nothing from anybody.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NoReturn

from helpers.localaws.triggers.streams.changes import ChangeStream
from helpers.localaws.triggers.streams.images import binaries_as_bytes
from helpers.localaws.triggers.streams.records import Record
from helpers.localaws.triggers.streams.tables import find_stream, streams_of

#: Seconds after which a shard iterator cannot be used any more.
ITERATOR_LIFE = 15 * 60


def list_streams(account: str, region: str, table_name: str | None) -> list[dict[str, Any]]:
    return [
        {
            "StreamArn": stream.arn,
            "TableName": stream.table_name,
            "StreamLabel": stream.label,
        }
        for stream in list(streams_of(account, region).values())
        if table_name in (None, stream.table_name)
    ]


def describe_stream(arn: str) -> dict[str, Any]:
    stream = _find(arn)
    numbers = {"StartingSequenceNumber": str(stream.first_sequence)}
    if stream.disabled:
        numbers["EndingSequenceNumber"] = str(stream.latest())
    return {
        "StreamArn": arn,
        "StreamLabel": stream.label,
        "StreamStatus": "DISABLED" if stream.disabled else "ENABLED",
        "StreamViewType": stream.view_type,
        "CreationRequestDateTime": _moment(stream.created),
        "TableName": stream.table_name,
        "KeySchema": stream.key_schema,
        "Shards": [{"ShardId": stream.shard_id, "SequenceNumberRange": numbers}],
    }


def get_shard_iterator(arn: str, shard_id: str, kind: str, sequence: int | None) -> Any:
    """An object whose ``arn`` is the iterator, as moto's handler wants it."""
    stream = _find(arn)
    if shard_id != stream.shard_id:
        _refuse(
            "ResourceNotFoundException",
            f"Requested resource not found: Shard: {shard_id} in stream: {arn} not found",
        )
    if kind == "LATEST":
        after = stream.latest()
    elif kind == "TRIM_HORIZON":
        after = stream.oldest() - 1
    else:
        if sequence is None:
            _refuse(
                "ValidationException",
                f"1 validation error detected: SequenceNumber must be given with {kind}",
            )
        after = sequence - 1 if kind == "AT_SEQUENCE_NUMBER" else sequence
        if after + 1 < stream.oldest():
            _refuse_trimmed()
    return SimpleNamespace(arn=_iterator(stream, after))


def get_records(iterator: str, limit: int) -> dict[str, Any]:
    arn, after, issued = _open(iterator)
    stream = _find(arn)
    if time.time() - issued > ITERATOR_LIFE:
        _refuse("ExpiredIteratorException", "Iterator expired")
    if after + 1 < stream.oldest():
        _refuse_trimmed()
    records = stream.read(after, max(1, min(int(limit), 1000)))
    last = records[-1].sequence if records else after
    answer: dict[str, Any] = {"Records": [_shown(record) for record in records]}
    if not (stream.disabled and last >= stream.latest()):  # else the shard has come to its end
        answer["NextShardIterator"] = _iterator(stream, last)
    return answer


def _shown(record: Record) -> dict[str, Any]:
    """The record as this API spells it."""
    event = {name: value for name, value in record.event.items() if name != "eventSourceARN"}
    change = dict(event["dynamodb"])
    change["ApproximateCreationDateTime"] = _moment(change["ApproximateCreationDateTime"])
    for name in ("Keys", "NewImage", "OldImage"):
        if name in change:
            change[name] = binaries_as_bytes(change[name])
    event["dynamodb"] = change
    if by := event.get("userIdentity"):
        event["userIdentity"] = {"PrincipalId": by["principalId"], "Type": by["type"]}
    return event


def _iterator(stream: ChangeStream, after: int) -> str:
    content = json.dumps([after, time.time()]).encode()
    return f"{stream.arn}|1|{base64.urlsafe_b64encode(content).decode()}"


def _open(iterator: str) -> tuple[str, int, float]:
    """ARN, the sequence number to read after, and when the iterator was given."""
    try:
        arn, _, content = str(iterator).split("|")
        after, issued = json.loads(base64.urlsafe_b64decode(content))
        return arn, int(after), float(issued)
    except (ValueError, TypeError, binascii.Error):
        _refuse("ValidationException", "Invalid ShardIterator")


def _find(arn: str) -> ChangeStream:
    stream = find_stream(str(arn))
    if stream is None:
        _refuse(
            "ResourceNotFoundException",
            f"Requested resource not found: Stream: {arn} not found",
        )
    return stream


def _refuse_trimmed() -> NoReturn:
    _refuse(
        "TrimmedDataAccessException",
        "The operation attempted to read past the oldest stream record in a shard.",
    )


def _refuse(code: str, message: str) -> NoReturn:
    from moto.core.exceptions import JsonRESTError

    raise JsonRESTError(f"com.amazonaws.dynamodb.v20120810#{code}", message)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
