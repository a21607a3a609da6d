"""Aliases of a state machine: names that route to one version, or to two by weight.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
"""

from __future__ import annotations

import re
from typing import Any

from helpers.localaws.triggers.stepfunctions import arns
from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.errors import (
    StepFunctionsError,
    deleting,
    no_resource,
    validation,
)
from helpers.localaws.triggers.stepfunctions.machines import Alias, StateMachine
from helpers.localaws.triggers.stepfunctions.moments import now
from helpers.localaws.triggers.stepfunctions.operations import finding

_NAME = r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"


@operation
def create_state_machine_alias(asked: Asked) -> dict[str, Any]:
    name, routes = asked["name"], asked["routingConfiguration"]
    if not re.match(_NAME, name):
        raise validation(
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_NAME}"
        )
    machine = _check_routes(asked, routes)
    if machine.deleting:
        raise deleting(machine.arn)
    description = asked.get("description")
    with asked.store.lock:
        alias = machine.aliases.get(name)
        if alias is None:
            alias = Alias(f"{machine.arn}:{name}", name, routes, description)
            machine.aliases[name] = alias
        elif (alias.routes, alias.description) != (routes, description):
            raise StepFunctionsError(
                "ConflictException",
                "Failed to create alias because an alias with the same name and a different "
                "routing configuration already exists.",
            )
    return {"stateMachineAliasArn": alias.arn, "creationDate": alias.created}


def _check_routes(asked: Asked, routes: list[dict[str, Any]]) -> StateMachine:
    """The state machine that all routes belong to; raises ValidationException."""
    given = [route["stateMachineVersionArn"] for route in routes]
    shown = f"[{', '.join(given)}]"
    if len(set(given)) < len(given):
        raise validation(
            "Routing configuration must contain distinct state machine version ARNs. "
            f"Received: {shown}"
        )
    weights = [route["weight"] for route in routes]
    if sum(weights) != 100:
        raise validation(
            f"Sum of routing configuration weights must equal 100. Received: {weights}"
        )
    machines = []
    for arn in given:
        parts = arns.parse(arn, "stateMachine")
        machine = asked.store.machines.get(parts.machine)
        number = parts.qualifier or ""
        if not number.isdigit() or machine is None or int(number) not in machine.versions:
            raise validation(
                f"Routing configuration must contain state machine version ARNs. Received: {shown}"
            )
        machines.append(machine)
    if any(machine is not machines[0] for machine in machines):
        raise validation(
            "Routing configuration must contain versions of the same state machine. "
            f"Received: {shown}"
        )
    return machines[0]


def _find(asked: Asked) -> tuple[StateMachine, Alias]:
    arn = arns.parse(asked["stateMachineAliasArn"], "stateMachine")
    machine = asked.store.machines.get(arn.machine)
    alias = machine.aliases.get(arn.qualifier or "") if machine else None
    if machine is None or alias is None:
        raise no_resource(arn.text)
    return machine, alias


@operation
def describe_state_machine_alias(asked: Asked) -> dict[str, Any]:
    _, alias = _find(asked)
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": alias.routes,
        "creationDate": alias.created,
        "updateDate": alias.updated,
    }


@operation
def list_state_machine_aliases(asked: Asked) -> dict[str, Any]:
    machine, version, _ = finding.qualified(asked, asked["stateMachineArn"])
    items = [
        {"stateMachineAliasArn": alias.arn, "creationDate": alias.created}
        for alias in sorted(machine.aliases.values(), key=lambda one: one.created)
        if version is None
        or any(route["stateMachineVersionArn"] == version.arn for route in alias.routes)
    ]
    return finding.page(asked, items, "stateMachineAliases")


@operation
def update_state_machine_alias(asked: Asked) -> dict[str, Any]:
    routes, description = asked.get("routingConfiguration"), asked.get("description")
    if routes is None and description is None:
        raise validation("Either the description or the RoutingConfiguration must be specified")
    _, alias = _find(asked)
    if routes is not None:
        _check_routes(asked, routes)
        alias.routes = routes
    if description is not None:
        alias.description = description
    alias.updated = now()
    return {"updateDate": alias.updated}


@operation
def delete_state_machine_alias(asked: Asked) -> None:
    machine, alias = _find(asked)
    with asked.store.lock:
        machine.aliases.pop(alias.name, None)
