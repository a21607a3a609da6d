"""Puts the fault: a queue, a printer that gives up on whole batches, and one bad order."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from typing import Any

from botocore.exceptions import ClientError

from helpers import RUNTIME
from helpers.cloud import Cloud

from .shop import BATCH, VISIBILITY, Shop, shop

#: The printer as the ticket finds it. A line "printed …" in its log is a parcel on the table.
PRINTER = """\
import json


def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])
        print(f"printed {order['order']}: {int(order['prints'])} prints")
"""
POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def seed(cloud: Cloud, student: str) -> None:
    """Put the fault into the cloud; what an earlier seed put there is replaced."""
    branch = shop(student)
    sqs, lambda_ = cloud.client("sqs"), cloud.client("lambda")
    if sqs.list_queues(QueueNamePrefix=branch.queue).get("QueueUrls"):
        _clear(cloud, sqs, lambda_, branch)
    role = _role(cloud, f"{branch.function}-role")
    cloud.wait_until(
        lambda: _made(cloud, lambda_, branch, role), seconds=60, what="AWS accepts the new role"
    )
    url = sqs.create_queue(
        QueueName=branch.queue, Attributes={"VisibilityTimeout": str(VISIBILITY)}
    )["QueueUrl"]
    # Before anybody polls: so they lie in the queue together, and are taken together.
    sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": order, "MessageBody": branch.body(order)} for order in branch.backlog],
    )
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    cloud.wait_until(
        lambda: (
            lambda_.get_function_configuration(FunctionName=branch.function)["State"] == "Active"
        ),
        seconds=60,
        what="the function is ready",
    )
    lambda_.create_event_source_mapping(
        FunctionName=branch.function, EventSourceArn=arn["Attributes"]["QueueArn"], BatchSize=BATCH
    )


def package(source: str) -> bytes:
    """A .zip with printer.py in it, the same bytes for the same source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("printer.py", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, source)
    return buffer.getvalue()


def _made(cloud: Cloud, lambda_: Any, branch: Shop, role: str) -> bool:
    """Make the function; False while AWS does not know the role everywhere yet."""
    try:
        lambda_.create_function(
            FunctionName=branch.function,
            Runtime=RUNTIME,
            Handler="printer.handler",
            Role=role,
            Timeout=branch.timeout,
            Code={"ZipFile": package(PRINTER)},
        )
    except lambda_.exceptions.ResourceConflictException:  # an earlier one, whose queue is gone
        _clear(cloud, cloud.client("sqs"), lambda_, branch)
        return False
    except lambda_.exceptions.InvalidParameterValueException as refused:
        if "cannot be assumed" not in str(refused):
            raise
        return False
    return True


def _role(cloud: Cloud, name: str) -> str:
    iam = cloud.client("iam")
    try:
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=name)
    iam.attach_role_policy(RoleName=name, PolicyArn=POLICY)
    return str(role["Role"]["Arn"])


def _clear(cloud: Cloud, sqs: Any, lambda_: Any, branch: Shop) -> None:
    """Take away what has our names, where the cloud is not empty."""
    queues = sqs.list_queues(QueueNamePrefix=branch.queue).get("QueueUrls", [])
    found = lambda_.list_event_source_mappings(FunctionName=branch.function)["EventSourceMappings"]
    for mapping in found:
        with contextlib.suppress(ClientError):
            lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    for url in queues:
        if url.endswith(f"/{branch.queue}"):
            sqs.delete_queue(QueueUrl=url)
    try:
        lambda_.delete_function(FunctionName=branch.function)
    except lambda_.exceptions.ResourceNotFoundException:
        return
    with contextlib.suppress(ClientError):
        cloud.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{branch.function}")
