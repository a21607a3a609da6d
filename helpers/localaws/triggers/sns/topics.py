"""Topics, by their ARNs and names, and the way SNS refuses what it does not like.

Sources: https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html,
https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html and, for texts,
https://github.com/localstack/localstack (services/sns)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

SETTABLE = re.compile(
    "DeliveryPolicy|DisplayName|Policy|TracingConfig|KmsMasterKeyId|SignatureVersion|ArchivePolicy"
    "|ContentBasedDeduplication|FifoThroughputScope|MaximumMessageSize"
    "|(HTTP|Firehose|Lambda|Application|SQS)"
    "(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)"
)
#: Bytes of a message with its attributes, unless the topic's MaximumMessageSize says otherwise.
MAX_BYTES = 262_144
#: What that may say; above MAX_BYTES not every kind of subscription goes along.
SMALLEST, LARGEST = 1024, 1_048_576
TAKE_LARGE, MAX_WITH_LARGE = ("sqs", "firehose", "lambda"), 100


def refuse(reason: str) -> NoReturn:
    from moto.sns.exceptions import SNSInvalidParameter

    raise SNSInvalidParameter(f"Invalid parameter: {reason}")


def require(value: Any, name: str) -> None:
    if not value:
        refuse(f"{name} Reason: no value for required parameter")


def check_arn(arn: str, region: str, name: str = "TopicArn") -> None:
    """Raise InvalidParameter for what is no ARN of this region's SNS."""
    require(arn, name)
    parts = arn.split(":")
    if len(parts) < 6:
        refuse(f"{name} Reason: An ARN must have at least 6 elements, not {len(parts)}")
    if parts[2] != "sns" or parts[3] != region:
        refuse(name)


def check_attribute(name: str, value: Any, subscriptions: list[Any]) -> None:
    """Raise InvalidParameter for an attribute of a topic with these (moto) subscriptions."""
    require(name, "AttributeName")
    if not SETTABLE.fullmatch(name):
        refuse("AttributeName")
    if name == "MaximumMessageSize":
        if not re.fullmatch(r"\d{1,7}", value or "") or not SMALLEST <= int(value) <= LARGEST:
            refuse("MaximumMessageSize")
        if int(value) > MAX_BYTES and (
            len(subscriptions) > MAX_WITH_LARGE
            or any(one.protocol not in TAKE_LARGE for one in subscriptions)
        ):
            refuse("MaximumMessageSize")
    if name == "FifoThroughputScope" and value not in ("Topic", "MessageGroup"):
        refuse("FifoThroughputScope")


def check_attributes(attributes: dict[str, Any]) -> None:
    """What CreateTopic refuses."""
    for name, value in attributes.items():
        if name != "FifoTopic":
            check_attribute(name, value, [])


def set_attributes(backend: Any, arn: str, name: str, value: Any) -> None:
    """What SetTopicAttributes refuses; what moto shows to nobody is kept to be shown."""
    topic = backend.get_topic(arn)
    check_attribute(name, value, backend._get_topic_subscriptions(topic))
    _keep(topic, {name: value})


def with_all_attributes(backend: Any, arn: str, shown: dict[str, Any]) -> dict[str, Any]:
    """What GetTopicAttributes answers, with what moto leaves out."""
    return dict(backend.get_topic(arn).__dict__.get("kept", {})) | shown


def _keep(topic: Any, attributes: dict[str, Any]) -> None:
    topic.__dict__.setdefault("kept", {}).update(attributes)


def page_at(pages: Callable[..., Any]) -> Callable[..., Any]:
    """moto's way of turning pages, which fails at a token that it did not give out."""

    @wraps(pages)
    def values(backend: Any, found: dict[str, Any], next_token: str | None = None) -> Any:
        if next_token and not re.fullmatch(r"\d{1,9}", str(next_token)):
            refuse("NextToken")
        return pages(backend, found, next_token)

    return values


def checked(get_topic: Callable[..., Any]) -> Callable[..., Any]:
    """moto's ``get_topic``, which fails at what is no ARN."""

    @wraps(get_topic)
    def get(backend: Any, arn: str) -> Any:
        check_arn(arn, backend.region_name)
        return get_topic(backend, arn)

    return get


def in_aws_words(create_topic: Callable[..., Any]) -> Callable[..., Any]:
    """moto's ``create_topic``, which has words of its own and ignores other attributes."""

    @wraps(create_topic)
    def create(
        backend: Any, name: str, attributes: dict[str, Any] | None = None, *tags: Any
    ) -> Any:
        from moto.core.utils import camelcase_to_underscores
        from moto.sns.exceptions import InvalidParameterValue

        require(name, "Name")
        known = set(backend.topics)
        try:
            topic = create_topic(backend, name, attributes, *tags)
        except InvalidParameterValue:
            refuse("Topic Name")
        for key, value in (attributes or {}).items() if topic.arn in known else ():
            if key != "Policy" and getattr(topic, camelcase_to_underscores(key), None) != value:
                refuse("Attributes Reason: Topic already exists with different attributes")
        _keep(topic, {key: value for key, value in (attributes or {}).items() if key != "Policy"})
        return topic

    return create
