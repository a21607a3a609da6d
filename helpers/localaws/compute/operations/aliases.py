"""Aliases. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    PreconditionFailed,
    ResourceConflict,
    ResourceNotFound,
    ValidationError,
)
from helpers.localaws.compute.function import LATEST, Alias, Function
from helpers.localaws.compute.operations.paging import page

_NAME = r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)"


@operation
def create_alias(asked: Asked) -> dict[str, Any]:
    function, name = _function(asked), asked["Name"]
    if not re.fullmatch(_NAME, name) or len(name) > 128:
        raise ValidationError(
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_NAME}"
        )
    weights = _weights(function, asked["FunctionVersion"], asked.get("RoutingConfig"))
    _target(function, asked["FunctionVersion"])
    with asked.functions.lock:
        if name in function.aliases:
            raise ResourceConflict(f"Alias already exists: {function.arn(name)}")
        alias = Alias(name, asked["FunctionVersion"], asked.get("Description") or "", weights)
        function.aliases[name] = alias
    return _shown(function, alias)


@operation
def get_alias(asked: Asked) -> dict[str, Any]:
    function = _function(asked)
    alias = function.aliases.get(asked["Name"])
    if alias is None:
        raise ResourceNotFound(f"Cannot find alias arn: {function.arn(asked['Name'])}")
    return _shown(function, alias)


@operation
def update_alias(asked: Asked) -> dict[str, Any]:
    function = _function(asked)
    alias = function.aliases.get(asked["Name"])
    if alias is None:
        raise ResourceNotFound(f"Alias not found: {function.arn(asked['Name'])}")
    if asked.get("RevisionId") not in (None, alias.revision_id):
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
    version = asked.get("FunctionVersion") or alias.version
    routing = asked.get("RoutingConfig")
    weights = alias.weights if routing is None else _weights(function, version, routing)
    _target(function, version)
    with asked.functions.lock:
        alias.version, alias.weights = version, weights
        if asked.get("Description") is not None:
            alias.description = asked["Description"]
        alias.revision_id = str(uuid4())
    asked.service.provisioned.refresh(function, alias.name)
    return _shown(function, alias)


@operation
def delete_alias(asked: Asked) -> None:
    function = _function(asked)
    function.aliases.pop(asked["Name"], None)
    function.urls.pop(asked["Name"], None)
    asked.service.provisioned.remove(function, asked["Name"])


@operation
def list_aliases(asked: Asked) -> dict[str, Any]:
    function, version = _function(asked), asked.get("FunctionVersion")
    chosen = [
        _shown(function, alias)
        for _, alias in sorted(function.aliases.items())
        if version in (None, alias.version)
    ]
    return page(asked, "Aliases", chosen)


def _function(asked: Asked) -> Function:
    return asked.functions.get(arn.parse(asked["FunctionName"]).name)


def _target(function: Function, version: str) -> None:
    if version != LATEST and version not in function.versions:
        raise ResourceNotFound(f"Function not found: {function.arn(version)}")


def _weights(function: Function, version: str, routing: dict[str, Any] | None) -> dict[str, float]:
    """The second version's weight, checked; raises what AWS raises."""
    weights: dict[str, float] = (routing or {}).get("AdditionalVersionWeights") or {}
    if len(weights) > 1:
        raise InvalidParameterValue(
            "Number of items in AdditionalVersionWeights cannot be greater than 1"
        )
    for number, weight in weights.items():
        shown = f"{{{number}={weight}}}"
        problem = f"1 validation error detected: Value '{shown}' at "
        problem += "'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
        if not re.fullmatch("[0-9]+", number):
            raise ValidationError(
                problem + "Map keys must satisfy constraint: [Member must have length less than or "
                "equal to 1024, Member must have length greater than or equal to 1, Member must "
                "satisfy regular expression pattern: [0-9]+, Member must not be null]"
            )
        if not 0 <= weight <= 1:
            raise ValidationError(
                problem + "Map value must satisfy constraint: [Member must have value less than or "
                "equal to 1.0, Member must have value greater than or equal to 0.0, Member must "
                "not be null]"
            )
        if version == LATEST:
            raise InvalidParameterValue(
                "$LATEST is not supported for an alias pointing to more than 1 version"
            )
        if number == version:
            raise InvalidParameterValue(
                f"Invalid function version {number}. Function version {number} is already "
                "included in routing configuration."
            )
        _target(function, number)
    return dict(weights)


def _shown(function: Function, alias: Alias) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "AliasArn": function.arn(alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }
    if alias.weights:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": alias.weights}
    return shown
