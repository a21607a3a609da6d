"""What DynamoDB shows of an item: its attributes as JSON, their size, and whether two are equal.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

#: An image: attribute name → ``{"S": "text"}``. Binary values are base64 text.
Image = dict[str, dict[str, Any]]


def image(item: Any) -> Image:
    """The attributes of one of moto's items, copied."""
    return {name: plain(value) for name, value in item.attrs.items()}


def plain(value: Any) -> dict[str, Any]:
    """One of moto's values as ``{"S": "text"}``."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    if not isinstance(value, DynamoType):
        value = DynamoType(value)
    content = value.value
    if value.type == "M":
        content = {name: plain(one) for name, one in content.items()}
    elif value.type == "L":
        content = [plain(one) for one in content]
    elif value.type == "B":
        content = _text(content)
    elif value.type == "BS":
        content = [_text(one) for one in content]
    elif value.type in ("SS", "NS"):
        content = list(content)
    return {value.type: content}


def size(attributes: Image) -> int:
    """Bytes, names included."""
    return sum(len(name.encode()) + _size(value) for name, value in attributes.items())


def same(one: Image | None, other: Image | None) -> bool:
    """Whether both hold the same: ``1`` is ``1.0``, and a set has no order."""
    if one is None or other is None:
        return one is other
    return one == other or _comparable({"M": one}) == _comparable({"M": other})


def binaries_as_bytes(attributes: Image) -> Image:
    """The same image with bytes in place of base64 text, as moto's answers want it."""
    return {name: _as_bytes(value) for name, value in attributes.items()}


def _text(content: Any) -> str:
    return base64.b64encode(content).decode() if isinstance(content, bytes) else str(content)


def _size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        digits = "".join(str(digit) for digit in Decimal(content).as_tuple().digits)
        return (len(digits.strip("0")) + 1) // 2 + 1
    if kind == "B":
        return len(base64.b64decode(content))
    if kind in ("SS", "NS", "BS"):
        return sum(_size({kind[0]: one}) for one in content)
    if kind == "L":
        return 3 + sum(1 + _size(one) for one in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in content.items())
    return 1  # BOOL, NULL


def _comparable(value: dict[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind == "NS":
        return kind, frozenset(Decimal(one) for one in content)
    if kind in ("SS", "BS"):
        return kind, frozenset(content)
    if kind == "L":
        return kind, [_comparable(one) for one in content]
    if kind == "M":
        return kind, {name: _comparable(one) for name, one in content.items()}
    return kind, content


def _as_bytes(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "BS":
        return {kind: [base64.b64decode(one) for one in content]}
    if kind == "L":
        return {kind: [_as_bytes(one) for one in content]}
    if kind == "M":
        return {kind: binaries_as_bytes(content)}
    return value
