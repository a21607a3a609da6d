"""ARNs: those that a Resource element names, and those that a condition compares.

The two have different rules. In a Resource, a ``*`` that ends one of the first five parts also
matches what follows behind the colon (``arn:aws:s3:*`` means all of S3), one in the middle of a
part does not, and in the last part, the resource, a colon is a character like any other. In a
condition each of the six parts is compared by itself.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from helpers.localaws.iam.context import Context
from helpers.localaws.iam.patterns import (
    ARN_PARTS,
    ONE,
    STAR,
    Piece,
    expression,
    pieces_of,
)
from helpers.localaws.iam.template import Template

#: A ``*`` in the middle of one of an ARN's first five parts, and a ``?`` in them: no colon.
INNER, INNER_ONE = object(), object()
#: Callers that an entry with variables remembers.
MAX_KEPT = 1000


class Arn(NamedTuple):
    """The six parts of an ARN."""

    prefix: str
    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return ":".join(self)


def parse(text: str) -> Arn | None:
    """The parts of an ARN; None where the text is none."""
    parts = text.split(":", ARN_PARTS - 1)
    return Arn(*parts) if len(parts) == ARN_PARTS and parts[0] == "arn" else None


def account_of(text: str) -> str:
    """The account that an ARN names; "" where it names none, as those of S3 buckets."""
    arn = parse(text)
    return arn.account if arn else ""


class ResourcePattern:
    """One entry of a Resource or NotResource element."""

    def __init__(self, text: str, variables: bool) -> None:
        self.text = text
        parts = text.split(":", ARN_PARTS - 1)
        whole = len(parts) == ARN_PARTS
        self._head: list[Piece] = []
        for part in parts[:-1] if whole else parts:
            self._head += [*_head_pieces(part), ":"]
        if not whole:
            self._head.pop()  # the colon behind the last part
        # Variables have a meaning in the resource's own part alone; elsewhere they are plain text.
        self._tail = Template(parts[-1] if whole else "", variables)
        self._walks = INNER in self._head or INNER_ONE in self._head
        self.is_fixed = self._tail.is_fixed and not self._walks
        #: What was made for the values that variables had so far.
        self._filled: dict[tuple[str | None, ...], Callable[[str], bool] | None] = {}

    def fixed_expression(self) -> str:
        """A regular expression; only where ``is_fixed``."""
        return expression([*self._head, *(self._tail.pieces_for(Context({})) or [])])

    def matches(self, arn: str, context: Context) -> bool:
        """Whether this entry means ``arn``; a variable without a value means nothing."""
        values = self._tail.values(context)
        if values not in self._filled:
            tail = self._tail.pieces_for(context)
            if len(self._filled) >= MAX_KEPT:
                self._filled.clear()
            self._filled[values] = None if tail is None else self._matcher([*self._head, *tail])
        matcher = self._filled[values]
        return matcher is not None and matcher(arn)

    def is_unknown(self, arn: str, context: Context) -> bool:
        """Whether a variable without a value keeps one from knowing if this entry means ``arn``."""
        if self._tail.pieces_for(context) is not None:
            return False
        return self._matcher([*self._head, STAR])(arn)

    def _matcher(self, pieces: list[Piece]) -> Callable[[str], bool]:
        if self._walks:
            return lambda arn: _walk(pieces, arn)
        pattern = re.compile(expression(pieces), re.DOTALL)
        return lambda arn: pattern.fullmatch(arn) is not None


def _head_pieces(part: str) -> list[Piece]:
    pieces = pieces_of(part)
    last = len(pieces) - 1
    within: dict[int, Piece] = {id(STAR): INNER, id(ONE): INNER_ONE}
    return [
        one if one is STAR and at == last else within.get(id(one), one)
        for at, one in enumerate(pieces)
    ]


def _walk(pieces: list[Piece], text: str) -> bool:
    """Match by following every way at once: slower than an expression, but never lost in it."""
    tokens: list[Piece] = []
    for piece in pieces:
        tokens += piece if isinstance(piece, str) else [piece]
    stars = (STAR, INNER)

    def settle(places: set[int]) -> set[int]:
        reached = set()
        for place in places:
            reached.add(place)
            while place < len(tokens) and tokens[place] in stars:  # a star may match nothing
                place += 1
                reached.add(place)
        return reached

    places = settle({0})
    for character in text:
        ahead = set()
        for place in places:
            token = tokens[place] if place < len(tokens) else None
            if token is STAR or (token is INNER and character != ":"):
                ahead.add(place)
            elif token is ONE or token == character or (token is INNER_ONE and character != ":"):
                ahead.add(place + 1)
        places = settle(ahead)
    return len(tokens) in places


class ArnCondition:
    """A pattern of ArnLike or ArnEquals: each of the six parts has its own wildcards."""

    def __init__(self, pieces: list[Piece]) -> None:
        parts: list[list[Piece]] = [[]]
        for piece in pieces:
            if not isinstance(piece, str):
                parts[-1].append(piece)
                continue
            first, *more = piece.split(":", ARN_PARTS - len(parts))
            parts[-1].append(first)
            parts += [[one] for one in more]
        self._parts = [re.compile(expression(part), re.DOTALL) for part in parts]

    def matches(self, text: str) -> bool:
        """Whether the pattern means ``text``, which must be an ARN."""
        given = text.split(":", ARN_PARTS - 1)
        if len(self._parts) != ARN_PARTS or len(given) != ARN_PARTS:
            return False
        return all(
            part.fullmatch(one) is not None for part, one in zip(self._parts, given, strict=True)
        )
