"""What the on-failure destination is told of records that were given up.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.compute import destinations
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.triggers.streams.batch import Batch
from helpers.localaws.triggers.streams.sources import Source

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.mappings import Mapping

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"


def send(
    service: LambdaService,
    mapping: Mapping,
    source: Source,
    shard_id: str,
    batch: Batch,
    condition: str,
) -> None:
    """Send the record of a discarded batch to the mapping's destination, if it has one."""
    config = mapping.config.get("DestinationConfig") or {}
    target = (config.get("OnFailure") or {}).get("Destination")
    if not target:
        return
    try:
        function = mapping.function
        version = function.version(mapping.qualifier)
    except LambdaError:
        return  # the function, whose role would be needed, is gone
    document = record(mapping, source, shard_id, batch, condition)
    key = None
    if target.split(":")[2] == "s3":
        # Only a bucket has room for the records themselves.
        document["payload"] = batch.payload().decode()
        key = f"aws/lambda/{mapping.uuid}/{shard_id}/{_now():%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid4()}"
    sender = destinations.Sender(service.endpoint)
    if not sender.to_destination(version, target, document, key):
        service.metrics.count(function, "DestinationDeliveryFailures")


def record(
    mapping: Mapping, source: Source, shard_id: str, batch: Batch, condition: str
) -> dict[str, Any]:
    """The document without the records."""
    first, last = batch.records[0], batch.records[-1]
    document: dict[str, Any] = {
        "requestContext": {
            "requestId": batch.request_id or str(uuid4()),
            "functionArn": mapping.function_arn,
            "condition": condition,
            "approximateInvokeCount": max(batch.invoked, 1),
        },
        "version": "1.0",
        "timestamp": _now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        source.batch_info: {
            "shardId": shard_id,
            "startSequenceNumber": str(first.sequence),
            "endSequenceNumber": str(last.sequence),
            "approximateArrivalOfFirstRecord": source.moment(first.arrived),
            "approximateArrivalOfLastRecord": source.moment(last.arrived),
            "batchSize": len(batch.records),
            "streamArn": source.bell_arn,
        },
    }
    if condition == RETRIES_EXHAUSTED and batch.outcome is not None:
        document["responseContext"] = {
            "statusCode": 200,
            "executedVersion": batch.outcome.executed_version,
            "functionError": batch.outcome.error,
        }
    return document


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
