"""Checks in front of moto's own methods: what AWS refuses and moto would take."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError

#: Sees moto's backend and the arguments by moto's names; raises what AWS would.
Check = Callable[[Any, dict[str, Any]], None]


def checked(method: Callable[..., Any], check: Check) -> Callable[..., Any]:
    """``method`` (of one of moto's classes), called only after ``check`` has found no fault."""
    signature = inspect.signature(method)

    @functools.wraps(method)
    def first_checked(self: Any, *arguments: Any, **more: Any) -> Any:
        given = signature.bind(self, *arguments, **more)
        given.apply_defaults()
        by_name = dict(given.arguments)
        by_name |= by_name.pop("kwargs", {})
        by_name.pop("self")
        check(self, by_name)
        return method(self, *arguments, **more)

    return first_checked


class BadRequest(JsonRESTError):
    def __init__(self, message: str) -> None:
        super().__init__("BadRequestException", message)


class Conflict(JsonRESTError):
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


class NotFound(JsonRESTError):
    code = 404

    def __init__(self, message: str) -> None:
        super().__init__("NotFoundException", message)


class Invalid(JsonRESTError):
    """A value that the service's model does not know."""

    def __init__(self, value: Any, member: str, values: str) -> None:
        super().__init__(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{values}]",
        )
