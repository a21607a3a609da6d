"""Create, read, change and delete functions.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
"""

from __future__ import annotations

import base64
import time
from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.code import Package, unpack
from helpers.localaws.compute.configuration import (
    check_configuration,
    complete,
    given_configuration,
)
from helpers.localaws.compute.credentials import check_role
from helpers.localaws.compute.errors import InvalidParameterValue, PreconditionFailed
from helpers.localaws.compute.function import LATEST, PENDING_SECONDS, Function, Version


@operation
def create_function(asked: Asked) -> dict[str, Any]:
    name = arn.parse_new(asked["FunctionName"])
    config = given_configuration(asked)
    check_configuration(config, new=True)
    check_role(asked.functions.account, config["Role"])
    version = Version(
        name=name,
        account=asked.functions.account,
        region=asked.functions.region,
        config=complete(config, name),
        package=_package(asked, asked["Code"]),
        active_at=time.monotonic() + PENDING_SECONDS,
    )
    asked.functions.add(Function(version, tags=dict(asked.get("Tags") or {})))
    return version.configuration()


@operation
def get_function(asked: Asked) -> dict[str, Any]:
    function, version = _find(asked)
    location = asked.service.code_location(version)
    answer: dict[str, Any] = {
        "Configuration": version.configuration(),
        "Code": {"RepositoryType": "S3", "Location": location},
    }
    if function.tags:
        answer["Tags"] = dict(function.tags)
    return answer


@operation
def get_function_configuration(asked: Asked) -> dict[str, Any]:
    return _find(asked)[1].configuration()


@operation
def list_functions(asked: Asked) -> dict[str, Any]:
    functions = asked.functions.all()
    return {"Functions": [function.latest.configuration() for function in functions]}


@operation
def update_function_code(asked: Asked) -> dict[str, Any]:
    function, latest = _find_for_change(asked)
    package = _package(asked, asked.parameters)
    if asked.get("DryRun"):
        return {**latest.configuration(), "CodeSha256": package.sha256, "CodeSize": package.size}
    with asked.functions.lock:
        function.must_be_settled()
        asked.service.assignment.retire(latest)
        latest.package = package
        latest.changed()
    return latest.configuration()


@operation
def update_function_configuration(asked: Asked) -> dict[str, Any]:
    function, latest = _find_for_change(asked)
    given = given_configuration(asked)
    check_configuration({**latest.config, **given}, new=False)
    if "Role" in given:
        check_role(asked.functions.account, given["Role"])
    with asked.functions.lock:
        function.must_be_settled()
        asked.service.assignment.retire(latest)
        latest.config = complete({**latest.config, **given}, latest.name)
        latest.changed()
    return latest.configuration()


@operation
def delete_function(asked: Asked) -> None:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    if named.qualifier == LATEST:
        raise InvalidParameterValue(
            "$LATEST version cannot be deleted without deleting the function."
        )
    function = asked.functions.get(named.name)
    asked.functions.remove(named.name)
    asked.service.assignment.retire(function.latest)


def _find(asked: Asked) -> tuple[Function, Version]:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    function = asked.functions.get(named.name, named.qualifier)
    return function, function.version(named.qualifier)


def _find_for_change(asked: Asked) -> tuple[Function, Version]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    revision = asked.get("RevisionId")
    if revision and revision != function.latest.revision_id:
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
    return function, function.latest


def _package(asked: Asked, code: dict[str, Any]) -> Package:
    """The archive from the request itself or from S3."""
    if code.get("ZipFile") is not None:
        content = code["ZipFile"]
        content = content if isinstance(content, bytes) else base64.b64decode(content)
    elif code.get("S3Bucket"):
        content = _from_s3(asked.functions.account, code)
    else:
        raise InvalidParameterValue("Please provide a source for function code.")
    return unpack(content, asked.service.code_store)


def _from_s3(account: str, code: dict[str, Any]) -> bytes:
    from moto.s3.exceptions import MissingBucket, MissingKey
    from moto.s3.models import s3_backends

    problem = "NoSuchKey. S3 Error Message: The specified key does not exist."
    try:
        found = s3_backends[account]["aws"].get_object(
            code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion")
        )
        if found is not None:
            return bytes(found.value)
    except MissingBucket:
        problem = "NoSuchBucket. S3 Error Message: The specified bucket does not exist"
    except MissingKey:
        pass
    raise InvalidParameterValue(f"Error occurred while GetObject. S3 Error Code: {problem}")
