"""The whole check of a definition, as CreateStateMachine does it.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

import json
from typing import Any

from helpers.localaws.triggers.stepfunctions.definition import (
    expressions,
    fields,
    graph,
    not_built,
    templates,
)
from helpers.localaws.triggers.stepfunctions.definition.diagnostic import SCHEMA, Diagnostic
from helpers.localaws.triggers.stepfunctions.definition.states import StateChecks
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError
from helpers.localaws.triggers.stepfunctions.interpreter import load, problem
from helpers.localaws.triggers.stepfunctions.json_text import parse_problem

#: Characters. Source: API_CreateStateMachine.html, parameter ``definition``.
MAX_DEFINITION = 1_048_576


def diagnose(text: str, kind: str = "STANDARD") -> list[Diagnostic]:
    """What is wrong with the definition of a STANDARD or EXPRESS state machine."""
    if not text.strip():
        return [Diagnostic(SCHEMA, "Definition must be a valid JSON object")]
    if wrong := parse_problem(text):
        where = f'[Source: (String)"{text}"; line: {wrong.line}, column: {wrong.column}]'
        message = f"{wrong.message}\n at {where}"
        return [Diagnostic("INVALID_JSON_DESCRIPTION", message, where)]
    machine = json.loads(text)
    if not isinstance(machine, dict):
        return [Diagnostic(SCHEMA, "Definition must be a valid JSON object")]
    return _schema(machine, kind) or graph.check(machine) or _language(machine, text)


def require(text: str, kind: str) -> None:
    """Raise InvalidDefinition unless the definition is right."""
    found = diagnose(text, kind)
    if found:
        problems = ", ".join(one.as_text() for one in found)
        if not text.strip():
            problems = found[0].code + ": " + found[0].message
        raise StepFunctionsError(
            "InvalidDefinition", f"Invalid State Machine Definition: '{problems}'"
        )


def _schema(machine: dict[str, Any], kind: str) -> list[Diagnostic]:
    language = machine.get("QueryLanguage", "JSONPath")
    checks = StateChecks(language, kind == "EXPRESS")
    for name in machine:
        if name not in fields.MACHINE:
            checks.found.append(Diagnostic(SCHEMA, f"Field '{name}' is not supported", "/"))
    for name, allowed in (("Version", ["1.0"]), ("QueryLanguage", ["JSONPath", "JSONata"])):
        if name in machine and machine[name] not in allowed:
            text = f"Value should be one of the following: [{', '.join(allowed)}]"
            checks.found.append(Diagnostic(SCHEMA, text, f"/{name}"))
    timeout = machine.get("TimeoutSeconds", 1)
    if not isinstance(timeout, int) or isinstance(timeout, bool):
        text = "Expected value of type Integer"
        checks.found.append(Diagnostic(SCHEMA, text, "/TimeoutSeconds"))
    checks.container(machine, "")
    return checks.found


def _language(machine: dict[str, Any], text: str) -> list[Diagnostic]:
    """What only somebody who reads the expressions sees."""
    load()
    found = expressions.check(machine) + templates.check(machine)
    # What is not built here may be right all the same.
    if not found and not not_built.find(machine) and (trouble := problem(text)):
        found = [Diagnostic(SCHEMA, trouble, "/")]
    return found
