"""Messages whose batch failed: visibility, partial failures, redrive, throttling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.sqs_queue import WORK, Queue, batches, with_dead_letters

ERRORS = f"{sources.GUIDE}services-sqs-errorhandling.html"
DEAD_LETTERS = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
    "sqs-dead-letter-queues.html"
)

pytestmark = pytest.mark.aws_source(ERRORS)

FAILS = """
import os, time
def handler(event, context):
    how = event["Records"][0]["body"]
    count = event["Records"][0]["attributes"]["ApproximateReceiveCount"]
    print("TRIED", how, count, flush=True)
    if how == "exception":
        raise ValueError("cannot print this")
    if how == "crash":
        os._exit(1)
    if how == "timeout":
        time.sleep(60)
"""


@pytest.mark.aws_source(DEAD_LETTERS)
def test_a_failed_batch_comes_back_and_ends_in_the_dead_letter_queue(aws: Any, make: Any) -> None:
    """However it failed: after the visibility timeout, as often as maxReceiveCount allows."""
    queue, dead = with_dead_letters(aws, 2)
    function = make(FAILS, Timeout=1)
    queue.feeds(function, BatchSize=1)
    queue.send("exception", "crash", "timeout", "fine")
    function.wait_for_log("TRIED", times=4)
    for times in (1, 2):
        aws.wait_until(lambda: queue.counts() == (0, 3, 0), what="three have failed")
        # While they are invisible nobody tries them again.
        assert sum("TRIED" in one for one in function.log_events()) == 1 + 3 * times
        function.wait_for_log("REPORT", times=1 + 3 * times)
        aws.clock.advance(seconds=31)
        if times == 1:
            function.wait_for_log("TRIED", times=7)
    aws.wait_until(lambda: dead.size() == 3, what="they are in the dead-letter queue")
    assert queue.size() == 0
    tried = sorted(one.split()[1:] for one in function.log_events() if one.startswith("TRIED"))
    assert tried == [
        [how, count] for how in ("crash", "exception", "fine", "timeout") for count in "12"
        if (how, count) != ("fine", "2")
    ]  # fmt: skip
    found = {one["Body"]: one["Attributes"] for one in dead.receive()}
    assert sorted(found) == ["crash", "exception", "timeout"]
    for attributes in found.values():
        assert attributes["DeadLetterQueueSourceArn"] == queue.arn


REPLIES = """
import json
def handler(event, context):
    ids = {record["body"]: record["messageId"] for record in event["Records"]}
    return eval(event["Records"][0]["messageAttributes"]["reply"]["stringValue"], {"ids": ids})
