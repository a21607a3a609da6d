"""The operators of event patterns: each becomes a question that is asked of one value.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from helpers.localaws.triggers.eventbridge.tokens import (
    ARRAY,
    END_ARRAY,
    END_OBJECT,
    FALSE,
    NAME,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    TRUE,
    Malformed,
    Tokens,
)

#: Whether one value of the event, a leaf of its JSON, fits.
Matcher = Callable[[Any], bool]
#: Numbers beyond this are compared as they are written, and by no operator.
MOST = 5e9
#: More wildcards than this in one value are too much work for AWS.
MAX_WILDCARDS = 5

_ONE_KEY = "Only one key allowed in match expression"


class Refused(Exception):
    """An operator's value is wrong; AWS says so without a place."""


def absent(value: Any) -> bool:
    """``{"exists": false}``: the one operator that asks about what is not there."""
    return False


def present(value: Any) -> bool:
    """``{"exists": true}``: any value will do, null too."""
    return True


def exactly(wanted: Any) -> Matcher:
    """A plain value: the same kind and the same value (300 and 300.0 are the same number)."""
    return lambda value: _kind(value) is _kind(wanted) and bool(value == wanted)


def read_operator(tokens: Tokens) -> Matcher:
    """Read ``{"prefix": "a"}``, whose opening brace was the last token, to its closing brace.

    Raises Malformed with AWS's words and place, Refused where AWS names no place.
    """
    if tokens.next() != NAME:
        tokens.refuse("Match expression name not found")
    name = str(tokens.value)
    reader = _READERS.get(name)
    if reader is None:
        tokens.next()
        tokens.refuse(f"Unrecognized match type {name}")
    return reader(tokens)


# -- operators on texts ------------------------------------------------------------------------


def _read_exactly(tokens: Tokens) -> Matcher:
    return _close(tokens, exactly(_read_text(tokens, "exact")))


def _read_prefix(tokens: Tokens) -> Matcher:
    return _read_end(tokens, "prefix", str.startswith)


def _read_suffix(tokens: Tokens) -> Matcher:
    return _read_end(tokens, "suffix", str.endswith)


def _read_end(tokens: Tokens, name: str, fits: Callable[[str, str], bool]) -> Matcher:
    """``"a"`` or ``{"equals-ignore-case": "a"}``."""
    if tokens.next() != OBJECT:
        end = _text_of(tokens, name)
        return _close(tokens, lambda value: isinstance(value, str) and fits(value, end))
    if tokens.next() != NAME:
        tokens.refuse(f"{name.capitalize()} expression name not found")
    if tokens.value != "equals-ignore-case":
        tokens.refuse(f"Unsupported {name} pattern: {tokens.value}")
    folded = _read_text(tokens, "equals-ignore-case").lower()
    _end(tokens, _ONE_KEY)
    return _close(tokens, lambda value: isinstance(value, str) and fits(value.lower(), folded))


def _read_ignore_case(tokens: Tokens) -> Matcher:
    return _close(tokens, _ignoring_case(_read_text(tokens, "equals-ignore-case")))


def _ignoring_case(text: str) -> Matcher:
    folded = text.lower()
    return lambda value: isinstance(value, str) and value.lower() == folded


def _read_wildcard(tokens: Tokens) -> Matcher:
    return _close(tokens, _wildcard(tokens, _read_text(tokens, "wildcard")))


