"""Puts the fault: a queue, a printer that gives up on whole batches, and one bad order."""

from __future__ import annotations

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.labs import clearing, making
from helpers.teach.labs.documents import MAY_TAKE_MESSAGES

from .shop import BATCH, VISIBILITY, Shop, shop

#: The printer as the ticket finds it. A line "printed …" in its log is a parcel on the table.
PRINTER = """\
import json


def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])
        print(f"printed {order['order']}: {int(order['prints'])} prints")
"""
#: What AWS says of a role and of a function whose name is taken.
TAKEN = ("EntityAlreadyExists", "ResourceConflictException")


def seed(cloud: Cloud, student: str) -> None:
    """Put the fault into the cloud; what an earlier seed put there is replaced."""
    branch = shop(student)
    # One question on an empty cloud, which is what a judge has; the rest only where it is needed.
    if cloud.client("sqs").list_queues(QueueNamePrefix=branch.queue).get("QueueUrls"):
        _clear(cloud, branch)
    try:
        _printer(cloud, branch)
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in TAKEN:
            raise
        _clear(cloud, branch)  # an earlier one, whose queue is gone
        _printer(cloud, branch)
    arn = _orders(cloud, branch)
    making.ready(cloud, branch.function)
    cloud.client("lambda").create_event_source_mapping(
        FunctionName=branch.function, EventSourceArn=arn, BatchSize=BATCH
    )


def package(source: str) -> bytes:
    """A .zip with printer.py in it, the same bytes for the same source."""
    return making.package({"printer.py": source})


def _printer(cloud: Cloud, branch: Shop) -> None:
    role = making.role(cloud, f"{branch.function}-role", attached=[MAY_TAKE_MESSAGES])
    making.function(
        cloud,
        branch.function,
        {"printer.py": PRINTER},
        Handler="printer.handler",
        Role=role,
        Timeout=branch.timeout,
    )


def _orders(cloud: Cloud, branch: Shop) -> str:
    """Make the queue with its orders, and return its ARN."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(
        QueueName=branch.queue, Attributes={"VisibilityTimeout": str(VISIBILITY)}
    )["QueueUrl"]
    # Before anybody polls: so they lie in the queue together, and are taken together.
    sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": order, "MessageBody": branch.body(order)} for order in branch.backlog],
    )
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def _clear(cloud: Cloud, branch: Shop) -> None:
    """Take away what has our names, where the cloud is not empty."""
    clearing.no_function(cloud, branch.function)
    clearing.no_queue(cloud, branch.queue)
    clearing.no_role(cloud, f"{branch.function}-role")
