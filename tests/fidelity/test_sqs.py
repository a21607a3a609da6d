"""A queue invokes a function: batches, failures, visibility, redrive, filters, order."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.fidelity import sources

SQS = f"{sources.GUIDE}with-sqs.html"
ERRORS = f"{sources.GUIDE}services-sqs-errorhandling.html"
FILTERING = f"{sources.GUIDE}invocation-eventfiltering.html"

pytestmark = pytest.mark.aws_source(SQS)

_numbers = itertools.count(1)

WORK = """
import json, time
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("BATCH", json.dumps(bodies))
    if any("poison" in body for body in bodies):
        raise ValueError("cannot print this")
"""


class Queue:
    """A queue under test."""

    def __init__(self, aws: Any, **attributes: str) -> None:
        self.aws, self.sqs = aws, aws.client("sqs")
        fifo = ".fifo" if attributes.get("FifoQueue") else ""
        name = f"orders-{next(_numbers)}{fifo}"
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = self.attributes()["QueueArn"]

    def attributes(self) -> dict[str, str]:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        found: dict[str, str] = answer["Attributes"]
        return found

    def send(self, *bodies: str, **more: Any) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def size(self) -> int:
        """Messages in it, visible or not."""
        found = self.attributes()
        names = ("", "NotVisible", "Delayed")
        return sum(int(found[f"ApproximateNumberOfMessages{name}"]) for name in names)

    def feeds(self, function: Any, **settings: Any) -> str:
        uuid: str = function.client.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=self.arn, **settings
        )["UUID"]
        return uuid


def batches(function: Any, times: int) -> list[list[str]]:
    events = function.wait_for_log("BATCH", times=times)
    return [json.loads(one[6:]) for one in events if one.startswith("BATCH")]


def test_the_event(aws: Any, make: Any) -> None:
    """Everything a record holds, with the message's own attributes."""
    function = make(
        "import json\ndef handler(event, context): print('GOT', json.dumps(event['Records'][0]))"
    )
    queue = Queue(aws)
    queue.feeds(function)
    size = {"DataType": "String", "StringValue": "A4"}
    answer = queue.sqs.send_message(
        QueueUrl=queue.url, MessageBody="order 7", MessageAttributes={"size": size}
    )
    line = next(one for one in function.wait_for_log("GOT") if one.startswith("GOT"))
    record = json.loads(line[4:])
    assert record["messageId"] == answer["MessageId"]
    assert record["body"] == "order 7"
    assert record["md5OfBody"] == answer["MD5OfMessageBody"]
    assert record["md5OfMessageAttributes"] == answer["MD5OfMessageAttributes"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == queue.arn
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(record["attributes"]["SentTimestamp"]) / 1000 - aws.clock.now().timestamp()) < 60
    assert record["messageAttributes"] == {
        "size": {
            "stringValue": "A4",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        }
    }
    aws.wait_until(lambda: queue.size() == 0, what="the message is deleted")


def test_batches_and_messages_older_than_the_mapping(aws: Any, make: Any) -> None:
    """Up to BatchSize at once; what lay in the queue before is delivered too."""
    function, queue = make(WORK), Queue(aws)
    queue.send(*(f"order {number}" for number in range(7)))
    queue.feeds(function, BatchSize=5)
    got = batches(function, 2)
    assert sorted(len(batch) for batch in got) == [2, 5]
    assert sorted(body for batch in got for body in batch) == [f"order {n}" for n in range(7)]


def test_batching_window(aws: Any, make: Any) -> None:
    """Messages are collected until the window has passed."""
    function, queue = make(WORK), Queue(aws)
    queue.feeds(function, BatchSize=10, MaximumBatchingWindowInSeconds=20)
    queue.send("one", "two", "three")
    aws.wait_until(lambda: queue.attributes()["ApproximateNumberOfMessagesNotVisible"] == "3")
    aws.clock.advance(seconds=25)
    assert [sorted(batch) for batch in batches(function, 1)] == [["one", "three", "two"]]