def _wildcard(tokens: Tokens, text: str) -> Matcher:
    """``*`` for any characters; ``\\*`` and ``\\\\`` for themselves."""
    pattern, at, stars = "", 0, 0
    while at < len(text):
        sign, following = text[at], text[at + 1 : at + 2]
        if sign == "*":
            if following == "*":
                tokens.refuse(f"Consecutive wildcard characters at pos {_bytes(text, at)}")
            pattern += ".*"
            stars += 1
        elif sign == "\\":
            if following not in ("*", "\\"):
                tokens.refuse(f"Invalid escape character at pos {_bytes(text, at)}")
            pattern += re.escape(following)
            at += 1
        else:
            pattern += re.escape(sign)
        at += 1
    if stars > MAX_WILDCARDS:
        raise Refused(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating "
            "character sequences after a wildcard character"
        )
    compiled = re.compile(pattern, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _bytes(text: str, at: int) -> int:
    return len(text[:at].encode()) + 1


def _read_cidr(tokens: Tokens) -> Matcher:
    return _close(tokens, _range_of_addresses(_read_text(tokens, "prefix")))


def _range_of_addresses(text: str) -> Matcher:
    parts = text.split("/")
    if len(parts) != 2:
        raise Refused("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[+-]?\d+", parts[1]):
        raise Refused("Malformed CIDR, mask bits must be an integer")
    bits = int(parts[1])
    if bits < 0:
        raise Refused("Malformed CIDR, mask bits must not be negative")
    try:
        first = ipaddress.ip_address(parts[0])
    except ValueError:
        raise Refused(f"Nonstandard IP address: {parts[0]}") from None
    if bits >= first.max_prefixlen:
        raise Refused(f"IPv{first.version} mask bits must be < {first.max_prefixlen}")
    last = int(first) | (2 ** (first.max_prefixlen - bits) - 1)

    def within(value: Any) -> bool:
        try:
            address = ipaddress.ip_address(value) if isinstance(value, str) else None
        except ValueError:
            return False
        if address is None or address.version != first.version:
            return False
        return int(first) <= int(address) <= last

    return within


# -- numeric -----------------------------------------------------------------------------------


def _read_numeric(tokens: Tokens) -> Matcher:
    """``[">", 0, "<=", 5]``: one comparison, or a lower and then an upper end."""
    if tokens.next() != ARRAY:
        tokens.refuse("Value of numeric must be an array.")
    if tokens.next() != TEXT:
        tokens.refuse(f"Invalid member in numeric match: {tokens.text()}")
    operator = tokens.text()
    tokens.next()
    if operator not in _COMPARE:
        tokens.refuse(f"Unrecognized numeric range operator: {operator}")
    first = _number_of(tokens, "equals" if operator == "=" else operator)
    conditions = [(_COMPARE[operator], first)]
    if tokens.next() != END_ARRAY:
        if operator not in (">", ">="):
            tokens.refuse("Too many elements in numeric expression")
        conditions.append(_read_upper_end(tokens, first))
    _end(tokens, "Too many elements in numeric expression")
    return lambda value: _is_number(value) and all(fits(value, end) for fits, end in conditions)


def _read_upper_end(tokens: Tokens, bottom: float) -> tuple[Callable[[Any, Any], bool], float]:
    if tokens.kind != TEXT:
        tokens.refuse(f"Bad value in numeric range: {tokens.text()}")
    operator = tokens.text()
    if operator not in ("<", "<="):
        tokens.refuse(f"Bad numeric range operator: {operator}")
    tokens.next()
    top = _number_of(tokens, operator)
    if tokens.next() != END_ARRAY:
        tokens.refuse("Too many terms in numeric range expression")
    if bottom >= top:
        tokens.refuse("Bottom must be less than top")
    return _COMPARE[operator], top


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, end: bool(value == end),
    "<": lambda value, end: bool(value < end),
    "<=": lambda value, end: bool(value <= end),
    ">": lambda value, end: bool(value > end),
    ">=": lambda value, end: bool(value >= end),
}


def _number_of(tokens: Tokens, name: str) -> float:
    if tokens.kind != NUMBER:
        tokens.refuse(f"Value of {name} must be numeric")
    if abs(tokens.value) > MOST:
        tokens.refuse("Value must be between -5.0E9 and 5.0E9, inclusive")
    return float(tokens.value)


def _is_number(value: Any) -> bool:
    return _kind(value) is float and abs(value) <= MOST


# -- anything-but ------------------------------------------------------------------------------


