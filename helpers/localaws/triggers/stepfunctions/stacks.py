"""State machines that CloudFormation makes: ``AWS::StepFunctions::StateMachine``.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.stepfunctions.api import Asked
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError
from helpers.localaws.triggers.stepfunctions.operations import machines

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.machines import StateMachine
    from helpers.localaws.triggers.stepfunctions.service import StepFunctions

#: Changes of these make a new state machine.
_REPLACING = ("StateMachineName", "StateMachineType")


def connect(models: Any, service: StepFunctions) -> None:
    """Let moto's CloudFormation make, change and delete this service's state machines."""
    resource = models.StateMachine
    resource.create_from_cloudformation_json = staticmethod(_creating(service))
    resource.update_from_cloudformation_json = staticmethod(_updating(service))
    resource.delete_from_cloudformation_json = staticmethod(_deleting(service))
    resource.has_cfn_attr = staticmethod(lambda name: name in Resource.ATTRIBUTES)


class Resource:
    """What a stack keeps of a state machine."""

    ATTRIBUTES = ("Arn", "Name", "StateMachineRevisionId")

    def __init__(self, machine: StateMachine, properties: dict[str, Any]) -> None:
        self._machine = machine
        self.properties = properties
        self.physical_resource_id = machine.arn
        self.type = "AWS::StepFunctions::StateMachine"

    @property
    def name(self) -> str:
        return self._machine.name

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, name: str) -> str:
        """The value of ``Fn::GetAtt``."""
        values = {
            "Arn": self._machine.arn,
            "Name": self._machine.name,
            "StateMachineRevisionId": self._machine.revision or "INITIAL",
        }
        return values[name]


def _creating(service: StepFunctions) -> Callable[..., Resource]:
    def create(
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Resource:
        properties = cloudformation_json["Properties"]
        store = service.store(account_id, region_name)
        # moto's names are STACK-LOGICALID-RANDOM; those of state machines are without the stack.
        name = properties.get("StateMachineName") or "-".join(resource_name.split("-")[-2:])
        if name in store.machines:
            raise _failed(f"StateMachine {name} already exists")
        given = {**_settings(properties), "name": name, "tags": _tags(properties)}
        given["type"] = properties.get("StateMachineType", "STANDARD")
        _ask(machines.create_state_machine, Asked(service, store, given))
        return Resource(store.machines[name], properties)

    return create


def _updating(service: StepFunctions) -> Callable[..., Resource]:
    def update(
        original_resource: Resource,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Resource:
        properties, before = cloudformation_json["Properties"], original_resource.properties
        if any(properties.get(name) != before.get(name) for name in _REPLACING):
            create, delete = _creating(service), _deleting(service)
            made = create(new_resource_name, cloudformation_json, account_id, region_name)
            old = original_resource.physical_resource_id
            delete(old, cloudformation_json, account_id, region_name)
            return made
        store = service.store(account_id, region_name)
        machine = store.machines[original_resource.name]
        given = {**_settings(properties), "stateMachineArn": machine.arn}
        _ask(machines.update_state_machine, Asked(service, store, given))
        ours = {tag["key"] for tag in _tags(before)}
        kept = {key: value for key, value in machine.tags.items() if key not in ours}
        machine.tags = kept | {tag["key"]: tag["value"] for tag in _tags(properties)}
        return Resource(machine, properties)

    return update


def _deleting(service: StepFunctions) -> Callable[..., None]:
    def delete(
        resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        store = service.store(account_id, region_name)
        given = {"stateMachineArn": resource_name}
        machines.delete_state_machine(Asked(service, store, given))

    return delete


def _ask(operation: Callable[[Asked], Any], asked: Asked) -> None:
    try:
        operation(asked)
    except StepFunctionsError as problem:
        raise _failed(problem.message) from None


def _failed(problem: str) -> Exception:
    """What moto's CloudFormation answers to the caller."""
    from moto.cloudformation.exceptions import ValidationError

    return ValidationError(message=f"Resource handler returned message: {problem}")


def _settings(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties, as CreateStateMachine and UpdateStateMachine call them."""
    given: dict[str, Any] = {
        "definition": _definition(properties),
        "roleArn": properties["RoleArn"],
    }
    for name in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
        if name in properties:
            given[_lower(name)] = _as_asked(properties[name])
    return given


def _definition(properties: dict[str, Any]) -> str:
    """As text, with the values of DefinitionSubstitutions in the places of their names."""
    text = properties.get("DefinitionString")
    if text is None:
        text = json.dumps(properties["Definition"])
    for name, value in (properties.get("DefinitionSubstitutions") or {}).items():
        text = text.replace(f"${{{name}}}", str(value))
    return str(text)


def _as_asked(value: Any) -> Any:
    """``{"LogGroupArn": …}`` → ``{"logGroupArn": …}``, and true and false as such."""
    if isinstance(value, dict):
        return {_lower(name): _as_asked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_asked(item) for item in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _tags(properties: dict[str, Any]) -> list[dict[str, str]]:
    return [{"key": tag["Key"], "value": str(tag["Value"])} for tag in properties.get("Tags") or ()]
