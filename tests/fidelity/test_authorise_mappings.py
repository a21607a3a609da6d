"""Lambda polls with the function's role: what the role may is asked each time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.roles import allow, document
from tests.fidelity.sqs_queue import Queue
from tests.fidelity.stream_sources import Table

SHOW = """
def handler(event, context):
    for record in event["Records"]:
        print("GOT", record.get("body") or record["dynamodb"]["Keys"]["id"]["S"])
"""
RECEIVE = ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]
STREAM = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator"]
LOGS = allow("logs:*")

pytestmark = pytest.mark.aws_source(
    f"{sources.GUIDE}services-sqs-configure.html",
    f"{sources.GUIDE}services-dynamodb-eventsourcemapping.html",
)


class Worker:
    """A function whose role is changed while it works."""

    def __init__(self, aws: Any, make: Any) -> None:
        self.iam = aws.client("iam")
        trust = allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
        del trust["Resource"]
        made = self.iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document(trust))
        self.may(*RECEIVE, "sqs:DeleteMessage", *STREAM, "dynamodb:GetRecords")
        self.function = make(SHOW, Role=made["Role"]["Arn"])

    def may(self, *actions: str) -> None:
        """From now on these, and to write its log."""
        policy = document(LOGS, allow(list(actions)))
        self.iam.put_role_policy(RoleName="worker", PolicyName="may", PolicyDocument=policy)

    def got(self, what: str, times: int = 1) -> None:
        self.function.wait_for_log(f"GOT {what}", times=times)

    def has_not_got(self, what: str) -> None:
        time.sleep(1)
        assert not any(f"GOT {what}" in one for one in self.function.log_events())

    def mapping(self, uuid: str) -> dict[str, Any]:
        found: dict[str, Any] = self.function.client.get_event_source_mapping(UUID=uuid)
        return found


@pytest.fixture(scope="module")
def worker(aws: Any, make: Any) -> Worker:
    return Worker(aws, make)


def test_a_queue(aws: Any, worker: Worker) -> None:
    """Without permission messages stay; what cannot be deleted comes again."""
    queue = Queue(aws, VisibilityTimeout="60")
    uuid = queue.feeds(worker.function)
    queue.send("first")
    worker.got("first")
    aws.wait_until(lambda: queue.size() == 0)
    worker.may("sqs:DeleteMessage")
    queue.send("second")
    worker.has_not_got("second")
    assert (queue.counts(), worker.mapping(uuid)["State"]) == ((1, 0, 0), "Enabled")
    worker.may(*RECEIVE)
    worker.got("second")
    assert queue.size() == 1
    aws.clock.advance(minutes=2)
    worker.got("second", times=2)
    worker.may(*RECEIVE, "sqs:DeleteMessage")
    aws.clock.advance(minutes=2)
    aws.wait_until(lambda: queue.size() == 0, what="the message is done with")


def test_a_stream(aws: Any, worker: Worker) -> None:
    """The mapping tells what is wrong, and goes on where it was when that is put right."""
    worker.may(*STREAM, "dynamodb:GetRecords")
    table = Table(aws)
    uuid = table.feeds(worker.function)
    table.put("before")
    worker.got("before")
    worker.may(*STREAM)
    table.put("after")
    aws.wait_until(lambda: worker.mapping(uuid)["LastProcessingResult"].startswith("PROBLEM: "))
    result = worker.mapping(uuid)["LastProcessingResult"]
    assert "Please ensure the role can perform the GetRecords" in result
    worker.has_not_got("after")
    worker.may(*STREAM, "dynamodb:GetRecords")
    worker.got("after")
    aws.wait_until(lambda: worker.mapping(uuid)["LastProcessingResult"] == "OK")
