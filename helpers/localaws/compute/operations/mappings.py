"""Event source mappings.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import time
from typing import Any

from moto.core.utils import get_service_model

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    ResourceConflict,
    ResourceNotFound,
    ValidationError,
)
from helpers.localaws.compute.operations.paging import page
from helpers.localaws.triggers.mappings import Mapping
from helpers.localaws.triggers.sqs import check as sqs
from helpers.localaws.triggers.streams import access
from helpers.localaws.triggers.streams import settings as streams

#: What a queue's mapping keeps; more stands in its defaults.
_QUEUE = (
    "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "FunctionResponseTypes",
    "ScalingConfig",
)  # fmt: skip
#: By the source's service: settings that AWS refuses there.
_UNSUPPORTED = {
    "sqs": (
        "ParallelizationFactor", "BisectBatchOnFunctionError", "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds", "TumblingWindowInSeconds", "Topics", "Queues",
        "SourceAccessConfigurations",
    ),
    "dynamodb": ("ScalingConfig", "Topics", "Queues", "SourceAccessConfigurations"),
    "kinesis": ("ScalingConfig", "Topics", "Queues", "SourceAccessConfigurations"),
}  # fmt: skip
#: AWS polls these as well; there is none here.
_ELSEWHERE = ("kafka", "mq", "rds")


@operation
def create_event_source_mapping(asked: Asked) -> dict[str, Any]:
    source = asked.get("EventSourceArn") or ""
    if not source and asked.get("SelfManagedEventSource") is None:
        raise InvalidParameterValue("Unrecognized event source.")
    service = source.split(":")[2] if source.count(":") > 4 else ""
    if service in _ELSEWHERE or not source:
        raise NotImplementedError
    if service not in _UNSUPPORTED or (service == "dynamodb" and "/stream/" not in source):
        raise InvalidParameterValue(
            "Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported "
            f"source arn : {source}"
        )
    _check_ranges(asked, "CreateEventSourceMapping")
    _check_supported(asked, service)
    if service == "sqs":
        config = {
            "BatchSize": 10,
            "MaximumBatchingWindowInSeconds": 0,
            "FunctionResponseTypes": [],
            **_settings(asked, service),
        }
    else:
        config = {**streams.DEFAULTS, **_settings(asked, service)}
    config = _without_empty(config)
    mapping = Mapping(
        asked.service,
        asked.functions.account,
        asked.functions.region,
        *_function(asked),
        source,
        config,
        enabled=asked.get("Enabled") is not False,
    )
    _check(mapping, new_function=True)
    for other in asked.service.mappings.all():
        if (other.function_arn, other.source_arn) == (mapping.function_arn, source):
            raise _conflict(other)
    asked.service.mappings.add(mapping)
    return mapping.configuration("Creating" if mapping.enabled else "Disabled")


@operation
def get_event_source_mapping(asked: Asked) -> dict[str, Any]:
    return _find(asked).configuration()


@operation
def update_event_source_mapping(asked: Asked) -> dict[str, Any]:
    mapping = _find(asked)
    _check_ranges(asked, "UpdateEventSourceMapping")
    _check_supported(asked, mapping.source)
    before = mapping.config, mapping.function_name, mapping.qualifier
    mapping.config = _without_empty({**mapping.config, **_settings(asked, mapping.source)})
    try:
        if asked.get("FunctionName"):
            mapping.function_name, mapping.qualifier = _function(asked)
        _check(mapping, new_function=bool(asked.get("FunctionName")))
    except Exception:
        mapping.config, mapping.function_name, mapping.qualifier = before
        raise
    mapping.last_modified = time.time()
    state = "Updating"
    enabled = asked.get("Enabled")
    if enabled is not None and enabled != mapping.enabled:
        mapping.enabled = bool(enabled)
        state = "Enabling" if enabled else "Disabling"
    asked.service.mappings.follow(mapping)
    return mapping.configuration(state)


@operation
def delete_event_source_mapping(asked: Asked) -> dict[str, Any]:
    mapping = _find(asked)
    asked.service.mappings.remove(mapping)
    return mapping.configuration("Deleting")


@operation
def list_event_source_mappings(asked: Asked) -> dict[str, Any]:
    name, source = asked.get("FunctionName"), asked.get("EventSourceArn")
    wanted = arn.parse(name).name if name else None
    shown = [
        mapping.configuration()
        for mapping in asked.service.mappings.all()
        if (mapping.account, mapping.region) == (asked.functions.account, asked.functions.region)
        and wanted in (None, mapping.function_name)
        and source in (None, mapping.source_arn)
    ]
    return page(asked, "EventSourceMappings", shown, most=100)


def _find(asked: Asked) -> Mapping:
    mapping: Mapping | None = asked.service.mappings.get(asked["UUID"])
    if mapping is None:
        raise ResourceNotFound("The resource you requested does not exist.")
    return mapping


def _function(asked: Asked) -> tuple[str, str | None]:
    """The name and qualifier that the request asks for; raises where there is none such."""
    named = arn.parse(asked["FunctionName"])
    try:
        asked.functions.get(named.name).version(named.qualifier)
    except ResourceNotFound:
        raise InvalidParameterValue("Function does not exist") from None
    return named.name, named.qualifier


def _settings(asked: Asked, service: str) -> dict[str, Any]:
    if service != "sqs":
        return streams.read(asked.parameters)
    return {name: asked[name] for name in _QUEUE if asked.get(name) is not None}


def _without_empty(config: dict[str, Any]) -> dict[str, Any]:
    """``{}`` takes a filter, or a limit, away."""
    kept = dict(config)
    if not (kept.get("FilterCriteria") or {}).get("Filters"):
        kept.pop("FilterCriteria", None)
    if not kept.get("ScalingConfig"):
        kept.pop("ScalingConfig", None)
    return kept


def _conflict(other: Mapping) -> ResourceConflict:
    if other.source == "sqs":
        return ResourceConflict(
            f'An event source mapping with SQS arn (" {other.source_arn} ") and function '
            f'(" {other.function_name} ") already exists. Please update or delete the existing '
            f"mapping with UUID {other.uuid}"
        )
    return ResourceConflict(
        f'The event source arn (" {other.source_arn} ") and function '
        f'(" {other.function_name} ") provided mapping already exists. Please update or delete the '
        f"existing mapping with UUID {other.uuid}"
    )


def _check_ranges(asked: Asked, action: str) -> None:
    """Raise ValidationError for numbers out of the API's ranges and words that it does not know.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    """
    problems = []
    members = get_service_model("lambda").operation_model(action).input_shape.members
    for name, shape in members.items():
        value = asked.get(name)
        constraint = ""
        if shape.type_name == "integer" and isinstance(value, int):
            if value > shape.metadata.get("max", value):
                constraint = f"have value less than or equal to {shape.metadata['max']}"
            elif value < shape.metadata.get("min", value):
                constraint = f"have value greater than or equal to {shape.metadata['min']}"
        elif name == "StartingPosition" and value not in (None, *shape.enum):
            constraint = "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
        if constraint:
            shown = name[0].lower() + name[1:]
            problems.append(
                f"Value '{value}' at '{shown}' failed to satisfy constraint: Member must "
                f"{constraint}"
            )
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise ValidationError(count + "; ".join(problems))


