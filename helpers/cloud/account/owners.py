"""Which resources a call names, and whether this run made them."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account import ledger
from helpers.cloud.account.kinds import KINDS, Parameters, Place
from helpers.cloud.account.kinds.functions import function_name
from helpers.cloud.account.kinds.kind import values
from helpers.cloud.account.kinds.storage import table_name

_LAMBDA_LOGS = "/aws/lambda/"


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
        # proves nothing: it may have been there before, and somebody else's.
        story = ledger.read(self._book.path)
        self._known |= {
            (one.kind, one.id) for one in story.entries if one.state == "made" or one.absent
        }
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
