"""AWS's own first look at a request: types, lengths, patterns, lists of values, from its model.

boto3 checks types and the shortest lengths itself, other programs do not; what is of a wrong type
is refused at once, all else with one sentence for everything that is wrong.
Source: botocore's service models; recorded answers:
https://github.com/localstack/localstack/blob/main/tests/aws/services/events/test_events.snapshot.json
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from typing import Any

_FAILED = "failed to satisfy constraint: Member must"
#: Members that no model shows but refusals do.
_UNDOCUMENTED = {"PutEventsRequestEntry": ("kmsKeyIdentifier=null", "internalMetadata=null")}
#: What a JSON value is called in a SerializationException.
_TOKENS: dict[type, str] = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
}
#: What a parameter may be in JSON, by its kind in the model, and how AWS calls that.
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "String"),
    "integer": ((int, float), "Integer"),
    "long": ((int, float), "Long"),
    "double": ((int, float), "Double"),
    "boolean": ((bool,), "Boolean"),
}


def checked(
    call_action: Callable[..., Any], service: str, refusal: str | None
) -> Callable[..., Any]:
    """moto's ``call_action`` of a JSON service, which looks at nothing.

    ``refusal`` is the code of the service's error for what breaks the model; None where a part of
    the parameters is in the address, and only the body's types are looked at.
    """

    @wraps(call_action)
    def call(response: Any) -> Any:
        operation = response._get_action()
        if operation not in _model(service).operation_names:
            return call_action(response)
        try:
            response.body = _whole(response.body or "{}")
            given = json.loads(response.body)
            shape = _model(service).operation_model(operation).input_shape
            if shape is not None:
                check_types(shape, given)
        except ValueError as wrong:
            return _error(
                "SerializationException", str(wrong) if isinstance(wrong, Mistyped) else ""
            )
        if shape and refusal and (broken := problem(service, operation, given)):
            return _error(refusal, broken)
        return call_action(response)

    return call


def _whole(body: Any) -> str:
    """The request's JSON, with ? for halves of characters (``\\ud83d``), as Java writes them."""
    text = body.decode() if isinstance(body, bytes) else str(body)
    if "\\ud" not in text.lower():
        return text
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return whole.encode("utf-8", "replace").decode()


def _error(code: str, message: str) -> tuple[int, dict[str, str], str]:
    document = {"__type": code, "message": message}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document)


class Mistyped(ValueError):
    """A JSON value of another type than the model's."""


def check_types(shape: Any, value: Any) -> None:
    """Raise Mistyped where a value is of another type than the model says."""
    kind = shape.type_name
    if value is None:
        return
    if kind == "structure":
        if not isinstance(value, dict):
            raise Mistyped("Unexpected value type in payload")
        for name, member in shape.members.items():
            check_types(member, value.get(name))
    elif kind == "list":
        if not isinstance(value, list):
            raise Mistyped("Expected list or null")
        for one in value:
            check_types(shape.member, one)
    elif kind == "map":
        if not isinstance(value, dict):
            raise Mistyped("Expected map or null")
        for one in value.values():
            check_types(shape.value, one)
    elif kind in _KINDS:
        _check_plain(kind, value)


def _check_plain(kind: str, value: Any) -> None:
    allowed, called = _KINDS[kind]
    if isinstance(value, list):
        raise Mistyped("Start of list found where not expected")
    if isinstance(value, dict):
        raise Mistyped("Start of structure or map found where not expected.")
    found = f"{str(value).upper()}_VALUE" if isinstance(value, bool) else _TOKENS[type(value)]
    if not isinstance(value, allowed) or isinstance(value, bool) != (kind == "boolean"):
        raise Mistyped(f"{found} can not be converted to {called}")


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
        yield f"Value '{_shown(shape, value)}' at '{path}' {_FAILED} {constraint}"
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            inner = name[0].lower() + name[1:]
            below = f"{path}.{inner}" if path else inner
            if value.get(name) is None and name in shape.required_members:
                yield f"Value null at '{below}' {_FAILED} not be null"
            yield from _walk(member, value.get(name), below)
    elif shape.type_name == "list" and isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _walk(shape.member, one, f"{path}.{number}.member")


def _shown(shape: Any, value: Any) -> str:
    """A value as AWS's services, which are written in Java, quote it."""
    if value is None:
        return "null"
    if shape.type_name == "list" and isinstance(value, list):
        return f"[{', '.join(_shown(shape.member, one) for one in value)}]"
    if shape.type_name == "structure" and isinstance(value, dict):
        members = [
            f"{name[0].lower()}{name[1:]}={_shown(member, value.get(name))}"
            for name, member in shape.members.items()
        ]
        return f"{shape.name}({', '.join([*members, *_UNDOCUMENTED.get(shape.name, ())])})"
    return str(value).lower() if isinstance(value, bool) else str(value)


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
