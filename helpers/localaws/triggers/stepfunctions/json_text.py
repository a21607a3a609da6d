"""JSON as Step Functions reads and writes it: exact, compact, without escaping what is not ASCII.

The messages are those of AWS's parser (Jackson), recorded by others.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def dumps(value: Any) -> str:
    """Compact JSON; dates (which boto3 answers) as ISO 8601, anything else as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_other)


def _other(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    return str(value)


@dataclass(frozen=True)
class Problem:
    """Where a text is not JSON."""

    message: str
    line: int
    column: int


def parse_problem(text: str) -> Problem | None:
    """None for a JSON document, else what AWS's parser says."""
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as problem:
        return _describe(text, problem)
    except ValueError as problem:  # NaN and Infinity, which Python would take
        return Problem(f"Unrecognized token '{problem}': was expecting {_EXPECTED}", 1, 1)
    except RecursionError:
        return Problem("Document nesting depth (1001) exceeds the maximum allowed (1000)", 1, 1)
    return None


def _describe(text: str, problem: json.JSONDecodeError) -> Problem:
    rest = text[problem.pos :]
    line, column = problem.lineno, problem.colno
    if not rest.strip():
        return Problem("Unexpected end-of-input", line, column)
    if token := re.match(r"[A-Za-z_]\w*", rest):
        message = f"Unrecognized token '{token[0]}': was expecting {_EXPECTED}"
        return Problem(message, line, column + len(token[0]))
    character = f"Unexpected character ('{rest[0]}' (code {ord(rest[0])}))"
    if problem.msg.startswith("Expecting property name"):
        return Problem(f"{character}: was expecting double-quote to start field name", line, column)
    if problem.msg.startswith("Expecting ':'"):
        expected = "was expecting a colon to separate field name and value"
        return Problem(f"{character}: {expected}", line, column)
    if problem.msg.startswith("Expecting ','"):
        before = "Object" if _in_object(text, problem.pos) else "Array"
        expected = f"was expecting comma to separate {before} entries"
        return Problem(f"{character}: {expected}", line, column)
    return Problem(f"{character}: expected a valid value {_EXPECTED}", line, column)


def _in_object(text: str, position: int) -> bool:
    """Whether the innermost bracket that is open at ``position`` is a curly one."""
    outside_texts = re.sub(r'"(?:\\.|[^"\\])*"', '""', text[:position])
    open_brackets: list[str] = []
    for character in outside_texts:
        if character in "{[":
            open_brackets.append(character)
        elif character in "}]" and open_brackets:
            open_brackets.pop()
    return open_brackets[-1:] == ["{"]


def _refuse(name: str) -> None:
    raise ValueError(name)
