"""Lists in pages: ``MaxItems`` and ``Marker`` in, ``NextMarker`` out."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from helpers.localaws.compute.api import Asked
from helpers.localaws.compute.errors import InvalidParameterValue


def page(asked: Asked, name: str, items: list[Any], most: int = 50) -> dict[str, Any]:
    """``{name: the page, "NextMarker": …}``; the marker is missing on the last page."""
    size = min(int(asked.get("MaxItems") or most), most)
    try:
        begin = int(base64.b64decode(asked.get("Marker") or b"MA==", validate=True))
    except (binascii.Error, ValueError):
        raise InvalidParameterValue("The Marker does not come from an earlier answer.") from None
    answer: dict[str, Any] = {name: items[begin : begin + size]}
    if begin + size < len(items):
        answer["NextMarker"] = base64.b64encode(str(begin + size).encode()).decode()
    return answer