"""


def test_partial_batch_failures(aws: Any, make: Any) -> None:
    """Only what is reported comes back; a report that makes no sense means all of it."""
    cases = {
        "{'batchItemFailures': [{'itemIdentifier': ids['b']}]}": 1,
        "{'batchItemFailures': [{'itemIdentifier': i} for i in ids.values()]}": 3,
        # Success: an empty or null list, an empty or null response.
        "{'batchItemFailures': []}": 0,
        "{'batchItemFailures': None}": 0,
        "{}": 0,
        "None": 0,
        # Failure of the whole batch.
        "1 / 0": 3,
        "'a text'": 3,
        "[ids['a']]": 3,
        "{'batchItemFailures': 'b'}": 3,
        "{'batchItemFailures': [ids['b']]}": 3,
        "{'batchItemFailures': [{'itemIdentifier': ''}]}": 3,
        "{'batchItemFailures': [{'itemIdentifier': None}]}": 3,
        "{'batchItemFailures': [{'itemIdentifier': 7}]}": 3,
        "{'batchItemFailures': [{'wrongKey': ids['b']}]}": 3,
        "{'batchItemFailures': [{'itemIdentifier': 'nobody'}]}": 3,
        "{'batchItemFailures': [{'itemIdentifier': ids['a']}, {'itemIdentifier': 'nobody'}]}": 3,
    }
    function = make(REPLIES, Timeout=20)
    queues = {reply: Queue(aws) for reply in cases}
    for reply, queue in queues.items():
        attributes = {"reply": {"DataType": "String", "StringValue": reply}}
        queue.send("a", "b", "c", MessageAttributes=attributes)
        queue.feeds(function, FunctionResponseTypes=["ReportBatchItemFailures"])
    function.wait_for_log("REPORT", times=len(cases))

    def left() -> dict[str, int]:
        return {reply: queue.size() for reply, queue in queues.items()}

    aws.wait_until(lambda: left() == cases, seconds=15, what="what is left is right")
    assert left() == cases


def test_without_the_setting_a_report_means_nothing(aws: Any, make: Any) -> None:
    queue = Queue(aws)
    reply = "{'batchItemFailures': [{'itemIdentifier': i} for i in ids.values()]}"
    queue.send("a", MessageAttributes={"reply": {"DataType": "String", "StringValue": reply}})
    queue.feeds(make(REPLIES, Timeout=20))
    aws.wait_until(lambda: queue.size() == 0, what="the message is deleted")


def test_a_handler_changes_visibility_and_deletes_by_itself(aws: Any, make: Any) -> None:
    """A failed message comes back earlier; one that the handler deleted never."""
    queue = Queue(aws, VisibilityTimeout="600")
    function = make(
        """
        import boto3, json, os, time
        sqs = boto3.client("sqs")
        def handler(event, context):
            print("BATCH", json.dumps([time.time(), [one["body"] for one in event["Records"]]]))
            for record in event["Records"]:
                handle = dict(QueueUrl=os.environ["QUEUE"], ReceiptHandle=record["receiptHandle"])
                if record["body"] == "soon again":
                    sqs.change_message_visibility(VisibilityTimeout=5, **handle)
                else:
                    sqs.delete_message(**handle)
            raise ValueError("all failed")
        """,
        Environment={"Variables": {"QUEUE": queue.url}},
        Timeout=20,
    )
    queue.send("soon again", "done with")
    queue.feeds(function)
    function.wait_for_log("REPORT")
    aws.wait_until(lambda: queue.counts() == (0, 1, 0), what="one is left, in flight")
    aws.clock.advance(seconds=6)
    assert sorted(batches(function, 1)[0]) == ["done with", "soon again"]
    assert batches(function, 2)[1] == ["soon again"]


def test_throttling(aws: Any, make: Any) -> None:
    """Lambda tries a batch again until its messages can be seen again; only then they count as
    received once more."""
    function, queue = make(FAILS, Timeout=20), Queue(aws, VisibilityTimeout="60")
    limit = function.client.put_function_concurrency
    limit(FunctionName=function.name, ReservedConcurrentExecutions=0)
    queue.feeds(function, BatchSize=1)
    queue.send("first")
    aws.wait_until(lambda: queue.counts() == (0, 1, 0), what="it is taken")
    aws.clock.advance(seconds=3)
    function.client.delete_function_concurrency(FunctionName=function.name)
    aws.clock.advance(seconds=20)
    tried = [one.split() for one in function.wait_for_log("TRIED") if one.startswith("TRIED")]
    assert tried == [["TRIED", "first", "1"]]
    aws.wait_until(lambda: queue.size() == 0)
    limit(FunctionName=function.name, ReservedConcurrentExecutions=0)
    queue.send("second")
    aws.wait_until(lambda: queue.counts() == (0, 1, 0))
    aws.clock.advance(seconds=61)
    aws.wait_until(lambda: queue.counts() == (0, 1, 0), what="it is taken again")
    function.client.delete_function_concurrency(FunctionName=function.name)
    aws.clock.advance(seconds=20)
    tried = [one.split() for one in function.wait_for_log("second") if one.startswith("TRIED")]
    assert tried[-1][1] == "second"
    assert int(tried[-1][2]) >= 2


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_a_loop_through_a_queue_is_stopped(aws: Any, make: Any) -> None:
    """After 16 rounds the message goes the way of failed ones."""
    queue, dead = with_dead_letters(aws, 1)
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
    aws.wait_until(lambda: queue.counts() == (0, 1, 0))
    aws.clock.advance(seconds=31)
    aws.wait_until(lambda: dead.size() == 1, what="the stopped message is dead-lettered")
    rounds = [int(one.split()[1]) for one in function.log_events() if one.startswith("round ")]
    assert sorted(rounds) == list(range(1, 17))


@pytest.mark.aws_source(DEAD_LETTERS)
def test_a_function_on_the_dead_letter_queue(aws: Any, make: Any) -> None:
    """It is a queue like any other: what fails in one function is handled by another."""
    queue, dead = with_dead_letters(aws, 1)
    queue.feeds(make(WORK, Timeout=20))
    handled = make(
        """
        import json
        def handler(event, context): print("DEAD", json.dumps(event["Records"][0]))
        """,
        Timeout=20,
    )
    dead.feeds(handled)
    queue.send("poison")
    aws.wait_until(lambda: queue.counts() == (0, 1, 0))
    aws.clock.advance(seconds=31)
    line = next(one for one in handled.wait_for_log("DEAD") if one.startswith("DEAD"))
    record = json.loads(line[5:])
    assert record["eventSourceARN"] == dead.arn
    assert record["attributes"]["DeadLetterQueueSourceArn"] == queue.arn
    assert record["attributes"]["ApproximateReceiveCount"] == "2"
