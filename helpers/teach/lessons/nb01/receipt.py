"""`01.receipt`: what an order costs, and orders that make no sense refused."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.functions import Deployed, deployed
from helpers.teach.checking.words import kind, short

FILE = "receipt.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
POSTAGE = 250
FREE_FROM = 50


def _order(number: str, *lines: tuple[int, int]) -> dict[str, Any]:
    """An order whose lines are (quantity, cents)."""
    return {
        "order": number,
        "lines": [{"size": "10x15", "quantity": many, "cents": cents} for many, cents in lines],
    }


SAMPLE = _order("A-17", (20, 15), (2, 120))


@contextlib.contextmanager
def _receipt(context: Context) -> Iterator[Deployed]:
    with deployed(context, FILE, STARTER) as function:
        yield function


def _answers(function: Deployed, case: Case) -> None:
    """The result is an object with the three fields, of the right kinds."""
    reply = _object(function.ask(case.given), function)
    if reply.get("order") != case.given["order"]:
        raise Slip(
            "order",
            f'for order "{case.given["order"]}" the reply\'s order is {short(reply.get("order"))}.',
            'Hand the order\'s own number back: "order": event["order"].',
        )
    for field in ("prints", "total_cents"):
        value = reply.get(field)
        if isinstance(value, float):
            raise Slip(
                "float",
                f"{field} is {short(value)}, a number with a decimal point.",
                "Count in whole cents and whole prints: a division with / always gives a "
                "decimal point.",
            )
        if type(value) is not int:
            raise Slip(
                "field",
                f"the reply should have {field} as a whole number, and it is {kind(value)}.",
                "The names have to be exactly order, prints and total_cents.",
            )


def _remembers_nothing(function: Deployed, case: Case) -> None:
    """The same order twice gives the same receipt."""
    first, second = function.ask(case.given), function.ask(case.given)
    if first != second:
        raise Slip(
            "module state",
            f"the same order sent twice got {short(first)} and then {short(second)}.",
            "Something stays from one invocation to the next. What is made outside the handler is "
            "made once and lives on: start the counting inside it.",
        )


def _adds_up(function: Deployed, case: Case) -> None:
    """Quantity times cents over all lines. Postage has a requirement of its own."""
    reply = _object(function.ask(case.given), function)
    lines = case.given["lines"]
    prints = sum(line["quantity"] for line in lines)
    goods = sum(line["quantity"] * line["cents"] for line in lines)
    total = reply.get("total_cents")
    seen = f"{_said(lines)} came to {short(total)} cents"
    if total not in (goods, goods + POSTAGE):
        name, advice = _why(total, lines, function)
        raise Slip(name, f"{seen}, and the goods alone are worth {goods}.", advice)
    if reply.get("prints") != prints:
        raise Slip(
            "prints",
            f"{_said(lines)} are {prints} prints, and the reply says {short(reply.get('prints'))}.",
            "Add up the quantities: a line is not one print.",
        )


def _postage(function: Deployed, case: Case) -> None:
    """POSTAGE below FREE_FROM prints, none from there on."""
    reply = _object(function.ask(case.given), function)
    lines = case.given["lines"]
    prints = sum(line["quantity"] for line in lines)
    goods = sum(line["quantity"] * line["cents"] for line in lines)
    due = POSTAGE if prints < FREE_FROM else 0
    total = reply.get("total_cents")
    if total == goods + due:
        return
    seen = f"{prints} prints worth {goods} cents came to {short(total)}, not {goods + due}."
    if prints == FREE_FROM:
        name, advice = "boundary", "From 50 on includes 50 itself: look at < and <=."
    elif due and total == goods:
        name, advice = "no postage", "Fewer than 50 prints cost 250 cents of postage."
    elif not due and total == goods + POSTAGE:
        name, advice = "always postage", "From 50 prints on, postage is free."
    else:
        name, advice = "postage", "Postage is added once for the order, not for each line."
    raise Slip(name, seen, advice)


def _refuses(function: Deployed, case: Case) -> None:
    """An order without sense raises ValueError (or an exception of its own) naming the field.

    `case.expected` is (what is wrong with it, the field to name).
    """
    wrong, field = case.expected
    reply = function.invoke(case.given)
    if not reply.failed:
        if isinstance(reply.value, dict) and "total_cents" not in reply.value:
            raise Slip(
                "returned error",
                f"{wrong} was answered with {short(reply.value)}.",
                "A returned text counts as success: no alarm, no retry. To refuse, raise "
                "ValueError(…).",
            )
        raise Slip(
            "accepted",
            f"{wrong} was accepted: {short(reply.value)}.",
            f"Look at {field} before you calculate, and raise ValueError when it makes no sense.",
        )
    if "Task timed out" in reply.error_message or reply.error_type.startswith("Runtime."):
        raise function.explain(reply)
    said = f"{reply.error_type}: {short(reply.error_message)}"
    if hasattr(builtins, reply.error_type) and reply.error_type != "ValueError":
        raise Slip(
            "stumbled",
            f"{wrong} made the handler stumble with {said}.",
            f"It failed by accident, and the next reader cannot tell. Look at {field} first, and "
            "raise ValueError with words of your own.",
        )
    if field not in reply.error_message.lower():
        raise Slip(
            "unnamed",
            f"{wrong} was refused with {said}",
            f'Say in the message which field is wrong: it should have the word "{field}" in it.',
        )


def _object(reply: Any, function: Deployed) -> dict[str, Any]:
    if isinstance(reply, dict):
        return reply
    if reply is None:
        raise Slip(
            "nothing",
            "the reply is nothing (null).",
            "Did you forget `return`? What is printed goes to the log, not to the caller.",
            final=True,
        )
    if isinstance(reply, str) and reply.lstrip().startswith("{"):
        raise Slip(
            "text",
            f"the reply is text that looks like JSON: {short(reply)}.",
            "Return the dictionary itself. Lambda turns it into JSON, and json.dumps did it twice.",
            final=True,
        )
    raise Slip(
        "shape",
        f"the reply is {kind(reply)}: {short(reply)}.",
        "Return a dictionary with order, prints and total_cents.",
        final=True,
    )


def _why(total: Any, lines: list[dict[str, int]], function: Deployed) -> tuple[str, str]:
    """The likely slip behind a wrong total, and what to say about it."""
    each = [line["quantity"] * line["cents"] for line in lines]
    slips = (
        (
            sum(line["cents"] for line in lines),
            "quantity",
            "The quantity is forgotten: multiply each line's cents by its quantity.",
        ),
        (
            each[-1],
            "last line",
            "Only the last line counted: add to the total (+=) instead of replacing it (=).",
        ),
        (
            each[0],
            "first line",
            "Only the first line counted: is `return` inside the loop? Move it to the left.",
        ),
    )
    for value, name, advice in slips:
        if total in (value, value + POSTAGE):
            return name, advice
    earlier = [  # a list: what a learner's handler returns need not be hashable
        reply.value.get("total_cents")
        for reply in function.replies[:-1]
        if isinstance(reply.value, dict)
    ]
    if total in earlier:
        return "fixed", "Other orders got the same total: calculate it from event, every time."
    return "sum", "Go through it by hand: for each line quantity times cents, then add them all."


def _said(lines: list[dict[str, int]]) -> str:
    return " and ".join(f"{line['quantity']} prints at {line['cents']}" for line in lines)


RECEIPT = Check(
    key="01.receipt",
    prepare=_receipt,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("answers", _answers, (Case(SAMPLE),)),
        Requirement("remembers nothing", _remembers_nothing, (Case(SAMPLE),)),
        Requirement(
            "adds up",
            _adds_up,
            (Case(SAMPLE), Case(_order("A-18", (3, 40))), Case(_order("A-19", (60, 10), (4, 90)))),
        ),
        Requirement(
            "postage",
            _postage,
            (
                Case(_order("B-1", (48, 10), (1, 20))),
                Case(_order("B-2", (60, 10), (1, 20))),
                Case(_order("B-3", (30, 10), (20, 10))),
            ),
        ),
        Requirement(
            "refuses",
            _refuses,
            (
                Case({"order": "C-1"}, ("an order without lines", "lines")),
                Case(
                    {"order": "C-2", "lines": []},
                    ("an order whose list of lines is empty", "lines"),
                ),
                Case(_order("C-3", (0, 15)), ("a quantity of 0", "quantity")),
                Case(_order("C-4", (5, 15), (-2, 15)), ("a quantity of -2", "quantity")),
                Case(
                    {"order": "C-5", "lines": [{"size": "10x15", "quantity": "3", "cents": 15}]},
                    ('a quantity of "3" (text)', "quantity"),
                ),
                Case(
                    {"order": "C-6", "lines": [{"size": "10x15", "quantity": 1.5, "cents": 15}]},
                    ("a quantity of 1.5", "quantity"),
                ),
            ),
        ),
    ),
    hints=(
        'Start with the good order only. Two numbers grow while you go through event["lines"]: '
        "set both to 0 inside the handler, and return after the loop.",
        "Postage is decided once, after the loop, when the number of prints is known.",
        'Refuse before you calculate. event.get("lines") is None when there are none, and '
        "type(quantity) is int tells a whole number from text and from 1.5.",
        'if not event.get("lines"): raise ValueError("lines: …") is the first of two such '
        "lines; the second stands inside the loop and names quantity.",
    ),
    praise="An order in, a receipt out, nonsense refused with a reason.",
)
