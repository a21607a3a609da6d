"""What can be wrong with an order number, told from what came back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from helpers.teach.checking import Slip
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.words import kind, short

ONE_STEP = (
    'One update_item can do both: UpdateExpression="ADD given_out :one", and '
    'ReturnValues="UPDATED_NEW" for the result.'
)


def number(value: Any) -> int:
    """The order number in a reply, or the Slip that says why there is none."""
    if not isinstance(value, dict) or "order" not in value:
        advice = 'The handler returns {"order": the number}.'
        if value is None:
            advice = "Did you forget `return`? " + advice
        raise Slip("shape", f"the reply is {_said(value)}, without an order.", advice, final=True)
    given = value["order"]
    if isinstance(given, dict) and set(given) == {"N"}:
        raise Slip(
            "typed value",
            f"the number is {short(given)}.",
            'That is how DynamoDB\'s client writes a number. Return int(…["N"]) instead.',
            final=True,
        )
    if isinstance(given, float) and given.is_integer():  # a Decimal on its way through JSON
        return int(given)
    if type(given) is not int:
        raise Slip(
            "no number",
            f"the order number should be a whole number, and it is {_said(given)}.",
            "A customer has to read it over the telephone: 1, 2, 3 and so on, from the table.",
            final=True,
        )
    return given


def failed(function: Deployed, reply: Reply) -> Slip:
    """A failed invocation: what DynamoDB's own words mean here, or what they mean anywhere."""
    message = reply.error_message
    found = re.search(r"reserved keyword: (\w+)", message)
    if found:
        return Slip(
            "reserved word",
            f'DynamoDB keeps the word "{found[1]}" for itself: {short(message)}',
            "Give the attribute another name, such as given_out.",
            final=True,
        )
    if "does not exist in the item" in message:
        return Slip(
            "no item yet",
            "the first order of all found nothing to add to.",
            "ADD begins at 0 by itself. With SET you have to say what to begin with: "
            "if_not_exists(given_out, :zero) + :one.",
            final=True,
        )
    if reply.error_type == "KeyError" and message in ("'Attributes'", '"Attributes"'):
        return Slip(
            "no ReturnValues",
            "the answer of update_item has no Attributes.",
            "It gives back only what it is asked for. With "
            'ReturnValues="UPDATED_NEW" it gives the value after the addition; other choices give '
            "nothing, or the value before.",
            final=True,
        )
    if "'Item'" in message or "NoneType" in message:
        return Slip(
            "read first",
            f"the first order of all found no item to read: {reply.error_type} {message}",
            "Do not read first: another environment may come in between. " + ONE_STEP,
            final=True,
        )
    if "ResourceNotFoundException" in message or "AccessDenied" in message:
        return Slip(
            "other table",
            "the handler uses a table that is not there, or not for it.",
            'Leave the line with os.environ["TABLE"] as it was given: the check has a table of '
            "its own.",
            final=True,
        )
    if "element does not match the schema" in message or "Missing the key" in message:
        return Slip(
            "other key",
            f"the key does not fit the table: {short(message)}",
            'The table\'s key is called name, so: Key={"name": "orders"}.',
            final=True,
        )
    slip = function.explain(reply)
    slip.final = True
    return slip


def failed_at_once(function: Deployed, wrong: Sequence[Reply], sent: int) -> Slip:
    """Some of those that were sent at once failed."""
    if "ConditionalCheckFailedException" in wrong[0].error_message:
        return Slip(
            "gave up",
            f"of {sent} orders at once, {len(wrong)} got an error instead of a number: "
            "ConditionalCheckFailedException.",
            "The condition did its work: somebody else had been faster. Such an order has to begin "
            "again. Or spare yourself the condition. " + ONE_STEP,
        )
    return failed(function, wrong[0])


def start(first: int, now: datetime, kept: Sequence[int]) -> Slip:
    """The first number is not 1."""
    if first == 0:
        return Slip(
            "before",
            "the first order of all got number 0.",
            'That is the number before the addition. ReturnValues="UPDATED_NEW" gives the one '
            "after it.",
        )
    seconds = now.timestamp()
    if any(abs(first / per_second - seconds) < 86_400 for per_second in (1, 1e3, 1e6, 1e9)):
        return Slip(
            "clock",
            f"the first order got {first}: that is the time.",
            "Two environments can ask for the time in the same moment, and then two customers "
            "hold the same number. Count in the table instead.",
            final=True,
        )
    if not kept and first < 1000:
        return Slip(
            "other table",
            f"the first order of all got number {first}, and the check's own table is empty.",
            'Leave the line with os.environ["TABLE"] as it was given.',
            final=True,
        )
    if not kept:
        return Slip(
            "random",
            f"the first order got {first}, and the table is empty.",
            "Made-up numbers collide sooner than one thinks: among 100 random numbers below "
            "10,000, two are the same in 4 cases out of 10. Count in the table.",
            final=True,
        )
    return Slip(
        "start",
        f"the first order of all got number {first}.",
        "The first number is 1: ADD begins at 0 where there is no item yet, and adds :one.",
    )


def step(before: int, now: int) -> Slip:
    """The number after `before` is not the next one."""
    if now == before:
        return Slip(
            "stands still",
            f"two orders in turn both got number {now}.",
            "SET name = :one writes a 1 whatever stood there. ADD name :one adds to it.",
            final=True,
        )
    return Slip(
        "steps",
        f"after number {before} came number {now}.",
        "Each order adds one, and adds it once.",
        final=True,
    )


def twice(again: Sequence[int], sent: int, old: bool, counted: bool) -> Slip:
    """Some numbers came twice. `old`: some of them had been given out long before these orders.

    `counted`: the table has counted every order.
    """
    many = f"{len(again)} number{'s' if len(again) > 1 else ''} had been given out before"
    if old:
        return Slip(
            "own memory",
            f"{sent} orders at once, and {many}: {short(sorted(again))}.",
            "Each environment counts for itself: a variable, a file in /tmp or a lock is seen by "
            "one environment alone. Count in the table.",
        )
    if counted:
        return Slip(
            "read after",
            f"{sent} orders at once, and {many}, although the table counted every one.",
            "Adding is one step, but reading the result is another: by then somebody else may have "
            'added too. ReturnValues="UPDATED_NEW" gives the result of your own addition.',
        )
    return Slip(
        "read, then write",
        f"{sent} orders at once got {sent} numbers, but {many}.",
        "Reading first and writing after leaves a gap that another environment slips into. "
        + ONE_STEP,
    )


def _said(value: Any) -> str:
    return kind(value) if value is None else f"{kind(value)}, {short(value, 60)}"
