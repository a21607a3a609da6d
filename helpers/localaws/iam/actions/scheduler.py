"""Amazon EventBridge Scheduler.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_service-with-iam.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, named, pass_role


def schedule_arn(asked: Asked) -> list[str]:
    """A schedule belongs to a group: to the one named default where none is named."""
    name = asked.first("Name")
    return [asked.arn(f"schedule/{asked.first('GroupName') or 'default'}/{name}")] if name else []


_role = pass_role("scheduler", "Target.RoleArn", associated=schedule_arn)

SPEC = Spec(
    "scheduler",
    types={"schedule": schedule_arn, "schedule-group": named("schedule-group/{}", "Name")},
    also={"CreateSchedule": _role, "UpdateSchedule": _role},
    arn_parameters=("ResourceArn",),
)