@pytest.mark.aws_source(ERRORS)
def test_a_failed_batch_comes_back_and_ends_in_the_dead_letter_queue(aws: Any, make: Any) -> None:
    """After the visibility timeout, as often as maxReceiveCount allows."""
    dead = Queue(aws)
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "2"})
    queue = Queue(aws, VisibilityTimeout="30", RedrivePolicy=policy)
    function = make(WORK)
    queue.feeds(function, BatchSize=1)
    queue.send("poison", "order 1")
    batches(function, 2)
    aws.wait_until(lambda: queue.size() == 1, what="the good message is deleted")
    aws.clock.advance(seconds=31)
    assert batches(function, 3).count(["poison"]) == 2
    function.wait_for_log("REPORT", times=3)
    aws.clock.advance(seconds=31)
    aws.wait_until(lambda: dead.size() == 1, what="the poison message is in the dead-letter queue")
    assert queue.size() == 0
    assert batches(function, 3).count(["poison"]) == 2


REPORTS = """
import json
def handler(event, context):
    ids = {record["body"]: record["messageId"] for record in event["Records"]}
    print("BATCH", json.dumps(sorted(ids)))
    return eval(REPLY)
"""


@pytest.mark.aws_source(ERRORS)
@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("{'batchItemFailures': [{'itemIdentifier': ids['b']}]}", 1),
        ("{'batchItemFailures': [{'itemIdentifier': i} for i in ids.values()]}", 3),
        ("{'batchItemFailures': []}", 0),
        ("{'batchItemFailures': None}", 0),
        ("{}", 0),
        ("None", 0),
        ("'a text'", 3),
        ("{'batchItemFailures': [{'itemIdentifier': ''}]}", 3),
        ("{'batchItemFailures': [{'itemIdentifier': None}]}", 3),
        ("{'batchItemFailures': [{'wrongKey': ids['b']}]}", 3),
        ("{'batchItemFailures': [{'itemIdentifier': 'nobody'}]}", 3),
    ],
)
def test_partial_batch_failures(aws: Any, make: Any, reply: str, left: int) -> None:
    """Only what is reported comes back; a report that makes no sense means all of it."""
    queue = Queue(aws)
    queue.send("a", "b", "c")
    function = make(REPORTS.replace("REPLY", repr(reply)))
    uuid = queue.feeds(function, FunctionResponseTypes=["ReportBatchItemFailures"])
    function.wait_for_log("REPORT")
    aws.wait_until(lambda: queue.size() == left, what=f"{left} messages are left")
    function.client.delete_event_source_mapping(UUID=uuid)


@pytest.mark.aws_source(FILTERING)
def test_filter(aws: Any, make: Any, refused: Any) -> None:
    """What does not match is deleted without an invocation."""
    function, queue = make(WORK), Queue(aws)
    pattern = json.dumps({"body": {"size": ["A4"], "copies": [{"numeric": [">", 1]}]}})
    queue.feeds(function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    for body in ('{"size": "A5", "copies": 2}', '{"size": "A4", "copies": 1}', "no json",
                 '{"size": "A4", "copies": 3}'):  # fmt: skip
        queue.send(body)
    got = batches(function, 1)
    aws.wait_until(lambda: queue.size() == 0)
    assert got == [['{"size": "A4", "copies": 3}']]
    for bad in ("no json", "[]", '{"body": "A4"}'):
        code, message, _ = refused(
            function.client.create_event_source_mapping,
            FunctionName=function.name,
            EventSourceArn=Queue(aws).arn,
            FilterCriteria={"Filters": [{"Pattern": bad}]},
        )
        assert (code, message) == (
            "InvalidParameterValueException",
            "Invalid filter pattern definition.",
        )


def test_fifo_keeps_the_order_of_a_group(aws: Any, make: Any) -> None:
    """One batch of a group at a time, in order; groups do not wait for each other."""
    function = make(
        """
        import json, time
        def handler(event, context):
            print("BATCH", json.dumps([record["body"] for record in event["Records"]]))
            time.sleep(0.1)
        """
    )
    queue = Queue(aws, FifoQueue="true", ContentBasedDeduplication="true")
    for number in range(6):
        queue.send(f"a{number}", MessageGroupId="a")
        queue.send(f"b{number}", MessageGroupId="b")
    queue.feeds(function, BatchSize=2)
    aws.wait_until(lambda: queue.size() == 0, what="all are delivered")
    function.wait_for_log("REPORT", times=len(batches(function, 1)))
    delivered = [body for batch in batches(function, 1) for body in batch]
    for group in "ab":
        assert [body for body in delivered if body[0] == group] == [f"{group}{n}" for n in range(6)]


def test_delayed_messages(aws: Any, make: Any) -> None:
    function, queue = make(WORK), Queue(aws)
    queue.feeds(function)
    queue.send("later", DelaySeconds=60)
    queue.send("now")
    assert batches(function, 1) == [["now"]]
    aws.clock.advance(seconds=61)
    assert batches(function, 2)[1] == ["later"]


def test_disabled_and_deleted_mappings(aws: Any, make: Any, refused: Any) -> None:
    """Neither delivers; enabling one delivers what has waited."""
    function, queue = make(WORK), Queue(aws)
    client = function.client
    created = client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=queue.arn, Enabled=False
    )
    assert created["State"] == "Creating"
    uuid = created["UUID"]
    assert client.get_event_source_mapping(UUID=uuid)["State"] == "Disabled"
    queue.send("waits")
    client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert batches(function, 1) == [["waits"]]
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    assert refused(client.get_event_source_mapping, UUID=uuid)[0] == "ResourceNotFoundException"
    queue.send("stays")
    aws.clock.advance(minutes=1)
    assert queue.size() == 1
    listed = client.list_event_source_mappings(FunctionName=function.name)
    assert listed["EventSourceMappings"] == []