def _read_anything_but(tokens: Tokens) -> Matcher:
    """Everything that is there and does not fit what is named."""
    inner = None
    kind = tokens.next()
    if kind == OBJECT:
        if tokens.next() != NAME:
            tokens.refuse("Anything-But expression name not found")
        inner = str(tokens.value)
        if inner not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
            tokens.refuse(f"Unsupported anything-but pattern: {inner}")
        kind = tokens.next()
    if kind not in (ARRAY, TEXT, NUMBER):
        tokens.refuse("Value of anything-but must be an array or single string/number value.")
    unwanted = _read_list(tokens, inner) if kind == ARRAY else [_unwanted(tokens, inner)]
    too_many = "Too many elements in numeric expression"
    _end(tokens, too_many)
    if inner:
        _end(tokens, too_many)
    return lambda value: not any(fits(value) for fits in unwanted)


def _read_list(tokens: Tokens, inner: str | None) -> list[Matcher]:
    unwanted, kinds = [], set()
    try:
        while tokens.next() != END_ARRAY:
            kinds.add(tokens.kind)
            if inner is None and tokens.kind not in (TEXT, NUMBER):
                tokens.refuse("Inside anything but list, start|null|boolean is not supported.")
            unwanted.append(_unwanted(tokens, inner))
    except Malformed as problem:
        tokens.refuse(str(problem))  # AWS names the place twice here
    if inner is None and len(kinds) != 1:
        tokens.refuse(
            "Inside anything but list, either all values are number or string, mixed type is not "
            "supported"
        )
    return unwanted


def _unwanted(tokens: Tokens, inner: str | None) -> Matcher:
    if inner is None:
        if tokens.kind == NUMBER:
            return exactly(_number_of(tokens, "anything-but"))
        return exactly(tokens.text())
    if tokens.kind != TEXT:
        tokens.refuse(
            {
                "equals-ignore-case": "Inside anything-but/equals-ignore-case list, "
                "number|start|null|boolean is not supported.",
                "wildcard": "wildcard match pattern must be a string",
            }.get(inner, "prefix/suffix match pattern must be a string")
        )
    text = tokens.text()
    if inner == "wildcard":
        return _wildcard(tokens, text)
    if inner == "equals-ignore-case":
        return _ignoring_case(text)
    if not text:
        tokens.refuse("Null prefix/suffix not allowed")
    fits = str.startswith if inner == "prefix" else str.endswith
    return lambda value: isinstance(value, str) and fits(value, text)


# -- exists ------------------------------------------------------------------------------------


def _read_exists(tokens: Tokens) -> Matcher:
    kind = tokens.next()
    if kind not in (TRUE, FALSE):
        tokens.refuse("exists match pattern must be either true or false.")
    return _close(tokens, present if kind == TRUE else absent)


_READERS: dict[str, Callable[[Tokens], Matcher]] = {
    "exactly": _read_exactly,
    "prefix": _read_prefix,
    "suffix": _read_suffix,
    "equals-ignore-case": _read_ignore_case,
    "wildcard": _read_wildcard,
    "cidr": _read_cidr,
    "numeric": _read_numeric,
    "anything-but": _read_anything_but,
    "exists": _read_exists,
}
#: Names that no field inside ``$or`` may have: they are, or shall once be, operators.
RESERVED = {
    *_READERS, *_COMPARE, "regex", "not-wildcard", "not-equals-ignore-case", "date-after",
    "date-on-or-after", "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range",
    "ip-address-not-in-range",
}  # fmt: skip


# -- small steps -------------------------------------------------------------------------------


def _read_text(tokens: Tokens, name: str) -> str:
    tokens.next()
    return _text_of(tokens, name)


def _text_of(tokens: Tokens, name: str) -> str:
    if tokens.kind != TEXT:
        tokens.refuse(f"{name} match pattern must be a string")
    return tokens.text()


def _close(tokens: Tokens, matcher: Matcher) -> Matcher:
    _end(tokens, _ONE_KEY)
    return matcher


def _end(tokens: Tokens, otherwise: str) -> None:
    if tokens.next() != END_OBJECT:
        tokens.refuse(otherwise)


def _kind(value: Any) -> type:
    """JSON's kinds: int and float are one, and true is no number."""
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float) else type(value)


def value_of(tokens: Tokens) -> Any:
    """The value of a token that is a plain one: text, number, true, false or null."""
    if tokens.kind == TEXT:
        return tokens.text()
    return {TRUE: True, FALSE: False, NULL: None}.get(str(tokens.kind), tokens.value)