def _check_supported(asked: Asked, service: str) -> None:
    """Raise InvalidParameterValue for settings that this kind of source does not have."""
    destinations = asked.get("DestinationConfig") or {}
    if destinations and (service == "sqs" or (destinations.get("OnSuccess") or {})):
        raise InvalidParameterValue(
            "Unsupported DestinationConfig parameter for given event source mapping type."
        )
    if service == "sqs" and asked.get("ProvisionedPollerConfig"):
        raise NotImplementedError  # said, and not silently left out
    if service == "sqs" and (
        asked.get("StartingPosition") or asked.get("StartingPositionTimestamp")
    ):
        raise InvalidParameterValue("StartingPosition is not valid for SQS event sources.")
    for name in _UNSUPPORTED[service]:
        if asked.get(name) is not None:
            raise InvalidParameterValue(
                f"Unsupported '{name[0].lower()}{name[1:]}' parameter for given event source "
                "mapping type."
            )


def _check(mapping: Mapping, new_function: bool) -> None:
    """Raise InvalidParameterValue for what the source and Lambda cannot do together."""
    if mapping.source == "sqs":
        sqs.check(mapping.source_arn, mapping.function.latest.config["Timeout"], mapping.config)
        if new_function:
            sqs.check_role(mapping)
    else:
        streams.check(mapping.source_arn, mapping.config)
        if new_function:
            access.check(mapping)
