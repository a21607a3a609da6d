"""A stream mapping's settings: defaults, and what Lambda refuses.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html; the texts of errors
were recorded from AWS by others (https://github.com/localstack/localstack, tests/aws/services/
lambda_/event_source_mapping/*.snapshot.json).
"""

from __future__ import annotations

import time
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue
from helpers.localaws.triggers import filters
from helpers.localaws.triggers.streams.sources import exists

#: What can be set, with the defaults of the settings that have one.
DEFAULTS: dict[str, Any] = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
}
NAMES = (*DEFAULTS, "FilterCriteria", "StartingPosition", "StartingPositionTimestamp")
DESTINATIONS = ("sqs", "sns", "s3")


def read(given: dict[str, Any]) -> dict[str, Any]:
    """The settings of a request, in the form in which they are kept."""
    settings = {name: given[name] for name in NAMES if given.get(name) is not None}
    if "DestinationConfig" in settings:
        target = (settings["DestinationConfig"].get("OnFailure") or {}).get("Destination")
        settings["DestinationConfig"] = {"OnFailure": {"Destination": target} if target else {}}
    moment = settings.get("StartingPositionTimestamp")
    if moment is not None and not isinstance(moment, int | float):
        settings["StartingPositionTimestamp"] = moment.timestamp()
    return settings


def check(source_arn: str, config: dict[str, Any]) -> None:
    """Raise InvalidParameterValue for settings that do not fit the stream."""
    _check_position(source_arn, config)
    age = config["MaximumRecordAgeInSeconds"]
    if 0 <= age < 60:
        raise InvalidParameterValue(
            "MaximumRecordAgeInSeconds must be -1, or at least 60 and at most 604800."
        )
    target = config["DestinationConfig"]["OnFailure"].get("Destination")
    if target:
        parts = target.split(":")
        if len(parts) < 6 or parts[2] not in DESTINATIONS or target.endswith(".fifo"):
            raise InvalidParameterValue(f"The provided destination config {target} is invalid")
    filters.check(config.get("FilterCriteria") or {})
    if not exists(source_arn):
        raise InvalidParameterValue(f"Stream not found: {source_arn}")


def _check_position(source_arn: str, config: dict[str, Any]) -> None:
    position, moment = config.get("StartingPosition"), config.get("StartingPositionTimestamp")
    if position is None:
        raise InvalidParameterValue(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null."
        )
    if position != "AT_TIMESTAMP":
        if moment is not None:
            raise InvalidParameterValue("Timestamp only valid with StartingPosition AT_TIMESTAMP")
        return
    if source_arn.split(":")[2] == "dynamodb":
        raise InvalidParameterValue(f"Unsupported starting position for arn type: {source_arn}")
    if moment is None:
        raise InvalidParameterValue("Need to specify a timestamp")
    if moment < 0:
        raise InvalidParameterValue(
            "Received Exception while reading from provided stream. class java.lang.Long can not "
            "be converted to a Timestamp"
        )
    if moment > time.time():
        raise InvalidParameterValue("StartingPositionTimestamp cannot be in the future.")
