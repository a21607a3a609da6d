"""Queues themselves, as a consumer of its own meets them: counts, receipts, redrive, limits."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fidelity.sqs_queue import Queue, with_dead_letters

SQS_GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
SQS_API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/sqs/"
    "test_sqs.snapshot.json"
)
RECORDED_MOVES = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/sqs/"
    "test_sqs_move_task.snapshot.json"
)

pytestmark = pytest.mark.aws_source(f"{SQS_GUIDE}sqs-visibility-timeout.html")


def test_a_message_is_hidden_counted_and_deleted(aws: Any, refused: Any) -> None:
    queue = Queue(aws, VisibilityTimeout="30")
    queue.send("one")
    queue.send("later", DelaySeconds=90)
    assert queue.counts() == (1, 0, 1)
    [first] = queue.receive()
    assert queue.counts() == (0, 1, 1)
    assert queue.receive() == []
    aws.clock.advance(seconds=31)
    assert queue.counts() == (1, 0, 1)
    [second] = queue.receive()
    assert second["MessageId"] == first["MessageId"]
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    attributes = second["Attributes"]
    assert attributes["ApproximateReceiveCount"] == "2"
    received = int(attributes["ApproximateFirstReceiveTimestamp"])
    assert received == int(first["Attributes"]["ApproximateFirstReceiveTimestamp"])
    hide = queue.sqs.change_message_visibility
    hide(QueueUrl=queue.url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=120)
    aws.clock.advance(seconds=61)
    assert [one["Body"] for one in queue.receive()] == ["later"]
    hide(QueueUrl=queue.url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=0)
    code, message, _ = refused(
        hide, QueueUrl=queue.url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=9
    )
    assert (code, message) == ("AWS.SimpleQueueService.MessageNotInflight",
                               "The specified message isn't in flight.")  # fmt: skip
    [third] = queue.receive(VisibilityTimeout=0)
    assert queue.counts() == (1, 1, 0)
    for message in (third, third, second):  # again, and with an older handle
        queue.delete(message)
    assert queue.counts() == (0, 1, 0)
    code, message, _ = refused(
        hide, QueueUrl=queue.url, ReceiptHandle=third["ReceiptHandle"], VisibilityTimeout=9
    )
    assert code == "InvalidParameterValue"
    assert message.endswith("Reason: Message does not exist or is not available for visibility "
                            "timeout change.")  # fmt: skip
    code, message, _ = refused(queue.sqs.delete_message, QueueUrl=queue.url, ReceiptHandle="x")
    assert code == "ReceiptHandleIsInvalid"
    assert message == 'The input receipt handle "x" is not a valid receipt handle.'


@pytest.mark.aws_source(f"{SQS_GUIDE}sqs-short-and-long-polling.html")
def test_long_polling_answers_when_a_message_comes(aws: Any) -> None:
    """Not at the end of the wait; and the clock moves the wait as well."""
    queue = Queue(aws)
    for cause, expected in (
        (lambda: queue.send("came"), ["came"]),
        (lambda: aws.clock.advance(seconds=31), ["came"]),  # it can be seen again
        (lambda: aws.clock.advance(seconds=21), []),
    ):
        threading.Timer(0.3, cause).start()
        began = time.monotonic()
        assert [one["Body"] for one in queue.receive(WaitTimeSeconds=20)] == expected
        assert 0.2 < time.monotonic() - began < 5


@pytest.mark.aws_source(
    f"{SQS_GUIDE}sqs-dead-letter-queues.html",
    f"{SQS_GUIDE}setting-up-dead-letter-queue-retention.html",
)
def test_redrive_to_a_dead_letter_queue(aws: Any) -> None:
    """At the receive after the last allowed one; found by name, whoever has the name now."""
    queue, dead = with_dead_letters(aws, 2, VisibilityTimeout="30")
    sources = dead.sqs.list_dead_letter_source_queues
    assert sources(QueueUrl=dead.url)["queueUrls"] == [queue.url]
    queue.send("poison")
    sent = queue.receive()[0]["Attributes"]["SentTimestamp"]
    aws.clock.advance(seconds=31)
    queue.receive()
    aws.clock.advance(seconds=31)
    assert (queue.counts(), dead.counts()) == ((1, 0, 0), (0, 0, 0))
    dead.sqs.delete_queue(QueueUrl=dead.url)
    dead.sqs.create_queue(QueueName=dead.name)
    assert queue.receive() == []
    assert (queue.counts(), dead.counts()) == ((0, 0, 0), (1, 0, 0))
    [message] = dead.receive()
    assert message["Attributes"]["SentTimestamp"] == sent
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == queue.arn
    assert sources(QueueUrl=dead.url)["queueUrls"] == [queue.url]
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": ""})
    assert sources(QueueUrl=dead.url).get("queueUrls", []) == []


@pytest.mark.aws_source(f"{SQS_GUIDE}sqs-configure-dead-letter-queue-redrive.html", RECORDED_MOVES)
def test_moving_messages_back(aws: Any, refused: Any) -> None:
    """StartMessageMoveTask: to where each came from, as new messages."""
    queue, dead = with_dead_letters(aws, 1, VisibilityTimeout="1")
    sqs = queue.sqs
    start, shown = sqs.start_message_move_task, sqs.list_message_move_tasks
    queue.send("a", "b")
    ids = {one["MessageId"] for one in queue.receive()}
    aws.clock.advance(seconds=2)
    assert queue.receive() == []
    assert dead.counts() == (2, 0, 0)
    start(SourceArn=dead.arn)
    aws.wait_until(lambda: queue.counts() == (2, 0, 0), what="both are back")
    back = queue.receive()
    assert not ids & {one["MessageId"] for one in back}
    assert {one["Attributes"]["ApproximateReceiveCount"] for one in back} == {"1"}
    [task] = shown(SourceArn=dead.arn)["Results"]
    assert task.pop("StartedTimestamp") > 0
    assert task == {
        "Status": "COMPLETED",
        "SourceArn": dead.arn,
        "ApproximateNumberOfMessagesMoved": 2,
        "ApproximateNumberOfMessagesToMove": 2,
    }
    # At a rate of its own, to another queue, and not to the end.
    other = Queue(aws)
    dead.send(*"12345")
    handle = start(SourceArn=dead.arn, DestinationArn=other.arn, MaxNumberOfMessagesPerSecond=1)[
        "TaskHandle"
    ]
    running = refused(start, SourceArn=dead.arn)
    assert running[:2] == (
        "InvalidParameterValue",
        "There is already a task running. Only one active task is allowed for a source queue arn "
        "at a given time.",
    )
    aws.clock.advance(seconds=2.5)
    aws.wait_until(lambda: other.size() >= 2)
    moved = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    assert 2 <= moved < 5
    assert (other.size(), dead.size()) == (moved, 5 - moved)
    assert shown(SourceArn=dead.arn)["Results"][0]["Status"] == "CANCELLED"
    # What was sent to the dead-letter queue directly came from nowhere.
    start(SourceArn=dead.arn)
    aws.wait_until(lambda: shown(SourceArn=dead.arn)["Results"][0]["Status"] != "RUNNING")
    assert shown(SourceArn=dead.arn)["Results"][0]["Status"] == "FAILED"
    for given, error in (
        ({"SourceArn": queue.arn}, ("InvalidParameterValue", "Source queue must be configured as a "
                                    "Dead Letter Queue.")),
        ({"SourceArn": dead.arn, "DestinationArn": dead.arn + "x"},
         ("ResourceNotFoundException",
          "The resource that you specified for the DestinationArn parameter doesn't exist.")),
    ):  # fmt: skip
        assert refused(start, **given)[:2] == error


@pytest.mark.aws_source(f"{SQS_API}API_PurgeQueue.html", RECORDED)
def test_purge(aws: Any, refused: Any) -> None:
    """Everything goes, in flight and delayed; a minute must pass before the next time."""
    queue = Queue(aws)
    queue.send("in flight")
    queue.receive()
    queue.send("waiting")
    queue.send("delayed", DelaySeconds=60)
    queue.sqs.purge_queue(QueueUrl=queue.url)
    assert queue.counts() == (0, 0, 0)
    queue.send("after")
    assert queue.size() == 1
    code, message, _ = refused(queue.sqs.purge_queue, QueueUrl=queue.url)
    assert code == "AWS.SimpleQueueService.PurgeQueueInProgress"
    assert message == (
        f"Only one PurgeQueue operation on {queue.name} is allowed every 60 seconds."
    )
    aws.clock.advance(seconds=61)
    queue.sqs.purge_queue(QueueUrl=queue.url)


@pytest.mark.aws_source(f"{SQS_GUIDE}quotas-messages.html", RECORDED)
def test_limits_of_messages(aws: Any, refused: Any) -> None:
    queue = Queue(aws, MessageRetentionPeriod="3600")
    send, batch = queue.sqs.send_message, queue.sqs.send_message_batch
    invalid = "InvalidParameterValue"
    text = {"DataType": "String", "StringValue": "x"}
    for given, code, message in (
        ({"MessageBody": "x" * 1_048_577}, invalid, "One or more parameters are invalid. Reason: "
         "Message must be shorter than 1048576 bytes."),
        # Names, types and values of attributes count as well; so do bytes, not characters.
        ({"MessageBody": "x" * 1_048_570, "MessageAttributes": {"a": text}}, invalid, "shorter"),
        ({"MessageBody": "ü" * 524_289}, invalid, "shorter"),
        ({"MessageBody": "\x00"}, "InvalidMessageContents", "Invalid characters found."),
        ({"MessageBody": "x", "DelaySeconds": 901}, invalid, "Value 901 for parameter DelaySeconds "
         "is invalid. Reason: DelaySeconds must be >= 0 and <= 900."),
        ({"MessageBody": "x", "MessageDeduplicationId": "d"}, invalid, "not valid for this queue"),
        ({"MessageBody": "x", "MessageAttributes": {f"a{n}": text for n in range(11)}}, invalid,
         "Number of message attributes [11] exceeds the allowed maximum [10]."),
    ):  # fmt: skip
        found = refused(send, QueueUrl=queue.url, **given)
        assert found[0] == code
        assert message in found[1]
    entries = [{"Id": str(n), "MessageBody": "x" * 104_858} for n in range(10)]
    code, message, _ = refused(batch, QueueUrl=queue.url, Entries=entries)
    assert code == "AWS.SimpleQueueService.BatchRequestTooLong"
    assert message == "Batch requests cannot be longer than 1048576 bytes. You have sent 1048580 " \
        "bytes."  # fmt: skip
    assert refused(batch, QueueUrl=queue.url, Entries=entries[:1] * 2)[0] == (
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
    )
    # Each entry of a batch succeeds or fails by itself.
    mixed = [{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x00"}]
    answer = batch(QueueUrl=queue.url, Entries=mixed)
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert answer["Failed"][0]["Code"] == "InvalidMessageContents"
    code, message, _ = refused(queue.sqs.receive_message, QueueUrl=queue.url,
                               MaxNumberOfMessages=11)  # fmt: skip
    assert (code, message) == (invalid, "Value 11 for parameter MaxNumberOfMessages is invalid. "
                               "Reason: Must be between 1 and 10, if provided.")  # fmt: skip
    assert queue.size() == 1
    aws.clock.advance(minutes=61)
    assert queue.size() == 0  # its time was over


@pytest.mark.aws_source(f"{SQS_API}API_SetQueueAttributes.html", RECORDED)
def test_attributes_of_queues(aws: Any, refused: Any) -> None:
    queue = Queue(aws, VisibilityTimeout="60")
    change = queue.sqs.set_queue_attributes
    fifo = Queue(aws, FifoQueue="true")

    def policy(arn: str, count: Any) -> str:
        return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})

    for name, value, code, message in (
        ("Colour", "red", "InvalidAttributeName", "Unknown Attribute Colour."),
        ("FifoQueue", "true", "InvalidAttributeName", "Unknown Attribute FifoQueue."),
        ("VisibilityTimeout", "43201", "InvalidAttributeValue",
         "Invalid value for the parameter VisibilityTimeout."),
        ("RedrivePolicy", policy("dummy", 42), "InvalidParameterValue",
         'Value {"deadLetterTargetArn": "dummy", "maxReceiveCount": 42} for parameter '
         "RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn."),
        ("RedrivePolicy", policy(queue.arn, 0), "InvalidParameterValue", "Invalid value for "
         "maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
        ("RedrivePolicy", policy(queue.arn + "x", 3), "InvalidParameterValue",
         "Dead letter target does not exist."),
        ("RedrivePolicy", policy(fifo.arn, 3), "InvalidParameterValue",
         "Dead-letter queue must be same type of queue as the source."),
    ):  # fmt: skip
        found = refused(change, QueueUrl=queue.url, Attributes={name: value})
        assert found[0] == code
        assert message in found[1]
    create = queue.sqs.create_queue
    same = create(QueueName=queue.name, Attributes={"VisibilityTimeout": "60"})
    assert same["QueueUrl"] == queue.url
    code, message, _ = refused(create, QueueName=queue.name, Attributes={"VisibilityTimeout": "61"})
    assert code == "QueueAlreadyExists"
    assert message == (
        "A queue already exists with the same name and a different value for attribute "
        "VisibilityTimeout"
    )
    allow = json.dumps({"redrivePermission": "denyAll"})
    change(QueueUrl=queue.url, Attributes={"RedriveAllowPolicy": allow})
    assert queue.attributes()["RedriveAllowPolicy"] == allow


def test_many_producers_and_consumers_lose_nothing(aws: Any) -> None:
    """Sending, receiving and deleting at the same time, from eight threads."""
    queue = Queue(aws, VisibilityTimeout="600")
    sent = [f"{thread}-{number}" for thread in range(4) for number in range(60)]
    got: list[str] = []

    def produce(thread: int) -> None:
        for number in range(60):
            queue.send(f"{thread}-{number}")

    def consume(_: int) -> None:
        while len(got) < len(sent):
            for message in queue.receive(5):
                got.append(message["Body"])
                queue.delete(message)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda work: work[0](work[1]), [(produce, n) for n in range(4)]
                         + [(consume, n) for n in range(4)]))  # fmt: skip
    assert sorted(got) == sorted(sent)
    assert queue.size() == 0
