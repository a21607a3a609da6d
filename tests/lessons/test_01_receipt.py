"""`01.receipt`: right in several ways, wrong in many, and robust against everything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "01.receipt"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "receipt.py.txt").read_text()
Judge = Callable[..., Result]


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert SOLUTION.count(old) == 1, old
    return SOLUTION.replace(old, new)


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file receipt.py yet")
    is_not_attempted(judge(KEY, " \n"), "receipt.py is empty")
    starter = (FOLDER / "starters" / "receipt.py.txt").read_text()
    is_not_attempted(judge(KEY, starter), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "sums and a helper": """
        def check(line):
            if isinstance(line["quantity"], bool) or not isinstance(line["quantity"], int):
                raise ValueError("the quantity has to be a whole number")
            if line["quantity"] <= 0:
                raise ValueError("the quantity has to be positive")

        def handler(event, context):
            if "lines" not in event or len(event["lines"]) == 0:
                raise ValueError("no lines")
            for line in event["lines"]:
                check(line)
            prints = sum(line["quantity"] for line in event["lines"])
            cents = sum(line["quantity"] * line["cents"] for line in event["lines"])
            if prints < 50:
                cents = cents + 250
            return dict(order=event["order"], prints=prints, total_cents=cents, currency="EUR")
        """,
    "an exception of its own": """
        class BadOrder(ValueError):
            pass

        def handler(event, context):
            try:
                lines = event["lines"]
                assert lines
            except (KeyError, AssertionError):
                raise BadOrder("LINES are missing") from None
            total = 250
            prints = 0
            for line in lines:
                if not (type(line["quantity"]) is int and line["quantity"] > 0):
                    raise BadOrder("bad Quantity")
                total += line["cents"] * line["quantity"]
                prints += line["quantity"]
            return {"total_cents": total - (250 if prints > 49 else 0), "prints": prints,
                    "order": event["order"]}
        """,
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, code(text)))


RETURN = 'return {"order": event["order"], "prints": prints, "total_cents": total + postage}'
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    # the reply
    "printed, not returned": (
        but(RETURN, RETURN.replace("return {", "print({") + ")"),
        ("nothing", "Did you forget `return`?", "goes to the log"),
    ),
    "JSON made by hand": (
        but(RETURN, "import json; " + RETURN.replace("return {", "return json.dumps({") + ")"),
        ("text", "json.dumps did it twice"),
    ),
    "the total alone": (but(RETURN, "return total + postage"), ("shape", "a whole number: 790")),
    "another field name": (
        but('"total_cents"', '"total"'),
        ("field", "total_cents", "exactly order, prints and total_cents"),
    ),
    "the order's number invented": (
        but('"order": event["order"]', '"order": 17'),
        ("order", 'event["order"]'),
    ),
    "euros": (but("total + postage}", "(total + postage) / 100}"), ("float", "whole cents")),
    "a set of fields": (
        but(RETURN, "return {event['order'], prints, total}"),
        ("not JSON", "Sets, dates and bytes"),
    ),
    # the sum
    "quantity forgotten": (
        but('total += quantity * line["cents"]', 'total += line["cents"]'),
        ("quantity", "multiply each line's cents by its quantity"),
    ),
    "only the last line": (
        but('total += quantity * line["cents"]', 'total = quantity * line["cents"]'),
        ("last line", "+="),
    ),
    "return inside the loop": (
        but('total += quantity * line["cents"]', 'total += quantity * line["cents"]; break'),
        ("first line", "is `return` inside the loop?"),
    ),
    "lines counted as prints": (
        but("prints += quantity", "prints += 1"),
        ("prints", "22 prints, and the reply says 2", "a line is not one print"),
    ),
    "the sample's answer by heart": (
        but(RETURN, 'return {"order": event["order"], "prints": 22, "total_cents": 790}'),
        ("fixed", "calculate it from event"),
    ),
    "a total that lives on": (
        "total = 0\n" + but("prints = total = 0", "global total\n    prints = 0"),
        ("module state", "What is made outside the handler is made once and lives on"),
    ),
    # the postage
    "free from 51 on": (but("prints < 50", "prints <= 50"), ("boundary", "includes 50 itself")),
    "no postage": (but("total + postage}", "total}"), ("no postage", "250 cents of postage")),
    "always postage": (
        but("250 if prints < 50 else 0", "250"),
        ("always postage", "postage is free"),
    ),
    "postage counted by lines": (
        but("250 if prints < 50", "250 if len(lines) < 50"),
        ("always postage", "postage is free"),
    ),
    # nonsense
    "an error returned": (
        but('raise ValueError("lines: an order needs at least one")', 'return {"error": "lines"}'),
        ("returned error", "counts as success", "raise ValueError"),
    ),
    "lines taken for granted": (
        but('event.get("lines")', 'event["lines"]'),
        ("stumbled", "KeyError", "Look at lines first"),
    ),
    "an empty order accepted": (
        but("if not lines:", "if lines is None:"),
        ("accepted", "whose list of lines is empty was accepted"),
    ),
    "a quantity of 0 accepted": (
        but("quantity < 1", "quantity < 0"),
        ("accepted", "a quantity of 0 was accepted", "Look at quantity before you calculate"),
    ),
    "a negative quantity accepted": (
        but("quantity < 1", "quantity == 0"),
        ("accepted", "a quantity of -2 was accepted"),
    ),
    "text compared with a number": (
        but("type(quantity) is not int or quantity < 1", "quantity < 1 or quantity % 1"),
        ("stumbled", "TypeError", 'a quantity of "3" (text)'),
    ),
    "text turned into a number": (
        but('quantity = line["quantity"]', 'quantity = int(line["quantity"])'),
        ("accepted", 'a quantity of "3" (text) was accepted'),
    ),
    "a refusal without a field": (
        but("lines: an order needs at least one", "bad order"),
        ("unnamed", 'the word "lines" in it'),
    ),
    "a refusal of another kind": (
        but('raise ValueError("lines', 'raise RuntimeError("lines'),
        ("stumbled", "RuntimeError"),
    ),
    # files that do not run
    "a bracket missing": (but('event.get("lines")', 'event.get("lines"'), ("syntax", "line 2")),
    "no Python at all": ("Dear Lambda, please add up the order.\n", ("syntax", "cannot read")),
    "another name": (
        but("def handler(event", "def receipt(event"),
        ("no handler", "called exactly `handler`"),
    ),
    "one argument": (
        but("handler(event, context)", "handler(event)"),
        ("signature", "def handler(event, context):"),
    ),
    "an import that is not there": (
        "import a_money_library\n" + SOLUTION,
        ("import", "a_money_library", "look at the spelling"),
    ),
    "an endless loop": (
        but("prints = total = 0", "while True: pass"),
        ("timeout", "timed out after 3.00 seconds", "a loop that never ends"),
    ),
    "an endless loop while starting": (
        "while True: pass\n" + SOLUTION,
        ("timeout", "a loop that never ends"),
    ),
    "the end of Python": (
        but(RETURN, "import sys; sys.exit(1)"),
        ("exit", "must not end Python"),
    ),
    "an exception while starting": (
        "prices = {}\nprices['10x15']\n" + SOLUTION,
        ("raised KeyError", "in line 2"),
    ),
    "a handler that is no function": ("handler = 3\n", ("raised TypeError", "not callable")),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


ODD = {
    "bytes that are no text": b"\xff\xfe\x00\x01",
    "a null byte": b"x = '\x00'\n",
    "a list": b"def handler(e, c): return [1, {'order': None}]\n",
    "true": b"def handler(e, c): return True\n",
    "nested too deep": b"def handler(e, c):\n r = []\n for _ in range(900): r = [r]\n return r\n",
    "not a number": b"def handler(e, c):\n"
    b" return {'order': e['order'], 'prints': float('nan'), 'total_cents': float('inf')}\n",
    "fields of odd kinds": b"def handler(e, c):\n"
    b" return {'order': e['order'], 'prints': [], 'total_cents': {'a': 1}}\n",
    "a very long reply": b"def handler(e, c): return {'order': 'x' * 5_000_000}\n",
    "a reply too long": b"def handler(e, c): return {'order': 'x' * 7_000_000}\n",
    "a huge number": b"def handler(e, c):\n"
    b" return {'order': e['order'], 'prints': 10**4000, 'total_cents': 10**4000}\n",
    "control characters": b"def handler(e, c): raise ValueError('\\x1b[2J\\n\\n\\r\\x00')\n",
    "an exception that cannot be shown": b"class E(Exception):\n"
    b" def __str__(self): raise RuntimeError('no')\n"
    b"def handler(e, c): raise E()\n",
    "the process killed": b"import os, signal\n"
    b"def handler(e, c): os.kill(os.getpid(), signal.SIGKILL)\n",
    "the process gone": b"import os\ndef handler(e, c): os._exit(0)\n",
    "the event changed": b"def handler(e, c):\n e.clear()\n return e\n",
    "an answer by exception": b"def handler(e, c): raise BaseException({'order': 1})\n",
    "a wall of output": b"def handler(e, c): print('x' * 300_000)\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_whatever_the_file_holds_the_check_says_not_yet(judge: Judge, text: bytes) -> None:
    result = judge(KEY, text)
    lines = result.text(hidden=True).splitlines()
    assert lines[0].startswith("✗ 01.receipt, not yet: "), lines
    assert len(lines) < 10
    assert all(line.isprintable() for line in lines)
    assert "Traceback" not in result.text()


def test_points_are_given_for_what_is_met(judge: Judge) -> None:
    result = judge(KEY, but("if not lines:", "if lines is None:"))
    assert (result.points, result.of) == (4, 5)
    assert "Met so far, 4 of 5: answers, remembers nothing, adds up, postage." in " ".join(
        result.text().split()
    )


def test_a_hidden_case_catches_what_was_fitted_to_the_open_ones(judge: Judge) -> None:
    fitted = but("quantity < 1:", "(quantity < 1 and quantity != -7):")
    is_right(judge(KEY, fitted))
    bad = {"order": "H-1", "lines": [{"size": "10x15", "quantity": -7, "cents": 1}]}
    hidden = Case(bad, ("a quantity of -7", "quantity"), hidden=True)
    result = judge(KEY, fitted, {"refuses": (hidden,)})
    is_wrong(result, "accepted")
    assert "-7" not in result.text()
    assert "Look at quantity before you calculate" in " ".join(result.text().split())


def test_the_check_leaves_nothing_behind(aws: object, judge: Judge) -> None:
    import boto3

    judge(KEY, SOLUTION)
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("logs").describe_log_groups()["logGroups"] == []
