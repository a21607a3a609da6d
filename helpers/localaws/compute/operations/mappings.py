"""Event source mappings.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import time
from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    ResourceConflict,
    ResourceNotFound,
)
from helpers.localaws.compute.function import Function
from helpers.localaws.compute.operations.paging import page
from helpers.localaws.triggers import filters
from helpers.localaws.triggers.mappings import Mapping

_SETTINGS = (
    "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "FunctionResponseTypes",
    "ScalingConfig",
)  # fmt: skip


@operation
def create_event_source_mapping(asked: Asked) -> dict[str, Any]:
    source = asked.get("EventSourceArn") or ""
    if source.split(":")[2:3] != ["sqs"]:
        raise NotImplementedError  # streams are not polled yet
    named = arn.parse(asked["FunctionName"])
    function = asked.functions.get(named.name)
    function.version(named.qualifier)
    config = {
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        **_given(asked),
    }
    _check(asked, source, function, config)
    for other in asked.service.mappings.all():
        same = other.function is function and other.qualifier == named.qualifier
        if same and other.source_arn == source:
            raise ResourceConflict(
                f'An event source mapping with SQS arn (" {source} ") and function '
                f'(" {named.name} ") already exists. Please update or delete the existing mapping '
                f"with UUID {other.uuid}"
            )
    enabled = asked.get("Enabled") is not False
    mapping = Mapping(function, named.qualifier, source, config, enabled)
    asked.service.mappings.add(mapping)
    return mapping.configuration("Creating")


@operation
def get_event_source_mapping(asked: Asked) -> dict[str, Any]:
    return _find(asked).configuration()


@operation
def update_event_source_mapping(asked: Asked) -> dict[str, Any]:
    mapping = _find(asked)
    config = {**mapping.config, **_given(asked)}
    _check(asked, mapping.source_arn, mapping.function, config)
    mapping.config = config
    if asked.get("FunctionName"):
        named = arn.parse(asked["FunctionName"])
        mapping.function = asked.functions.get(named.name)
        mapping.qualifier = named.qualifier
    mapping.last_modified = time.time()
    if asked.get("Enabled") is not None:
        mapping.enabled = bool(asked["Enabled"])
    asked.service.mappings.follow(mapping)
    return mapping.configuration("Updating")


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
        if wanted in (None, mapping.function.name) and source in (None, mapping.source_arn)
    ]
    return page(asked, "EventSourceMappings", shown, most=100)


def _find(asked: Asked) -> Mapping:
    mapping: Mapping | None = asked.service.mappings.get(asked["UUID"])
    if mapping is None:
        raise ResourceNotFound("The resource you requested does not exist.")
    return mapping


def _given(asked: Asked) -> dict[str, Any]:
    return {name: asked[name] for name in _SETTINGS if asked.get(name) is not None}


def _check(asked: Asked, source: str, function: Function, config: dict[str, Any]) -> None:
    """Raise InvalidParameterValue for what SQS and Lambda cannot do together."""
    from moto.sqs.models import sqs_backends

    _, _, _, region, account, name = source.split(":")
    queue: Any = sqs_backends[account][region].queues.get(name)
    if queue is None:
        raise InvalidParameterValue(
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist."
        )
    visible, timeout = int(queue.visibility_timeout), function.latest.config["Timeout"]
    if visible < timeout:
        raise InvalidParameterValue(
            f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} "
            "seconds"
        )
    fifo = name.endswith(".fifo")
    size, window = config["BatchSize"], config["MaximumBatchingWindowInSeconds"]
    if not 1 <= size <= (10 if fifo else 10_000):
        most = "10" if fifo else "10000"
        raise InvalidParameterValue(
            f"Batch size must be between 1 and {most} for {'FIFO' if fifo else 'standard'} queues."
        )
    if fifo and window:
        raise InvalidParameterValue("Batching window is not supported for FIFO queues.")
    if size > 10 and not window:
        raise InvalidParameterValue(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10"
        )
    concurrency = (config.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if concurrency is not None and not 2 <= concurrency <= 1000:
        raise InvalidParameterValue("MaximumConcurrency must be between 2 and 1000.")
    filters.check(config.get("FilterCriteria") or {})
