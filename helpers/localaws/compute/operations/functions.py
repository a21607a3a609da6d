"""Create, read, change and delete functions.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
"""

from __future__ import annotations

import time
from typing import Any

from helpers.localaws.compute import arn, encryption
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.code import Package, fetch
from helpers.localaws.compute.configuration import (
    check_configuration,
    complete,
    given_configuration,
)
from helpers.localaws.compute.credentials import check_role
from helpers.localaws.compute.errors import InvalidParameterValue, PreconditionFailed
from helpers.localaws.compute.function import PENDING_SECONDS, Function, Version
from helpers.localaws.compute.images import Image, load
from helpers.localaws.compute.layers import check_size
from helpers.localaws.compute.operations.paging import page
from helpers.localaws.compute.operations.versions import delete_version
from helpers.localaws.network import attachment
from helpers.localaws.triggers.sqs.check import check_new_timeout


@operation
def create_function(asked: Asked) -> dict[str, Any]:
    name = arn.parse_new(asked["FunctionName"])
    config = given_configuration(asked)
    check_configuration(config, new=True)
    check_role(asked.functions.account, config["Role"])
    _attach(asked, config, config["Role"])
    package, image = _code(asked, asked["Code"], config.get("PackageType", "Zip"))
    layers = asked.layers.resolve(config.get("Layers", []))
    check_size(package, layers)
    account, region = asked.functions.account, asked.functions.region
    function_arn = arn.function_arn(region, account, name)
    version = Version(
        name=name,
        account=asked.functions.account,
        region=asked.functions.region,
        config=encryption.seal(asked.service, function_arn, complete(config, name)),
        package=package,
        image=image,
        layers=[layer.package for layer in layers],
        active_at=time.monotonic() + PENDING_SECONDS,
    )
    function = Function(version, tags=dict(asked.get("Tags") or {}))
    asked.functions.add(function)
    _follow_networks(asked)
    answer = version.configuration()
    if asked.get("Publish"):
        answer["Version"] = function.publish().number
    return answer


@operation
def get_function(asked: Asked) -> dict[str, Any]:
    function, version = _find(asked)
    if version.image is None:
        location = asked.service.download_url(version.package)
        code = {"RepositoryType": "S3", "Location": location}
    else:
        uri, digest = version.image.uri, version.image.digest
        code = {"RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": f"{uri}@{digest}"}
    answer: dict[str, Any] = {
        "Configuration": _configuration(asked, function, version),
        "Code": code,
    }
    if function.reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
    if function.tags:
        answer["Tags"] = dict(function.tags)
    return answer


@operation
def get_function_configuration(asked: Asked) -> dict[str, Any]:
    return _configuration(asked, *_find(asked))


@operation
def list_functions(asked: Asked) -> dict[str, Any]:
    every = asked.get("FunctionVersion") == "ALL"
    shown = []
    for function in asked.functions.all():
        for version in function.everything() if every else [function.latest]:
            config = version.configuration()
            config["FunctionArn"] = function.arn(version.number) if every else version.arn
            shown.append(config)
    return page(asked, "Functions", shown)


@operation
def update_function_code(asked: Asked) -> dict[str, Any]:
    function, latest = _find_for_change(asked)
    package, image = _code(asked, asked.parameters, latest.config["PackageType"])
    check_size(package, asked.layers.resolve(latest.config.get("Layers", [])))
    if asked.get("DryRun"):
        return {**latest.configuration(), "CodeSha256": package.sha256, "CodeSize": package.size}
    with asked.functions.lock:
        function.must_be_settled()
        asked.service.assignment.retire(latest)
        latest.package, latest.image = package, image
        if asked.get("Architectures"):
            latest.config = {**latest.config, "Architectures": asked["Architectures"]}
        latest.changed()
        if asked.get("Publish"):
            return function.publish().configuration()
    return latest.configuration()


@operation
def update_function_configuration(asked: Asked) -> dict[str, Any]:
    function, latest = _find_for_change(asked)
    given = given_configuration(asked)
    check_configuration({**latest.config, **given}, new=False)
    if "Role" in given:
        check_role(asked.functions.account, given["Role"])
    _attach(asked, given, given.get("Role") or latest.config["Role"])
    given = encryption.reopen(asked.service, latest, given)
    config = complete({**latest.config, **given}, latest.name)
    config = encryption.seal(asked.service, latest.arn, config)
    check_new_timeout(asked.service.mappings.all(), function, config["Timeout"])
    layers = asked.layers.resolve(config.get("Layers", []))
    check_size(latest.package, layers)
    with asked.functions.lock:
        function.must_be_settled()
        asked.service.assignment.retire(latest)
        latest.config, latest.layers = config, [layer.package for layer in layers]
        latest.changed()
    _follow_networks(asked)
    return latest.configuration()


@operation
def delete_function(asked: Asked) -> None:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    function = asked.functions.get(named.name)
    if named.qualifier is not None:
        delete_version(asked, function, named.qualifier)
        return
    asked.functions.remove(named.name)
    asked.service.forget(function)
    _follow_networks(asked)


def _attach(asked: Asked, config: dict[str, Any], role: str) -> None:
    """Complete the VpcConfig that was given, if one was, for a function with this role."""
    if "VpcConfig" in config:
        account, region = asked.functions.account, asked.functions.region
        config["VpcConfig"] = attachment.completed(account, region, config["VpcConfig"])
        if config["VpcConfig"]:
            attachment.check_role(asked.service, role, region)


def _follow_networks(asked: Asked) -> None:
    """Make or delete the network interfaces that the functions need now."""
    functions = asked.functions
    used = [
        version.config["VpcConfig"]
        for function in functions.all()
        for version in function.everything()
        if version.config.get("VpcConfig")
    ]
    asked.service.interfaces.follow(functions.account, functions.region, used)


def _code(asked: Asked, code: dict[str, Any], package_type: str) -> tuple[Package, Image | None]:
    """The archive or the image that a request names."""
    uri, store = code.get("ImageUri"), asked.service.code_store
    if package_type == "Zip":
        if uri:
            raise InvalidParameterValue(
                "Please don't provide ImageUri when updating a function with packageType Zip."
            )
        return fetch(code, asked.functions.account, store), None
    if not uri:
        raise InvalidParameterValue(
            "Please provide ImageUri when updating a function with packageType Image."
        )
    image = load(uri, store)
    return Package(b"", image.root, 0), image


def _find(asked: Asked) -> tuple[Function, Version]:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    function = asked.functions.get(named.name, named.qualifier)
    return function, function.version(named.qualifier)


def _configuration(asked: Asked, function: Function, version: Version) -> dict[str, Any]:
    """The version's configuration; its ARN ends in the qualifier that was asked with."""
    qualifier = arn.parse(asked["FunctionName"], asked.get("Qualifier")).qualifier
    return {**version.configuration(), "FunctionArn": function.arn(qualifier)}


def _find_for_change(asked: Asked) -> tuple[Function, Version]:
    function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    revision = asked.get("RevisionId")
    if revision and revision != function.latest.revision_id:
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
    return function, function.latest
