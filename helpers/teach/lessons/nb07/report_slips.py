"""What can be wrong with a report of batch item failures, told from what came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from helpers.teach.checking import Slip
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.words import kind, short
from helpers.teach.lessons.nb07 import batches

SHAPE = 'It is {"batchItemFailures": [{"itemIdentifier": record["messageId"]}, …]}.'


def failed(function: Deployed, reply: Reply) -> Slip:
    """A failed invocation with nothing but good orders in it."""
    if "ellipsis" in reply.error_message:
        return Slip(
            "dots",
            "the handler still returns the dots (...) of the starter.",
            "Return the report in their place. " + SHAPE,
            final=True,
        )
    slip = function.explain(reply)
    slip.final = True
    return slip


def raised(function: Deployed, reply: Reply, bad: int, of: int) -> Slip:
    """A bad order in the batch made the handler fail."""
    if reply.error_type.startswith(("Runtime.", "Sandbox.")):
        return failed(function, reply)
    return Slip(
        "raised",
        f"of {of} orders {bad} cannot be printed, and the handler raised {reply.error_type}: "
        f"{short(reply.error_message, 70)}. So all {of} come back.",
        "An exception means: the whole batch. Catch it where one order is printed, go on with the "
        "next one, and report at the end.",
        final=True,
    )


def check_printed(orders: Sequence[str], log: Iterable[str]) -> None:
    """Each of these good orders is printed once. Raises Slip."""
    times = batches.printed(log)
    done = [order for order in orders if times[order]]
    again = [order for order in orders if times[order] > 1]
    if again:
        raise Slip(
            "printed twice",
            f"{again[0]} was printed {times[again[0]]} times in one batch.",
            "Once for each record: is the call of print_order there twice?",
            final=True,
        )
    if len(done) == len(orders):
        return
    seen = f"of {len(orders)} good orders in the batch {len(done)} were printed."
    advice = "Leave print_order as it was given: it prints the line that the check looks for."
    if done == list(orders[: len(done)]) and done:
        advice = (
            "The loop ends too early. A return belongs behind the loop, not into it, and what "
            "fails must not stop it."
        )
    raise Slip("not printed", seen, advice, final=True)


def ids(value: Any, event: dict[str, Any]) -> set[str]:
    """The ids that a reply reports, as Lambda reads them. Raises Slip for what it cannot read."""
    if value is None or value == {}:
        return set()
    if isinstance(value, list):
        raise _shape("list", value, "The list belongs into an object. " + SHAPE)
    if not isinstance(value, dict):
        raise _shape("shape", value, SHAPE)
    if "batchItemFailures" not in value:
        raise _shape(
            "outer key",
            value,
            "Lambda looks for the key batchItemFailures, letter by letter, and takes a reply "
            "without it as: all done. " + SHAPE,
        )
    failures = value["batchItemFailures"]
    if failures is None:
        return set()
    if not isinstance(failures, list):
        raise _shape("shape", value, "batchItemFailures is a list. " + SHAPE)
    return {_id(one, event) for one in failures}


def _id(one: Any, event: dict[str, Any]) -> str:
    if not isinstance(one, dict):
        raise _shape("no object", one, "Each entry is an object with one key. " + SHAPE)
    if "itemIdentifier" not in one:
        raise _shape(
            "inner key",
            one,
            "The key is itemIdentifier, letter by letter. With any other Lambda cannot tell which "
            "one is meant, and takes all as failed.",
        )
    found = one["itemIdentifier"]
    records = event["Records"]
    if found in {record["messageId"] for record in records}:
        return str(found)
    if found in {record["receiptHandle"] for record in records}:
        raise _shape("receipt handle", one, 'That is the receipt handle. Use record["messageId"].')
    raise _unknown(one)


def _unknown(one: Any) -> Slip:
    return Slip(
        "other id",
        f"an entry of the report is {short(one, 80)}, and no message of the batch has that id.",
        'Lambda takes an id that it does not know as: all failed. Use record["messageId"] of the '
        "one that failed, and make the list anew in each invocation, inside the handler.",
        final=True,
    )


def _shape(name: str, value: Any, advice: str) -> Slip:
    return Slip(name, f"the report is {kind(value)}: {short(value, 90)}.", advice, final=True)


def good_ones(reported: int, of: int) -> Slip:
    """Of a batch without a bad order something is reported."""
    return Slip(
        "good ones",
        f"of {of} good orders, all printed, {reported} were reported as failed.",
        "What is reported comes back and is printed again. Append to the list in the except only.",
        final=True,
    )


def swallowed(value: Any, bad: int, of: int) -> Slip:
    """Bad orders, and an empty report."""
    said = "returned nothing" if value is None else f"returned {short(value, 60)}"
    return Slip(
        "swallowed",
        f"of {of} orders {bad} could not be printed, and the handler {said}.",
        "To Lambda that means: all done. The bad ones are deleted, and nobody will ever hear of "
        "them. Report them. " + SHAPE,
        final=True,
    )


def some_missing(reported: int, wanted: int) -> Slip:
    """Some of the bad ones are missing in the report."""
    return Slip(
        "missing",
        f"{wanted} orders of the batch could not be printed, and {reported} of them was reported.",
        "Is the list made before the loop, and the return behind it? Is every kind of exception "
        "caught? A body that is not JSON fails otherwise than a wrong number.",
        final=True,
    )


def too_many(reported: set[str], wanted: set[str], earlier: set[str]) -> Slip:
    """More is reported than failed."""
    if (reported - wanted) & earlier:
        return _unknown({"itemIdentifier": "a message of an earlier batch"})
    return Slip(
        "good ones",
        f"{len(wanted)} orders of the batch could not be printed, and {len(reported)} were "
        "reported.",
        "What is reported comes back, so good ones are printed again. Append to the list in the "
        "except only.",
        final=True,
    )


def deleted(many: int) -> Slip:
    """The handler deleted messages itself."""
    return Slip(
        "deletes",
        f"the handler deleted {many} messages of the batch itself.",
        "That is Lambda's work: it deletes what is not reported, all in one request, and only "
        "once the handler has returned. Take delete_message out.",
        final=True,
    )


def in_the_queue(left: int, bad: int, times: Sequence[int]) -> Slip:
    """With a real mapping something else came back than the bad ones."""
    return Slip(
        "in the queue",
        f"of a real queue's batch {left} messages were left to come back, and {bad} should be; "
        f"the good orders were printed {', '.join(map(str, times))} times.",
        "Look at the report once more: it names each message that failed, and no other.",
    )
