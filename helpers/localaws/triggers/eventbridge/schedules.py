"""Rules that fire by the clock.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html and
https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html (the event)
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.eventbridge.delivery import Delivery, attempt, count
from helpers.localaws.triggers.eventbridge.events import build
from helpers.localaws.triggers.recurring import Recurring
from helpers.localaws.triggers.schedule_expressions import Rate, parse

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def start(lambdas: LambdaService, rule: Any) -> None:
    """Let the (moto) rule fire by its expression, until it is replaced or deleted."""
    expression = parse(rule.scheduled_expression, one_time=False)
    now = datetime.fromtimestamp(time.time(), UTC).replace(microsecond=0)
    # A rate is counted from the rule's creation, and its first firing comes after one period.
    begin = expression.following(now) if isinstance(expression, Rate) else now
    if begin is not None:
        Recurring(lambdas.timetable, expression, begin, lambda due: _fire(lambdas, rule, due))


def _fire(lambdas: LambdaService, rule: Any, due: datetime) -> bool:
    """Deliver to each target now; False where the rule is no longer that one."""
    from moto.events.models import events_backends

    buses = events_backends[rule.account_id][rule.region_name].event_buses
    bus: Any = buses.get(rule.event_bus_name)
    if bus is None or bus.rules.get(rule.name) is not rule:
        return False
    if rule.state == "DISABLED":
        return True
    event = build(
        rule.account_id, rule.region_name, "aws.events", "Scheduled Event", {}, [rule.arn],
        due.timestamp(),
    )  # fmt: skip
    count(lambdas, rule, "TriggeredRules")
    for target in list(rule.targets):
        attempt(lambdas, Delivery(rule, target, event, ingested=time.time()))
    return True
