"""State machines: create, describe, change, list, delete.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
and the pages of the other actions.
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions import arns, logs, roles
from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.definition import not_built
from helpers.localaws.triggers.stepfunctions.definition.check import require
from helpers.localaws.triggers.stepfunctions.errors import (
    NotBuilt,
    StepFunctionsError,
    deleting,
    validation,
)
from helpers.localaws.triggers.stepfunctions.machines import Settings, StateMachine
from helpers.localaws.triggers.stepfunctions.operations import finding


@operation
def create_state_machine(asked: Asked) -> dict[str, Any]:
    name, kind = asked["name"], asked.get("type", "STANDARD")
    arns.check_name(name)
    _check_description(asked)
    require(asked["definition"], kind)
    not_built.refuse(asked["definition"])
    _check_key(asked)
    settings = Settings(
        asked["definition"],
        asked["roleArn"],
        logs.normalise(asked.get("loggingConfiguration")),
        {"enabled": False, **asked.get("tracingConfiguration", {})},
        asked.get("encryptionConfiguration", {"type": "AWS_OWNED_KEY"}),
    )
    store = asked.store
    roles.check(store.account, store.region, settings.role)
    with store.lock:
        machine = store.machines.get(name)
        if machine is None:
            arn = f"arn:aws:states:{store.region}:{store.account}:stateMachine:{name}"
            tags = {tag["key"]: tag.get("value", "") for tag in asked.get("tags", [])}
            machine = store.machines[name] = StateMachine(arn, name, kind, settings, tags)
            if settings.logging["level"] != "OFF":
                asked.service.logger.announce(settings.logging)
        else:
            _must_be_the_same(machine, kind, settings)
        version = machine.publish(asked.get("versionDescription")) if asked.get("publish") else None
    return {
        "stateMachineArn": machine.arn,
        "creationDate": machine.created,
        "stateMachineVersionArn": version.arn if version else None,
    }


def _check_description(asked: Asked) -> None:
    if asked.get("versionDescription") and not asked.get("publish"):
        raise validation("Version description can only be set when publish is true")


def _check_key(asked: Asked) -> None:
    if asked.get("encryptionConfiguration", {}).get("type", "AWS_OWNED_KEY") != "AWS_OWNED_KEY":
        raise NotBuilt("state machines under a customer-managed key")


def _must_be_the_same(machine: StateMachine, kind: str, settings: Settings) -> None:
    """Creating again what is there succeeds; role and tags are not looked at."""
    if machine.deleting:
        raise deleting(machine.arn)
    old = machine.settings
    same = (machine.kind, old.definition, old.logging, old.tracing, old.encryption) == (
        kind,
        settings.definition,
        settings.logging,
        settings.tracing,
        settings.encryption,
    )
    if not same:
        raise StepFunctionsError(
            "StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'"
        )


@operation
def describe_state_machine(asked: Asked) -> dict[str, Any]:
    machine, version, _ = finding.qualified(asked, asked["stateMachineArn"])
    settings = version.settings if version else machine.settings
    return {
        "stateMachineArn": version.arn if version else machine.arn,
        "name": machine.name,
        "status": "DELETING" if machine.deleting else "ACTIVE",
        "type": machine.kind,
        "creationDate": version.created if version else machine.created,
        "revisionId": version.revision if version else machine.revision,
        "description": version.description if version else None,
        **settings.describe(),
    }


@operation
def describe_state_machine_for_execution(asked: Asked) -> dict[str, Any]:
    """As the state machine was when the execution started."""
    execution = finding.execution(asked, asked["executionArn"])
    machine = execution.machine
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "updateDate": machine.updated,
        **execution.settings.describe(),
    }


@operation
def list_state_machines(asked: Asked) -> dict[str, Any]:
    machines = sorted(asked.store.machines.values(), key=lambda one: one.name)
    items = [
        {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": machine.kind,
            "creationDate": machine.created,
        }
        for machine in machines
    ]
    return finding.page(asked, items, "stateMachines")


@operation
def update_state_machine(asked: Asked) -> dict[str, Any]:
    """Executions that run keep the definition and role with which they started."""
    machine = finding.machine(asked, asked["stateMachineArn"])
    if machine.deleting:
        raise deleting(machine.arn)
    _check_description(asked)
    changes = {
        "definition": asked.get("definition"),
        "role": asked.get("roleArn"),
        "logging": asked.get("loggingConfiguration"),
        "tracing": asked.get("tracingConfiguration"),
        "encryption": asked.get("encryptionConfiguration"),
    }
    if not any(changes.values()):
        raise StepFunctionsError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the "
            "TracingConfiguration must be specified",
        )
    if changes["definition"]:
        require(changes["definition"], machine.kind)
        not_built.refuse(changes["definition"])
    _check_key(asked)
    if changes["role"]:
        roles.check(asked.store.account, asked.store.region, changes["role"])
    if changes["logging"]:
        changes["logging"] = logs.normalise(changes["logging"])
    with asked.store.lock:
        machine.change(**changes)
        version = machine.publish(asked.get("versionDescription")) if asked.get("publish") else None
    return {
        "updateDate": machine.updated,
        "revisionId": machine.revision,
        "stateMachineVersionArn": version.arn if version else None,
    }


@operation
def delete_state_machine(asked: Asked) -> None:
    """One that is not there is fine; one whose executions run goes when they have ended."""
    arn = arns.parse(asked["stateMachineArn"], "stateMachine")
    with asked.store.lock:
        machine = asked.store.machines.get(arn.machine)
        if machine is not None and arn.qualifier is None:
            machine.deleting = True
            asked.service.forget_if_deleted(machine)
