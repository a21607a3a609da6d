"""Read a policy's JSON as IAM reads it: no duplicate keys, and where each statement stands.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
("Individual elements must not contain multiple instances of the same key") and, for the positions,
the outputs in https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True)
class Position:
    """A place in a policy's text; both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Span:
    """From where to where a statement stands in its policy's text."""

    start: Position
    end: Position


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an element stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")  # Python's json would take NaN and Infinity


_decoder = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def read(text: str) -> Any:
    """The JSON value; raises ValueError where IAM would see a syntax error."""
    try:
        return _decoder.decode(text)
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem


def statement_spans(text: str) -> list[Span]:
    """Where the statements of a valid policy stand, in their order.

    AWS's simulator starts a statement where its parser stands before it: behind the ``[`` of the
    list or behind the statement before; a statement that is no list starts behind its own ``{``.
    It ends behind its ``}``.
    """
    at = _skip(text, 0) + 1  # behind the {
    while text[at := _skip(text, at)] != "}":
        key, at = _decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # behind the colon
        if key == "Statement":
            return _spans_of(text, at)
        _, at = _decoder.raw_decode(text, at)
        at = _skip(text, at)
        at += text[at] == ","
    return []


def _spans_of(text: str, at: int) -> list[Span]:
    if text[at] == "{":
        _, end = _decoder.raw_decode(text, at)
        return [Span(_position(text, at + 1), _position(text, end))]
    spans, at = [], at + 1
    while text[begin := _skip(text, at)] != "]":
        begin = _skip(text, begin + (text[begin] == ","))
        _, end = _decoder.raw_decode(text, begin)
        spans.append(Span(_position(text, at), _position(text, end)))
        at = end
    return spans


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _position(text: str, at: int) -> Position:
    return Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
