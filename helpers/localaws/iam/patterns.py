"""Strings with ``*`` and ``?``, and ARNs made of them.

``*`` stands for any number of characters, ``?`` for exactly one.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

#: An ARN has six parts; the last one, the resource, may hold colons of its own.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
ARN_PARTS = 6

# One piece of a pattern: a literal text, or one of these.
STAR, ONE = object(), object()
Piece = str | object


def pieces_of(text: str) -> list[Piece]:
    """Take ``text`` apart into literal texts, STAR and ONE."""
    found: list[Piece] = []
    for part in re.split(r"([*?])", text):
        if part == "*":
            if not found or found[-1] is not STAR:  # ** means no more than *
                found.append(STAR)
        elif part == "?":
            found.append(ONE)
        elif part:
            found.append(part)
    return found


def expression(pieces: Iterable[Piece]) -> str:
    """The regular expression of a pattern, for ``fullmatch``.

    Behind a ``*`` the shortest way to the next literal is always good enough, so each is an atomic
    group: no pattern, however many stars it has, takes more than one pass.
    """
    chunks: list[str] = [""]
    for piece in pieces:
        if piece is STAR:
            chunks.append("")
        else:
            chunks[-1] += "." if piece is ONE else re.escape(str(piece))
    if len(chunks) == 1:
        return chunks[0]
    middle = "".join(f"(?>.*?{chunk})" for chunk in chunks[1:-1])
    return f"{chunks[0]}{middle}.*{chunks[-1]}"


def compiled(expressions: Iterable[str], ignore_case: bool = False) -> re.Pattern[str]:
    """One pattern that matches what any of these matches."""
    joined = "|".join(f"(?:{one})" for one in expressions)
    return re.compile(joined, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


@lru_cache(maxsize=4096)
def _like(pattern: str) -> re.Pattern[str]:
    return compiled([expression(pieces_of(pattern))])


def like(pattern: str, text: str) -> bool:
    """Whether the whole ``text`` is what ``pattern`` describes; upper and lower case differ."""
    return _like(pattern).fullmatch(text) is not None
