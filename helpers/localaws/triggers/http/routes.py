"""Which resource of a REST API, or which route of an HTTP API, answers a path.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-method-settings-method-request.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import unquote

Target = TypeVar("Target")

#: How well one part of a path fits: the same word, a variable, whatever is left.
_EXACT, _VARIABLE, _GREEDY = 0, 1, 2


def best(
    candidates: Iterable[tuple[str, Target]], path: str, *, decode: bool
) -> tuple[Target, dict[str, str]] | None:
    """The candidate (its pattern, itself) that fits ``path`` best, and the path's variables.

    ``path`` is percent-encoded; with ``decode`` the variables' values are not.
    """
    found: list[tuple[list[int], Target, dict[str, str]]] = []
    parts = path.split("/")[1:]
    for pattern, target in candidates:
        fitting = _fit(pattern.split("/")[1:], parts, decode)
        if fitting is not None:
            found.append((fitting[0], target, fitting[1]))
    if not found:
        return None
    _, target, variables = min(found, key=lambda one: one[0])
    return target, variables


def _fit(
    pattern: list[str], parts: list[str], decode: bool
) -> tuple[list[int], dict[str, str]] | None:
    """How a pattern fits the parts of a path, part by part; None: it does not."""
    ranks: list[int] = []
    variables: dict[str, str] = {}
    for place, wanted in enumerate(pattern):
        if wanted.startswith("{") and wanted.endswith("+}"):
            rest = "/".join(parts[place:])
            if not rest.strip("/"):
                return None
            variables[wanted[1:-2]] = unquote(rest) if decode else rest
            return [*ranks, _GREEDY], variables
        if place >= len(parts):
            return None
        part = parts[place]
        if wanted.startswith("{") and wanted.endswith("}"):
            if not part:
                return None
            variables[wanted[1:-1]] = unquote(part) if decode else part
            ranks.append(_VARIABLE)
        elif wanted in (part, unquote(part)):
            ranks.append(_EXACT)
        else:
            return None
    return (ranks, variables) if len(parts) == len(pattern) else None
