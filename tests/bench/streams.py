"""A table's stream that feeds a function, beside bare moto's put_item of the same items."""

from __future__ import annotations

import tempfile
import time
from statistics import median
from typing import Any

from helpers import cloud
from helpers.deploy import ROLE_NAME, deploy, ensure_role
from tests.bench.measure import Row
from tests.bench.queues import bare_moto
from tests.bench.scaling import write

ITEMS, BATCH, ROUNDS, LATENCIES = 1000, 100, 3, 15
LAST = f"order {ITEMS - 1}"
#: Says only that the last item has come: what is measured is the way to the handler.
TAKER = f"""
import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event.get("Records", []):
        if record["dynamodb"]["Keys"]["id"]["S"] == "{LAST}":
            sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody="done")
"""


def measure() -> list[Row]:
    with (
        cloud.open() as aws,
        tempfile.TemporaryDirectory() as folder,
        bare_moto("dynamodb") as moto,
    ):
        source = write(folder, "taker.py", TAKER)
        sqs = aws.client("sqs")
        done = sqs.create_queue(QueueName="bench-done")["QueueUrl"]
        ensure_role(aws)
        for policy in ("service-role/AWSLambdaDynamoDBExecutionRole", "AmazonSQSFullAccess"):
            aws.client("iam").attach_role_policy(
                RoleName=ROLE_NAME, PolicyArn=f"arn:aws:iam::aws:policy/{policy}"
            )
        function = deploy("bench-stream-taker", source, memory=1769, environment={"DONE": done})
        function.invoke({})
        first = median(first_delivery(aws, function.name) for _ in range(LATENCIES))
        plain, fed, backlog = [], [], []
        for number in range(ROUNDS):
            plain.append(put_all(Fed(moto, f"bench-{number}", stream=False)))
            fed.append(through_lambda(aws, function.name, f"fed-{number}", backlog=False))
            backlog.append(through_lambda(aws, function.name, f"backlog-{number}", backlog=True))
    return [
        Row("stream to Lambda, from put_item to processed, warm", first, None, 0.200),
        Row(
            f"DynamoDB stream to Lambda: {ITEMS:,} items in batches of {BATCH} / bare put_item",
            median(fed),
            median(plain),
            goal=1.5,
        ),
        Row(
            f"the same items, written before: {ITEMS // BATCH} batches / bare put_item",
            median(backlog),
            median(plain),
            goal=0.2,
        ),
    ]


class Fed:
    """A table, with or without a stream."""

    def __init__(self, client: Any, name: str, stream: bool = True) -> None:
        self.client, self.name = client, name
        more = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"} if stream else None
        made = client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"StreamSpecification": more} if more else {}),
        )
        self.stream_arn = made["TableDescription"].get("LatestStreamArn", "")

    def put(self, number: int) -> None:
        item = {"id": {"S": f"order {number}"}, "copies": {"N": str(number)}, "size": {"S": "A4"}}
        self.client.put_item(TableName=self.name, Item=item)


def put_all(table: Fed) -> float:
    began = time.perf_counter()
    for number in range(ITEMS):
        table.put(number)
    return time.perf_counter() - began


def through_lambda(aws: Any, function: str, name: str, backlog: bool) -> float:
    """From the first item put (or, with ``backlog``, from the mapping) to the last processed."""
    table = Fed(aws.client("dynamodb"), name)
    if backlog:
        put_all(table)
    began = time.perf_counter()
    feed(aws, function, table)
    if not backlog:
        put_all(table)
    wait_until_done(aws)
    return time.perf_counter() - began


def first_delivery(aws: Any, function: str) -> float:
    """Seconds from the put of an item into a quiet table until its handler has reported it."""
    table = Fed(aws.client("dynamodb"), f"first-{time.monotonic_ns()}")
    feed(aws, function, table)
    began = time.perf_counter()
    table.put(ITEMS - 1)
    wait_until_done(aws)
    return time.perf_counter() - began


def wait_until_done(aws: Any) -> None:
    """Until the handler has seen the last item."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="bench-done")["QueueUrl"]
    deadline = time.monotonic() + 60
    while not (messages := sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages")):
        if time.monotonic() > deadline:
            raise RuntimeError("the last item was not processed")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])


def feed(aws: Any, function: str, table: Fed) -> None:
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function,
        EventSourceArn=table.stream_arn,
        StartingPosition="TRIM_HORIZON",
        BatchSize=BATCH,
    )
