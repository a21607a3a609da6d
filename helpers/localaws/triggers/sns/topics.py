"""Topics, by their ARNs and names, and the way SNS refuses what it does not like.

Sources: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html and, for texts,
https://github.com/localstack/localstack (services/sns)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn


def refuse(reason: str) -> NoReturn:
    from moto.sns.exceptions import SNSInvalidParameter

    raise SNSInvalidParameter(f"Invalid parameter: {reason}")


def check_arn(arn: str, region: str, name: str = "TopicArn") -> None:
    """Raise InvalidParameter for what is no ARN of this region's SNS."""
    parts = arn.split(":")
    if len(parts) < 6:
        refuse(f"{name} Reason: An ARN must have at least 6 elements, not {len(parts)}")
    if parts[2] != "sns" or parts[3] != region:
        refuse(name)


def checked(get_topic: Callable[..., Any]) -> Callable[..., Any]:
    """moto's ``get_topic``, which fails at what is no ARN."""

    @wraps(get_topic)
    def get(backend: Any, arn: str) -> Any:
        check_arn(arn or "", backend.region_name)
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

        known = set(backend.topics)
        try:
            topic = create_topic(backend, name, attributes, *tags)
        except InvalidParameterValue:
            refuse("Topic Name")
        for key, value in (attributes or {}).items() if topic.arn in known else ():
            if key != "Policy" and getattr(topic, camelcase_to_underscores(key), None) != value:
                refuse("Attributes Reason: Topic already exists with different attributes")
        return topic

    return create
