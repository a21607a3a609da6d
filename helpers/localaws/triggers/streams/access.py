"""Whether the function's role may read the stream: when a mapping is made, and at each poll.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html (execution role
permissions).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from helpers.localaws.compute.errors import InvalidParameterValue
from helpers.localaws.triggers import roles

if TYPE_CHECKING:
    from helpers.localaws.triggers.mappings import Mapping

#: By service: the API that is read, and the actions that AWS names in its refusal.
_NEEDS = {
    "dynamodb": (
        "dynamodbstreams",
        "GetRecords, GetShardIterator, DescribeStream, and ListStreams",
    ),
    "kinesis": (
        "kinesis",
        "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams",
    ),
}


def check(mapping: Mapping) -> None:
    """Read the stream once with the role; raise InvalidParameterValue where it may not."""
    api, actions = _NEEDS[mapping.source]
    stream_arn = mapping.source_arn.partition("/consumer/")[0]
    try:
        client = roles.client(
            mapping.service.endpoint,
            api,
            mapping.role,
            "lambda.amazonaws.com",
            mapping.account,
            mapping.region,
        )
        for _ in _read(client, mapping.source, stream_arn):
            pass
    except roles.RoleNotAssumable:
        raise InvalidParameterValue(
            "The role defined for the function cannot be assumed by Lambda."
        ) from None
    except ClientError as problem:
        if "AccessDenied" not in problem.response["Error"]["Code"]:
            raise
        raise InvalidParameterValue(_refusal(mapping, actions)) from None


def may_read(mapping: Mapping) -> bool:
    """Whether the role may still read; else the mapping says so. Nothing is lost: it tries on."""
    _, actions = _NEEDS[mapping.source]
    if not mapping.role or mapping.may(f"{mapping.source}:GetRecords"):
        return True  # without a function there is no role: to invoke it tells more
    mapping.last_result = f"PROBLEM: {_refusal(mapping, actions)}"
    return False


def _refusal(mapping: Mapping, actions: str) -> str:
    return (
        f"Cannot access stream {mapping.source_arn}. Please ensure the role can perform the "
        f"{actions} Actions on your stream in IAM."
    )


def _read(client: Any, source: str, arn: str) -> Iterator[Any]:
    """The calls without which a poller cannot work; they take nothing from anybody.

    ListStreams and ListShards, which AWS's text names as well, are not among them: templates that
    allow them on the stream alone, where they mean nothing, work on AWS.
    """
    name = "StreamArn" if source == "dynamodb" else "StreamARN"
    described = client.describe_stream(**{name: arn})
    yield described
    where = {name: arn} if source == "dynamodb" else {"StreamName": arn.rpartition("/")[2]}
    for shard in described["StreamDescription"]["Shards"][:1]:
        iterator = client.get_shard_iterator(
            **where, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )
        yield client.get_records(ShardIterator=iterator["ShardIterator"], Limit=1)
