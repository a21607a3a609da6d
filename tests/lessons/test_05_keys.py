"""`05.keys`: right in several ways, and each way of decoding half told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "05.keys"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "any_key.py.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "any_key.py.txt").read_text(encoding="utf-8")
GIVEN = 'key = record["s3"]["object"]["key"]'
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: the check's function and buckets have names of their own."""
    return local_aws


def decoded(how: str, first: str = "import urllib.parse\n") -> str:
    """The starter with another way to get the key; `how` uses `given`."""
    assert STARTER.count(GIVEN) == 1
    return first + STARTER.replace(GIVEN, f"given = {GIVEN[6:]}\n        key = {how}")


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert SOLUTION.count(old) == 1, old
    return SOLUTION.replace(old, new)


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file any_key.py yet")
    is_not_attempted(judge(KEY, STARTER + "\n# a note\n"), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "spaces first, then the rest": decoded('urllib.parse.unquote(given.replace("+", " "))'),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


SKIPPING = SOLUTION.replace(
    '        small = smaller(s3.get_object(Bucket=bucket, Key=key)["Body"].read())\n',
    "        try:\n"
    '            small = smaller(s3.get_object(Bucket=bucket, Key=key)["Body"].read())\n'
    "        except Exception:\n"
    "            continue\n",
).replace("unquote_plus(record", "str(record")
WRONG = {
    "a change that changes nothing": (
        decoded("str(given)"),
        ("no such key", "Omas+Torte.jpg", "turns it back"),
    ),
    "unquote": (decoded("urllib.parse.unquote(given)"), ("spaces", "unquote_plus")),
    "spaces by hand": (
        decoded('given.replace("+", " ")'),
        ("only spaces", "Torte%28f%C3%BCr_12%29.jpg", "not the only thing"),
    ),
    "unquote, then spaces": (
        decoded('urllib.parse.unquote(given).replace("+", " ")'),
        ("plus", "its + has become a space", "The other way round"),
    ),
    "decoded twice": (
        decoded("urllib.parse.unquote_plus(urllib.parse.unquote_plus(given))"),
        ("twice", "2%2520Torten.jpg", "Decode once"),
    ),
    "encoded once more": (
        decoded("urllib.parse.quote_plus(given)"),
        ("no such key", "originals/cake.jpg"),
    ),
    "decoded for reading alone": (
        but("Key=key, Body", 'Key=record["s3"]["object"]["key"], Body'),
        ("written encoded", "Omas+Torte.jpg", "for both calls"),
    ),
    "a tidier name": (
        but("Key=key, Body", 'Key=key.replace(" ", "_"), Body'),
        ("other name", "Omas_Torte.jpg", "letter by letter"),
    ),
    "errors skipped": (SKIPPING, ("nothing written", "without an error", "nobody hears of it")),
    "import forgotten": (
        but("from urllib.parse import unquote_plus\n", ""),
        ("raised NameError", "unquote_plus"),
    ),
    "another size": (but("edge=200", "edge=100"), ("another picture", "leave `smaller`")),
    "does not load": (but("def handler(", "def handle("), ("no handler",)),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_points_for_half_of_it(judge: Judge) -> None:
    result = judge(KEY, decoded("urllib.parse.unquote(given)"))
    assert (result.points, result.of) == (1, 3)


def test_a_hidden_key_is_judged_and_not_told(judge: Judge) -> None:
    known = ["Omas Torte", "Torte(für_12)", "Torte+Kaffee", "2%20Torten"]
    known += ["Omas Geburtstag (1) + Torte"]
    by_heart = (
        f"next((k for k in {[f'originals/{one}.jpg' for one in known]!r}"
        " if urllib.parse.quote_plus(k, safe='/') == given), given)"
    )
    is_right(judge(KEY, decoded(by_heart)))
    hidden = Case("originals/Zürich & Genf.jpg", hidden=True)
    result = judge(KEY, decoded(by_heart), {"any key": (hidden,)})
    is_wrong(result, "no such key")
    assert "Genf" not in result.text()
