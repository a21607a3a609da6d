"""The comparisons behind the condition operators, each in its positive form.

A value of the request that is not of the operator's type (``NumericEquals`` and "many") matches
nothing; the negated operator is then true, as it is for every value that does not match.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from helpers.localaws.iam.arns import ArnCondition
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.patterns import compiled
from helpers.localaws.iam.template import Template, Variable


class Comparison:
    """A comparison with the values of a policy: it matches where one of them does."""

    variables: tuple[Variable, ...] = ()

    def __init__(self, values: Sequence[str], variables: bool) -> None:
        raise NotImplementedError

    def matches(self, given: str, context: Context) -> bool:
        """Whether ``given``, one value of the request, matches."""
        raise NotImplementedError


class _Text(Comparison):
    """Values that may hold variables; those that do not are prepared once."""

    def __init__(self, values: Sequence[str], variables: bool) -> None:
        templates = [Template(one, variables) for one in values]
        self._changing = [one for one in templates if not one.is_fixed]
        self._prepare([one for one in templates if one.is_fixed])
        self.variables = tuple(v for one in self._changing for v in one.variables)

    def _prepare(self, fixed: list[Template]) -> None:
        raise NotImplementedError


class StringEquals(_Text):
    def _prepare(self, fixed: list[Template]) -> None:
        self._fixed = frozenset(self._fold(one.text_for(_NONE) or "") for one in fixed)

    @staticmethod
    def _fold(text: str) -> str:
        return text

    def matches(self, given: str, context: Context) -> bool:
        folded = self._fold(given)
        if folded in self._fixed:
            return True
        for one in self._changing:
            text = one.text_for(context)
            if text is not None and self._fold(text) == folded:
                return True
        return False


class StringEqualsIgnoreCase(StringEquals):
    @staticmethod
    def _fold(text: str) -> str:
        return text.casefold()


class StringLike(_Text):
    def _prepare(self, fixed: list[Template]) -> None:
        expressions = [one.expression_for(_NONE) or "" for one in fixed]
        self._fixed = compiled(expressions) if expressions else None

    def matches(self, given: str, context: Context) -> bool:
        if self._fixed is not None and self._fixed.fullmatch(given):
            return True
        for one in self._changing:
            expression = one.expression_for(context)
            if expression is not None and re.fullmatch(expression, given, re.DOTALL):
                return True
        return False


class ArnLike(_Text):
    """ArnEquals behaves the same."""

    def _prepare(self, fixed: list[Template]) -> None:
        self._fixed = [ArnCondition(one.pieces_for(_NONE) or []) for one in fixed]

    def matches(self, given: str, context: Context) -> bool:
        if any(pattern.matches(given) for pattern in self._fixed):
            return True
        filled = (one.pieces_for(context) for one in self._changing)
        return any(pieces is not None and ArnCondition(pieces).matches(given) for pieces in filled)


class Bool(StringEquals):
    @staticmethod
    def _fold(text: str) -> str:
        return text.lower()


class BinaryEquals(Comparison):
    """Both sides are base64."""

    def __init__(self, values: Sequence[str], variables: bool) -> None:
        self._wanted = {_bytes(one) for one in values} - {None}

    def matches(self, given: str, context: Context) -> bool:
        return _bytes(given) in self._wanted


class IpAddress(Comparison):
    """Addresses and ranges, of version 4 and 6; an address alone is a range of one."""

    def __init__(self, values: Sequence[str], variables: bool) -> None:
        self._ranges = [found for one in values if (found := network(one))]

    def matches(self, given: str, context: Context) -> bool:
        try:
            address = ipaddress.ip_address(given)
        except ValueError:
            return False
        return any(address in one for one in self._ranges)


def _ordered(
    compare: Callable[[Any, Any], bool], read: Callable[[str], Any]
) -> Callable[[Sequence[str], bool], Comparison]:
    """A comparison of numbers or of dates."""

    class Ordered(Comparison):
        def __init__(self, values: Sequence[str], variables: bool) -> None:
            self._wanted = [found for one in values if (found := read(one)) is not None]

        def matches(self, given: str, context: Context) -> bool:
            found = read(given)
            return found is not None and any(compare(found, one) for one in self._wanted)

    return Ordered


def number(text: str) -> Decimal | None:
    """An integer or decimal value; None where the text is none."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.IGNORECASE,
)


def date(text: str) -> Decimal | None:
    """Seconds since 1970 of a date in ISO 8601 (W3C's forms), or given as such seconds.

    Four digits are a year, as in those forms; a time without a zone is in UTC.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return number(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        moment = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
            f"{zone}"
        )
        seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return Decimal(int(seconds)) + Decimal(fraction or 0)


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """An address or range in CIDR notation; bits behind the prefix do not matter."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_NONE = Context({})

#: The positive operators; a negated one (``StringNotEquals``) is built on its positive one.
OPERATORS: dict[str, Callable[[Sequence[str], bool], Comparison]] = {
    "StringEquals": StringEquals,
    "StringEqualsIgnoreCase": StringEqualsIgnoreCase,
    "StringLike": StringLike,
    "ArnEquals": ArnLike,
    "ArnLike": ArnLike,
    "Bool": Bool,
    "BinaryEquals": BinaryEquals,
    "IpAddress": IpAddress,
}
for _kind, _read in (("Numeric", number), ("Date", date)):
    for _name, _compare in (
        ("Equals", operator.eq),
        ("LessThan", operator.lt),
        ("LessThanEquals", operator.le),
        ("GreaterThan", operator.gt),
        ("GreaterThanEquals", operator.ge),
    ):
        OPERATORS[f"{_kind}{_name}"] = _ordered(_compare, _read)
