"""JSONPath as AWS reads it. Its library (Jayway's) tells definite paths, which name one place, from
indefinite ones, which collect: the first give a value, the second always a list.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def extract(path: str, data: Any) -> Any:
    """What the path selects. Raises NoSuchJsonPathError (moto's) where a definite one finds
    nothing."""
    from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

    if path == "$":
        return data
    expression, definite = _parse(path)
    found = [match.value for match in expression.find(data)]
    if not definite:
        return found
    if not found:
        raise NoSuchJsonPathError(path, data)
    return found[0]


def check(path: str) -> None:
    """Raise an error of the library for what is no path."""
    if path != "$":
        _parse(path)


@lru_cache(maxsize=2000)
def _parse(path: str) -> tuple[Any, bool]:
    from jsonpath_ng.ext.parser import parse

    expression = parse(path)
    return expression, _is_definite(expression)


def _is_definite(expression: Any) -> bool:
    """Only names and single indices, from the root."""
    from jsonpath_ng.jsonpath import Child, Fields, Index, Root

    if isinstance(expression, Child):
        return _is_definite(expression.left) and _is_definite(expression.right)
    if isinstance(expression, Fields):
        return len(expression.fields) == 1 and expression.fields[0] != "*"
    if isinstance(expression, Index):
        return len(getattr(expression, "indices", (0,))) == 1
    return isinstance(expression, Root)
