"""SendMessage and SendMessageBatch: what SQS refuses, and how an accepted message looks.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import Any
from uuid import uuid4

from helpers.localaws.queues.contents import LOCK
from helpers.localaws.queues.sender import sender_id

#: Bytes of a message, and of all messages of one batch: 1 MiB since August 2025.
MAX_BYTES = 1_048_576
MAX_ATTRIBUTES = 10
MAX_DELAY = 900

_ID = re.compile(r"^[\w-]{1,80}$", re.ASCII)
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Sequence numbers have 20 digits and only ever grow.
_sequence = itertools.count(18_849_496_460_467_696_128, 256)


def send(
    queue: Any,
    body: str,
    attributes: dict[str, Any] | None = None,
    delay: int | None = None,
    deduplication_id: str | None = None,
    group_id: str | None = None,
    system_attributes: dict[str, Any] | None = None,
) -> Any:
    """Put a message into moto's ``queue``; return it as moto's Message. Raises SQSException."""
    from moto.sqs.models import Message

    _check(queue, body, attributes or {}, delay, deduplication_id, group_id)
    message = Message(str(uuid4()), body, system_attributes)
    message.sender_id = sender_id()
    message.message_attributes = attributes or {}
    message.group_id = group_id
    message.deduplication_id = deduplication_id
    if queue.fifo_queue and not deduplication_id:
        message.deduplication_id = hashlib.sha256(body.encode()).hexdigest()
    message.mark_sent(delay_seconds=queue.delay_seconds if delay is None else int(delay))
    queue.add_message(message)
    return message


def add(queue: Any, message: Any) -> None:
    """Keep an accepted message, unless the queue has had it already."""
    with LOCK:
        if queue.fifo_queue:
            message.sequence_number = str(next(_sequence))
            if queue.contents.deduplication.is_repeated(message, queue.deduplication_scope):
                return
        queue.contents.add(message)


def send_batch(queue: Any, entries: list[dict[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """The accepted messages, each with its entry's id as ``user_id``, and the refused entries."""
    from moto.sqs.exceptions import BatchRequestTooLong, SQSException

    check_entries(entries)
    total = sum(
        _size(entry["MessageBody"], entry.get("MessageAttributes") or {}) for entry in entries
    )
    if total > MAX_BYTES:
        raise BatchRequestTooLong(total)
    sent, refused = [], []
    for entry in entries:
        try:
            message = send(
                queue,
                entry["MessageBody"],
                entry.get("MessageAttributes"),
                entry.get("DelaySeconds"),
                entry.get("MessageDeduplicationId"),
                entry.get("MessageGroupId"),
                entry.get("MessageSystemAttributes"),
            )
            message.user_id = entry["Id"]
            sent.append(message)
        except SQSException as problem:
            refused.append(refusal(entry["Id"], problem))
    return sent, refused


def check_entries(entries: list[dict[str, Any]]) -> None:
    """Raise SQSException for a batch whose ids or number are wrong."""
    from moto.sqs.exceptions import (
        BatchEntryIdsNotDistinct,
        InvalidBatchEntryId,
        TooManyEntriesInBatchRequest,
    )

    if len(entries) > 10:
        raise TooManyEntriesInBatchRequest(len(entries))
    seen: set[str] = set()
    for entry in entries:
        if not _ID.match(entry["Id"]):
            raise InvalidBatchEntryId
        if entry["Id"] in seen:
            raise BatchEntryIdsNotDistinct(entry["Id"])
        seen.add(entry["Id"])


def refusal(entry_id: str, problem: Any) -> dict[str, Any]:
    """One entry of ``Failed`` in the answer to a batch."""
    return {
        "Id": entry_id,
        "SenderFault": True,
        "Code": problem.code,
        "Message": problem.message,
    }


def _check(
    queue: Any,
    body: str,
    attributes: dict[str, Any],
    delay: int | None,
    deduplication_id: str | None,
    group_id: str | None,
) -> None:
    from moto.sqs.exceptions import InvalidParameterValue, MissingParameter, SQSException

    if not body:
        raise MissingParameter("MessageBody")
    if _FORBIDDEN.search(body):
        raise SQSException(
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
            "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        )
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{MAX_ATTRIBUTES}]."
        )
    if _size(body, attributes) > queue.maximum_message_size:
        raise InvalidParameterValue(
            "One or more parameters are invalid. Reason: Message must be shorter than "
            f"{queue.maximum_message_size} bytes."
        )
    if not 0 <= int(delay or 0) <= MAX_DELAY:
        raise InvalidParameterValue(
            f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be "
            f">= 0 and <= {MAX_DELAY}."
        )
    if queue.fifo_queue:
        _check_fifo(queue, delay, deduplication_id, group_id)
    elif deduplication_id:
        raise InvalidParameterValue(
            f"Value {deduplication_id} for parameter MessageDeduplicationId is invalid. Reason: "
            "The request includes a parameter that is not valid for this queue type"
        )


def _check_fifo(
    queue: Any, delay: int | None, deduplication_id: str | None, group_id: str | None
) -> None:
    from moto.sqs.exceptions import InvalidParameterValue, MissingParameter

    if not group_id:
        raise MissingParameter("MessageGroupId")
    if not deduplication_id and not queue.content_based_deduplication:
        raise InvalidParameterValue(
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
    if delay:
        raise InvalidParameterValue(
            f"Value {delay} for parameter DelaySeconds is invalid. Reason: The request include "
            "parameter that is not valid for this queue type."
        )


def _size(body: str, attributes: dict[str, Any]) -> int:
    """Bytes that count against the limits: the body, and names, types and values of attributes."""
    size = len(body) if body.isascii() else len(body.encode())
    for name, value in attributes.items():
        content = value.get("StringValue") or value.get("BinaryValue") or ""
        size += len(name.encode()) + len(value["DataType"])
        size += len(content if isinstance(content, bytes) else str(content).encode())
    return size
