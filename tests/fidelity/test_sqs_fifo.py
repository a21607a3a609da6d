"""FIFO queues: order by group, one batch of a group at a time, duplicates, blocked groups."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.sqs_queue import WORK, Queue, batches, with_dead_letters

SQS_GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
LOGIC = f"{SQS_GUIDE}FIFO-queues-understanding-logic.html"
ONCE = f"{SQS_GUIDE}using-messagededuplicationid-property.html"

pytestmark = pytest.mark.aws_source(LOGIC, f"{sources.GUIDE}services-sqs-scaling.html")


def fifo(aws: Any, **more: str) -> Queue:
    return Queue(aws, FifoQueue="true", ContentBasedDeduplication="true", **more)


def test_a_function_gets_each_group_in_order(aws: Any, make: Any) -> None:
    """One batch of a group at a time; groups do not wait for each other."""
    function = make(
        """
        import json, time
        def handler(event, context):
            began = time.time()
            groups = {one["attributes"]["MessageGroupId"] for one in event["Records"]}
            time.sleep(0.3)
            bodies = [one["body"] for one in event["Records"]]
            print("RAN", json.dumps([began, time.time(), sorted(groups), bodies]))
        """,
        Timeout=20,
    )
    queue = fifo(aws)
    for number in range(6):
        for group in "abc":
            queue.send(f"{group}{number}", MessageGroupId=group)
    queue.feeds(function, BatchSize=2)
    aws.wait_until(lambda: queue.size() == 0, what="all are delivered")
    lines = [one for one in function.wait_for_log("RAN", times=9) if one.startswith("RAN")]
    ran = sorted(json.loads(one[4:]) for one in lines)
    for group in "abc":
        mine = [one for one in ran if group in one[2]]
        delivered = [body for one in mine for body in one[3] if body[0] == group]
        assert delivered == [f"{group}{number}" for number in range(6)]
        ends = [0, *(one[1] for one in mine)]
        assert all(one[0] >= ended for one, ended in zip(mine, ends, strict=False))
    assert any(later[0] < one[1] for one, later in itertools.pairwise(ran))


@pytest.mark.aws_source(f"{sources.GUIDE}services-sqs-errorhandling.html")
def test_a_failing_message_blocks_its_group(aws: Any, make: Any) -> None:
    """Until it is dead-lettered; other groups go on meanwhile."""
    queue, dead = with_dead_letters(
        aws, 2, FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="30"
    )
    function = make(WORK, Timeout=20)
    for body in ("poison", "second", "third"):
        queue.send(body, MessageGroupId="blocked")
    queue.send("free", MessageGroupId="other")
    queue.feeds(function, BatchSize=1)
    for times in (1, 2):
        got = batches(function, 1 + times)
        assert got.count(["poison"]) == times
        assert ["free"] in got
        assert ["second"] not in got
        aws.wait_until(lambda: queue.counts() == (2, 1, 0), what="the group is blocked")
        function.wait_for_log("REPORT", times=1 + times)
        aws.clock.advance(seconds=31)
    got = batches(function, 5)
    assert got.index(["second"]) < got.index(["third"])
    aws.wait_until(lambda: queue.size() == 0)
    [message] = dead.receive()
    attributes = message["Attributes"]
    assert message["Body"] == "poison"
    assert attributes["MessageGroupId"] == "blocked"
    # So that a second one with the same deduplication id could come as well.
    assert attributes["MessageDeduplicationId"] == message["MessageId"]


@pytest.mark.aws_source(f"{sources.GUIDE}services-sqs-errorhandling.html")
def test_a_handler_that_stops_at_the_first_failure_keeps_the_order(aws: Any, make: Any) -> None:
    """It reports the failed one and all after it; they come back together, in order."""
    function = make(
        """
        import json, time
        def handler(event, context):
            bodies = [one["body"] for one in event["Records"]]
            print("BATCH", json.dumps([time.time(), bodies]))
            again = event["Records"][0]["attributes"]["ApproximateReceiveCount"] != "1"
            failed = [one for one in event["Records"] if one["body"] >= "c" and not again]
            return {"batchItemFailures": [{"itemIdentifier": x["messageId"]} for x in failed]}
        """,
        Timeout=20,
    )
    queue = fifo(aws)
    for body in "abcd":
        queue.send(body, MessageGroupId="one")
    queue.feeds(function, FunctionResponseTypes=["ReportBatchItemFailures"])
    aws.wait_until(lambda: queue.counts() == (0, 2, 0), what="two are done with")
    queue.send("e", MessageGroupId="one")
    aws.clock.advance(seconds=31)
    aws.wait_until(lambda: queue.size() == 0)
    got = batches(function, 2)
    assert got[0] == ["a", "b", "c", "d"]
    assert [body for batch in got[1:] for body in batch] == ["c", "d", "e"]


def test_receiving_from_groups(aws: Any, refused: Any) -> None:
    """Several messages of a group in one call, none in a second one while they are in flight."""
    queue = fifo(aws, VisibilityTimeout="30")
    for body in ("a1", "a2", "a3", "b1", "a4"):
        queue.send(body, MessageGroupId=body[0])
    first = queue.receive(2)
    assert [one["Body"] for one in first] == ["a1", "a2"]
    assert [one["Body"] for one in queue.receive()] == ["b1"]
    numbers = [int(one["Attributes"]["SequenceNumber"]) for one in first]
    assert numbers == sorted(numbers)
    assert len(str(numbers[0])) == 20
    hide = queue.sqs.change_message_visibility
    hide(QueueUrl=queue.url, ReceiptHandle=first[0]["ReceiptHandle"], VisibilityTimeout=0)
    assert queue.receive() == []  # a2 is still in flight
    queue.delete(first[1])
    assert [one["Body"] for one in queue.receive()] == ["a1", "a3", "a4"]
    code, message, _ = refused(
        queue.sqs.delete_message, QueueUrl=queue.url, ReceiptHandle=first[0]["ReceiptHandle"]
    )
    assert code == "InvalidParameterValue"
    assert message.endswith("is invalid. Reason: The receipt handle has expired.")


@pytest.mark.aws_source(ONCE)
def test_duplicates_within_five_minutes(aws: Any) -> None:
    """Accepted, answered as the first, and not delivered, even when that one was deleted."""
    queue = fifo(aws)
    send = queue.sqs.send_message

    def sent(body: str, **more: str) -> tuple[str, str]:
        answer = send(QueueUrl=queue.url, MessageBody=body, MessageGroupId="g", **more)
        return answer["MessageId"], answer["SequenceNumber"]

    first = sent("order 7")
    queue.delete(queue.receive()[0])
    assert sent("order 7") == first
    assert sent("another body", MessageDeduplicationId="id-1") != first
    assert sent("not the same", MessageDeduplicationId="id-1") != first
    assert [one["Body"] for one in queue.receive()] == ["another body"]
    aws.clock.advance(minutes=6)
    assert sent("order 7") != first
    assert [one["Body"] for one in queue.receive()] == ["another body", "order 7"]
    by_group = fifo(aws, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    for group in "ab":
        by_group.send("the same", MessageGroupId=group)
    assert len(by_group.receive()) == 2


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"
)
def test_refused(aws: Any, refused: Any) -> None:
    queue = Queue(aws, FifoQueue="true")
    send, create = queue.sqs.send_message, queue.sqs.create_queue
    body = {"QueueUrl": queue.url, "MessageBody": "x"}
    for action, given, code, message in (
        (send, body, "MissingParameter", "The request must contain the parameter MessageGroupId."),
        (send, {**body, "MessageGroupId": "g"}, "InvalidParameterValue",
         "The queue should either have ContentBasedDeduplication enabled or "
         "MessageDeduplicationId provided explicitly"),
        (send, {**body, "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2},
         "InvalidParameterValue", "Value 2 for parameter DelaySeconds is invalid. Reason: The "
         "request include parameter that is not valid for this queue type."),
        (create, {"QueueName": "x.fifo"}, "InvalidParameterValue",
         "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"),
        (create, {"QueueName": "x", "Attributes": {"FifoQueue": "true"}}, "InvalidParameterValue",
         "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
         "underscores, must end with .fifo suffix and be 1 to 80 in length."),
    ):  # fmt: skip
        assert refused(action, **given)[:2] == (code, message)
