"""What one API request adds to the bill: quantities by the keys of the price table.

``used("sqs", "SendMessage", parameters, reply)`` gives ``{"sqs.standard": Decimal(1)}``. Parameters
and reply are boto3's. With an empty reply it says what is known before the request is sent.

What handlers run and what triggers poll does not pass here: ``observed`` asks AWS about that. So
this is silent about Lambda, about executions of Standard workflows, and about invoked APIs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from helpers.cloud.metering import dynamodb
from helpers.cloud.metering.sizes import GB, KB, chunks, length

Used = dict[str, Decimal]
Asked = Mapping[str, Any]

#: These share one price; the four that move messages cost more on FIFO queues.
_MESSAGES = (
    "SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch",
    "ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
)  # fmt: skip
_S3_FREE = ("Delete", "AbortMultipartUpload")
_S3_WRITES = ("Put", "Copy", "Create", "Upload", "Complete", "List", "Restore")
_METRIC_HOLDERS = ("GetMetricData", "GetMetricWidgetImage", "GetInsightRuleReport")
_ASYMMETRIC = ("RSA", "ECC", "SM2", "ML_DSA")


def used(service: str, operation: str, parameters: Asked, reply: Asked) -> Used:
    """Quantities by price; empty for requests that are free or that nobody bills by the request."""
    rule = _RULES.get(service)
    return rule(operation, parameters, reply) if rule else {}


# -- messages and events -------------------------------------------------------------------------


def _sqs(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/sqs/pricing/ (each 64 KB chunk is one request)"""
    size = length(asked.get("MessageBody"))
    size += sum(length(one.get("MessageBody")) for one in asked.get("Entries", ()))
    size += sum(length(one.get("Body")) for one in reply.get("Messages", ()))
    fifo = str(asked.get("QueueUrl", "")).endswith(".fifo") and operation in _MESSAGES
    return {"sqs.fifo" if fifo else "sqs.standard": Decimal(chunks(size, 64 * KB))}


def _sns(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/sns/pricing/ (each 64 KB chunk published is one request)"""
    size = length(asked.get("Message"))
    size += sum(length(one.get("Message")) for one in asked.get("PublishBatchRequestEntries", ()))
    return {"sns.requests": Decimal(chunks(size, 64 * KB))}


def _events(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/eventbridge/pricing/ (each 64 KB chunk is one event)"""
    if operation != "PutEvents":
        return {}
    entries = asked.get("Entries", ())
    return {"events.custom": Decimal(sum(chunks(_entry_size(one), 64 * KB) for one in entries))}


def _entry_size(entry: Asked) -> int:
    """Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html"""
    named = sum(length(entry.get(name)) for name in ("Source", "DetailType", "Detail"))
    resources = sum(length(one) for one in entry.get("Resources", ()))
    return named + resources + (14 if entry.get("Time") else 0)


def _kinesis(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/kinesis/data-streams/pricing/ (a PUT payload unit is 25 KB)"""
    if operation == "PutRecord":
        return {"kinesis.puts": Decimal(chunks(length(asked.get("Data")), 25 * KB))}
    if operation == "PutRecords":
        sizes = (length(one.get("Data")) for one in asked.get("Records", ()))
        return {"kinesis.puts": Decimal(sum(chunks(size, 25 * KB) for size in sizes))}
    return {}


def _states(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_BillingDetails.html"""
    if operation != "StartSyncExecution":
        return {}
    billed = reply.get("billingDetails", {})
    megabytes = Decimal(str(billed.get("billedMemoryUsedInMB", 64)))
    milliseconds = Decimal(str(billed.get("billedDurationInMilliseconds", 100)))
    return {
        "states.express.requests": Decimal(1),
        "states.express.duration": megabytes / 1024 * milliseconds / 1000,
    }


# -- storage -------------------------------------------------------------------------------------


def _s3(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/s3/pricing/ (DELETE and CANCEL are free)"""
    if operation.startswith(_S3_FREE):
        return {}
    return {"s3.writes" if operation.startswith(_S3_WRITES) else "s3.reads": Decimal(1)}


# -- what watches --------------------------------------------------------------------------------


def _cloudwatch(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/cloudwatch/pricing/"""
    if operation in _METRIC_HOLDERS:
        queries = asked.get("MetricDataQueries", (None,))
        metrics = [one for one in queries if one is None or "MetricStat" in one]
        return {"cloudwatch.get_metric_data": Decimal(max(1, len(metrics)))}
    return {"cloudwatch.requests": Decimal(1)}


def _logs(operation: str, asked: Asked, reply: Asked) -> Used:
    """26 bytes are counted for each event.

    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    """
    if operation == "PutLogEvents":
        events = asked.get("logEvents", ())
        return {"logs.in": sum(length(one.get("message")) + 26 for one in events) / GB}
    if operation == "GetQueryResults" and reply.get("status") == "Complete":
        scanned = reply.get("statistics", {}).get("bytesScanned", 0)
        return {"logs.insights": Decimal(str(scanned)) / GB} if scanned else {}
    return {}


def _xray(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/xray/pricing/"""
    if operation == "PutTraceSegments":
        return {"xray.recorded": Decimal(len(asked.get("TraceSegmentDocuments", ())))}
    if operation == "BatchGetTraces":
        return {"xray.read": Decimal(len(asked.get("TraceIds", ())))}
    if operation == "GetTraceSummaries":
        return {"xray.read": Decimal(reply.get("TracesProcessedCount", 0))}
    return {}


# -- what is kept secret -------------------------------------------------------------------------


def _kms(operation: str, asked: Asked, reply: Asked) -> Used:
    """Source: https://aws.amazon.com/kms/pricing/"""
    algorithm = f"{asked.get('SigningAlgorithm', '')}{asked.get('EncryptionAlgorithm', '')}"
    key = "kms.asymmetric" if algorithm.startswith(_ASYMMETRIC) else "kms.requests"
    return {key: Decimal(1)}


def _secrets(operation: str, asked: Asked, reply: Asked) -> Used:
    return {"secretsmanager.requests": Decimal(1)}


_RULES: dict[str, Callable[[str, Asked, Asked], Used]] = {
    "cloudwatch": _cloudwatch,
    "dynamodb": dynamodb.used,
    "dynamodbstreams": dynamodb.streams_used,
    "events": _events,
    "kinesis": _kinesis,
    "kms": _kms,
    "logs": _logs,
    "s3": _s3,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
    "stepfunctions": _states,
    "xray": _xray,
}
