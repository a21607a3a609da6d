"""Log groups and alarms."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)


def _group_arn(place: Place, name: str) -> str:
    return f"arn:aws:logs:{place.region}:{place.number}:log-group:{name}"


def _groups(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "logGroupName")
    for given in values(parameters, "logGroupIdentifier", "resourceArn"):
        yield (given.partition(":log-group:")[2] or given).removesuffix(":*")


def _look_at_group(place: Place, name: str) -> Look | None:
    logs = place.client("logs")
    like = pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    if not any(one["logGroupName"] == name for one in like):
        return None

    def find() -> Tags:
        return dict(logs.list_tags_for_resource(resourceArn=_group_arn(place, name))["tags"])

    return looked(find)


LOG_GROUP = Kind(
    name="log group",
    service="logs",
    made_by={"CreateLogGroup": lambda _, sent, __: str(sent["logGroupName"])},
    named=_groups,
    look=_look_at_group,
    delete=lambda place, name: place.client("logs").delete_log_group(logGroupName=name),
    listing=lambda place: (
        one["logGroupName"]
        for one in pages(place.client("logs"), "describe_log_groups", "logGroups")
    ),
    by_hand="aws logs delete-log-group --log-group-name {id}",
    tag_in="tags",
    tag_keys=None,
    # Lambda makes it anew, without tags, when an invocation ends after the group was deleted.
    may_be_bare=True,
)


def _alarm_arn(place: Place, name: str) -> str:
    return f"arn:aws:cloudwatch:{place.region}:{place.number}:alarm:{name}"


def _alarms(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "AlarmName")
    yield from parameters.get("AlarmNames", [])
    for arn in values(parameters, "ResourceARN"):
        yield arn.partition(":alarm:")[2]


def _look_at_alarm(place: Place, name: str) -> Look | None:
    cloudwatch = place.client("cloudwatch")
    found = cloudwatch.describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    if not found.get("MetricAlarms") and not found.get("CompositeAlarms"):
        return None

    def find() -> Tags:
        told = cloudwatch.list_tags_for_resource(ResourceARN=_alarm_arn(place, name))
        return pairs(told.get("Tags", []))

    return looked(find)


def _alarm_names(place: Place) -> Iterator[str]:
    """Of both types: without being asked, AWS tells of the first only. Composite ones go first."""
    for which, member in (("CompositeAlarm", "CompositeAlarms"), ("MetricAlarm", "MetricAlarms")):
        found = pages(place.client("cloudwatch"), "describe_alarms", member, AlarmTypes=[which])
        yield from (one["AlarmName"] for one in found)


ALARM = Kind(
    name="alarm",
    service="cloudwatch",
    made_by={
        "PutMetricAlarm": lambda _, sent, __: str(sent["AlarmName"]),
        "PutCompositeAlarm": lambda _, sent, __: str(sent["AlarmName"]),
    },
    named=_alarms,
    look=_look_at_alarm,
    delete=lambda place, name: place.client("cloudwatch").delete_alarms(AlarmNames=[name]),
    listing=_alarm_names,
    by_hand="aws cloudwatch delete-alarms --alarm-names {id}",
    tag_in="Tags",
    upserts=True,  # PutMetricAlarm changes an alarm that is there
)
