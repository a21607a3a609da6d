"""Tags of state machines.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-tagging.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions import arns
from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError, no_resource
from helpers.localaws.triggers.stepfunctions.machines import StateMachine

MAX_TAGS = 50


def _machine(asked: Asked) -> StateMachine:
    arn = arns.parse(asked["resourceArn"], "stateMachine", "activity")
    machine = asked.store.machines.get(arn.machine)
    if machine is None or arn.kind != "stateMachine" or arn.qualifier:
        raise no_resource(arn.text)
    return machine


@operation
def tag_resource(asked: Asked) -> None:
    machine = _machine(asked)
    tags = machine.tags | {tag["key"]: tag.get("value", "") for tag in asked["tags"]}
    if len(tags) > MAX_TAGS:
        raise StepFunctionsError("TooManyTags", f"Too many tags: '{machine.arn}'")
    machine.tags = tags


@operation
def untag_resource(asked: Asked) -> None:
    machine = _machine(asked)
    machine.tags = {
        key: value for key, value in machine.tags.items() if key not in asked["tagKeys"]
    }


@operation
def list_tags_for_resource(asked: Asked) -> dict[str, Any]:
    machine = _machine(asked)
    return {"tags": [{"key": key, "value": value} for key, value in machine.tags.items()]}
