"""Values of any kind, said in a few words that cannot break the line they stand in."""

from __future__ import annotations

import json
from typing import Any


def short(value: Any, most: int = 120) -> str:
    """A value as one short line of JSON (text that is a sentence stays without quotes)."""
    if isinstance(value, str) and " " in value:
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            text = kind(value)
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= most else text[: most - 1] + "…"


def kind(value: Any) -> str:
    """What JSON calls the value: "text", "a number", "a list", …"""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number with a decimal point"
    return "a list" if isinstance(value, list) else "an object"
