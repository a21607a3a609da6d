"""AWS's own first look at a request: lengths, patterns and lists of values, from its model.

boto3 checks types and the shortest lengths itself; the rest is refused by the service, with one
sentence for everything that is wrong.
Source: botocore's service models; recorded answers:
https://github.com/localstack/localstack/blob/main/tests/aws/services/events/test_events.snapshot.json
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any


def problem(service: str, operation: str, parameters: dict[str, Any]) -> str | None:
    """AWS's sentence about every parameter that breaks the model; None where none does."""
    found = list(_walk(_model(service).operation_model(operation).input_shape, parameters, ""))
    if not found:
        return None
    plural = "s" if len(found) > 1 else ""
    return f"{len(found)} validation error{plural} detected: {'; '.join(found)}"


@lru_cache(maxsize=8)
def _model(service: str) -> Any:
    from moto.core.utils import get_service_model

    return get_service_model(service)


def _walk(shape: Any, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    for constraint in _broken(shape, value):
        shown = "" if shape.type_name in ("list", "structure", "map") else value
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {constraint}"
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            inner = name[0].lower() + name[1:]
            yield from _walk(member, value.get(name), f"{path}.{inner}" if path else inner)
    elif shape.type_name == "list" and isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _walk(shape.member, one, f"{path}.{number}.member")


def _broken(shape: Any, value: Any) -> Iterator[str]:
    limits = shape.metadata
    sized = isinstance(value, str | list | dict)
    size = len(value) if sized else value
    what = "length" if sized else "value"
    if isinstance(size, int | float) and not isinstance(size, bool):
        if "max" in limits and size > limits["max"]:
            yield f"have {what} less than or equal to {limits['max']}"
        if "min" in limits and size < limits["min"]:
            yield f"have {what} greater than or equal to {limits['min']}"
    if isinstance(value, str):
        pattern = _pattern(limits.get("pattern", ""))
        if pattern is not None and not pattern.fullmatch(value):
            yield f"satisfy regular expression pattern: {limits['pattern']}"
        if limits.get("enum") and value not in limits["enum"]:
            yield f"satisfy enum value set: [{', '.join(limits['enum'])}]"


@lru_cache(maxsize=256)
def _pattern(source: str) -> re.Pattern[str] | None:
    """The model's pattern; None where there is none, or Python cannot read it (``\\p{L}``)."""
    try:
        return re.compile(source) if source else None
    except re.error:
        return None
