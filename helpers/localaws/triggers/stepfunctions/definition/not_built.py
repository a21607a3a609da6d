"""What a definition may hold on AWS, and the local AWS does not run: it is refused at the start.

``helpers/fidelity.json`` lists it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions.definition.resources import OPTIMIZED, integration
from helpers.localaws.triggers.stepfunctions.definition.states import inner
from helpers.localaws.triggers.stepfunctions.errors import NotBuilt


def find(machine: dict[str, Any]) -> list[str]:
    """Each such thing, in words."""
    return list(_in_states(machine))


def refuse(definition: str) -> None:
    """Raise NotImplemented if the definition, which is right otherwise, holds such a thing."""
    found = find(json.loads(definition))
    if found:
        raise NotBuilt(found[0])


def _in_states(container: dict[str, Any]) -> Iterator[str]:
    for name, state in container["States"].items():
        for what in _in_state(state):
            yield f"{what} (state '{name}')"
        for _, inside in inner(state["Type"], state):
            yield from _in_states(inside)


def _in_state(state: dict[str, Any]) -> Iterator[str]:
    if state["Type"] == "Task":
        parts = integration(state["Resource"])
        if ":activity:" in state["Resource"]:
            yield "activities"
        elif parts and parts[0] != "aws-sdk" and parts[0] not in OPTIMIZED:
            yield f"the integration with {parts[0]}:{parts[1]}"
    if state["Type"] == "Map":
        config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
        if config.get("Mode") == "DISTRIBUTED":
            yield "distributed Map states"
