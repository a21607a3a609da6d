"""Settings of asynchronous invocation, and of recursive loops.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

import time
from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    ResourceNotFound,
    ValidationError,
)
from helpers.localaws.compute.function import LATEST, Function
from helpers.localaws.compute.operations.paging import page

_DESTINATIONS = ("sqs", "sns", "lambda", "events", "s3")
_RANGES = (
    ("MaximumRetryAttempts", "maximumRetryAttempts", 0, 2),
    ("MaximumEventAgeInSeconds", "maximumEventAgeInSeconds", 60, 21_600),
)


@operation
def put_function_event_invoke_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    function.invoke_configs[qualifier] = _given(asked)
    return _shown(function, qualifier)


@operation
def update_function_event_invoke_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    _must_exist(function, qualifier)
    function.invoke_configs[qualifier].update(_given(asked))
    return _shown(function, qualifier)


@operation
def get_function_event_invoke_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    _must_exist(function, qualifier)
    return _shown(function, qualifier)


@operation
def delete_function_event_invoke_config(asked: Asked) -> None:
    function, qualifier = _find(asked)
    _must_exist(function, qualifier)
    del function.invoke_configs[qualifier]


@operation
def list_function_event_invoke_configs(asked: Asked) -> dict[str, Any]:
    function, _ = _find(asked)
    shown = [_shown(function, qualifier) for qualifier in sorted(function.invoke_configs)]
    return page(asked, "FunctionEventInvokeConfigs", shown)


@operation
def put_function_recursion_config(asked: Asked) -> dict[str, Any]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    wanted = asked["RecursiveLoop"]
    if wanted not in ("Terminate", "Allow"):
        raise ValidationError(
            f"1 validation error detected: Value '{wanted}' at 'recursiveLoop' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Terminate, Allow]"
        )
    function.recursive_loop = wanted
    return {"RecursiveLoop": wanted}


@operation
def get_function_recursion_config(asked: Asked) -> dict[str, Any]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    return {"RecursiveLoop": function.recursive_loop}


def _find(asked: Asked) -> tuple[Function, str]:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    try:
        function = asked.functions.get(named.name)
        function.version(named.qualifier)
    except ResourceNotFound:
        raise ResourceNotFound("The function doesn't exist.") from None
    return function, named.qualifier or LATEST


def _must_exist(function: Function, qualifier: str) -> None:
    if qualifier not in function.invoke_configs:
        raise ResourceNotFound(
            f"The function {function.arn(qualifier)} doesn't have an EventInvokeConfig"
        )


def _given(asked: Asked) -> dict[str, Any]:
    """What the request sets, checked."""
    names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    given = {name: asked[name] for name in names if asked.get(name) is not None}
    if not given:
        raise InvalidParameterValue(
            "You must specify at least one of error handling or destination setting."
        )
    for name, shown, least, most in _RANGES:
        value = given.get(name, least)
        if not least <= value <= most:
            bound = f"greater than or equal to {least}"
            if value > most:
                bound = f"less than or equal to {most}"
            raise ValidationError(
                f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy "
                f"constraint: Member must have value {bound}"
            )
    for side, setting in (given.get("DestinationConfig") or {}).items():
        target = (setting or {}).get("Destination")
        if target:
            _check_destination(asked, side, target)
    return given


def _check_destination(asked: Asked, side: str, target: str) -> None:
    parts = target.split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service not in _DESTINATIONS or (service == "s3" and side == "OnSuccess"):
        raise InvalidParameterValue(f"The provided destination config {target} is invalid")
    own = arn.parse(asked["FunctionName"]).name
    if service == "lambda" and arn.parse(target).name == own:
        raise InvalidParameterValue("You can't specify the function as a destination for itself.")


def _shown(function: Function, qualifier: str) -> dict[str, Any]:
    config = dict(function.invoke_configs[qualifier])
    destinations = config.get("DestinationConfig") or {}
    config["DestinationConfig"] = {
        side: destinations.get(side) or {} for side in ("OnSuccess", "OnFailure")
    }
    return {"LastModified": time.time(), "FunctionArn": function.arn(qualifier), **config}
