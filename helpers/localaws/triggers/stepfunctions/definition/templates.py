"""Whether the fields of a payload template that end in ``.$`` can be read.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions import intrinsics, paths
from helpers.localaws.triggers.stepfunctions.definition.diagnostic import SCHEMA, Diagnostic
from helpers.localaws.triggers.stepfunctions.definition.states import inner

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_VARIABLE = re.compile(r"\$[A-Za-z_]")


def check(machine: dict[str, Any]) -> list[Diagnostic]:
    """Each template in a state whose language is JSONPath."""
    return list(_states(machine, "", machine.get("QueryLanguage", "JSONPath")))


def _states(machine: dict[str, Any], path: str, language: str) -> Iterator[Diagnostic]:
    for name, state in machine["States"].items():
        where = f"{path}/States/{name}"
        if state.get("QueryLanguage", language) == "JSONPath":
            for field in _TEMPLATES:
                yield from _template(state.get(field), f"{where}/{field}")
        for location, container in inner(state["Type"], state):
            yield from _states(container, where + location, language)


def _template(value: Any, path: str) -> Iterator[Diagnostic]:
    if isinstance(value, list):
        for inside in value:
            yield from _template(inside, path)
    if not isinstance(value, dict):
        return
    for name, inside in value.items():
        if name.endswith(".$") and not _can_be_read(inside):
            message = (
                f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic "
                "function call"
            )
            yield Diagnostic(SCHEMA, message, path)
        yield from _template(inside, path)


def _can_be_read(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        if value.startswith("States."):
            intrinsics.parse(value)
        elif _VARIABLE.match(value):
            return True
        elif value.startswith("$"):
            paths.check(value.removeprefix("$") if value.startswith("$$") else value)
        else:
            return False
    except Exception:  # of a parser, whatever it calls its errors
        return False
    return True
