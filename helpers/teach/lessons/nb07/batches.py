"""What the checks of notebook 07 share: queues of their own, and what a log says was printed."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.deploy import ROLE_NAME, ensure_role

#: Lets Lambda receive and delete on behalf of a function with this role.
POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_PRINTED = re.compile(r"printed (\S+?):? ")


def body(order: str, prints: Any = 12) -> str:
    """A message as the web shop writes it."""
    return json.dumps({"order": order, "prints": prints})


def printed(lines: Iterable[str]) -> Counter[str]:
    """How often each order was printed, as a log tells."""
    found = (_PRINTED.match(line + " ") for line in lines)
    return Counter(match[1] for match in found if match)


def log_lines(logs: Any, function: str) -> list[str]:
    """Every line of a function's log so far; `logs` is a client, because making one takes long."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    try:
        return [event["message"].rstrip("\n") for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []  # nothing has run yet


def counts(sqs: Any, url: str) -> tuple[int, int]:
    """How many messages a queue has: (visible, hidden)."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
    visible, hidden = (int(found[name]) for name in _COUNTS)
    return visible, hidden


def send(sqs: Any, url: str, bodies: Sequence[str]) -> None:
    """Send up to ten messages in one request."""
    entries = [{"Id": str(n), "MessageBody": text} for n, text in enumerate(bodies)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)


@dataclass
class Queue:
    """A queue that belongs to one run of a check."""

    sqs: Any
    url: str
    arn: str

    def event(self, bodies: Sequence[str]) -> dict[str, Any]:
        """Send messages, receive them, and shape them as Lambda hands them to a handler."""
        send(self.sqs, self.url, bodies)
        received: dict[str, Any] = {}
        for _ in range(50):
            reply = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["All"],
            )
            received |= {one["Body"]: one for one in reply.get("Messages", [])}
            if len(received) == len(bodies):
                break
        return {"Records": [self._record(received[text]) for text in bodies]}

    def left(self) -> int:
        """How many messages are in it, visible or not."""
        return sum(counts(self.sqs, self.url))

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.arn,
            "awsRegion": self.arn.split(":")[3],
        }


@contextlib.contextmanager
def made(cloud: Cloud, **attributes: str) -> Iterator[Queue]:
    """A queue with a name of its own, deleted afterwards."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"check-{uuid.uuid4().hex[:8]}", Attributes=attributes)[
        "QueueUrl"
    ]
    try:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        yield Queue(sqs, url, found["Attributes"]["QueueArn"])
    finally:
        with contextlib.suppress(ClientError):
            sqs.delete_queue(QueueUrl=url)


def may_poll(cloud: Cloud) -> None:
    """The course's role may receive and delete messages; attaching it twice does no harm."""
    ensure_role(cloud)
    cloud.client("iam").attach_role_policy(RoleName=ROLE_NAME, PolicyArn=POLICY)
