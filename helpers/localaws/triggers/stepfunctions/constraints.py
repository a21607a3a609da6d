"""What botocore's model says about parameters: required, length, range, one of a set.

boto3 checks some of it itself; the AWS CLI, other languages and the rest of it need the service.
Source: https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions.errors import validation

_KINDS: dict[str, type] = {
    "string": str,
    "structure": dict,
    "list": list,
    "boolean": bool,
    "integer": int,
}
#: Inputs and outputs are measured in bytes of UTF-8, other texts in characters.
#: Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
MAX_PAYLOAD = 262_144
_FAILED = "failed to satisfy constraint: Member must"


def check(shape: Any, given: dict[str, Any]) -> None:
    """Raise ValidationException with all that is wrong; ``shape`` is the operation's input."""
    found = list(_structure(shape, given, ""))
    if found:
        errors = "errors" if len(found) > 1 else "error"
        raise validation(f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def _structure(shape: Any, given: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if given.get(name) is None:
            yield f"Value null at '{path}{name}' {_FAILED} not be null"
    for name, member in shape.members.items():
        if given.get(name) is not None:
            yield from _value(member, given[name], path + name)


def _value(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if not _is_a(value, _KINDS.get(kind, object)):
        yield f"Value at '{path}' {_FAILED} be of type {kind}"
        return
    # A value that may be secret is not repeated.
    shown = (
        f"Value at '{path}'" if shape.metadata.get("sensitive") else f"Value '{value}' at '{path}'"
    )
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if kind in ("string", "list"):
        size = len(value.encode()) if most == MAX_PAYLOAD else len(value)
        if least is not None and size < least:
            yield f"{shown} {_FAILED} have length greater than or equal to {least}"
        if most is not None and size > most:
            yield f"{shown} {_FAILED} have length less than or equal to {most}"
    elif kind == "integer":
        if least is not None and value < least:
            yield f"{shown} {_FAILED} have value greater than or equal to {least}"
        if most is not None and value > most:
            yield f"{shown} {_FAILED} have value less than or equal to {most}"
    if kind == "string" and shape.enum and value not in shape.enum:
        yield f"{shown} {_FAILED} satisfy enum value set: [{', '.join(shape.enum)}]"
    if kind == "structure":
        yield from _structure(shape, value, f"{path}.")
    if kind == "list":
        for index, inside in enumerate(value, 1):
            yield from _value(shape.member, inside, f"{path}.{index}.member")


def _is_a(value: Any, kind: type) -> bool:
    return isinstance(value, kind)
