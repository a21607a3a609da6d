"""How large a request's content is, in the units that services bill by."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

KB = 1024
GB = Decimal(1024**3)
#: A value as DynamoDB's own API writes it: ``{"S": "text"}``.
_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}


def length(content: Any) -> int:
    """Bytes of text, bytes or a file-like body; 0 for what cannot be told without reading it."""
    if content is None:
        return 0
    if isinstance(content, str):
        return len(content.encode("utf-8", errors="replace"))
    if isinstance(content, bytes | bytearray | memoryview):
        return len(content)
    return 0


def chunks(size: int, chunk: int) -> int:
    """How many pieces of ``chunk`` bytes: at least one, a started one counts as a whole one."""
    return max(1, -(-size // chunk))


def item_size(value: Any) -> int:
    """About how many bytes DynamoDB counts for an item, typed or as Python writes it.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    if isinstance(value, Mapping):
        if len(value) == 1 and (kind := next(iter(value))) in _TYPES:
            held = value[kind]
            return _number(held) if kind == "N" else item_size(held)
        return 3 + sum(length(name) + 1 + item_size(held) for name, held in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return 3 + sum(1 + item_size(one) for one in value)
    if isinstance(value, bool) or value is None:
        return 1
    if isinstance(value, int | float | Decimal):
        return _number(value)
    return length(getattr(value, "value", value))  # boto3's Binary holds its bytes there


def _number(value: Any) -> int:
    digits = len(str(value).strip("-").replace(".", "").strip("0"))
    return digits // 2 + 2
