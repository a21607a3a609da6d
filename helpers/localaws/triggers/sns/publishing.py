"""Publish and PublishBatch.

Sources: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html,
https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html,
https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html and
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.triggers.sns.delivery import Message, send
from helpers.localaws.triggers.sns.topics import MAX_BYTES, refuse

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Seconds within which a FIFO topic delivers a message with the same deduplication id once.
DEDUPLICATION = 300
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_sequence = itertools.count(10_000_000_000_000_000_000)
_lock = threading.Lock()


class MessageId(str):
    """A message's id, with its number in a FIFO topic."""

    sequence: str | None = None


def publish(
    lambdas: LambdaService,
    backend: Any,
    message: str,
    arn: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> MessageId:
    """Publish to a topic. Raises SNS's errors; no subscription can make it fail."""
    attributes = message_attributes or {}
    if not message:
        refuse("Empty message")
    topic = backend.get_topic(arn)
    if subject is not None and not 1 <= len(subject) <= 100:
        refuse("Subject")
    if _size(message, attributes) > int(getattr(topic, "maximum_message_size", MAX_BYTES)):
        refuse("Message too long")
    bodies = _bodies(message, message_structure)
    group, deduplication = _for_fifo(topic, message, group_id, deduplication_id)
    identity = MessageId(uuid4())
    if topic.fifo_topic:
        with _lock:  # one after the other: the order in which they are numbered is theirs
            scope = group if getattr(topic, "fifo_throughput_scope", "") == "MessageGroup" else ""
            mark = (str(scope), str(deduplication))
            known = _known(topic, mark)
            if known is not None:
                return known
            identity.sequence = str(next(_sequence))
            _remember(topic, mark, identity)
            _fan_out(lambdas, backend, topic, Message(
                arn, identity, bodies, message, subject, attributes, group, deduplication,
                identity.sequence,
            ))  # fmt: skip
    else:
        one = Message(arn, identity, bodies, message, subject, attributes, group)
        _fan_out(lambdas, backend, topic, one)
    return identity


def publish_batch(
    lambdas: LambdaService, backend: Any, topic_arn: str, entries: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Publish up to ten messages: those that were taken, and those that were not."""
    from moto.core.exceptions import ServiceException
    from moto.sns import exceptions

    topic = backend.get_topic(topic_arn)
    if not entries:
        raise _error("EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(entries) > 10:
        raise exceptions.TooManyEntriesInBatchRequest
    identities = [entry["Id"] for entry in entries]
    if len(set(identities)) != len(identities):
        raise exceptions.BatchEntryIdsNotDistinct
    if not all(_ID.fullmatch(one) for one in identities):
        raise _error(
            "InvalidBatchEntryId",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        )
    sizes = (_size(entry["Message"], entry.get("MessageAttributes") or {}) for entry in entries)
    if sum(sizes) > int(getattr(topic, "maximum_message_size", MAX_BYTES)):
        raise _error(
            "BatchRequestTooLong",
            "The length of all the messages put together is more than the limit.",
        )
    if topic.fifo_topic and not all(entry.get("MessageGroupId") for entry in entries):
        refuse("The MessageGroupId parameter is required for FIFO topics")
    taken, failed = [], []
    for entry in entries:
        try:
            identity = publish(
                lambdas, backend, entry["Message"], topic_arn, entry.get("Subject"),
                entry.get("MessageAttributes"), entry.get("MessageGroupId"),
                entry.get("MessageDeduplicationId"), entry.get("MessageStructure"),
            )  # fmt: skip
        except ServiceException as problem:
            failed.append(
                {
                    "Id": entry["Id"],
                    "Code": problem.code,
                    "Message": problem.message,
                    "SenderFault": True,
                }
            )
        else:
            answer = {"Id": entry["Id"], "MessageId": str(identity)}
            if identity.sequence:
                answer["SequenceNumber"] = identity.sequence
            taken.append(answer)
    return taken, failed


def read_attributes(transform: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """moto's reading of message attributes, with the error that SNS answers to wrong ones."""

    @wraps(transform)
    def read(response: Any, attributes: dict[str, Any]) -> dict[str, Any]:
        from moto.sns.exceptions import InvalidParameterValue

        for name, value in attributes.items():
            if not isinstance(value, dict) or not isinstance(value.get("DataType"), str):
                reason = f"The message attribute '{name}' must contain non-empty message attribute "
                raise _error("ParameterValueInvalid", f"{reason}type.")
        try:
            return transform(response, attributes)
        except InvalidParameterValue as problem:
            reason = problem.message.rpartition(" operation: ")[2]
            raise _error("ParameterValueInvalid", reason) from None

    return read


# -- checks ------------------------------------------------------------------------------------


def _bodies(message: str, structure: str | None) -> dict[str, str]:
    if structure is None:
        return {"default": message}
    if structure != "json":
        refuse("MessageStructure")
    try:
        document = json.loads(message)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        refuse("Message Structure - JSON message body failed to parse")
    bodies = {name: text for name, text in document.items() if isinstance(text, str)}
    if "default" not in bodies:
        refuse("Message Structure - No default entry in JSON message body")
    return bodies


def _for_fifo(
    topic: Any, message: str, group: str | None, deduplication: str | None
) -> tuple[str | None, str | None]:
    if not topic.fifo_topic:
        if deduplication:
            refuse(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type"
            )
        return group, None
    if not group:
        refuse("The MessageGroupId parameter is required for FIFO topics")
    if deduplication:
        return group, deduplication
    if str(topic.content_based_deduplication).lower() != "true":
        refuse(
            "The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
    return group, hashlib.sha256(message.encode()).hexdigest()


def _size(message: str, attributes: dict[str, Any]) -> int:
    texts = [message]
    for name, value in attributes.items():
        texts += [name, value["Type"], str(value["Value"])]
    return sum(len(text.encode()) for text in texts)


# -- a FIFO topic's memory ---------------------------------------------------------------------


def _known(topic: Any, mark: tuple[str, str]) -> MessageId | None:
    """The message of the last five minutes with this group and deduplication id."""
    published: dict[tuple[str, str], tuple[float, MessageId]] = topic.__dict__.setdefault(
        "published", {}
    )
    oldest = time.time() - DEDUPLICATION
    for key in [key for key, (when, _) in published.items() if when < oldest]:
        del published[key]
    found = published.get(mark)
    return found[1] if found else None


def _remember(topic: Any, mark: tuple[str, str], identity: MessageId) -> None:
    topic.published[mark] = (time.time(), identity)


# -- out to the subscriptions ------------------------------------------------------------------


def _fan_out(lambdas: LambdaService, backend: Any, topic: Any, message: Message) -> None:
    counted = {"NumberOfMessagesPublished": 1.0, "PublishSize": float(len(message.text.encode()))}
    for subscription in backend._get_topic_subscriptions(topic):
        outcome = send(lambdas, subscription, message)
        names = [f"NumberOfNotifications{outcome}"] if outcome != "Skipped" else []
        if outcome in ("RedrivenToDlq", "FailedToRedriveToDlq"):
            names.append("NumberOfNotificationsFailed")
        for name in names:
            counted[name] = counted.get(name, 0.0) + 1
    dimensions = {"TopicName": topic.name}
    lambdas.metrics.of_service(
        backend.account_id, backend.region_name, "AWS/SNS", dimensions, counted
    )


def _error(code: str, message: str) -> Exception:
    from moto.sns.exceptions import SNSException

    return SNSException(code, message)
