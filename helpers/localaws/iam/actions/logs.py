"""Amazon CloudWatch Logs.

The resource of an action on a log group is ``log-group:NAME:log-stream:``, which is why policies
name groups with ``:*`` at the end; only the tagging operations know the group's plain ARN.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, either, named, pass_role
from helpers.localaws.iam.actions.tags import if_tagged

#: Where operations name log groups.
_GROUPS = (
    "logGroupName",
    "logGroupIdentifier",
    "logGroupNames",
    "logGroupIdentifiers",
    "logGroupArnList",
    "resourceIdentifier",
)


def group_arn(asked: Asked) -> list[str]:
    """The log groups that are named, by name or by ARN."""
    named_groups = [one for parameter in _GROUPS for one in asked.texts(parameter)]
    return [f"{_base(asked, one)}:log-stream:" for one in named_groups]


def _base(asked: Asked, group: str) -> str:
    return asked.arn(f"log-group:{group}" if not group.startswith("arn:") else group).removesuffix(
        ":*"
    )


def stream_arn(asked: Asked) -> list[str]:
    """A stream in its group."""
    stream = asked.first("logStreamName")
    return [f"{group}{stream}" for group in group_arn(asked)] if stream else []


def _any_group(asked: Asked) -> list[str]:
    """A query's id, or a record's pointer, says nothing about the group."""
    found = asked.first("queryId", "logRecordPointer", "exportTaskId")
    return [_unscoped(asked)] if found else []


def _unscoped(asked: Asked) -> str:
    return asked.arn("log-group::log-stream:")


SPEC = Spec(
    "logs",
    types={
        "log-group": either(group_arn, _any_group),
        "log-stream": stream_arn,
        "destination": named("destination:{}", "destinationName"),
        "anomaly-detector": named("{}", "anomalyDetectorArn"),
        "lookup-table": named("{}", "lookupTableArn"),
        "delivery-source": either(
            named("delivery-source:{}", "deliverySourceName"), named("delivery-source:{}", "name")
        ),
        "delivery-destination": either(
            named("{}", "deliveryDestinationArn"),
            named("delivery-destination:{}", "deliveryDestinationName"),
            named("delivery-destination:{}", "name"),
        ),
        "scheduled-query": either(
            named("scheduled-query:{}", "identifier"), named("scheduled-query:{}", "name")
        ),
        "delivery": named("delivery:{}", "id"),
    },
    also={
        "PutSubscriptionFilter": pass_role("logs", "roleArn"),
        # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
        "CreateLogGroup": if_tagged("logs:TagResource", group_arn),
    },
    arn_parameters=("resourceArn",),
    unscoped=_unscoped,
    whole={
        "CreateLookupTable": "lookup-table:*",
        "CreateLogAnomalyDetector": "log-group:*",
        "ListAnomalies": "anomaly-detector:*",
        "ListLogAnomalyDetectors": "anomaly-detector:*",
    },
)
