"""DynamoDB's writes: one at a time, each announced to the table's stream when it is certain.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpers.localaws.triggers.streams.changes import ChangeStream
from helpers.localaws.triggers.streams.images import Image, image


@dataclass
class Change:
    """What a write has done to one item so far."""

    stream: ChangeStream
    keys: Image
    old: Image | None
    new: Image | None


#: Held by whoever writes: moto looks at an item's condition and changes it in separate steps.
writing = threading.RLock()
#: The changes of the write under way, by stream and key; None: nobody is writing.
_pending: dict[tuple[str, str], Change] | None = None


@contextmanager
def one_write(by: dict[str, str] | None = None) -> Iterator[None]:
    """Announce what changes within, all of it when it has succeeded and nothing when it fails.

    ``by`` is the records' ``userIdentity``, for changes that no caller made.
    """
    global _pending
    with writing:
        if _pending is not None:  # a step of a transaction
            yield
            return
        _pending = {}
        try:
            yield
            for change in _pending.values():
                change.stream.append(change.keys, change.old, change.new, by)
        finally:
            _pending = None


def note(stream: ChangeStream, old: Any, new: Any) -> None:
    """moto has changed an item. Several steps on one item are one change, from first to last."""
    with writing:
        if _pending is None:
            with one_write():
                note(stream, old, new)
            return
        keys = stream.keys(new if new is not None else old)
        change = Change(
            stream,
            keys,
            None if old is None else image(old),
            None if new is None else image(new),
        )
        earlier = _pending.setdefault((stream.arn, str(keys)), change)
        earlier.new = change.new


def as_one_write(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of moto's DynamoDB that writes."""

    @functools.wraps(method)
    def write(*arguments: Any, **more: Any) -> Any:
        with one_write():
            return method(*arguments, **more)

    return write


def undisturbed(method: Callable[..., Any]) -> Callable[..., Any]:
    """A request that reads an item, writes it and answers with one of both states."""

    @functools.wraps(method)
    def perform(*arguments: Any, **more: Any) -> Any:
        with writing:
            return method(*arguments, **more)

    return perform


def set_stream_specification(table: Any, asked: dict[str, Any] | None) -> None:
    """Enable or disable a table's stream; each time it is enabled it is a new one."""
    from moto.dynamodb.exceptions import MockValidationException

    asked = asked or {}
    # A template names the view type alone.
    if not (asked.get("StreamEnabled") or asked.get("StreamViewType")):
        _disable(table)
        return
    view_type = asked.get("StreamViewType")
    if view_type is None:
        raise MockValidationException(
            "One or more parameter values were invalid: If stream is being enabled then "
            "UpdateViewType is required"
        )
    streams = streams_of(table.account_id, table.region_name)
    moment = time.time()
    while True:
        label = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        if f"{table.table_arn}/stream/{label}" not in streams:
            break
        moment += 0.001
    stream = ChangeStream(table, view_type, label)
    streams[stream.arn] = stream
    table.stream_specification = {"StreamEnabled": True, "StreamViewType": view_type}
    table.latest_stream_label = label
    table.stream_shard = stream


def update_streams(table: Any, asked: dict[str, Any]) -> None:
    """UpdateTable's StreamSpecification; raises AWS's errors for what changes nothing."""
    from moto.dynamodb.exceptions import MockValidationException

    enabled = table.stream_shard is not None
    if asked.get("StreamEnabled"):
        if enabled:
            raise MockValidationException(
                f"Table already has an enabled stream: TableName: {table.name}"
            )
    elif asked.get("StreamViewType"):
        raise MockValidationException(
            "One or more parameter values were invalid: If stream is being disabled, then "
            "UpdateViewType must not be specified"
        )
    elif not enabled:
        raise MockValidationException(f"Table has no stream to disable: TableName: {table.name}")
    set_stream_specification(table, asked)


def forget_table(table: Any) -> None:
    """The table was deleted: its stream can be read for another day."""
    _disable(table)


def streams_of(account: str, region: str) -> dict[str, ChangeStream]:
    """The streams of all tables, deleted ones too, by ARN; those that are empty for good go."""
    from moto.dynamodbstreams.models import dynamodbstreams_backends

    streams: dict[str, ChangeStream] = dynamodbstreams_backends[account][
        region
    ].__dict__.setdefault("streams", {})
    for arn in [arn for arn, stream in list(streams.items()) if stream.gone]:
        streams.pop(arn, None)
    return streams


def find_stream(arn: str) -> ChangeStream | None:
    """The stream of this ARN; None where there is none."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    return streams_of(parts[4], parts[3]).get(arn)


def _disable(table: Any) -> None:
    table.stream_specification = {"StreamEnabled": False}
    stream = table.__dict__.get("stream_shard")
    if stream is not None:
        stream.disable()
    table.stream_shard = None
