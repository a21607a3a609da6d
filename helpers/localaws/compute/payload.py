"""Whether a payload is JSON, and what AWS's parser (Jackson) says where it is not."""

from __future__ import annotations

import json
import re

_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SOURCE = (
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
    "line: {line}, column: {column}]"
)


def check_json(payload: bytes) -> str | None:
    """None for a JSON document, else the problem in the words of AWS's parser."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as problem:
        byte = payload[problem.start]
        return f"Invalid UTF-8 start byte 0x{byte:02x}" + _where(1, problem.start + 1)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as problem:
        return _describe(text, problem)
    except ValueError as problem:  # NaN and Infinity, which Python would take
        return f"Unrecognized token '{problem}': was expecting {_EXPECTED}" + _where(1, 1)
    except RecursionError:
        return "Document nesting depth (1001) exceeds the maximum allowed (1000)" + _where(1, 1)
    return None


def _describe(text: str, problem: json.JSONDecodeError) -> str:
    where = _where(problem.lineno, problem.colno)
    rest = text[problem.pos :]
    if not rest.strip():
        return f"Unexpected end-of-input{where}"
    token = re.match(r"[A-Za-z_]\w*", rest)
    if token:
        where = _where(problem.lineno, problem.colno + len(token[0]))
        return f"Unrecognized token '{token[0]}': was expecting {_EXPECTED}{where}"
    character = f"'{rest[0]}' (code {ord(rest[0])})"
    return f"Unexpected character ({character}): expected a valid value {_EXPECTED}{where}"


def _where(line: int, column: int) -> str:
    return _SOURCE.format(line=line, column=column)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
