"""A queue under test, and what a function has seen of it."""

from __future__ import annotations

import itertools
import json
from typing import Any

_numbers = itertools.count(1)

#: Says which messages came together; a body with "poison" in it fails.
WORK = """
import json, time
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("BATCH", json.dumps([time.time(), bodies]))
    if any("poison" in body for body in bodies):
        raise ValueError("cannot print this")
"""


class Queue:
    """A queue of its own name; attributes as CreateQueue takes them."""

    def __init__(self, aws: Any, **attributes: str) -> None:
        self.aws, self.sqs = aws, aws.client("sqs")
        fifo = ".fifo" if attributes.get("FifoQueue") else ""
        self.name = f"orders-{next(_numbers)}{fifo}"
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self.arn = self.attributes()["QueueArn"]

    def attributes(self) -> dict[str, str]:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        found: dict[str, str] = answer["Attributes"]
        return found

    def counts(self) -> tuple[int, int, int]:
        """Messages that wait, that are in flight, that are delayed."""
        found = self.attributes()
        waiting, in_flight, delayed = (
            int(found[f"ApproximateNumberOfMessages{name}"])
            for name in ("", "NotVisible", "Delayed")
        )
        return waiting, in_flight, delayed

    def size(self) -> int:
        """Messages in it, visible or not."""
        return sum(self.counts())

    def send(self, *bodies: str, **more: Any) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def receive(self, most: int = 10, **more: Any) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=most,
            **{"MessageSystemAttributeNames": ["All"], **more},
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def delete(self, message: dict[str, Any]) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def feeds(self, function: Any, **settings: Any) -> str:
        """Make a mapping; return its UUID."""
        uuid: str = function.client.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=self.arn, **settings
        )["UUID"]
        return uuid


def with_dead_letters(aws: Any, most: int, **attributes: str) -> tuple[Queue, Queue]:
    """A queue, and the one that gets what was received ``most`` times."""
    fifo = {name: attributes[name] for name in ("FifoQueue",) if name in attributes}
    dead = Queue(aws, **fifo)
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": most})
    return Queue(aws, RedrivePolicy=policy, **attributes), dead


def batches(function: Any, times: int) -> list[list[str]]:
    """The bodies of at least ``times`` batches, in the order in which the function began them."""
    events = function.wait_for_log("BATCH", times=times)
    found = [json.loads(one[6:]) for one in events if one.startswith("BATCH")]
    return [bodies for _, bodies in sorted(found)]
