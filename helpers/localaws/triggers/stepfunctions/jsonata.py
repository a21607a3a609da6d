"""JSONata: evaluates the ``{% … %}`` of a state, with the functions that Step Functions adds.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

#: An expression that runs longer (milliseconds) or calls itself deeper than this is stopped.
_TIMEOUT, _DEPTH = 5_000, 150
_HASHES = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}


class QueryError(Exception):
    """An expression failed; the message is what follows its name in the cause."""


def syntax_problem(expression: str) -> str | None:
    """None for an expression that can be parsed, else what is wrong with it."""
    from jsonata import Jsonata

    try:
        Jsonata(expression)
    except Exception as problem:
        return str(problem)
    return None


def evaluate(expression: str, variables: dict[str, Any]) -> Any:
    """The expression's value, as plain JSON; ``variables`` are named without their ``$``.

    Raises QueryError where it fails or has no value.
    """
    from jsonata import Jsonata
    from jsonata.utils import Utils

    # JSONata's "nothing" and its null are the same None in Python. In an object they differ: what
    # is nothing is not a member.
    compiled = Jsonata('{"value": (' + expression + "\n)}", timeout=_TIMEOUT, stack=_DEPTH)
    for name, function in FUNCTIONS.items():
        compiled.register_lambda(name, function)
    for name, value in variables.items():
        compiled.assign(name, Utils.NULL_VALUE if value is None else value)
    try:
        result = compiled.evaluate(None)
    except QueryError:
        raise
    except RecursionError:
        raise QueryError("threw an error during evaluation. Stack overflow") from None
    except Exception as problem:
        code = getattr(problem, "error", None)
        text = f"{code}: {problem}" if code else str(problem)
        raise QueryError(f"threw an error during evaluation. {text}") from None
    if "value" not in result:
        raise QueryError("returned nothing (undefined).")
    return _plain(result["value"])


def _plain(value: Any) -> Any:
    """Without the library's own kinds of lists; functions are no result."""
    if isinstance(value, dict):
        return {name: _plain(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(inside) for inside in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise QueryError("returned an unsupported result type.")


def _partition(array: Any, size: Any) -> Any:
    """``$partition([1,2,3], 2)`` is ``[[1,2],[3]]``."""
    if not isinstance(size, int | float) or size < 1:
        raise QueryError("threw an error during evaluation. The chunk size must be positive")
    step = int(size)
    items = array if isinstance(array, list) else [array]
    return [items[start : start + step] for start in range(0, len(items), step)]


def _range(first: Any, last: Any, step: Any) -> list[Any]:
    """``$range(1, 9, 4)`` is ``[1,5,9]``: with its end."""
    if not step:
        raise QueryError("threw an error during evaluation. The range's delta must not be 0")
    return [first + index * step for index in range(max(0, int((last - first) // step) + 1))]


def _hash(data: Any, algorithm: Any = "SHA-256") -> str:
    if algorithm not in _HASHES:
        raise QueryError(f"threw an error during evaluation. Unknown hash '{algorithm}'")
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()


def _random(seed: Any = None) -> float:
    return random.Random(seed).random()


def _uuid() -> str:
    return str(uuid.uuid4())


def _parse(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise QueryError("threw an error during evaluation. $parse() takes valid JSON") from None


def _eval(*_: Any) -> Any:
    raise QueryError("threw an error during evaluation. $eval() is not supported")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": _uuid,
    "parse": _parse,
    "eval": _eval,
}
