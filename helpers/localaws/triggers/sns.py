"""Amazon SNS: a subscription with the protocol ``lambda``.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.delivery import deliver

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def publish(
    lambdas: LambdaService,
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> None:
    """Deliver one message to the subscription's function; ``subscription`` is moto's."""
    topic = subscription.topic.arn
    region = topic.split(":")[3]
    now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    host = f"https://sns.{region}.amazonaws.com"
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic,
        "Subject": subject,
        "Message": message,
        "Timestamp": now,
        "SignatureVersion": "1",
        "Signature": base64.b64encode(message_id.encode()).decode(),
        "SigningCertUrl": f"{host}/SimpleNotificationService-local.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "MessageAttributes": {
            name: {"Type": value["Type"], "Value": _text(value["Value"])}
            for name, value in (attributes or {}).items()
        },
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": notification,
    }
    event = {"Records": [record]}
    account = topic.split(":")[4]
    deliver(lambdas, subscription.endpoint, event, "sns.amazonaws.com", topic, account)


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
