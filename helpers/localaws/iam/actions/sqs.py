"""Amazon SQS. The batch operations need the action for one message.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import uses_key
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import tag_keys


def queue_arn(asked: Asked) -> list[str]:
    """From the queue's URL, which ends in ``/ACCOUNT/NAME``."""
    url = asked.first("QueueUrl")
    if url is None:
        return []
    account, _, name = "/".join(url.rstrip("/").split("/")[-2:]).rpartition("/")
    return [asked.arn(name, account=account if account.isdigit() else None)]


def _by_name(asked: Asked) -> list[str]:
    name = asked.first("QueueName")
    owner = asked.first("QueueOwnerAWSAccountId")
    return [asked.arn(name, account=owner)] if name else []


def _of_task(asked: Asked) -> list[str]:
    """A task's handle names its source queue."""
    try:
        handle = json.loads(base64.b64decode(asked.first("TaskHandle") or "", validate=True))
        return [str(handle["sourceArn"])]
    except (ValueError, KeyError, TypeError):
        return [asked.arn("*")] if asked.get("TaskHandle") else []


def _tagged(asked: Asked) -> Iterable[Needed]:
    if asked.get("tags"):
        yield Needed("sqs:TagQueue", _by_name(asked)[0], tag_keys(asked))


def _send(asked: Asked) -> Iterable[Needed]:
    return uses_key(asked, "sqs-queue-key", queue_arn, "kms:GenerateDataKey", "kms:Decrypt")


def _receive(asked: Asked) -> Iterable[Needed]:
    return uses_key(asked, "sqs-queue-key", queue_arn, "kms:Decrypt")


def _move(asked: Asked) -> Iterable[Needed]:
    """Moving messages reads and deletes in one queue and sends to the other."""
    source, target = asked.first("SourceArn"), asked.first("DestinationArn")
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield Needed(f"sqs:{action}", source or "*")
    if target:
        yield Needed("sqs:SendMessage", target)


SPEC = Spec(
    "sqs",
    types={"queue": either(queue_arn, _by_name, named("{}", "SourceArn"), _of_task)},
    renamed={
        "SendMessageBatch": "SendMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    },
    also={
        "CreateQueue": _tagged,
        "SendMessage": _send,
        "SendMessageBatch": _send,
        "ReceiveMessage": _receive,
        "StartMessageMoveTask": _move,
    },
)
