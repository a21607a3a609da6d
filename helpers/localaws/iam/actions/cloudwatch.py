"""Amazon CloudWatch.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import if_tagged
from helpers.localaws.iam.context import Values

_ALARM = "alarm:{}"


def _keys(asked: Asked) -> Mapping[str, Values]:
    keys: dict[str, Values] = {}
    if asked.operation == "PutMetricData":
        keys["cloudwatch:namespace"] = asked.get("Namespace")
    if asked.operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        actions = ("AlarmActions", "OKActions", "InsufficientDataActions")
        keys["cloudwatch:AlarmActions"] = [one for name in actions for one in asked.texts(name)]
    return keys


def _no_dataset(asked: Asked) -> list[str]:
    """Metrics belong to no dataset that the course has: the action knows no resource."""
    return ["*"] if asked.operation in ("PutMetricData", "GetMetricData", "ListMetrics") else []


def _new_mute_rule(asked: Asked) -> list[str]:
    name = asked.first("Name") if asked.operation == "PutAlarmMuteRule" else None
    return [asked.arn(f"alarm-mute-rule:{name}")] if name else []


SPEC = Spec(
    "cloudwatch",
    types={
        "alarm": either(named(_ALARM, "AlarmName"), named(_ALARM, "AlarmNames")),
        "dataset": _no_dataset,
        "dashboard": either(
            named("dashboard/{}", "DashboardName", region=""),
            named("dashboard/{}", "DashboardNames", region=""),
        ),
        "alarm-mute-rule": either(named("alarm-mute-rule:{}", "AlarmMuteRuleName"), _new_mute_rule),
        "insight-rule": either(
            named("insight-rule/{}", "RuleName"), named("insight-rule/{}", "RuleNames")
        ),
        "metric-stream": either(
            named("metric-stream/{}", "Name"), named("metric-stream/{}", "Names")
        ),
    },
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    also={
        "PutMetricAlarm": if_tagged("cloudwatch:TagResource", named(_ALARM, "AlarmName")),
        "PutCompositeAlarm": if_tagged("cloudwatch:TagResource", named(_ALARM, "AlarmName")),
    },
    keys=_keys,
    arn_parameters=("ResourceARN",),
    whole={
        "ListAlarmMuteRules": "alarm-mute-rule:*",
        "DescribeAlarms": "alarm:*",
        "DescribeAlarmHistory": "alarm:*",
    },
)
