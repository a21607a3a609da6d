"""Layer versions. Source: https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"""

from __future__ import annotations

import re
from typing import Any

from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.code import fetch
from helpers.localaws.compute.errors import InvalidParameterValue
from helpers.localaws.compute.layers import LayerVersion
from helpers.localaws.compute.operations.paging import page

_DETAILS = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")


@operation
def publish_layer_version(asked: Asked) -> dict[str, Any]:
    package = fetch(asked["Content"], asked.functions.account, asked.service.code_store)
    details = {name: asked[name] for name in _DETAILS if asked.get(name)}
    version = asked.layers.publish(asked["LayerName"], package, details)
    return _shown(asked, version)


@operation
def get_layer_version(asked: Asked) -> dict[str, Any]:
    return _shown(asked, asked.layers.get(_name(asked), int(asked["VersionNumber"])))


@operation
def get_layer_version_by_arn(asked: Asked) -> dict[str, Any]:
    match = re.fullmatch(r".*:layer:([^:]+):(\d+)", asked["Arn"])
    if match is None:
        raise InvalidParameterValue(f"'{asked['Arn']}' is not the ARN of a layer version.")
    return _shown(asked, asked.layers.get(match[1], int(match[2])))


@operation
def delete_layer_version(asked: Asked) -> None:
    asked.layers.delete(_name(asked), int(asked["VersionNumber"]))


@operation
def list_layer_versions(asked: Asked) -> dict[str, Any]:
    versions = [_short(version) for version in asked.layers.versions(_name(asked))]
    return page(asked, "LayerVersions", versions)


@operation
def list_layers(asked: Asked) -> dict[str, Any]:
    shown = []
    for name in asked.layers.names():
        newest = asked.layers.versions(name)[0]
        shown.append(
            {
                "LayerName": name,
                "LayerArn": newest.layer_arn,
                "LatestMatchingVersion": _short(newest),
            }
        )
    return page(asked, "Layers", shown)


def _name(asked: Asked) -> str:
    return str(asked["LayerName"]).rpartition(":")[2]


def _short(version: LayerVersion) -> dict[str, Any]:
    return {
        **version.details,
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "CreatedDate": version.created,
    }


def _shown(asked: Asked, version: LayerVersion) -> dict[str, Any]:
    return {
        **_short(version),
        "LayerArn": version.layer_arn,
        "Content": {
            "Location": asked.service.download_url(version.package),
            "CodeSha256": version.package.sha256,
            "CodeSize": version.package.size,
        },
    }
