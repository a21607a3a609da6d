"""Functions, event source mappings and layers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    values,
)
from helpers.cloud.account.tags import mark_of

_FUNCTION = re.compile(
    r"(?:arn:[^:]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([A-Za-z0-9_-]+)"
)


def function_name(given: str) -> str:
    """The bare name, from a name, an ARN or either with a version or alias behind it.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_RequestParameters
    """
    found = _FUNCTION.match(given)
    return found[1] if found else given


def _functions(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "FunctionName"):
        yield function_name(given)
    for arn in values(parameters, "Resource"):
        if ":function:" in arn:
            yield function_name(arn)


def function_arn(place: Place, name: str) -> str:
    return f"arn:aws:lambda:{place.region}:{place.number}:function:{name}"


def _look_at_function(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        return dict(place.client("lambda").list_tags(Resource=function_arn(place, name))["Tags"])

    return looked(find)


def _delete_function(place: Place, name: str) -> None:
    """With the mappings that lead to it: AWS would leave them behind, asking a missing function."""
    client = place.client("lambda")
    for mapping in pages(
        client, "list_event_source_mappings", "EventSourceMappings", FunctionName=name
    ):
        if mapping["State"] != "Deleting":
            client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.delete_function(FunctionName=name)


FUNCTION = Kind(
    name="function",
    service="lambda",
    made_by={"CreateFunction": lambda _, sent, __: function_name(sent["FunctionName"])},
    named=_functions,
    look=_look_at_function,
    delete=_delete_function,
    listing=lambda place: (
        one["FunctionName"] for one in pages(place.client("lambda"), "list_functions", "Functions")
    ),
    by_hand="aws lambda delete-function --function-name {id}",
    tag_in="Tags",
    tag_keys=None,
)


def _mappings(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "UUID")


def _look_at_mapping(place: Place, uuid: str) -> Look | None:
    def find() -> Tags:
        place.client("lambda").get_event_source_mapping(UUID=uuid)
        return None

    return looked(find)


MAPPING = Kind(
    name="event source mapping",
    service="lambda",
    made_by={"CreateEventSourceMapping": lambda _, __, told: str(told.get("UUID", ""))},
    named=_mappings,
    look=_look_at_mapping,
    delete=lambda place, uuid: place.client("lambda").delete_event_source_mapping(UUID=uuid),
    listing=lambda place: (
        one["UUID"]
        for one in pages(
            place.client("lambda"), "list_event_source_mappings", "EventSourceMappings"
        )
    ),
    by_hand="aws lambda delete-event-source-mapping --uuid {id}",
    tag_in="Tags",
    tag_keys=None,
)


def _version(place: Place, _: Parameters, told: Parameters) -> str:
    """``name:number``, as the end of a layer version's ARN."""
    return str(told.get("LayerVersionArn", "")).partition(":layer:")[2]


def _look_at_layer(place: Place, version: str) -> Look | None:
    """A layer version carries no tags, and its number is never given out twice."""
    name, _, number = version.rpartition(":")

    def find() -> Tags:
        found = place.client("lambda").get_layer_version(LayerName=name, VersionNumber=int(number))
        return mark_of(found.get("Description")) or None

    return looked(find)


def _delete_layer(place: Place, version: str) -> None:
    name, _, number = version.rpartition(":")
    place.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(number))


def _layer_versions(place: Place) -> Iterator[str]:
    client = place.client("lambda")
    for layer in pages(client, "list_layers", "Layers"):
        name = layer["LayerName"]
        for version in pages(client, "list_layer_versions", "LayerVersions", LayerName=name):
            yield f"{name}:{version['Version']}"


def _layers_named(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "LayerName"):
        if "VersionNumber" in parameters:
            yield f"{given.rpartition(':layer:')[2] or given}:{parameters['VersionNumber']}"


LAYER_VERSION = Kind(
    name="layer version",
    service="lambda",
    made_by={"PublishLayerVersion": _version},
    named=_layers_named,
    look=_look_at_layer,
    delete=_delete_layer,
    listing=_layer_versions,
    by_hand="aws lambda delete-layer-version --layer-name NAME --version-number N   (of {id})",
    mark_in=("Description", 256),
)
