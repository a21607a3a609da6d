"""CreateQueue and SetQueueAttributes: what SQS refuses.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from helpers.localaws.iam import checks
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind
from helpers.localaws.queues.redrive import check_policy

#: The least and the most of each number.
_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_FIFO = {"ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"}
_KNOWN = {
    *_RANGES, *_FIFO,
    "KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled",
}  # fmt: skip


def check_new(name: str, attributes: dict[str, Any]) -> None:
    """Raise SQSException for a queue that cannot be made."""
    from moto.sqs.exceptions import InvalidAttributeName, InvalidParameterValue

    if "FifoQueue" in attributes and str(attributes["FifoQueue"]).lower() != "true":
        raise InvalidAttributeName("FifoQueue")  # a standard queue has no such attribute
    fifo = "FifoQueue" in attributes
    stem = name.removesuffix(".fifo") if fifo else name
    if (
        not re.fullmatch(r"[\w-]{1,80}", stem, re.ASCII)
        or len(name) > 80
        or (fifo and stem == name)
    ):
        if fifo:
            raise InvalidParameterValue(
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
                "underscores, must end with .fifo suffix and be 1 to 80 in length."
            )
        raise InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )
    check(attributes, fifo)


def check(attributes: dict[str, Any], fifo: bool) -> None:
    """Raise SQSException for an attribute that is unknown, or whose value is."""
    from moto.sqs.exceptions import InvalidAttributeName, InvalidAttributeValue

    for name, value in attributes.items():
        if name not in _KNOWN or (name in _FIFO and not fifo):
            raise InvalidAttributeName(name)
        if name in _RANGES:
            least, most = _RANGES[name]
            if not str(value).isdecimal() or not least <= int(value) <= most:
                raise InvalidAttributeValue(name)
    check_policy(attributes.get("RedrivePolicy"), fifo)
    if attributes.get("Policy"):
        try:
            checks.check(attributes["Policy"], Kind.RESOURCE, service="sqs")
        except MalformedPolicy:
            raise InvalidAttributeValue("Policy") from None


def first_difference(queue: Any, attributes: dict[str, Any]) -> str | None:
    """The attribute in which an existing queue differs from what is asked for now."""
    kept = queue.attributes
    return next(
        (name for name in attributes if _plain(kept.get(name)) != _plain(attributes[name])), None
    )


def _plain(value: Any) -> Any:
    """One form for what may be written in several: 30 and "30", JSON with and without spaces."""
    if isinstance(value, str) and value.startswith("{"):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return str(value).lower() if isinstance(value, bool | int) else value
