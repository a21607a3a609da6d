"""What Lambda refuses of a mapping for a queue.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpers.localaws.compute.errors import InvalidParameterValue, ValidationError
from helpers.localaws.queues.redrive import queue_of
from helpers.localaws.triggers import filters
from helpers.localaws.triggers.sqs.failures import REPORTS

if TYPE_CHECKING:
    from helpers.localaws.triggers.mappings import Mapping

#: Batches at once: the least and the most that can be asked for.
CONCURRENCY = (2, 1000)


def check(queue_arn: str, timeout: int, config: dict[str, Any]) -> None:
    """Raise for what SQS and Lambda cannot do together.

    ``timeout`` is the function's, ``config`` what the mapping's settings would be. Raises
    InvalidParameterValue, ValidationError.
    """
    _check_values(config)
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


def check_role(mapping: Mapping) -> None:
    """Raise InvalidParameterValue where the function's role may not work on the queue.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    (execution role permissions); the text is what AWS answers people who forgot them.
    """
    for operation in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        action = f"sqs:{operation}"
        if not mapping.may(action):
            raise InvalidParameterValue(
                f"The provided execution role does not have permissions to call {operation} on SQS"
            )


def check_timeout(queue: Any, timeout: int) -> None:
    """A message must not come back while the function still works on it."""
    if queue.visibility_timeout < timeout:
        raise InvalidParameterValue(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function "
            f"timeout: {timeout} seconds"
        )


def check_new_timeout(mappings: list[Any], function: Any, timeout: int) -> None:
    """The same when a function gets another timeout: for each queue that feeds it."""
    latest = function.latest
    fed = (latest.account, latest.region, latest.name)
    for one in mappings:
        if one.source == "sqs" and (one.account, one.region, one.function_name) == fed:
            queue = queue_of(one.source_arn)
            if queue is not None:
                check_timeout(queue, timeout)


def _check_values(config: dict[str, Any]) -> None:
    least, most = CONCURRENCY
    wanted = (config.get("ScalingConfig") or {}).get("MaximumConcurrency", least)
    if not least <= wanted <= most:
        bound = f"greater than or equal to {least}"
        if wanted > most:
            bound = f"less than or equal to {most}"
        raise ValidationError(
            f"1 validation error detected: Value '{wanted}' at 'scalingConfig.maximumConcurrency' "
            f"failed to satisfy constraint: Member must have value {bound}"
        )
    for kind in config.get("FunctionResponseTypes") or []:
        if kind != REPORTS:
            raise ValidationError(
                f"1 validation error detected: Value '[{kind}]' at 'functionResponseTypes' failed "
                "to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum "
                f"value set: [{REPORTS}]]"
            )
