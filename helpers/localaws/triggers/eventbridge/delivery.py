"""One event on its way to one target: tried again where that can help, dead-lettered where not.

A handler that fails is none of EventBridge's business: the event has arrived, and Lambda's own
queue tries again. EventBridge tries again only where the target could not be called.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.localaws.gateway.call import carrying
from helpers.localaws.triggers.eventbridge import targets, transform
from helpers.localaws.triggers.eventbridge.targets import Failed

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

DAY = 86_400
MOST_RETRIES = 185
#: Seconds before the first retry, and the most before a later one; each is about twice the last.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 600.0


@dataclass
class Delivery:
    """``rule`` is moto's, ``target`` an entry of PutTargets, ``event`` the whole event."""

    rule: Any
    target: dict[str, Any]
    event: dict[str, Any]
    ingested: float  #: when the bus received it, on the course clock
    trace: str = ""  #: the header of the request that caused it
    hops: int = 0  #: event buses that it has come past
    retries: int = 0
    began: float = field(default_factory=time.time)


def attempt(lambdas: LambdaService, delivery: Delivery) -> None:
    """Deliver now; where that fails, put the next attempt on the timetable or give up."""
    count(lambdas, delivery.rule, "Invocations")
    try:
        with carrying(delivery.trace):
            targets.send(lambdas, delivery, _text(delivery))
    except Failed as problem:
        _again_or_give_up(lambdas, delivery, problem)


def count(lambdas: LambdaService, rule: Any, *names: str) -> None:
    """Add one to metrics of the rule in ``AWS/Events``.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    dimensions = {"RuleName": rule.name}
    if rule.event_bus_name != "default":
        dimensions = {"EventBusName": rule.event_bus_name, **dimensions}
    lambdas.metrics.of_service(
        rule.account_id, rule.region_name, "AWS/Events", dimensions, dict.fromkeys(names, 1.0)
    )


def _text(delivery: Delivery) -> str:
    rule = delivery.rule
    variables = {
        transform.RULE_ARN: rule.arn,
        transform.RULE_NAME: rule.name,
        transform.INGESTION: timestamp(delivery.ingested),
    }
    try:
        return transform.text_for(delivery.target, delivery.event, variables)
    except transform.InvalidJson as problem:
        raise Failed("INVALID_JSON", f"The input transformer came to: {problem}") from None


def timestamp(seconds: float) -> str:
    """A time as events write it: ``2026-11-23T09:30:00Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _again_or_give_up(lambdas: LambdaService, delivery: Delivery, problem: Failed) -> None:
    exhausted = None
    if problem.again:
        policy = delivery.target.get("RetryPolicy") or {}
        pause = min(FIRST_PAUSE * 2**delivery.retries, LONGEST_PAUSE) * random.uniform(0.5, 1)
        due = time.time() + pause
        if delivery.retries >= policy.get("MaximumRetryAttempts", MOST_RETRIES):
            exhausted = "MaximumRetryAttempts"
        elif due - delivery.began > policy.get("MaximumEventAgeInSeconds", DAY):
            exhausted = "MaximumEventAgeInSeconds"
        else:
            delivery.retries += 1
            count(lambdas, delivery.rule, "RetryInvocationAttempts")
            lambdas.timetable.at(due, lambda: attempt(lambdas, delivery))
            return
    count(lambdas, delivery.rule, "FailedInvocations")
    _to_dead_letter_queue(lambdas, delivery, problem, exhausted)


def _to_dead_letter_queue(
    lambdas: LambdaService, delivery: Delivery, problem: Failed, exhausted: str | None
) -> None:
    """The event itself, with the reason in the message's attributes.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "RULE_ARN": delivery.rule.arn,
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": problem.code,
        "ERROR_MESSAGE": str(problem),
        "RETRY_ATTEMPTS": str(delivery.retries),
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    body = json.dumps(delivery.event, separators=(",", ":"))
    try:
        if queue.endswith(".fifo"):
            raise Failed("INVALID_PARAMETER", "A dead-letter queue of a rule is no FIFO queue.")
        targets.send_to_queue(lambdas, delivery.rule, queue, body, attributes=attributes)
    except Failed:
        count(lambdas, delivery.rule, "InvocationsFailedToBeSentToDlq")
    else:
        count(lambdas, delivery.rule, "InvocationsSentToDlq")
