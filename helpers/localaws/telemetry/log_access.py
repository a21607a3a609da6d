"""Whether a function's log lines may be written: its execution role says so, as on AWS.

A function whose role may not write logs works, and nobody reads what it says.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-access.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.localaws.gateway.policies.role import may
from helpers.localaws.iam.actions import needed
from helpers.localaws.telemetry.logs import LogEvent

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def may_write(lambdas: LambdaService, event: LogEvent, has_group: bool, has_stream: bool) -> bool:
    """Whether the event's role may write it, and make the group and the stream where they lack."""
    operations = ["PutLogEvents"]
    operations += [] if has_stream else ["CreateLogStream"]
    operations += [] if has_group else ["CreateLogGroup"]
    named = {"logGroupName": event.group, "logStreamName": event.stream}
    return all(
        may(lambdas, event.role, one.action, one.resource, event.region)
        for operation in operations
        for one in needed("logs", operation, named, event.account, event.region)
    )
