"""AWS CloudTrail.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security_iam_service-with-iam.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, either, named, pass_role


def _trail(asked: Asked) -> list[str]:
    """A trail's name, or its ARN; CreateEventDataStore and the like call other things Name."""
    name = asked.first("TrailName") or asked.first("Name")
    return [asked.arn(name if name.startswith("arn:") else f"trail/{name}")] if name else []


SPEC = Spec(
    "cloudtrail",
    types={
        "trail": _trail,
        "eventdatastore": either(
            named("{}", "EventDataStore"),
            named("{}", "EventDataStores"),
            named("eventdatastore/{}", "EventDataStoreArn"),
        ),
        "dashboard": either(named("{}", "DashboardId"), named("dashboard/{}", "Name")),
        "channel": either(named("{}", "Channel"), named("channel/{}", "Name")),
    },
    also={
        "CreateTrail": pass_role("cloudtrail", "CloudWatchLogsRoleArn"),
        "UpdateTrail": pass_role("cloudtrail", "CloudWatchLogsRoleArn"),
    },
    # The id of a new store is not known yet; a query's store stands in its text.
    whole={"CreateEventDataStore": "eventdatastore/*", "StartQuery": "eventdatastore/*"},
    arn_parameters=("ResourceId", "ResourceIdList", "ResourceArn"),
)
