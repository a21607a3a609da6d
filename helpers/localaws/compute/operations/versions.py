"""Published versions. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html"""

from __future__ import annotations

from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    PreconditionFailed,
    ResourceConflict,
)
from helpers.localaws.compute.function import LATEST, Function
from helpers.localaws.compute.operations.paging import page


@operation
def publish_version(asked: Asked) -> dict[str, Any]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    latest = function.latest
    if asked.get("RevisionId") not in (None, latest.revision_id):
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
    given = asked.get("CodeSha256")
    if given not in (None, latest.code_sha256):
        raise InvalidParameterValue(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST "
            f"({latest.code_sha256}). Please try again with the CodeSHA256 in $LATEST."
        )
    with asked.functions.lock:
        function.must_be_settled()
        return function.publish(asked.get("Description")).configuration()


@operation
def list_versions_by_function(asked: Asked) -> dict[str, Any]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    shown = []
    for version in function.everything():
        config = version.configuration()
        config["FunctionArn"] = function.arn(version.number)
        shown.append(config)
    return page(asked, "Versions", shown)


def delete_version(asked: Asked, function: Function, qualifier: str) -> None:
    """What DeleteFunction does when it is given a qualifier."""
    if qualifier == LATEST:
        raise InvalidParameterValue(
            "$LATEST version cannot be deleted without deleting the function."
        )
    if not qualifier.isdigit():
        raise InvalidParameterValue("Deletion of aliases is not currently supported.")
    version = function.version(qualifier)
    used_by = [
        alias.name
        for alias in function.aliases.values()
        if alias.version == qualifier or qualifier in alias.weights
    ]
    if used_by:
        raise ResourceConflict(
            "Unable to delete version because the following aliases reference it: "
            f"[{', '.join(sorted(used_by))}]"
        )
    del function.versions[qualifier]
    asked.service.forget(function, version)
