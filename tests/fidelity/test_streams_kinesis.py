"""Kinesis data streams: records, shards, resharding, retention, consumers, and their mappings."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.stream_sources import SHOW, WORK, Stream, batches, events

KINESIS = f"{sources.GUIDE}with-kinesis.html"
CONCEPTS = "https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html"
RESHARDING = "https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html"
CONSUMERS = "https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html"
RETENTION = "https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html"

pytestmark = pytest.mark.aws_source(KINESIS)


def names_of(event: dict[str, Any]) -> list[str]:
    return [base64.b64decode(one["kinesis"]["data"]).decode() for one in event["Records"]]


def test_the_event(aws: Any, make: Any) -> None:
    function, stream = make(SHOW), Stream(aws)
    stream.feeds(function)
    (put,) = stream.put("hello", key="customer 7")
    (record,) = events(function)[0]["Records"]
    arrived = record["kinesis"].pop("approximateArrivalTimestamp")
    assert abs(arrived - aws.clock.now().timestamp()) < 60
    assert len(put["SequenceNumber"]) == 56
    role = function.client.get_function_configuration(FunctionName=function.name)["Role"]
    assert record == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "customer 7",
            "sequenceNumber": put["SequenceNumber"],
            "data": "aGVsbG8=",
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{put['ShardId']}:{put['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": "us-east-1",
        "eventSourceARN": stream.arn,
    }


@pytest.mark.aws_source(CONCEPTS)
def test_shards(aws: Any, make: Any) -> None:
    """A key's records are in one shard, in order; a batch is of one shard; a poison blocks one."""
    function, stream = make(WORK), Stream(aws, shards=2)

    def produce(key: str) -> None:
        client = aws.client("kinesis")
        for number in range(10):
            client.put_record(
                StreamName=stream.name, Data=f"{key}{number}".encode(), PartitionKey=key
            )

    producers = [threading.Thread(target=produce, args=(key,)) for key in "abcdef"]
    for producer in producers:
        producer.start()
    for producer in producers:
        producer.join()
    shard_of = {key: stream.put(f"{key}10", key=key)[0]["ShardId"] for key in "abcdef"}
    assert len(set(shard_of.values())) == 2
    numbers = [one["SequenceNumber"] for key in "abcdef" for one in stream.put("x", key=key)]
    assert len(set(numbers)) == 6
    stream.feeds(function, BatchSize=7)
    aws.wait_until(lambda: sum(len(one) for one in batches(function, 2)) == 72)
    got = batches(function, 2)
    for key in "abcdef":
        mine = [name for batch in got for name in batch if name[0] == key]
        assert mine == [f"{key}{number}" for number in range(11)]
    for batch in got:
        assert len({shard_of[name[0]] for name in batch if name != "x"}) <= 1


def test_a_time_to_start_from(aws: Any, make: Any) -> None:
    function, stream = make(WORK), Stream(aws)
    stream.put("a")
    aws.clock.advance(hours=1)
    moment = aws.clock.now()
    aws.clock.advance(seconds=1)
    stream.put("b")
    uuid = stream.feeds(function, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    assert batches(function, 1) == [["b"]]
    shown = function.client.get_event_source_mapping(UUID=uuid)
    assert abs((shown["StartingPositionTimestamp"] - moment).total_seconds()) < 1


@pytest.mark.aws_source(RESHARDING)
def test_resharding(aws: Any, make: Any) -> None:
    """A closed shard keeps its records; they are processed before those of its children."""
    function, stream = make(WORK), Stream(aws)
    stream.put("a!2", "b")
    stream.feeds(function, BatchSize=1)
    (shard,) = stream.shards()
    middle = str(2**127)
    stream.client.split_shard(
        StreamName=stream.name, ShardToSplit=shard["ShardId"], NewStartingHashKey=middle
    )
    put = {key: stream.put(f"{key}1", key=key)[0]["ShardId"] for key in "ab"}
    assert shard["ShardId"] not in put.values()
    children = [one["ShardId"] for one in stream.shards() if one.get("ParentShardId")]
    stream.client.merge_shards(
        StreamName=stream.name, ShardToMerge=children[0], AdjacentShardToMerge=children[1]
    )
    stream.put("c1", key="c")
    got = [name for batch in batches(function, 7) for name in batch]
    assert got[:4] == ["a!2", "a!2", "a!2", "b"]
    assert sorted(got[4:6]) == ["a1", "b1"]
    assert got[6:] == ["c1"]
    iterator = stream.client.get_shard_iterator(
        StreamName=stream.name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    kept = stream.client.get_records(ShardIterator=iterator)["Records"]
    assert [one["Data"] for one in kept] == [b"a!2", b"b"]


@pytest.mark.aws_source(RETENTION)
def test_retention(aws: Any) -> None:
    """A day, or as long as the stream is told."""
    stream, long = Stream(aws), Stream(aws)
    long.client.increase_stream_retention_period(StreamName=long.name, RetentionPeriodHours=48)
    counts = []
    for one in (stream, long):
        one.put("a")
    aws.clock.advance(hours=25)
    for one in (stream, long):
        one.put("b")
        iterator = one.client.get_shard_iterator(
            StreamName=one.name,
            ShardId=one.shards()[0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        counts.append(len(one.client.get_records(ShardIterator=iterator)["Records"]))
    assert counts == [1, 2]


@pytest.mark.aws_source(CONSUMERS)
def test_a_consumer_as_source(aws: Any, make: Any, refused: Any) -> None:
    """Enhanced fan-out: the mapping names the consumer in place of the stream."""
    function, stream = make(SHOW), Stream(aws)
    consumer = stream.client.register_stream_consumer(StreamARN=stream.arn, ConsumerName="printer")[
        "Consumer"
    ]["ConsumerARN"]
    stream.feeds(function, EventSourceArn=consumer)
    stream.put("a")
    assert names_of(events(function)[0]) == ["a"]
    assert events(function)[0]["Records"][0]["eventSourceARN"] == consumer
    unknown = consumer.replace("printer", "nobody")
    code, message, _ = refused(
        function.client.create_event_source_mapping,
        FunctionName=function.name,
        EventSourceArn=unknown,
        StartingPosition="LATEST",
    )
    assert (code, message) == (
        "InvalidParameterValueException",
        f"Stream not found: {unknown}",
    )


def test_a_stream_made_again(aws: Any, make: Any) -> None:
    """It has the same ARN; its mapping goes on with what is new."""
    function, stream = make(WORK), Stream(aws)
    stream.feeds(function)
    stream.put("a")
    batches(function, 1)
    stream.client.delete_stream(StreamName=stream.name)
    stream.client.create_stream(StreamName=stream.name, ShardCount=1)
    stream.put("b")
    assert batches(function, 2) == [["a"], ["b"]]
