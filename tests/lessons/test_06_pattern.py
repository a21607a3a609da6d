"""`06.pattern`: right in several ways, and each pattern that is too wide or too narrow is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb06.pattern import Order
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "06.pattern"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "call.json.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "call.json.txt").read_text(encoding="utf-8")
OVER = [{"numeric": [">", 100]}]
COUNTRY = {"country": ["DE", "AT"]}
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: the check's bus and queues have names of their own."""
    return local_aws


def pattern(**detail: Any) -> str:
    """A pattern for paid orders of the web shop, with this about the order."""
    return json.dumps({"source": ["shop.web"], "detail-type": ["Order Paid"], "detail": detail})


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file call.json yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "operators everywhere": json.dumps(
        {
            "source": [{"prefix": "shop.web"}],
            "detail-type": [{"suffix": " Paid"}],
            "detail": {
                "total": [{"numeric": [">", 1e2, "<", 1_000_000]}],
                "ship_to": {"country": [{"equals-ignore-case": "de"}, "AT"]},
            },
        }
    ),
    "one part for each country": pattern(
        total=OVER, **{"$or": [{"ship_to": {"country": [one]}} for one in ("DE", "AT")]}
    ),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


WRONG = {
    "no JSON": (SOLUTION.replace("],", "]", 1), ("no JSON", "A comma too many or too few")),
    "a value without a list": (
        '{"source": "shop.web"}',
        ("refused", "InvalidEventPatternException", "stands in a list"),
    ),
    "a number in quotes": (
        pattern(total=[{"numeric": [">", "100"]}], ship_to=COUNTRY),
        ("refused", "InvalidEventPatternException", "without quotes"),
    ),
    "all there is": ('{"version": ["0"]}', ("everything", "whatever they are")),
    "only the web shop's": (
        '{"source": ["shop.web", "shop.app"]}',
        ("amount", "exactly 100 € to Germany", "compared as a number"),
    ),
    "outside of detail": (
        json.dumps({"source": ["shop.web"], "total": OVER, "ship_to": COUNTRY}),
        ("outside detail", '"ship_to" at the top', "`detail`"),
    ),
    "text for a number": (
        pattern(total=["> 100"], ship_to=COUNTRY),
        ("text for a number", '"numeric"'),
    ),
    "a country of its own": (
        pattern(total=OVER, country=["DE", "AT"]),
        ("wrong path", "inside of ship_to"),
    ),
    "the customer's country": (
        pattern(total=OVER, customer=COUNTRY),
        ("customer", "129 € to Germany", "as a present"),
    ),
    "Germany alone": (
        pattern(total=OVER, ship_to={"country": ["DE"]}),
        ("one country", "250.50 € to Austria", "any of them"),
    ),
    "a hundred as well": (
        pattern(total=[{"numeric": [">=", 100]}], ship_to=COUNTRY),
        ("exactly 100", "more than 100"),
    ),
    "anything but France": (
        pattern(total=OVER, ship_to={"country": [{"anything-but": ["FR"]}]}),
        ("anything-but", "300 € to Switzerland", "Name the two"),
    ),
    "one or the other": (
        pattern(**{"$or": [{"total": OVER}, {"ship_to": COUNTRY}]}),
        ("or", "must both fit"),
    ),
    "no word about the country": (pattern(total=OVER), ("country", "shipped to DE or AT")),
    "cancelled ones as well": (
        json.dumps({"source": ["shop.web"], "detail": {"total": OVER, "ship_to": COUNTRY}}),
        ("kind", "cancelled", "detail-type"),
    ),
    "from anywhere": (
        json.dumps({"detail-type": ["Order Paid"], "detail": {"total": OVER, "ship_to": COUNTRY}}),
        ("kind", "from shop.test", "the source"),
    ),
    "a thousand": (
        pattern(total=[{"numeric": [">", 1000]}], ship_to=COUNTRY),
        ("too narrow", "test_event_pattern"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_points_for_half_of_it_and_nothing_is_left_behind(judge: Judge, aws: Any) -> None:
    result = judge(KEY, pattern(total=OVER))
    assert (result.points, result.of) == (4, 5)
    buses = aws.client("events").list_event_buses()["EventBuses"]
    assert [bus["Name"] for bus in buses] == ["default"]
    assert "QueueUrls" not in aws.client("sqs").list_queues(QueueNamePrefix="check-")


def test_a_hidden_order_is_judged_and_not_told(judge: Judge) -> None:
    hidden = Case(Order("4711 € to Lapland", False, total=4711, ship_to="FI"), hidden=True)
    text = pattern(total=OVER, ship_to={"country": ["DE", "AT", "FI"]})
    is_right(judge(KEY, text))
    result = judge(KEY, text, {"by the country": (hidden,)})
    is_wrong(result, "country")
    assert "Lapland" not in result.text()
