"""Tables and Kinesis streams under test, and a handler that says what it got."""

from __future__ import annotations

import itertools
import json
from typing import Any

_numbers = itertools.count(1)

#: Prints each batch. A record called ``x!2`` fails on its first two attempts, one called ``x!9`` as
#: good as always. With REPORT in the environment it reports the failure, else it raises.
WORK = """
import base64, json, os, time
seen = {}

def name(record):
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return record["dynamodb"]["Keys"]["id"]["S"]

def number(record):
    return record.get("kinesis", record.get("dynamodb")).get("sequenceNumber") or record[
        "dynamodb"]["SequenceNumber"]

def handler(event, context):
    print("BATCH", json.dumps([time.time(), [name(record) for record in event["Records"]]]))
    for record in event["Records"]:
        one = name(record)
        seen[one] = seen.get(one, 0) + 1
        if seen[one] <= int(one.partition("!")[2] or 0):
            if os.environ.get("REPORT"):
                return {"batchItemFailures": [{"itemIdentifier": number(record)}]}
            raise ValueError(one)
"""

#: Prints the whole event.
SHOW = "import json\ndef handler(event, context): print('EVENT', json.dumps(event))"


class Source:
    """What tables and streams have in common."""

    arn: str

    def __init__(self, aws: Any) -> None:
        self.aws = aws

    def feeds(self, function: Any, **settings: Any) -> str:
        """Map the stream to the function; return the mapping's UUID."""
        uuid: str = function.client.create_event_source_mapping(
            FunctionName=function.name,
            EventSourceArn=settings.pop("EventSourceArn", self.arn),
            **{"StartingPosition": "TRIM_HORIZON", **settings},
        )["UUID"]
        return uuid


class Table(Source):
    """A table with a stream, whose key is ``id``."""

    def __init__(self, aws: Any, view_type: str | None = "NEW_AND_OLD_IMAGES") -> None:
        super().__init__(aws)
        self.client = aws.client("dynamodb")
        self.name = f"orders-{next(_numbers)}"
        self.create(view_type)

    def create(self, view_type: str | None) -> None:
        stream = {"StreamEnabled": True, "StreamViewType": view_type} if view_type else None
        self.client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"StreamSpecification": stream} if stream else {}),
        )
        self.arn = self.describe().get("LatestStreamArn", "")

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_table(TableName=self.name)["Table"]
        return found

    def put(self, *names: str, **attributes: Any) -> None:
        for name in names:
            self.client.put_item(TableName=self.name, Item={"id": {"S": name}, **attributes})

    def update(self, name: str, expression: str, **values: Any) -> Any:
        more = {f":{key}": value for key, value in values.items()}
        return self.client.update_item(
            TableName=self.name,
            Key={"id": {"S": name}},
            UpdateExpression=expression,
            **({"ExpressionAttributeValues": more} if more else {}),
        )

    def delete(self, name: str) -> None:
        self.client.delete_item(TableName=self.name, Key={"id": {"S": name}})

    def read(self, kind: str = "TRIM_HORIZON", arn: str = "") -> list[dict[str, Any]]:
        """All records, through the DynamoDB Streams API."""
        streams = self.aws.client("dynamodbstreams")
        arn = arn or self.arn
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind)[
            "ShardIterator"
        ]
        found: list[dict[str, Any]] = []
        while True:
            answer = streams.get_records(ShardIterator=iterator, Limit=3)
            if not answer["Records"]:
                return found
            found += answer["Records"]
            if "NextShardIterator" not in answer:
                return found
            iterator = answer["NextShardIterator"]


class Stream(Source):
    """A Kinesis data stream."""

    def __init__(self, aws: Any, shards: int = 1) -> None:
        super().__init__(aws)
        self.client = aws.client("kinesis")
        self.name = f"clicks-{next(_numbers)}"
        self.client.create_stream(StreamName=self.name, ShardCount=shards)
        summary = self.client.describe_stream_summary(StreamName=self.name)
        self.arn = summary["StreamDescriptionSummary"]["StreamARN"]

    def put(self, *names: str, key: str = "k") -> list[dict[str, Any]]:
        answer = self.client.put_records(
            StreamName=self.name,
            Records=[{"Data": name.encode(), "PartitionKey": key} for name in names],
        )
        records: list[dict[str, Any]] = answer["Records"]
        return records

    def shards(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_shards(StreamName=self.name)["Shards"]
        return found


def batches(function: Any, times: int) -> list[list[str]]:
    """What WORK printed, in the order in which it began, once there are ``times`` batches."""
    lines = function.wait_for_log("BATCH", times=times)
    found = [json.loads(one[6:]) for one in lines if one.startswith("BATCH")]
    return [names for _, names in sorted(found)]


def events(function: Any, times: int = 1) -> list[dict[str, Any]]:
    """What SHOW printed."""
    lines = function.wait_for_log("EVENT", times=times)
    return [json.loads(one[6:]) for one in lines if one.startswith("EVENT")]


def result(function: Any, uuid: str) -> str:
    """The mapping's LastProcessingResult."""
    found: str = function.client.get_event_source_mapping(UUID=uuid)["LastProcessingResult"]
    return found
