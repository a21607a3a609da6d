"""What Subscribe and SetSubscriptionAttributes refuse.

Sources: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html,
https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html and, for texts, the
tests and texts of https://github.com/localstack/localstack (services/sns)
"""

from __future__ import annotations

import json
import re
from typing import Any

from helpers.localaws.triggers.sns import policy
from helpers.localaws.triggers.sns.topics import check_arn, refuse

PROTOCOLS = (
    "http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose",
)  # fmt: skip
SETTABLE = (
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
    "SubscriptionRoleArn", "ReplayPolicy",
)  # fmt: skip
_ARN = re.compile(r"arn:[\w-]+:(\w+):([a-z0-9-]*):(\d*):(.+)")


def check_new(
    backend: Any, topic_arn: str, protocol: str, endpoint: str, attributes: dict[str, Any]
) -> None:
    """Raise what Subscribe raises; ``backend`` is moto's."""
    topic = backend.get_topic(topic_arn)
    fifo_topic, fifo_queue = topic_arn.endswith(".fifo"), endpoint.endswith(".fifo")
    if protocol not in PROTOCOLS:
        refuse(f"Amazon SNS does not support this protocol string: {protocol}")
    if fifo_topic and protocol != "sqs":
        refuse(f"Invalid protocol type: {protocol}")
    if protocol in ("sqs", "lambda") and not _is_arn(endpoint, protocol):
        refuse("SQS endpoint ARN" if protocol == "sqs" else "Lambda endpoint ARN")
    if fifo_queue and not fifo_topic:
        refuse(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
            "SNS topics"
        )
    scope = attributes.get("FilterPolicyScope", policy.ATTRIBUTES)
    for name, value in attributes.items():
        check_attribute(name, value, scope, topic_arn, in_subscribe=True)
    known = backend._find_subscription(topic.arn, endpoint, protocol)
    if known is not None and any(
        known.attributes.get(name) != value for name, value in attributes.items()
    ):
        refuse("Attributes Reason: Subscription already exists with different attributes")


def set_attribute(backend: Any, arn: str, name: str, value: Any) -> None:
    """SetSubscriptionAttributes; ``backend`` is moto's."""
    from moto.sns.exceptions import SNSNotFoundError

    subscription = backend.subscriptions.get(arn)
    if subscription is None:
        raise SNSNotFoundError("Subscription does not exist")
    attributes = subscription.attributes
    scope = attributes.get("FilterPolicyScope") or policy.ATTRIBUTES
    check_attribute(name, value, scope, subscription.topic.arn)
    attributes[name] = value


def remove(backend: Any, arn: str) -> None:
    """Unsubscribe, which does not mind if there is no such subscription."""
    check_arn(arn, backend.region_name, "SubscriptionArn")
    if arn.count(":") < 6:
        refuse("SubscriptionId")
    backend.subscriptions.pop(arn, None)


def check_attribute(
    name: str, value: Any, scope: str, topic_arn: str, in_subscribe: bool = False
) -> None:
    """Raise InvalidParameter for an attribute of a subscription that SNS refuses."""
    where = "Attributes Reason: " if in_subscribe else ""
    if name not in SETTABLE:
        refuse(
            "AttributeName" if not in_subscribe else f"Attributes Reason: Unknown attribute {name}"
        )
    if name == "FilterPolicyScope" and value not in (policy.ATTRIBUTES, policy.BODY):
        refuse(
            f"{where}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
            "MessageAttributes"
        )
    if name == "FilterPolicy" and value:
        try:
            policy.check(value, scope)
        except policy.InvalidPolicy as problem:
            refuse(f"{where if str(problem).startswith('FilterPolicy') else ''}{problem}")
    if name == "RedrivePolicy" and value:
        _check_redrive_policy(value, where, topic_arn)


def _check_redrive_policy(value: str, where: str, topic_arn: str) -> None:
    try:
        document = json.loads(value)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        refuse(f"{where}RedrivePolicy: failed to parse JSON.")
    target = str(document.get("deadLetterTargetArn", ""))
    if not _is_arn(target, "sqs"):
        refuse(f"{where}RedrivePolicy: deadLetterTargetArn is an invalid arn")
    if topic_arn.endswith(".fifo") and not target.endswith(".fifo"):
        refuse(f"{where}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a "
                "FIFO Topic.")  # fmt: skip


def _is_arn(text: str, service: str) -> bool:
    found = _ARN.fullmatch(text)
    return found is not None and found[1] == service
