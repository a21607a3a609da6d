"""Checks each state of a definition, and the states inside it.

The wording of the messages is AWS's, recorded by others from CreateStateMachine and
ValidateStateMachineDefinition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpers.localaws.triggers.stepfunctions.definition import fields, resources
from helpers.localaws.triggers.stepfunctions.definition.diagnostic import SCHEMA, Diagnostic

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MAX_STATE_NAME = 80


class StateChecks:
    """Collects what is wrong with the states of one definition."""

    def __init__(self, language: str, express: bool) -> None:
        self._language, self._express = language, express
        self._names: set[str] = set()
        self.found: list[Diagnostic] = []

    def container(self, container: Any, path: str) -> None:
        """A state machine, a branch or an item processor: an object with StartAt and States."""
        if not isinstance(container, dict):
            self._add(path or "/", "Expected value of type Object")
            return
        missing = [name for name in ("States", "StartAt") if name not in container]
        if missing:
            self._add(path or "/", f"These fields are required: [{', '.join(missing)}]")
        if not isinstance(container.get("StartAt", ""), str):
            self._add(f"{path}/StartAt", "Expected value of type String")
        states = container.get("States", {})
        if not isinstance(states, dict):
            self._add(f"{path}/States", "Expected value of type Object")
            return
        if not states and "States" in container:
            self._add(f"{path}/States", "Value cannot be empty")
        for name, state in states.items():
            self._state(name, state, f"{path}/States/{name}")

    def _add(self, path: str, message: str, code: str = SCHEMA) -> None:
        self.found.append(Diagnostic(code, message, path))

    def _state(self, name: str, state: Any, path: str) -> None:
        if not isinstance(state, dict):
            self._add(path, "Expected value of type Object")
            return
        if len(name) > MAX_STATE_NAME:
            self._add(
                path,
                f"The state name '{name}' exceeds the {MAX_STATE_NAME}-character limit allowed "
                "by the service",
                "INVALID_STATE_NAME",
            )
        if name in self._names:
            self._add(path, f"Duplicate State name: {name}", "DUPLICATE_STATE_NAME")
        self._names.add(name)
        kind = state.get("Type")
        if "Type" not in state:
            self._add(path, "These fields are required: [Type]")
            return
        if kind not in fields.OF_TYPE:
            known = ", ".join(fields.OF_TYPE)
            self._add(f"{path}/Type", f"Value should be one of the following: [{known}]")
            return
        self._fields(kind, state, path)
        language = self._language_of(state, path)
        self._fields_of_language(state, language, path)
        self._values(state, path)
        for problem in getattr(self, f"_{kind.lower()}", lambda *_: iter(()))(state, language):
            self._add(path + problem[0], problem[1])
        self._retry_and_catch(state, path)
        self._inner(kind, state, path)

    def _fields(self, kind: str, state: dict[str, Any], path: str) -> None:
        allowed = fields.OF_TYPE[kind] | fields.EVERYWHERE
        for name in state:
            if name not in allowed:
                self._add(path, f"Field '{name}' is not supported")
        missing = [name for name in fields.REQUIRED.get(kind, []) if name not in state]
        if missing:
            self._add(path, f"These fields are required: [{', '.join(missing)}]")
        for group in fields.ONE_OF.get(kind, []):
            given = [name for name in group if name in state and state[name] is not False]
            if len(given) > 1:
                text = "There should only be one of the following fields"
                self._add(path, f"{text}: [{', '.join(group)}]")
            elif not given:
                text = "This object should have only one of the following fields"
                self._add(path, f"{text}: [{', '.join(group)}]")
        for group in fields.NOT_BOTH:
            if all(name in state for name in group):
                text = "There should only be one of the following fields"
                self._add(path, f"{text}: [{', '.join(group)}]")

    def _language_of(self, state: dict[str, Any], path: str) -> str:
        own = state.get("QueryLanguage", self._language)
        if own not in ("JSONPath", "JSONata"):
            self._add(
                f"{path}/QueryLanguage",
                "Value should be one of the following: [JSONPath, JSONata]",
            )
        if own == "JSONPath" and self._language == "JSONata":
            self._add(
                path,
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            )
        return str(own)

    def _fields_of_language(self, state: dict[str, Any], language: str, path: str) -> None:
        other = "JSONPath" if language == "JSONata" else "JSONata"
        foreign = fields.ONLY_JSONPATH if language == "JSONata" else fields.ONLY_JSONATA
        for name in state:
            if name in foreign:
                self._add(
                    path,
                    f"The QueryLanguage is set to '{language}', but field '{name}' is only "
                    f"supported for the '{other}' QueryLanguage",
                )

    def _values(self, state: dict[str, Any], path: str) -> None:
        for name, (least, most) in fields.RANGES.items():
            if name in state:
                self._number(state[name], least, most, f"{path}/{name}")
        for name in ("Next", "Default", "Resource"):
            if not isinstance(state.get(name, ""), str):
                self._add(f"{path}/{name}", "Expected value of type String")

    def _number(self, value: Any, least: float, most: float, path: str) -> None:
        if isinstance(value, str) and value.startswith("{%"):
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._add(path, "Expected value of type Integer")
        elif value < least:
            self._add(path, f"Minimum value is {least}")
        elif value > most:
            self._add(path, f"Maximum value is {most}")

    def _retry_and_catch(self, state: dict[str, Any], path: str) -> None:
        for name, allowed in (("Retry", fields.RETRIER), ("Catch", fields.CATCHER)):
            entries = state.get(name, [])
            if not isinstance(entries, list):
                self._add(f"{path}/{name}", "Expected value of type Array")
                continue
            for index, entry in enumerate(entries):
                self._handler(name, entry, f"{path}/{name}[{index}]", index == len(entries) - 1)
                for field in entry if isinstance(entry, dict) else ():
                    if field not in allowed:
                        self._add(f"{path}/{name}[{index}]", f"Field '{field}' is not supported")

    def _handler(self, kind: str, entry: Any, path: str, last: bool) -> None:
        """One entry of Retry or Catch."""
        if not isinstance(entry, dict):
            self._add(path, "Expected value of type Object")
            return
        needed = ["ErrorEquals"] + (["Next"] if kind == "Catch" else [])
        missing = [name for name in needed if name not in entry]
        if missing:
            self._add(path, f"These fields are required: [{', '.join(missing)}]")
        names = entry.get("ErrorEquals", ["x"])
        if not isinstance(names, list):
            self._add(f"{path}/ErrorEquals", "Expected value of type Array")
        elif not names:
            self._add(f"{path}/ErrorEquals", "Value cannot be empty")
        elif "States.ALL" in names and (len(names) > 1 or not last):
            self._add(f"{path}/ErrorEquals", "States.ALL must appear alone and at end of list")
        if kind == "Retry":
            for name, (least, most) in fields.RETRY_RANGES.items():
                if name in entry:
                    self._number(entry[name], least, most, f"{path}/{name}")
            if entry.get("JitterStrategy", "NONE") not in ("NONE", "FULL"):
                self._add(
                    f"{path}/JitterStrategy", "Value should be one of the following: [NONE, FULL]"
                )

    def _task(self, state: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
        resource = state.get("Resource")
        if not isinstance(resource, str):
            return
        problem = resources.problem(resource)
        if problem is None and self._express:
            problem = resources.express_problem(resource)
        if problem:
            yield "/Resource", problem
            return
        parts = resources.integration(resource)
        if parts is None:
            return
        field = "Arguments" if language == "JSONata" else "Parameters"
        action = f"{parts[0]}:{parts[1]}"
        if action in resources.REQUIRED and field not in state:
            arn = f"arn:aws:states:::{action}"
            yield "", f"{field} field is required for resource ARN: {arn}"
        given = state.get(field)
        if isinstance(given, dict):
            for name in resources.REQUIRED.get(action, []):
                if name not in given and f"{name}.$" not in given:
                    yield f"/{field}", f"The field '{name}' is required but was missing"
            unknown = resources.unknown_parameter(resource, given)
            if unknown is not None:
                yield f"/{field}", f'The field "{unknown}" is not supported by Step Functions'

    def _wait(self, state: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
        moment = state.get("Timestamp")
        if isinstance(moment, str) and not moment.startswith("{%"):
            if not _RFC3339.fullmatch(moment):
                yield "/Timestamp", "String does not match RFC3339 timestamp"
        elif moment is not None and not isinstance(moment, str):
            yield "/Timestamp", "Expected value of type String"

    def _choice(self, state: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
        rules = state.get("Choices", [None])
        if not isinstance(rules, list):
            yield "/Choices", "Expected value of type Array"
        elif not rules:
            yield "/Choices", "Value cannot be empty"
        else:
            for index, rule in enumerate(rules):
                if isinstance(rule, dict) and "Next" not in rule:
                    yield f"/Choices[{index}]", "These fields are required: [Next]"

    def _parallel(self, state: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
        branches = state.get("Branches", [None])
        if not isinstance(branches, list):
            yield "/Branches", "Expected value of type Array"
        elif not branches:
            yield "/Branches", "Value cannot be empty"

    def _inner(self, kind: str, state: dict[str, Any], path: str) -> None:
        for location, container in inner(kind, state):
            if isinstance(container, dict) and "QueryLanguage" in container:
                self._add(path + location, "Field 'QueryLanguage' is not supported")
            self.container(container, path + location)


def inner(kind: str, state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The state machines inside a state, with their paths below it."""
    if kind == "Parallel" and isinstance(state.get("Branches"), list):
        for index, branch in enumerate(state["Branches"]):
            yield f"/Branches[{index}]", branch
    if kind == "Map":
        for name in ("ItemProcessor", "Iterator"):
            if name in state:
                yield f"/{name}", state[name]
