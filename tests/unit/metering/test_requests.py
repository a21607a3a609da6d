"""What one request adds to the bill: sizes, batches, kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from helpers.cloud.metering import reports
from helpers.cloud.metering.lifetimes import Lifetimes
from helpers.cloud.metering.observed import count_transitions
from helpers.cloud.metering.requests import used
from helpers.cloud.metering.sizes import item_size

KB = 1024
QUEUE = {"QueueUrl": "https://sqs/1/orders"}
FIFO = {"QueueUrl": "https://sqs/1/orders.fifo"}


@pytest.mark.aws_source(
    "https://aws.amazon.com/sqs/pricing/",
    "https://aws.amazon.com/sns/pricing/",
    "https://aws.amazon.com/eventbridge/pricing/",
    "https://aws.amazon.com/s3/pricing/",
    "https://aws.amazon.com/kinesis/data-streams/pricing/",
    "https://aws.amazon.com/cloudwatch/pricing/",
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
)
@pytest.mark.parametrize(
    ("service", "operation", "asked", "reply", "expected"),
    [
        ("sqs", "SendMessage", {**QUEUE, "MessageBody": "x"}, {}, {"sqs.standard": 1}),
        ("sqs", "SendMessage", {**QUEUE, "MessageBody": "x" * 64 * KB}, {}, {"sqs.standard": 1}),
        ("sqs", "SendMessage", {**QUEUE, "MessageBody": "x" * 64 * KB + "y"}, {},
         {"sqs.standard": 2}),
        ("sqs", "SendMessageBatch", {**FIFO, "Entries": [{"MessageBody": "ü" * 32 * KB}] * 3}, {},
         {"sqs.fifo": 3}),
        ("sqs", "ReceiveMessage", QUEUE, {}, {"sqs.standard": 1}),
        ("sqs", "ReceiveMessage", FIFO, {"Messages": [{"Body": "x" * 65 * KB}]}, {"sqs.fifo": 2}),
        ("sqs", "GetQueueAttributes", FIFO, {}, {"sqs.standard": 1}),
        ("sns", "Publish", {"Message": "x" * 256 * KB}, {}, {"sns.requests": 4}),
        ("sns", "Subscribe", {}, {}, {"sns.requests": 1}),
        ("events", "PutEvents", {"Entries": [{"Detail": "{}"}, {"Detail": "x" * 256 * KB}]}, {},
         {"events.custom": 5}),
        ("events", "PutRule", {}, {}, {}),
        ("s3", "PutObject", {}, {}, {"s3.writes": 1}),
        ("s3", "ListObjectsV2", {}, {}, {"s3.writes": 1}),
        ("s3", "HeadObject", {}, {}, {"s3.reads": 1}),
        ("s3", "DeleteObject", {}, {}, {}),
        ("s3", "AbortMultipartUpload", {}, {}, {}),
        ("kinesis", "PutRecord", {"Data": b"x" * 26 * KB}, {}, {"kinesis.puts": 2}),
        ("kinesis", "PutRecords", {"Records": [{"Data": b"x"}] * 5}, {}, {"kinesis.puts": 5}),
        ("kinesis", "GetRecords", {}, {}, {}),
        ("cloudwatch", "GetMetricData", {"MetricDataQueries": [{"MetricStat": {}}] * 3}, {},
         {"cloudwatch.get_metric_data": 3}),
        ("cloudwatch", "PutMetricData", {}, {}, {"cloudwatch.requests": 1}),
        ("xray", "GetTraceSummaries", {}, {"TracesProcessedCount": 7}, {"xray.read": 7}),
        ("kms", "Sign", {"SigningAlgorithm": "ECDSA_SHA_256"}, {}, {"kms.requests": 1}),
        ("kms", "Encrypt", {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, {}, {"kms.asymmetric": 1}),
        ("iam", "CreateRole", {}, {}, {}),
        ("lambda", "CreateFunction", {}, {}, {}),
        ("dynamodb", "PutItem", {"Item": {"id": {"S": "a"}}}, {}, {"dynamodb.writes": 1}),
        ("dynamodb", "PutItem", {"Item": {"id": "a", "text": "x" * 1500}}, {},
         {"dynamodb.writes": 2}),
        ("dynamodb", "GetItem", {}, {"Item": {"id": "a"}}, {"dynamodb.reads": Decimal("0.5")}),
        ("dynamodb", "GetItem", {"ConsistentRead": True}, {"Item": {"t": {"S": "x" * 8000}}},
         {"dynamodb.reads": 2}),
        ("dynamodb", "Query", {}, {"Items": [{"t": {"S": "x" * 3000}}], "Count": 1,
                                   "ScannedCount": 4}, {"dynamodb.reads": Decimal("1.5")}),
        ("dynamodb", "BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": {"Item": {}}},
                                                               {"DeleteRequest": {}}]}}, {},
         {"dynamodb.writes": 2}),
        ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"Item": {"a": "b"}}},
                                                              {"Update": {}}]}, {},
         {"dynamodb.writes": 4}),
        ("dynamodb", "UpdateItem", {}, {"ConsumedCapacity": {"CapacityUnits": 3.5}},
         {"dynamodb.writes": Decimal("3.5")}),
        ("dynamodb", "CreateTable", {}, {}, {}),
        ("dynamodbstreams", "GetRecords", {}, {}, {"dynamodb.streams": 1}),
        ("stepfunctions", "StartSyncExecution", {},
         {"billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 1000}},
         {"states.express.requests": 1, "states.express.duration": Decimal("0.0625")}),
    ],
)  # fmt: skip
def test_a_request_costs(
    service: str, operation: str, asked: Any, reply: Any, expected: dict[str, Any]
) -> None:
    assert used(service, operation, asked, reply) == expected


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"
)
def test_items_are_as_large_typed_as_untyped() -> None:
    typed = {"id": {"S": "abc"}, "n": {"N": "12"}, "m": {"M": {"x": {"L": [{"BOOL": True}]}}}}
    assert item_size(typed) == item_size({"id": "abc", "n": 12, "m": {"x": [True]}})


LINE = (
    "REPORT RequestId: 1\tDuration: 2.21 ms\tBilled Duration: 103 ms\tMemory Size: 512 MB\t"
    "Max Memory Used: 40 MB\tInit Duration: 100.10 ms\t\n"
)
EVENT = (
    '{"time":"x","type":"platform.report","record":{"requestId":"1","metrics":'
    '{"durationMs":2.2,"billedDurationMs":103,"memorySizeMB":512,"maxMemoryUsedMB":40}}}'
)


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html"
)
def test_reports_are_read_in_both_formats_and_nothing_else_is() -> None:
    noise = ["START RequestId: 1", '{"type":"platform.report"}', "{broken", "REPORT RequestId: 2"]
    found = reports.read([LINE, EVENT, *noise, f"{LINE.strip()}\tXRAY TraceId: 1\tSampled: true"])
    assert [one.gb_seconds for one in found] == [Decimal("0.0515")] * 3
    assert [one.traced for one in found] == [False, False, True]


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONTH = Decimal(1) / 730


@pytest.mark.aws_source(
    "https://aws.amazon.com/kms/pricing/",
    "https://aws.amazon.com/secrets-manager/pricing/",
    "https://aws.amazon.com/kinesis/data-streams/pricing/",
)
def test_what_is_paid_by_the_hour() -> None:
    """Started hours count whole; a key that waits for its deletion is free; put again is no new."""
    kept = Lifetimes()
    kept.note("kms", "CreateKey", {}, {"KeyMetadata": {"KeyId": "k1"}}, lambda: NOW)
    kept.note("secretsmanager", "CreateSecret", {"Name": "s"}, {"Name": "s"}, lambda: NOW)
    kept.note("kinesis", "CreateStream", {"StreamName": "o", "ShardCount": 2}, {}, lambda: NOW)
    alarm = {"AlarmName": "a", "Period": 60}
    kept.note("cloudwatch", "PutMetricAlarm", alarm, {}, lambda: NOW)
    assert kept.used(NOW)["kms.keys"] == MONTH  # the first hour is started at once
    later = NOW + timedelta(minutes=90)
    kept.note("cloudwatch", "PutMetricAlarm", alarm, {}, lambda: later)
    arn = "arn:aws:kms:us-east-1:1:key/k1"
    kept.note("kms", "ScheduleKeyDeletion", {"KeyId": arn}, {"KeyId": arn}, lambda: later)
    kept.note("kinesis", "DeleteStream", {"StreamName": "o"}, {}, lambda: later)
    in_the_end = kept.used(NOW + timedelta(hours=10))
    assert in_the_end["kms.keys"] == 2 * MONTH
    assert in_the_end["kinesis.shards"] == 4
    assert in_the_end["secretsmanager.secrets"] == 10 * MONTH
    assert in_the_end["cloudwatch.alarms"] == 10 * MONTH


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html"
)
def test_shards_that_are_split_and_merged() -> None:
    """A shard that is split takes nothing any more, and two new ones are open."""
    kept, split = Lifetimes(), NOW + timedelta(minutes=30)
    stream = {"StreamName": "o"}
    kept.note("kinesis", "CreateStream", {**stream, "ShardCount": 3}, {}, lambda: NOW)
    assert kept.first_step("kinesis", "SplitShard", stream) == {"kinesis.shards": 2}
    kept.note("kinesis", "SplitShard", stream, {}, lambda: split)
    assert kept.used(split) == {"kinesis.shards": 3 + 2}
    kept.note("kinesis", "SplitShard", {"StreamARN": "a:stream/o"}, {}, lambda: split)
    kept.note("kinesis", "MergeShards", stream, {}, lambda: split + timedelta(minutes=70))
    # Three for two hours, one for two, one for two that is merged then, and three that were new.
    assert kept.used(NOW + timedelta(minutes=110)) == {"kinesis.shards": 6 + 2 + 2 + 3}
    kept.note("kinesis", "DeleteStream", stream, {}, lambda: NOW + timedelta(minutes=110))
    assert kept.used(NOW + timedelta(hours=20)) == {"kinesis.shards": 13}


@pytest.mark.aws_source("https://aws.amazon.com/lambda/pricing/")
def test_provisioned_concurrency_is_paid_in_steps_of_five_minutes() -> None:
    kept = Lifetimes()
    asked = {"FunctionName": "f", "Qualifier": "live", "ProvisionedConcurrentExecutions": 10}
    kept.note_provisioned("PutProvisionedConcurrencyConfig", asked, 1024, "arm64", lambda: NOW)
    soon = NOW + timedelta(minutes=6)
    kept.note_provisioned("DeleteFunction", {"FunctionName": "f"}, 0, "", lambda: soon)
    assert kept.used(soon) == {"lambda.provisioned.arm64": Decimal(10 * 600)}


@pytest.mark.aws_source("https://aws.amazon.com/step-functions/pricing/")
def test_a_retry_is_a_transition_too() -> None:
    history = [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered",
        "TaskScheduled", "TaskStarted", "TaskFailed", "TaskScheduled", "TaskStarted",
        "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert count_transitions(history) == 3
