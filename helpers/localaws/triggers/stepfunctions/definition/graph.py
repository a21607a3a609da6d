"""Whether every transition leads somewhere, every state is reached, and the workflow can end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions.definition.diagnostic import Diagnostic
from helpers.localaws.triggers.stepfunctions.definition.states import inner

_TARGET = "MISSING_TRANSITION_TARGET"


def check(machine: dict[str, Any]) -> list[Diagnostic]:
    """Look at the machine and at the machines inside its states."""
    ends = any(
        state.get("End") is True or state["Type"] in ("Succeed", "Fail")
        for state in machine["States"].values()
    )
    found = list(_container(machine, "", look_for_unreachable=ends))
    if not ends:
        found.append(Diagnostic("MISSING_END_STATE", "Workflow has no terminal state"))
    return found


def _container(
    machine: dict[str, Any], path: str, look_for_unreachable: bool = True
) -> Iterator[Diagnostic]:
    states = machine["States"]
    if machine["StartAt"] not in states:
        yield _missing(machine["StartAt"], f"{path}/StartAt")
    for name, state in states.items():
        for location, target in _targets(state):
            if target not in states:
                yield _missing(target, f"{path}/States/{name}{location}")
    if look_for_unreachable:
        reached = _reached(machine)
        for name in states:
            if name not in reached:
                message = f'State "{name}" is not reachable.'
                yield Diagnostic(_TARGET, message, f"{path}/States/{name}")
    for name, state in states.items():
        for location, container in inner(state["Type"], state):
            yield from _container(container, f"{path}/States/{name}{location}")


def _missing(target: Any, location: str) -> Diagnostic:
    return Diagnostic(_TARGET, f"Missing 'Next' target: {target}", location)


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where a state may go, with the place that says so."""
    for name in ("Next", "Default"):
        if name in state:
            yield f"/{name}", state[name]
    for field in ("Choices", "Catch"):
        for index, entry in enumerate(state.get(field, [])):
            if isinstance(entry, dict) and "Next" in entry:
                yield f"/{field}[{index}]/Next", entry["Next"]


def _reached(machine: dict[str, Any]) -> set[str]:
    reached: set[str] = set()
    waiting = [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in machine["States"]:
            continue
        reached.add(name)
        waiting += [target for _, target in _targets(machine["States"][name])]
    return reached
