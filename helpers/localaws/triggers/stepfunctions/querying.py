"""Evaluates the JSONata expressions of a state in moto's interpreter.

moto writes all variables into the expression's text and hands it to a Java library; here they are
bound to it, and jsonata-python evaluates. ``moto_hooks`` puts these functions in place.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions import jsonata
from helpers.localaws.triggers.stepfunctions.json_text import dumps

_ERROR = "States.QueryEvaluationError"

#: moto's classes → the field of the definition that they stand for.
_FIELDS = {
    "Output": "Output",
    "AssignDecl": "Assign",
    "ArgumentsJSONataTemplateValueObject": "Arguments",
    "ArgumentsStringJSONata": "Arguments",
    "ConditionStringJSONata": "Condition",
    "ItemsJSONata": "Items",
    "ItemsArray": "Items",
    "ItemSelector": "ItemSelector",
    "SecondsJSONata": "Seconds",
    "Timestamp": "Timestamp",
    "TimeoutSecondsJSONata": "TimeoutSeconds",
    "HeartbeatSecondsJSONata": "HeartbeatSeconds",
    "MaxConcurrencyJSONata": "MaxConcurrency",
    "Error": "Error",
    "Cause": "Cause",
}


def evaluate(self: Any, env: Any) -> None:
    """The ``_eval_body`` of an expression: its value goes on the stack."""
    try:
        env.stack.append(jsonata.evaluate(self.expression, _variables(env)))
    except jsonata.QueryError as problem:
        raise _failure(env, self, str(problem)) from None


def sample(self: Any, env: Any) -> None:
    """The ``_eval_body`` of a variable in a JSONPath state (``$order.id``)."""
    from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

    variables = _scope(env)
    try:
        env.stack.append(jsonata.evaluate(self.expression, variables))
    except jsonata.QueryError:
        raise NoSuchJsonPathError(self.expression, variables) from None


def assigned(self: Any) -> dict[str, str]:
    """The variables that a state has set, as its StateExited event shows them."""
    return {name: dumps(self.get(name)) for name in sorted(self._declaration_tracing)}


def _scope(env: Any) -> dict[str, Any]:
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def _variables(env: Any) -> dict[str, Any]:
    return {**_scope(env), "states": dict(env.states._states_data)}


def _failure(env: Any, component: Any, problem: str) -> Exception:
    """The error of a failed expression; its event is written here."""
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )

    field = getattr(component, "location", "Output")
    cause = f"The JSONata expression '{component.expression}' specified for the field '{field}' "
    details = {"error": _ERROR, "cause": cause + problem, "location": field}
    told: Any = {"evaluationFailedEventDetails": {**details, "state": env.next_state_name}}
    failure = FailureEvent(env, ErrorName(_ERROR), HistoryEventType.EvaluationFailed, told)
    exception = FailureEventException(failure)
    ended: Any = exception.get_execution_failed_event_details()
    shown = {**details, "cause": ended["cause"], "state": env.next_state_name}
    env.event_manager.add_event(
        env.event_history_context,
        HistoryEventType.EvaluationFailed,
        {"evaluationFailedEventDetails": shown},
    )
    return exception


def locate(program: Any) -> None:
    """Tell each expression of a program where it stands: ``Output/a``, ``Choices[0]/Condition``.

    moto's components do not know, and the error of an expression names its place.
    """
    for state in program.states.states.values():
        _members(state, "")


#: moto's names of lists whose entries are counted in a path.
_COUNTED = {"values": "", "rules": "Choices", "catchers": "Catch"}


def _members(component: Any, path: str) -> None:
    for name, value in vars(component).items():
        if not isinstance(value, list):
            _locate(value, path)
            continue
        for index, inside in enumerate(value):
            counted = f"{path}{_COUNTED[name]}[{index}]" if name in _COUNTED else path
            _locate(inside, counted)


def _locate(value: Any, path: str) -> None:
    from moto.stepfunctions.parser.asl.component.component import Component

    name = type(value).__name__
    if not isinstance(value, Component):
        return
    if name == "StringJSONata":
        value.location = path or "Output"  # type: ignore[attr-defined]
    elif name == "States":  # of a branch, or of a Map's processor
        for state in vars(value)["states"].values():
            _members(state, "")
    else:
        field = _FIELDS.get(name) or getattr(value, "identifier", None)
        below = f"{path}/{field}" if path and field else field or path
        _members(value, below)
