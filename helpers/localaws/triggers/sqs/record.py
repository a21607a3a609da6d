"""One message as it stands in the event: ``Records[n]``.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html (example message events)
"""

from __future__ import annotations

import base64
from typing import Any


def record(message: Any, queue_arn: str) -> dict[str, Any]:
    """``message`` is moto's, as it was received."""
    shown = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _system_attributes(message),
        "messageAttributes": {
            name: _attribute(value) for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
    if message.message_attributes:
        shown["md5OfMessageAttributes"] = message.attribute_md5
    return shown


def trace_header(message: Any) -> str:
    """The trace header of the request that sent the message, if it had one."""
    return str((message.system_attributes.get("AWSTraceHeader") or {}).get("StringValue") or "")


def _system_attributes(message: Any) -> dict[str, str]:
    given = {
        "ApproximateReceiveCount": message.approximate_receive_count,
        "AWSTraceHeader": trace_header(message),
        "SentTimestamp": message.sent_timestamp,
        "SequenceNumber": message.sequence_number,
        "MessageGroupId": message.group_id,
        "SenderId": message.sender_id,
        "MessageDeduplicationId": message.deduplication_id,
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        "DeadLetterQueueSourceArn": message.dead_letter_source,
    }
    return {name: str(value) for name, value in given.items() if value}


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    """A message attribute in the form that events use: binary values are base64."""
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    binary = value.get("BinaryValue")
    if binary is None:
        return {"stringValue": value.get("StringValue"), **lists, "dataType": value["DataType"]}
    content = binary if isinstance(binary, bytes) else str(binary).encode()
    packed = base64.b64encode(content).decode()
    return {"binaryValue": packed, **lists, "dataType": value["DataType"]}