@pytest.mark.aws_source(f"{sources.GUIDE}services-sqs-scaling.html")
def test_maximum_concurrency(aws: Any, make: Any) -> None:
    """No more batches at once than the mapping allows."""
    function = make(
        """
        import time
        def handler(event, context):
            began = time.time()
            time.sleep(0.3)
            print("RAN", began, time.time())
        """
    )
    queue = Queue(aws)
    queue.send(*map(str, range(8)))
    queue.feeds(function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    lines = [one for one in function.wait_for_log("RAN", times=8) if one.startswith("RAN")]
    spans = [tuple(map(float, one.split()[1:])) for one in lines]
    for began, _ in spans:
        assert sum(start <= began < end for start, end in spans) <= 2


def test_throttled_batches_are_not_lost(aws: Any, make: Any) -> None:
    """A function at its limit: the messages come back after the visibility timeout."""
    function, queue = make(WORK), Queue(aws)
    put = function.client.put_function_concurrency
    put(FunctionName=function.name, ReservedConcurrentExecutions=0)
    queue.feeds(function)
    queue.send("patient")
    aws.wait_until(lambda: queue.attributes()["ApproximateNumberOfMessagesNotVisible"] == "1")
    function.client.delete_function_concurrency(FunctionName=function.name)
    aws.clock.advance(seconds=31)
    assert batches(function, 1) == [["patient"]]


@pytest.mark.aws_source(f"{sources.API}API_CreateEventSourceMapping.html")
def test_refused(aws: Any, make: Any, refused: Any) -> None:
    function = make(WORK, Timeout=60)
    create = function.client.create_event_source_mapping

    def message(queue: Any, **settings: Any) -> str:
        code, text, _ = refused(
            create, FunctionName=function.name, EventSourceArn=queue, **settings
        )
        assert code == "InvalidParameterValueException"
        return str(text)

    assert message(Queue(aws).arn) == (
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    )
    patient = Queue(aws, VisibilityTimeout="360")
    assert "NonExistentQueue" in message(patient.arn + "-nobody")
    assert "greater than 0 if maximum batch size" in message(patient.arn, BatchSize=100)
    patient.feeds(function)
    code, _, status = refused(create, FunctionName=function.name, EventSourceArn=patient.arn)
    assert (code, status) == ("ResourceConflictException", 409)


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_a_loop_through_a_queue_is_stopped(aws: Any, make: Any) -> None:
    """After 16 rounds the message goes the way of failed ones."""
    dead = Queue(aws)
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "1"})
    queue = Queue(aws, RedrivePolicy=policy)
    function = make(
        """
        import boto3, os
        sqs = boto3.client("sqs")
        def handler(event, context):
            number = int(event["Records"][0]["body"])
            print("round", number)
            sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=str(number + 1))
        """,
        Environment={"Variables": {"QUEUE": queue.url}},
        Timeout=20,
    )
    queue.feeds(function)
    queue.send("1")
    function.wait_for_log("REPORT", times=16)
    aws.wait_until(lambda: queue.attributes()["ApproximateNumberOfMessagesNotVisible"] == "1")
    aws.clock.advance(seconds=31)
    aws.wait_until(lambda: dead.size() == 1, what="the stopped message is dead-lettered")
    rounds = [one for one in function.log_events() if one.startswith("round ")]
    assert rounds == [f"round {number}\n" for number in range(1, 17)]
