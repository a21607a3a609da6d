"""Mapping templates and parameters, as far as CORS and simple mock answers need them.

A template's text may hold $context and $stageVariables variables, $input.params('name') and
$input.body; the rest of the Velocity language is not here and says so.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from helpers.localaws.triggers.http.request import HttpRequest

_VARIABLE = re.compile(
    r"""\$!?(?:\{(?P<braced>[^}]+)\}|(?P<plain>input\.(?:params|path|json)\(\s*['"][^'"]*['"]\s*\)"""
    r"""|[a-zA-Z][\w.]*\w))"""
)
_PARAMS = re.compile(r"""input\.params\(\s*['"]([^'"]*)['"]\s*\)""")


class NotHere(Exception):
    """A template uses what the local AWS does not have."""


def render(
    template: str, request: HttpRequest, path_parameters: dict[str, str], values: dict[str, Any]
) -> str:
    """Fill a template; ``values`` holds ``context`` and ``stageVariables``. Raises NotHere."""
    if re.search(r"^\s*#|#(set|if|foreach|else|end)\b", template, re.MULTILINE):
        raise NotHere("a mapping template with directives (#set, #if, #foreach)")

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"]
        if name == "input.body":
            return request.body.decode(errors="replace")
        if name in ("input.json", "input.json('$')", 'input.json("$")'):
            return request.body.decode(errors="replace") or "{}"
        if asked := _PARAMS.fullmatch(name):
            return _parameter(asked[1], request, path_parameters)
        start, _, rest = name.partition(".")
        if start not in values:
            raise NotHere(f"the mapping template variable ${name}")
        return _look_up(values[start], rest)

    return _VARIABLE.sub(value, template)


def choose(templates: dict[str, str | None] | None, kind: str) -> tuple[str, str] | None:
    """The template for a media type: (its type, its text); None where there is none for it."""
    for name, text in (templates or {}).items():
        if name.lower() == kind:
            return name, text or ""
    return None


def parameter(expression: str, values: dict[str, Any]) -> str | None:
    """``'a text'``, ``context.requestId``, ``stageVariables.name``; None for anything else."""
    if len(expression) >= 2 and expression[0] == expression[-1] == "'":
        return expression[1:-1]
    start, _, rest = expression.partition(".")
    return _look_up(values[start], rest) if start in values else None


def _parameter(name: str, request: HttpRequest, path_parameters: dict[str, str]) -> str:
    """``$input.params('x')`` looks in the path, then the query, then the headers."""
    if name in path_parameters:
        return path_parameters[name]
    query = dict(request.parameters)
    return query[name] if name in query else request.header(name) or ""


def _look_up(value: Any, path: str) -> str:
    for name in path.split(".") if path else []:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
