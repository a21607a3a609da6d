"""What Lambda refuses of a mapping for a queue.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue, ValidationError
from helpers.localaws.queues.redrive import queue_of
from helpers.localaws.triggers import filters
from helpers.localaws.triggers.sqs.failures import REPORTS

_RANGES = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "MaximumConcurrency": (2, 1000),
}
#: Settings that only streams have, and how AWS refuses them.
_OF_STREAMS = ("StartingPosition", "StartingPositionTimestamp")


def check(asked: dict[str, Any], queue_arn: str, timeout: int, config: dict[str, Any]) -> None:
    """Raise for what SQS and Lambda cannot do together.

    ``asked`` holds the request's parameters, ``timeout`` is the function's, ``config`` what the
    mapping's settings would be. Raises InvalidParameterValue, ValidationError.
    """
    if asked.get("ProvisionedPollerConfig"):
        raise NotImplementedError  # said, and not silently left out
    if any(asked.get(name) is not None for name in _OF_STREAMS):
        raise InvalidParameterValue("StartingPosition is not valid for SQS event sources.")
    _check_ranges(config)
    queue = queue_of(queue_arn)
    if queue is None:
        raise InvalidParameterValue(
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist."
        )
    check_timeout(queue, timeout)
    size, window = config["BatchSize"], config["MaximumBatchingWindowInSeconds"]
    if queue.fifo_queue and window:
        raise InvalidParameterValue("Batching window is not supported for FIFO queues")
    if queue.fifo_queue and size > 10:
        raise InvalidParameterValue("Batch size must not exceed 10 for FIFO queues")
    if size > 10 and not window:
        raise InvalidParameterValue(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10"
        )
    filters.check(config.get("FilterCriteria") or {})


def check_timeout(queue: Any, timeout: int) -> None:
    """A message must not come back while the function still works on it."""
    if queue.visibility_timeout < timeout:
        raise InvalidParameterValue(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function "
            f"timeout: {timeout} seconds"
        )


def check_new_timeout(mappings: list[Any], function: Any, timeout: int) -> None:
    """The same when a function gets another timeout: for each queue that feeds it."""
    for mapping in mappings:
        if mapping.function is function and ":sqs:" in mapping.source_arn:
            queue = queue_of(mapping.source_arn)
            if queue is not None:
                check_timeout(queue, timeout)


def _check_ranges(config: dict[str, Any]) -> None:
    given = {**config, **(config.get("ScalingConfig") or {})}
    for name, (least, most) in _RANGES.items():
        value = given.get(name)
        if value is None or least <= value <= most:
            continue
        shown = name[0].lower() + name[1:]
        shown = f"scalingConfig.{shown}" if name == "MaximumConcurrency" else shown
        bound = (
            f"greater than or equal to {least}"
            if value < least
            else f"less than or equal to {most}"
        )
        raise ValidationError(
            f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy "
            f"constraint: Member must have value {bound}"
        )
    for kind in config.get("FunctionResponseTypes") or []:
        if kind != REPORTS:
            raise ValidationError(
                f"1 validation error detected: Value '[{kind}]' at 'functionResponseTypes' failed "
                "to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum "
                f"value set: [{REPORTS}]]"
            )
