"""Tags of functions. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html"""

from __future__ import annotations

from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.function import Function


@operation
def tag_resource(asked: Asked) -> None:
    _function(asked).tags.update(asked["Tags"])


@operation
def untag_resource(asked: Asked) -> None:
    for key in asked["TagKeys"]:
        _function(asked).tags.pop(key, None)


@operation
def list_tags(asked: Asked) -> dict[str, Any]:
    return {"Tags": dict(_function(asked).tags)}


def _function(asked: Asked) -> Function:
    return asked.functions.get(arn.parse(asked["Resource"]).name)
