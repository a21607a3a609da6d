"""The stream of a DynamoDB table: which record each write leaves, and who may read it."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.stream_sources import SHOW, Table, events

DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/"
STREAMS = f"{DYNAMODB}developerguide/Streams.html"
RECORD = f"{DYNAMODB}APIReference/API_streams_StreamRecord.html"
TTL = f"{DYNAMODB}developerguide/time-to-live-ttl-streams.html"
UPDATE = f"{DYNAMODB}APIReference/API_UpdateTable.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "event_source_mapping/test_lambda_integration_dynamodbstreams.snapshot.json"
)

pytestmark = pytest.mark.aws_source(STREAMS)


@pytest.mark.aws_source(f"{sources.GUIDE}with-ddb.html", RECORD, RECORDED)
def test_the_event(aws: Any, make: Any) -> None:
    """A function gets the record that AWS was recorded sending, within a moment."""
    function, table = make(SHOW), Table(aws, "NEW_IMAGE")
    table.feeds(function, BatchSize=1)
    before = aws.clock.now().timestamp()
    table.put("hello world", binary_key={"B": b"foobar"})
    table.put("sets", list={"L": [{"B": b"\xff"}]}, set={"BS": [b"a", b"b"]}, n={"N": "1"})
    first, second = (event["Records"][0] for event in events(function, 2))
    change = first.pop("dynamodb")
    assert {key: first[key] for key in first if key != "eventID"} == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "eventSourceARN": table.arn,
    }
    created = change.pop("ApproximateCreationDateTime")
    assert isinstance(created, float)
    assert created % 1 == 0
    assert before - 2 < created < before + 60
    assert change.pop("SequenceNumber").isdigit()
    assert change == {
        "Keys": {"id": {"S": "hello world"}},
        "NewImage": {"id": {"S": "hello world"}, "binary_key": {"B": "Zm9vYmFy"}},
        "SizeBytes": 42,  # as recorded, with a key's name that is 14 bytes shorter, twice
        "StreamViewType": "NEW_IMAGE",
    }
    image = second["dynamodb"]["NewImage"]
    assert image["list"] == {"L": [{"B": base64.b64encode(b"\xff").decode()}]}
    assert sorted(image["set"]["BS"]) == ["YQ==", "Yg=="]
    assert first["eventID"] != second["eventID"]


@pytest.mark.aws_source(RECORD)
@pytest.mark.parametrize(
    ("view_type", "images"),
    [
        ("KEYS_ONLY", [[], [], []]),
        ("NEW_IMAGE", [["NewImage"], ["NewImage"], []]),
        ("OLD_IMAGE", [[], ["OldImage"], ["OldImage"]]),
        ("NEW_AND_OLD_IMAGES", [["NewImage"], ["NewImage", "OldImage"], ["OldImage"]]),
    ],
)
def test_view_types(aws: Any, view_type: str, images: list[list[str]]) -> None:
    table = Table(aws, view_type)
    table.put("a", size={"S": "A4"})
    table.put("a", size={"S": "A5"})
    table.delete("a")
    records = table.read()
    assert [one["eventName"] for one in records] == ["INSERT", "MODIFY", "REMOVE"]
    changes = [one["dynamodb"] for one in records]
    assert [sorted(change.keys() & {"NewImage", "OldImage"}) for change in changes] == images
    assert all(change["Keys"] == {"id": {"S": "a"}} for change in changes)
    assert {change["StreamViewType"] for change in changes} == {view_type}
    if view_type == "NEW_AND_OLD_IMAGES":
        assert changes[1]["OldImage"]["size"] == {"S": "A4"}
        assert changes[1]["NewImage"]["size"] == {"S": "A5"}
    numbers = [int(change["SequenceNumber"]) for change in changes]
    assert numbers == sorted(set(numbers))


def test_what_changes_nothing_is_silent(aws: Any) -> None:
    """A put or an update that leaves the item as it was, or deletes nothing, writes no record."""
    table = Table(aws)
    table.put("a", n={"N": "1"}, tags={"SS": ["x", "y"]})
    table.put("a", n={"N": "1"}, tags={"SS": ["y", "x"]})
    table.update("a", "SET n = :n", n={"N": "1.0"})
    table.delete("nobody")
    table.client.batch_write_item(
        RequestItems={
            table.name: [
                {"PutRequest": {"Item": {"id": {"S": "b"}}}},
                {"DeleteRequest": {"Key": {"id": {"S": "a"}}}},
            ]
        }
    )
    table.update("c", "SET n = :n", n={"N": "1"})  # makes the item
    shown = [(one["eventName"], one["dynamodb"]["Keys"]["id"]["S"]) for one in table.read()]
    assert shown == [("INSERT", "a"), ("INSERT", "b"), ("REMOVE", "a"), ("INSERT", "c")]
    assert table.read()[-1]["dynamodb"]["NewImage"] == {"id": {"S": "c"}, "n": {"N": "1"}}


@pytest.mark.aws_source(f"{DYNAMODB}developerguide/transaction-apis.html")
def test_transactions(aws: Any) -> None:
    """A transaction's changes appear when it has succeeded; a cancelled one leaves no trace."""
    table = Table(aws)
    table.put("stock", n={"N": "1"})

    def buy(name: str) -> list[dict[str, Any]]:
        order = {"Put": {"TableName": table.name, "Item": {"id": {"S": name}}}}
        take = {
            "TableName": table.name,
            "Key": {"id": {"S": "stock"}},
            "UpdateExpression": "SET n = n - :one",
            "ConditionExpression": "n >= :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        return [order, {"Update": take}]

    table.client.transact_write_items(TransactItems=buy("order 1"))
    with pytest.raises(table.client.exceptions.TransactionCanceledException):
        table.client.transact_write_items(TransactItems=buy("order 2"))
    table.put("after")
    names = [one["dynamodb"]["Keys"]["id"]["S"] for one in table.read()]
    assert names == ["stock", "order 1", "stock", "after"]


@pytest.mark.aws_source(
    f"{DYNAMODB}developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters"
)
def test_writers_do_not_disturb_each_other(aws: Any) -> None:
    """Twenty at once: each addition is seen once, in the answers and in the stream."""
    table = Table(aws)
    answers: list[int] = []

    def add() -> None:
        client = aws.client("dynamodb")
        for _ in range(5):
            answer = client.update_item(
                TableName=table.name,
                Key={"id": {"S": "orders"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
                ReturnValues="UPDATED_NEW",
            )
            answers.append(int(answer["Attributes"]["n"]["N"]))

    writers = [threading.Thread(target=add) for _ in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(answers) == list(range(1, 101))
    seen = [int(one["dynamodb"]["NewImage"]["n"]["N"]) for one in table.read()]
    assert seen == list(range(1, 101))


@pytest.mark.aws_source(TTL)
def test_expired_items(aws: Any, make: Any) -> None:
    """DynamoDB deletes them itself, and says in the record that it was no user."""
    function, table = make(SHOW), Table(aws)
    table.client.update_time_to_live(
        TableName=table.name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "gone_at"},
    )
    now = int(aws.clock.now().timestamp())
    table.put("soon", gone_at={"N": str(now + 3600)})
    table.put("later", gone_at={"N": str(now + 90_000)})
    table.put("long ago", gone_at={"N": "1"})  # more than five years: no time, DynamoDB thinks
    table.put("a text", gone_at={"S": str(now)})
    pattern = '{"userIdentity": {"type": ["Service"]}}'
    table.feeds(function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    aws.clock.advance(hours=2)
    (record,) = events(function)[0]["Records"]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {
        "type": "Service",
        "principalId": "dynamodb.amazonaws.com",
    }
    assert record["dynamodb"]["OldImage"]["id"] == {"S": "soon"}
    assert table.read()[-1]["userIdentity"] == {
        "Type": "Service",
        "PrincipalId": "dynamodb.amazonaws.com",
    }
    left = table.client.scan(TableName=table.name)["Items"]
    assert sorted(item["id"]["S"] for item in left) == ["a text", "later", "long ago"]


@pytest.mark.aws_source(f"{DYNAMODB}APIReference/API_streams_GetShardIterator.html")
def test_other_readers(aws: Any, make: Any, refused: Any) -> None:
    """A function takes nothing from the stream; records stay for 24 hours and no longer."""
    function, table = make(SHOW), Table(aws)
    table.feeds(function)
    table.put("a", "b")
    events(function)
    assert len(table.read()) == 2
    assert table.read("LATEST") == []
    streams = aws.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=table.arn)["StreamDescription"]["Shards"][0]
    shard_id = shard["ShardId"]
    where = {"StreamArn": table.arn, "ShardId": shard_id}
    second = table.read()[1]["dynamodb"]["SequenceNumber"]
    for kind, expected in (("AT_SEQUENCE_NUMBER", [second]), ("AFTER_SEQUENCE_NUMBER", [])):
        iterator = streams.get_shard_iterator(
            **where, ShardIteratorType=kind, SequenceNumber=second
        )["ShardIterator"]
        found = streams.get_records(ShardIterator=iterator)["Records"]
        assert [one["dynamodb"]["SequenceNumber"] for one in found] == expected
    aws.clock.advance(minutes=16)
    assert refused(streams.get_records, ShardIterator=iterator)[0] == "ExpiredIteratorException"
    aws.clock.advance(hours=24)
    table.put("c")
    assert [one["dynamodb"]["Keys"]["id"]["S"] for one in table.read()] == ["c"]
    trimmed = {**where, "ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": second}
    assert refused(streams.get_shard_iterator, **trimmed)[0] == "TrimmedDataAccessException"
    unknown = table.arn[:-3] + "000"
    assert refused(streams.describe_stream, StreamArn=unknown)[0] == "ResourceNotFoundException"
    where["ShardId"] = "shardId-00000000000000000000-00000000"
    code, _, _ = refused(streams.get_shard_iterator, **where, ShardIteratorType="LATEST")
    assert code == "ResourceNotFoundException"
    assert refused(streams.get_records, ShardIterator="nonsense")[0] == "ValidationException"


@pytest.mark.aws_source(UPDATE)
def test_a_stream_enabled_again_is_a_new_one(aws: Any, make: Any, refused: Any) -> None:
    """Its ARN is new, the old one can be read on, and its mapping sees nothing of the new."""
    function, table = make(SHOW), Table(aws, None)
    assert "LatestStreamArn" not in table.describe()
    update = table.client.update_table
    disable = {"TableName": table.name, "StreamSpecification": {"StreamEnabled": False}}
    enable = {
        "TableName": table.name,
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    }
    assert refused(update, **disable)[:2] == (
        "ValidationException",
        f"Table has no stream to disable: TableName: {table.name}",
    )
    update(**enable)
    assert refused(update, **enable)[:2] == (
        "ValidationException",
        f"Table already has an enabled stream: TableName: {table.name}",
    )
    first = table.describe()["LatestStreamArn"]
    assert first.endswith(f"/stream/{table.describe()['LatestStreamLabel']}")
    table.feeds(function, EventSourceArn=first)
    table.put("a")
    update(**disable)
    table.put("unseen")
    assert "StreamSpecification" not in table.describe()
    assert table.describe()["LatestStreamArn"] == first
    update(**enable)
    second = table.describe()["LatestStreamArn"]
    assert second != first
    table.put("b")
    table.client.delete_table(TableName=table.name)
    table.create("KEYS_ONLY")
    table.put("c")
    seen = [
        [one["dynamodb"]["Keys"]["id"]["S"] for one in table.read(arn=arn)]
        for arn in (first, second, table.arn)
    ]
    assert seen == [["a"], ["b"], ["c"]]
    streams = aws.client("dynamodbstreams")
    described = streams.describe_stream(StreamArn=second)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert described["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"]
    listed = streams.list_streams(TableName=table.name)["Streams"]
    assert [one["StreamArn"] for one in listed] == [first, second, table.arn]
    keys = [one["dynamodb"]["Keys"]["id"]["S"] for one in events(function)[0]["Records"]]
    assert keys == ["a"]
    aws.clock.advance(hours=25)
    listed = streams.list_streams(TableName=table.name)["Streams"]
    assert [one["StreamArn"] for one in listed] == [table.arn]
