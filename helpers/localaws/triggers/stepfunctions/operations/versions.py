"""Versions of a state machine.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions import arns
from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError, deleting, validation
from helpers.localaws.triggers.stepfunctions.operations import finding


@operation
def publish_state_machine_version(asked: Asked) -> dict[str, Any]:
    machine = finding.machine(asked, asked["stateMachineArn"])
    if machine.deleting:
        raise deleting(machine.arn)
    wanted = asked.get("revisionId")
    if wanted is not None and wanted != machine.revision:
        raise StepFunctionsError(
            "ConflictException",
            f"Failed to publish the State Machine version for revision {wanted}. The current "
            f"State Machine revision is {machine.revision}.",
        )
    with asked.store.lock:
        version = machine.publish(asked.get("description"))
    return {"stateMachineVersionArn": version.arn, "creationDate": version.created}


@operation
def list_state_machine_versions(asked: Asked) -> dict[str, Any]:
    machine = finding.machine(asked, asked["stateMachineArn"])
    newest_first = sorted(machine.versions.values(), key=lambda one: -one.number)
    items = [
        {"stateMachineVersionArn": one.arn, "creationDate": one.created} for one in newest_first
    ]
    return finding.page(asked, items, "stateMachineVersions")


@operation
def delete_state_machine_version(asked: Asked) -> None:
    """One that is not there is fine; one that an alias routes to is not."""
    arn = arns.parse(asked["stateMachineVersionArn"], "stateMachine")
    if not (arn.qualifier or "").isdigit():
        raise validation(f"Invalid state machine version ARN: {arn.text}")
    machine = asked.store.machines.get(arn.machine)
    if machine is None:
        return
    using = [
        alias.arn
        for alias in machine.aliases.values()
        if any(route["stateMachineVersionArn"] == arn.text for route in alias.routes)
    ]
    if using:
        raise StepFunctionsError(
            "ConflictException",
            "Version to be deleted must not be referenced by an alias. Current list of aliases "
            f"referencing this version: [{', '.join(one.rpartition(':')[2] for one in using)}]",
        )
    with asked.store.lock:
        machine.versions.pop(int(arn.qualifier or 0), None)
