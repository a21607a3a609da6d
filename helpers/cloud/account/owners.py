"""Which resources a call names, and whether this run made them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.cloud.account import ledger
from helpers.cloud.account.kinds import KINDS, Parameters, Place
from helpers.cloud.account.kinds.functions import function_name
from helpers.cloud.account.kinds.kind import values
from helpers.cloud.account.kinds.storage import table_name

_LAMBDA_LOGS = "/aws/lambda/"
#: The members that name what a call changes, by name or ARN.
_NAMING = {
    "Bucket", "DestinationArn", "EventBusName", "EventSourceArn", "FunctionName", "KeyId",
    "LayerName", "Name", "PolicyArn", "QueueUrl", "Resource", "ResourceARN", "ResourceArn",
    "ResourceId", "RoleArn", "RoleName", "SecretId", "SourceArn", "StreamARN", "StreamName",
    "SubscriptionArn", "TableName", "TargetArn", "TargetKeyId", "TopicArn", "TrailName",
    "executionArn", "logGroupIdentifier", "logGroupName", "resourceArn", "stateMachineAliasArn",
    "stateMachineArn", "stateMachineVersionArn",
}  # fmt: skip
#: An ARN, a function's partial ARN, and a queue's URL; each with the account's number, and the
#: region where it stands beside it.
_ADDRESSES = (
    re.compile(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>\d{12}):"),
    re.compile(r"(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?P<account>\d{12}):"),
    re.compile(r"https?://[^/]+/(?P<account>\d{12})/"),
)
#: An ARN of who may call, not of what is changed.
_NOT_CHANGED = {("AddPermission", "SourceArn")}


class Owned:
    """The resources of one run, as its ledger tells them."""

    def __init__(self, book: ledger.Ledger) -> None:
        self._book = book
        self._known: set[tuple[str, str]] = set()

    def add(self, kind: str, name: str) -> None:
        self._known.add((kind, name))

    def __contains__(self, resource: tuple[str, str]) -> bool:
        if resource in self._known:
            return True
        # The AWS CLI, in a process of its own, writes into the same ledger. What was only tried
        # proves nothing: somebody else may have made it, before or since. Its tag tells.
        story = ledger.read(self._book.path)
        self._known |= {(one.kind, one.id) for one in story.entries if one.state == "made"}
        kind, name = resource
        if kind == "log group" and name.startswith(_LAMBDA_LOGS):
            before = (story.head.get("before") or {}).get("log group") or ()
            function = ("function", name.removeprefix(_LAMBDA_LOGS))
            return resource in self._known or (function in self._known and name not in before)
        return resource in self._known


def named(
    place: Place, service: str, operation: str, parameters: Parameters
) -> Iterator[tuple[str, str]]:
    """The resources that a call would change, as (kind, id)."""
    for kind in KINDS:
        if kind.service != service or operation in kind.made_by:
            continue
        if kind.only_in and operation not in kind.only_in:
            continue
        for name in kind.named(place, parameters):
            yield kind.name, name
    if service == "sts":  # AssumeRole puts on a role of IAM's
        yield from (("role", arn.rpartition("/")[2]) for arn in values(parameters, "RoleArn"))
    if operation == "CreateEventSourceMapping":  # it takes the messages out of its source
        source = parameters.get("EventSourceArn", "")
        if ":sqs:" in source:
            yield "queue", source.rpartition(":")[2]
        elif ":dynamodb:" in source:
            yield "table", table_name(source)
        elif ":kinesis:" in source:
            yield "stream", source.partition(":stream/")[2].partition("/")[0]
        if "FunctionName" in parameters:
            yield "function", function_name(parameters["FunctionName"])


def elsewhere(place: Place, operation: str, parameters: Parameters) -> str | None:
    """The first address among what a call changes that is not in this account and region.

    Names are compared by themselves alone, so that another account's ``arn:…:shop-hello`` would
    pass for the run's own ``shop-hello``.
    """
    for member, given in _addresses(parameters):
        if (operation, member) in _NOT_CHANGED or member not in _NAMING:
            continue
        for pattern in _ADDRESSES:
            if at := pattern.match(given):
                region = at.groupdict().get("region") or place.region
                if (at["account"], region) != (place.number, place.region):
                    return given
    return None


def _addresses(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """Members and their texts, also those of PutEvents, BatchWriteItem and TransactWriteItems."""
    for given in [parameters, *parameters.get("Entries", [])]:
        yield from ((name, value) for name, value in given.items() if isinstance(value, str))
    yield from (("TableName", table) for table in parameters.get("RequestItems", {}))
    for item in parameters.get("TransactItems", []):
        yield from (("TableName", action["TableName"]) for action in item.values())
