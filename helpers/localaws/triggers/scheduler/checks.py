"""What CreateSchedule and UpdateSchedule refuse.

Sources: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html and
answers of AWS that another project's tests recorded (January 2025):
https://github.com/localstack/localstack/blob/main/tests/aws/services/scheduler/test_scheduler.snapshot.json
"""

from __future__ import annotations

import json
import re
from typing import Any

from helpers.localaws.triggers import constraints, roles
from helpers.localaws.triggers.schedule_expressions import InvalidExpression, parse, time_zone
from helpers.localaws.triggers.scheduler import calls

SERVICE = "scheduler.amazonaws.com"
_ARN = re.compile(r"arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:.+")


def check(given: dict[str, Any]) -> None:
    """Raise ValidationException for a schedule that AWS refuses; ``given`` has moto's names.

    Raises NotImplementedError for targets that this local AWS does not reach.
    """
    _check_model(given)
    _check_times(given)
    _check_target(given["target"])
    try:
        roles.check(given["target"]["RoleArn"], SERVICE)
    except roles.RoleNotAssumable:
        _refuse(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        )


def check_list(operation: str, asked: dict[str, str]) -> None:
    """Raise ValidationException for what a list is asked with: ``asked`` is the query string."""
    given: dict[str, Any] = {name: value for name, value in asked.items() if value}
    if "MaxResults" in given:
        try:
            given["MaxResults"] = int(given["MaxResults"])
        except ValueError:
            _refuse("STRING_VALUE can not be converted to Integer")
    if problem := constraints.problem("scheduler", operation, given):
        _refuse(problem)


def _check_model(given: dict[str, Any]) -> None:
    asked = {
        "Name": given["name"],
        "GroupName": given.get("group_name"),
        "ScheduleExpression": given.get("schedule_expression"),
        "ScheduleExpressionTimezone": given.get("schedule_expression_timezone"),
        "Description": given.get("description"),
        "State": given.get("state"),
        "Target": given.get("target"),
        "FlexibleTimeWindow": given.get("flexible_time_window"),
        "ActionAfterCompletion": given.get("action_after_completion"),
    }
    if problem := constraints.problem("scheduler", "CreateSchedule", asked):
        _refuse(problem)


def _check_times(given: dict[str, Any]) -> None:
    zone = given.get("schedule_expression_timezone") or "UTC"
    try:
        time_zone(zone)
    except InvalidExpression:
        _refuse(f"Invalid ScheduleExpressionTimezone {zone}.")
    try:
        parse(given["schedule_expression"], zone)
    except InvalidExpression:
        _refuse(f"Invalid Schedule Expression {given['schedule_expression']}.")
    start, end = given.get("start_date"), given.get("end_date")
    if start and end and float(end) <= float(start):
        _refuse("The EndDate you specify must come after the StartDate you specify.")
    window = given["flexible_time_window"]
    minutes = window.get("MaximumWindowInMinutes")
    if window["Mode"] == "OFF" and minutes is not None:
        _refuse("MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is OFF.")
    if window["Mode"] == "FLEXIBLE" and minutes is None:
        _refuse("MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is FLEXIBLE.")


def _check_target(target: dict[str, Any]) -> None:
    arn = target["Arn"]
    if not _ARN.fullmatch(arn):
        _refuse("Provided Arn is not in correct format.")
    service = calls.service_of(target)
    if service == "events" and not target.get("EventBridgeParameters"):
        _refuse(f"EventBridgeParameters must be provided for target {arn}.")
    if service == "kinesis" and not target.get("KinesisParameters"):
        _refuse(f"KinesisParameters must be provided for target {arn}.")
    if arn.endswith(".fifo") and service == "sqs" and not target.get("SqsParameters"):
        _refuse(f"SqsParameters must be provided for target {arn}.")
    text = target.get("Input")
    if text and (service in calls.JSON_ONLY or calls.is_universal(arn)):
        try:
            json.loads(text)
        except ValueError as problem:
            _refuse(f"Invalid RequestJson provided. Reason: {problem}")


def _refuse(message: str) -> None:
    from moto.scheduler.exceptions import ValidationException

    raise ValidationException(message)
