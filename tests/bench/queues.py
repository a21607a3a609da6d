"""A queue that feeds a function, beside bare moto's own send and receive of the same messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import boto3

from helpers import cloud
from helpers.deploy import ROLE_NAME, deploy, ensure_role
from tests.bench.measure import Row, free_port
from tests.bench.scaling import write

MESSAGES, BATCH, ROUNDS = 1000, 10, 3
LATENCIES = 15
#: Prints nothing: what is measured is the way to the handler and back.
TAKER = "def handler(event, context):\n    return None\n"


def measure() -> list[Row]:
    with cloud.open() as aws, tempfile.TemporaryDirectory() as folder, bare_moto() as moto:
        source = write(folder, "taker.py", TAKER)
        ensure_role(aws)
        aws.client("iam").attach_role_policy(
            RoleName=ROLE_NAME, PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess"
        )
        function = deploy("bench-taker", source, memory=1769)
        function.invoke({})
        first = median(first_delivery(aws, function.name) for _ in range(LATENCIES))
        cold = median(
            first_delivery(aws, deploy(f"bench-cold-{number}", source, memory=1769).name)
            for number in range(LATENCIES)
        )
        queue = Pipe(aws.client("sqs"), "bench-many")
        feed(aws, function.name, queue)
        queue.send_all()
        queue.wait_until_empty()  # the environments are warm
        ours = [through_lambda(queue) for _ in range(ROUNDS)]
        theirs = through_moto(Pipe(moto, "bench"))  # once: it takes half a minute
        ours += [through_lambda(queue) for _ in range(ROUNDS)]
    return [
        Row("first delivery, from send to delete, warm", first, None, 0.200),
        Row("first delivery, from send to delete, with a cold start", cold, None, 0.200),
        Row(
            f"SQS to Lambda, {MESSAGES:,} messages in tens / bare moto's send and receive",
            median(ours),
            theirs,
            goal=1.0,
        ),
        Row(
            "SQS to Lambda, from the first sent to the last deleted, messages",
            MESSAGES / median(ours),
            None,
            float("inf"),
            "a second",
        ),
        Row(f"SQS to Lambda, {MESSAGES:,} messages in tens", median(ours), None, 1.0),
    ]


class Pipe:
    """A queue and its client."""

    def __init__(self, sqs: Any, name: str) -> None:
        self.sqs = sqs
        self.url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})[
            "QueueUrl"
        ]

    @property
    def arn(self) -> str:
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    def send_all(self) -> None:
        for start in range(0, MESSAGES, BATCH):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps({"order": number})}
                for number in range(start, start + BATCH)
            ]
            self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def receive_all(self) -> None:
        left = MESSAGES
        while left > 0:
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=BATCH)[
                "Messages"
            ]
            entries = [
                {"Id": str(number), "ReceiptHandle": one["ReceiptHandle"]}
                for number, one in enumerate(messages)
            ]
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            left -= len(messages)

    def wait_until_empty(self) -> None:
        deadline = time.monotonic() + 60
        while self.size():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.size()} messages were not processed")
            time.sleep(0.002)

    def size(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(map(int, found["Attributes"].values()))


def feed(aws: Any, function: str, queue: Pipe) -> None:
    aws.client("lambda").create_event_source_mapping(
        FunctionName=function, EventSourceArn=queue.arn, BatchSize=BATCH
    )


def first_delivery(aws: Any, function: str) -> float:
    """Seconds from the send of one message into a quiet queue to its deletion."""
    queue = Pipe(aws.client("sqs"), f"bench-first-{time.monotonic_ns()}")
    feed(aws, function, queue)
    began = time.perf_counter()
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    queue.wait_until_empty()
    return time.perf_counter() - began


def through_lambda(queue: Pipe) -> float:
    """From the first message sent to the last one processed and deleted."""
    began = time.perf_counter()
    queue.send_all()
    queue.wait_until_empty()
    return time.perf_counter() - began


def through_moto(queue: Pipe) -> float:
    """The same messages sent, received and deleted."""
    began = time.perf_counter()
    queue.send_all()
    queue.receive_all()
    return time.perf_counter() - began


@contextmanager
def bare_moto(service: str = "sqs") -> Iterator[Any]:
    """A client of moto's own server, as it comes."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("MOTO_")},
    )
    try:
        client = boto3.client(
            service,
            endpoint_url=f"http://localhost:{port}",
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                client.list_queues() if service == "sqs" else client.list_tables()
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield client
    finally:
        server.terminate()
        server.wait(10)
