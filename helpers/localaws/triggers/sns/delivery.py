"""One message on its way to one subscription.

SNS tries a function or a queue again only where it could not be reached at all; one that is gone,
or lets nobody in, is not tried again: the message goes to the subscription's dead-letter queue.
Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html and
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.gateway.policies.service import may_send
from helpers.localaws.triggers.delivery import NotAllowed, hand_over
from helpers.localaws.triggers.sns import policy

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

SERVICE = "sns.amazonaws.com"


def now() -> str:
    """The time as notifications write it."""
    moment = datetime.fromtimestamp(time.time(), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class Message:
    """A message that a topic has taken."""

    topic: str
    identity: str
    bodies: dict[str, str]  #: by protocol; "default" for all others
    text: str  #: as it was published: filter policies look at this
    subject: str | None
    attributes: dict[str, Any]  #: ``{"size": {"Type": "String", "Value": "A4"}}``
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None
    timestamp: str = field(default_factory=now)

    def body(self, protocol: str) -> str:
        return self.bodies.get(protocol, self.bodies["default"])


def send(lambdas: LambdaService, subscription: Any, message: Message) -> str:
    """Deliver to the (moto) subscription; what became of it, as the end of a metric's name."""
    attributes = subscription.attributes
    scope = attributes.get("FilterPolicyScope") or policy.ATTRIBUTES
    if not policy.wants(attributes.get("FilterPolicy"), scope, message.text, message.attributes):
        return "FilteredOut"
    try:
        if subscription.protocol == "lambda":
            _to_function(lambdas, subscription, message)
        elif subscription.protocol == "sqs":
            text, given = _for_queue(subscription, message)
            _to_queue(lambdas, subscription.endpoint, text, given, message)
        else:
            return "Skipped"  # email, SMS, HTTP: nothing leaves this machine
    except Undeliverable:
        return _redrive(lambdas, subscription, message)
    return "Delivered"


class Undeliverable(Exception):
    """The endpoint is gone, or takes nothing from this topic."""


def _to_function(lambdas: LambdaService, subscription: Any, message: Message) -> None:
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message.identity,
            "TopicArn": message.topic,
            "Subject": message.subject,
            "Message": message.body("lambda"),
            "Timestamp": message.timestamp,
            **_signature(message, subscription, "SigningCertUrl", "UnsubscribeUrl"),
            "MessageAttributes": message.attributes,
        },
    }
    payload = json.dumps({"Records": [record]}, separators=(",", ":")).encode()
    account = message.topic.split(":")[4]
    try:
        hand_over(lambdas, subscription.endpoint, payload, SERVICE, message.topic, account)
    except (LambdaError, NotAllowed):
        raise Undeliverable from None


def notification(subscription: Any, message: Message) -> str:
    """The document that a queue receives, unless the subscription wants the bare message."""
    document: dict[str, Any] = {"Type": "Notification", "MessageId": message.identity}
    if message.sequence:
        document["SequenceNumber"] = message.sequence
    document["TopicArn"] = message.topic
    if message.subject is not None:
        document["Subject"] = message.subject
    document["Message"] = message.body(subscription.protocol)
    document["Timestamp"] = message.timestamp
    document |= _signature(message, subscription, "SigningCertURL", "UnsubscribeURL")
    if message.attributes:
        document["MessageAttributes"] = message.attributes
    return json.dumps(document, indent=2, separators=(",", " : "), ensure_ascii=False)


def _signature(message: Message, subscription: Any, cert: str, unsubscribe: str) -> dict[str, str]:
    """The members that prove who sent it. The signature itself is made up (see the ledger)."""
    host = f"https://sns.{message.topic.split(':')[3]}.amazonaws.com"
    return {
        "SignatureVersion": "1",
        "Signature": base64.b64encode(message.identity.encode()).decode(),
        cert: f"{host}/SimpleNotificationService-local.pem",
        unsubscribe: f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
    }


def _for_queue(subscription: Any, message: Message) -> tuple[str, dict[str, Any]]:
    """The body and the message attributes for a queue."""
    if str(subscription.attributes.get("RawMessageDelivery", "")).lower() != "true":
        return notification(subscription, message), {}
    attributes: dict[str, Any] = {}
    for name, value in message.attributes.items():
        given = {"DataType": value["Type"]}
        if value["Type"].startswith("Binary"):
            attributes[name] = given | {"BinaryValue": base64.b64decode(value["Value"])}
        else:
            attributes[name] = given | {"StringValue": value["Value"]}
    return message.body("sqs"), attributes


def _to_queue(
    lambdas: LambdaService, arn: str, body: str, attributes: dict[str, Any], message: Message
) -> None:
    from moto.core.exceptions import ServiceException
    from moto.sqs.models import sqs_backends

    _, _, _, region, account, name = arn.split(":", 5)
    if not may_send(lambdas, SERVICE, arn, message.topic, message.topic.split(":")[4]):
        raise Undeliverable
    fifo = name.endswith(".fifo")
    try:
        sqs_backends[account][region].send_message(
            name,
            body,
            message_attributes=attributes,
            deduplication_id=message.deduplication if fifo else None,
            group_id=message.group,
        )
    except ServiceException:
        raise Undeliverable from None


def _redrive(lambdas: LambdaService, subscription: Any, message: Message) -> str:
    """To the dead-letter queue, as the endpoint would have got it."""
    target = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
    if not target:
        return "Failed"
    if subscription.protocol == "sqs":
        body, attributes = _for_queue(subscription, message)
    else:
        body, attributes = notification(subscription, message), {}
    try:
        _to_queue(lambdas, target["deadLetterTargetArn"], body, attributes, message)
    except Undeliverable:
        return "FailedToRedriveToDlq"
    return "RedrivenToDlq"
