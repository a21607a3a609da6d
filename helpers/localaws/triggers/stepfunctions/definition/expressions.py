"""Whether the JSONata expressions of a definition can be parsed.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions.definition.diagnostic import Diagnostic
from helpers.localaws.triggers.stepfunctions.definition.states import inner
from helpers.localaws.triggers.stepfunctions.jsonata import syntax_problem


def check(machine: dict[str, Any]) -> list[Diagnostic]:
    """Each ``{% … %}`` in a state whose language is JSONata."""
    language = machine.get("QueryLanguage", "JSONPath")
    return list(_states(machine, "", language))


def _states(machine: dict[str, Any], path: str, language: str) -> Iterator[Diagnostic]:
    for name, state in machine["States"].items():
        where = f"{path}/States/{name}"
        containers = dict(inner(state["Type"], state))
        if state.get("QueryLanguage", language) == "JSONata":
            nested = {location.split("[")[0].strip("/") for location in containers}
            for field, value in state.items():
                if field not in nested:
                    yield from _value(value, f"{where}/{field}")
        for location, container in containers.items():
            yield from _states(container, where + location, language)


def _value(value: Any, path: str) -> Iterator[Diagnostic]:
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from _value(inside, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _value(inside, f"{path}[{index}]")
    elif isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        problem = syntax_problem(value[2:-2].strip())
        if problem:
            yield Diagnostic("INVALID_JSONATA_EXPRESSION", problem, path)
