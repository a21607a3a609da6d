"""What happens to a stream's records when the function fails: retries, reports, destinations."""

from __future__ import annotations

import json
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.roles import lets_in
from tests.fidelity.stream_sources import SHOW, WORK, Stream, Table, batches, events, result

ERRORS = f"{sources.GUIDE}services-dynamodb-errors.html"
KINESIS_ERRORS = f"{sources.GUIDE}kinesis-on-failure-destination.html"
REPORTS = f"{sources.GUIDE}services-ddb-batchfailurereporting.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "event_source_mapping/test_lambda_integration_kinesis.snapshot.json"
)
REPORTING = {"Environment": {"Variables": {"REPORT": "1"}}}
WITH_REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}

pytestmark = pytest.mark.aws_source(ERRORS)


class Queue:
    """A destination."""

    def __init__(self, aws: Any, name: str) -> None:
        self.aws, self.sqs = aws, aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"

    def documents(self, count: int = 1) -> list[dict[str, Any]]:
        """What has arrived, once there are that many."""
        found: list[dict[str, Any]] = []

        def all_there() -> bool:
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            for one in answer.get("Messages", []):
                found.append(json.loads(one["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
            return len(found) >= count

        self.aws.wait_until(all_there, what=f"{count} records have arrived at the destination")
        return found


@pytest.fixture(scope="module")
def queue(aws: Any) -> Queue:
    return Queue(aws, "discarded")


def failing(target: Any) -> dict[str, Any]:
    return {"DestinationConfig": {"OnFailure": {"Destination": target.arn}}}


def test_a_failed_batch_blocks_its_shard(aws: Any, make: Any) -> None:
    """It is tried again until it succeeds, and nothing behind it goes before: at least once."""
    function, table = make(WORK), Table(aws)
    table.put("a", "b!2", "c")
    uuid = table.feeds(function, BatchSize=2)
    got = batches(function, 4)
    assert got == [["a", "b!2"], ["a", "b!2"], ["a", "b!2"], ["c"]]
    aws.wait_until(lambda: result(function, uuid) == "OK")


def test_retries_exhausted(aws: Any, make: Any, queue: Queue) -> None:
    """After MaximumRetryAttempts the batch goes to the destination, and the next one comes."""
    function, table = make(WORK), Table(aws)
    table.put("a!9", "b")
    uuid = table.feeds(function, BatchSize=1, MaximumRetryAttempts=1, **failing(queue))
    assert batches(function, 3) == [["a!9"], ["a!9"], ["b"]]
    (document,) = queue.documents()
    number = table.read()[0]["dynamodb"]["SequenceNumber"]
    shard = aws.client("dynamodbstreams").describe_stream(StreamArn=table.arn)
    batch = document["DDBStreamBatchInfo"]
    assert batch["approximateArrivalOfFirstRecord"] == batch["approximateArrivalOfLastRecord"]
    assert len(batch.pop("approximateArrivalOfFirstRecord")) == len("2019-11-14T00:13:19Z")
    assert batch.pop("approximateArrivalOfLastRecord").endswith("Z")
    assert len(document.pop("timestamp")) == len("2019-11-14T00:13:49.717Z")
    assert len(document["requestContext"].pop("requestId")) == 36
    assert document == {
        "requestContext": {
            "functionArn": function.arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "DDBStreamBatchInfo": {
            "shardId": shard["StreamDescription"]["Shards"][0]["ShardId"],
            "startSequenceNumber": number,
            "endSequenceNumber": number,
            "batchSize": 1,
            "streamArn": table.arn,
        },
    }
    aws.wait_until(lambda: result(function, uuid) == "OK")


def test_bisect(aws: Any, make: Any, queue: Queue) -> None:
    """A failed batch is halved until the bad record stands alone; that uses up no retry."""
    function, table = make(WORK), Table(aws)
    table.put("a", "b", "c!9", "d")
    table.feeds(function, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, **failing(queue))
    assert batches(function, 6) == [
        ["a", "b", "c!9", "d"],
        ["a", "b"],
        ["c!9", "d"],
        ["c!9"],
        ["c!9"],
        ["d"],
    ]
    assert queue.documents()[0]["DDBStreamBatchInfo"]["batchSize"] == 1


@pytest.mark.aws_source(REPORTS)
def test_reported_failures(aws: Any, make: Any, queue: Queue) -> None:
    """The batch goes on at the record that the handler names."""
    function, table = make(WORK, **REPORTING), Table(aws)
    table.put("a", "b!1", "c", "d!9")
    table.feeds(function, MaximumRetryAttempts=2, **WITH_REPORTS, **failing(queue))
    (document,) = queue.documents()
    assert batches(function, 4) == [
        ["a", "b!1", "c", "d!9"],
        ["b!1", "c", "d!9"],
        ["d!9"],
        ["d!9"],
    ]
    assert document["DDBStreamBatchInfo"]["batchSize"] == 1
    assert document["responseContext"]["functionError"] is None


@pytest.mark.aws_source(REPORTS, RECORDED)
@pytest.mark.parametrize(
    ("reply", "done"),
    [
        ({"batchItemFailures": []}, 3),
        ({"batchItemFailures": None}, 3),
        ({}, 3),
        (None, 3),
        ("", 3),
        ([], 3),
        ({"other": "text"}, 3),
        ({"batchItemFailures": [{"itemIdentifier": "12"}]}, 1),
        ({"batchItemFailures": [{"itemIdentifier": "13"}, {"itemIdentifier": "12"}]}, 1),
        ({"batchItemFailures": [{"itemIdentifier": "11"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, 0),
        ({"batchItemFailures": [{"foo": "12"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": "13"}, {"itemIdentifier": "unknown"}]}, 0),
        ({"batchItemFailures": "12"}, 0),
        ("a text", 0),
    ],
)
def test_every_kind_of_report(reply: Any, done: int) -> None:
    """Where a batch of the records 11, 12 and 13 goes on."""
    from helpers.localaws.triggers.streams.reports import first_failure

    failed_at = first_failure(json.dumps(reply).encode(), ["11", "12", "13"])
    assert (3 if failed_at is None else failed_at) == done


@pytest.mark.aws_source(KINESIS_ERRORS, RECORDED)
def test_too_old(aws: Any, make: Any, queue: Queue) -> None:
    """Records older than MaximumRecordAgeInSeconds are given up, the younger ones still tried."""
    function, stream = make(WORK), Stream(aws)
    stream.put("old 1", "old 2")
    aws.clock.advance(seconds=61)
    stream.put("young", "poison!9", "after")
    stream.feeds(function, BatchSize=1, MaximumRecordAgeInSeconds=60, **failing(queue))
    assert batches(function, 2)[:2] == [["young"], ["poison!9"]]
    first, second = queue.documents(2)
    aws.clock.advance(seconds=61)
    document = queue.documents(1)[0]
    assert [one["KinesisBatchInfo"]["batchSize"] for one in (first, second, document)] == [1, 1, 1]
    assert "responseContext" not in document
    assert document["requestContext"]["condition"] == "RecordAgeExceeded"
    arrived = document["KinesisBatchInfo"]["approximateArrivalOfFirstRecord"]
    assert len(arrived) == len("2019-11-14T00:13:19.123Z")
    assert ["after"] not in batches(function, 2)  # it has grown too old behind the poison


def test_expired_in_the_stream(aws: Any, make: Any) -> None:
    """Without limits a bad record blocks its shard until the stream forgets it, after a day."""
    function, table = make(WORK), Table(aws)
    table.put("poison!99")
    table.feeds(function)
    batches(function, 2)
    aws.clock.advance(hours=23)
    table.put("a")
    assert ["a"] not in batches(function, 3)
    aws.clock.advance(hours=2)
    aws.wait_until(lambda: batches(function, 3)[-1] == ["a"], what="the shard is free")


def test_throttled(aws: Any, make: Any) -> None:
    """A throttle is no failed attempt: the batch waits, whatever MaximumRetryAttempts says."""
    function, table = make(WORK), Table(aws)
    limit = {"FunctionName": function.name, "ReservedConcurrentExecutions": 0}
    function.client.put_function_concurrency(**limit)
    uuid = table.feeds(function, MaximumRetryAttempts=0)
    table.put("a")
    aws.wait_until(lambda: "throttled" in result(function, uuid))
    function.client.delete_function_concurrency(FunctionName=function.name)
    aws.clock.advance(minutes=1)
    assert batches(function, 1) == [["a"]]


def test_destinations_in_s3_and_sns(aws: Any, make: Any, queue: Queue) -> None:
    """A bucket gets the records as well, under a name that tells mapping and shard."""
    s3, sns = aws.client("s3"), aws.client("sns")
    s3.create_bucket(Bucket="discarded")
    topic = sns.create_topic(Name="discarded")["TopicArn"]
    policy = {"Policy": lets_in("sns", queue.arn, topic)}
    aws.client("sqs").set_queue_attributes(QueueUrl=queue.url, Attributes=policy)
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    function, stream = make(WORK), Stream(aws)
    stream.put("a!9")
    once = {"MaximumRetryAttempts": 0}
    in_bucket = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::discarded"}}}
    uuid = stream.feeds(function, **once, **in_bucket)

    def objects() -> list[Any]:
        found: list[Any] = s3.list_objects_v2(Bucket="discarded").get("Contents", [])
        return found

    aws.wait_until(objects)
    key = objects()[0]["Key"]
    today = f"{aws.clock.now():%Y/%m/%d/%Y-%m-%dT}"
    assert key.startswith(f"aws/lambda/{uuid}/shardId-000000000000/{today}")
    document = json.loads(s3.get_object(Bucket="discarded", Key=key)["Body"].read())
    event = json.loads(document["payload"])
    assert event["Records"][0]["kinesis"]["data"] == "YSE5"
    assert document["KinesisBatchInfo"]["streamArn"] == stream.arn
    function.client.delete_event_source_mapping(UUID=uuid)
    to_topic = {"DestinationConfig": {"OnFailure": {"Destination": topic}}}
    uuid = stream.feeds(make(WORK), **once, **to_topic)
    (document,) = queue.documents()
    assert "payload" not in document
    assert document["KinesisBatchInfo"]["batchSize"] == 1
    config = function.client.update_event_source_mapping(
        UUID=uuid, DestinationConfig={"OnFailure": {"Destination": ""}}
    )
    assert config["DestinationConfig"] == {"OnFailure": {}}


@pytest.mark.aws_source(f"{sources.GUIDE}monitoring-metrics-types.html")
def test_iterator_age(aws: Any, make: Any) -> None:
    """How old a batch's last record is when the function gets it, in milliseconds."""
    function, table = make(SHOW), Table(aws)
    table.put("a")
    aws.clock.advance(minutes=10)
    table.feeds(function)
    events(function)

    def age() -> float:
        now = aws.clock.now()
        (series,) = aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "age",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/Lambda",
                            "MetricName": "IteratorAge",
                            "Dimensions": [{"Name": "FunctionName", "Value": function.name}],
                        },
                        "Period": 60,
                        "Stat": "Maximum",
                    },
                }
            ],
            StartTime=now.replace(second=0) - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
        )["MetricDataResults"]
        return float(max(series["Values"], default=0))

    aws.wait_until(lambda: 600_000 <= age() < 700_000)


@pytest.mark.aws_source("https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/")
@pytest.mark.parametrize("kind", ["DynamoDBStreams", "KinesisDataStreams"])
def test_powertools(aws: Any, make: Any, kind: str) -> None:
    """The batch processor that many functions use reads our records, and we its report."""
    packages = Path(sysconfig.get_paths()["purelib"])
    files: dict[str, str | bytes] = {
        "app.py": f"""
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor, EventType, process_partial_response)
processor = BatchProcessor(event_type=EventType.{kind})
tries = {{}}
def one(record):
    if hasattr(record, "kinesis"):
        name = record.kinesis.data_as_text()
    else:
        name = record.dynamodb.new_image["id"]
    tries[name] = tries.get(name, 0) + 1
    print("TRIED", name)
    if name == "bad" and tries[name] < 3:
        raise ValueError(name)
def handler(event, context):
    return process_partial_response(event, one, processor, context)
"""
    }
    for package in ("aws_lambda_powertools", "jmespath", "typing_extensions.py"):
        found = packages / package
        for path in [found] if found.is_file() else found.rglob("*.py"):
            files[str(path.relative_to(packages))] = path.read_bytes()
    function = make(files, Timeout=30)
    source = Table(aws) if kind == "DynamoDBStreams" else Stream(aws)
    source.put("good", "bad", "last")
    uuid = source.feeds(function, **WITH_REPORTS)
    function.wait_for_log("TRIED last", times=3)
    tried = [one.split()[1] for one in function.log_events() if one.startswith("TRIED")]
    assert tried == ["good", "bad", "last", "bad", "last", "bad", "last"]
    aws.wait_until(lambda: result(function, uuid) == "OK")
