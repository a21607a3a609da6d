"""Sends events of executions to CloudWatch Logs, as a state machine's loggingConfiguration says.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.localaws.telemetry.logs import LogEvent, LogWriter
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError
from helpers.localaws.triggers.stepfunctions.history import details_of

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.execution import Execution

_FATAL = {"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"}
_ERROR_ENDINGS = ("Failed", "TimedOut", "Aborted")
_DATA = ("input", "inputDetails", "output", "outputDetails")


class ExecutionLogger:
    """One log stream for each state machine, like ``states/NAME/2026-11-23-10-00/1a2b3c4d``."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._streams: dict[str, str] = {}

    def clear(self) -> None:
        self._streams.clear()

    def write(self, execution: Execution, event: dict[str, Any]) -> None:
        """Log one event of the history, if the level has it."""
        config = execution.settings.logging
        if not _is_logged(config["level"], event["type"]):
            return
        arn = execution.machine.arn
        stream = self._streams.setdefault(arn, _stream(execution.machine.name))
        details = details_of(event)
        if not config.get("includeExecutionData"):
            details = {name: value for name, value in details.items() if name not in _DATA}
        moment = int(event["timestamp"] * 1000)
        message = {
            "id": str(event["id"]),
            "type": event["type"],
            "details": details,
            "redrive_count": "0",
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(moment),
            "execution_arn": execution.arn,
        }
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._put(config, stream, moment, text)

    def announce(self, config: dict[str, Any]) -> None:
        """What Step Functions writes when logging is set up, to see whether it may."""
        self._put(
            config,
            "log_stream_created_by_aws_to_validate_log_delivery_subscriptions",
            int(time.time() * 1000),
            "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs "
            "while creating a subscription.",
        )

    def _put(self, config: dict[str, Any], stream: str, moment: int, text: str) -> None:
        account, region, group = _group(config)
        if _exists(account, region, group):  # deleted meanwhile: the execution does not mind
            self._writer.write(LogEvent(account, region, group, stream, moment, text))


def normalise(config: dict[str, Any] | None) -> dict[str, Any]:
    """A loggingConfiguration with everything that was left out; raises
    InvalidLoggingConfiguration."""
    given = {"level": "OFF", "includeExecutionData": False, **(config or {})}
    if given["level"] == "OFF":
        return given
    destinations = given.get("destinations") or []
    if len(destinations) != 1:
        raise _invalid("Must specify exactly one Log Destination.")
    arn = destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn")
    if not arn:
        raise _invalid("Must set valid CloudWatch Log Group ARN.")
    if arn.split(":")[2:3] != ["logs"] or ":log-group:" not in arn:
        raise _invalid("Provided ARN is not CloudWatch Logs Log Group ARN.")
    if not arn.endswith(":*"):
        raise _invalid("Log Group ARN must be provided with '*' qualifier.")
    if not _exists(*_group(given)):
        raise _invalid("Log Destination not found.")
    return given


def _invalid(problem: str) -> StepFunctionsError:
    return StepFunctionsError(
        "InvalidLoggingConfiguration", f"Invalid Logging Configuration: {problem}"
    )


def _group(config: dict[str, Any]) -> tuple[str, str, str]:
    parts = config["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].split(":")
    return parts[4], parts[3], parts[6]


def _exists(account: str, region: str, group: str) -> bool:
    from moto.logs.models import logs_backends

    return group in logs_backends[account][region].groups


def _is_logged(level: str, kind: str) -> bool:
    """Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level"""
    if level == "ERROR":
        return kind.endswith(_ERROR_ENDINGS) or kind == "FailStateEntered"
    return level == "ALL" or (level == "FATAL" and kind in _FATAL)


def _stream(name: str) -> str:
    now = datetime.fromtimestamp(time.time(), UTC)
    return f"states/{name}/{now:%Y-%m-%d-%H-%M}/{secrets.token_hex(4)}"
