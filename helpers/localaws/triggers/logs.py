"""Amazon CloudWatch Logs: a subscription filter whose destination is a function.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import arn as arns
from helpers.localaws.compute import lineage
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.gateway.call import current_trace
from helpers.localaws.telemetry.filter_pattern import InvalidFilterPattern, compile_filter
from helpers.localaws.triggers.delivery import NotAllowed, hand_over
from helpers.localaws.triggers.permission import may_invoke

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: How often a function may stand in a chain of requests that its own log sets off again. AWS has
#: no such limit; each round there makes several new ones, and every one is billed.
MAX_ROUNDS = 3
#: Filters of one log group.
MAX_FILTERS = 2


def forward(
    lambdas: LambdaService, group: Any, stream: str, filter_name: str, events: list[dict[str, Any]]
) -> None:
    """Hand on the ``events`` (id, timestamp, message) that a filter of the (moto) group takes.

    Nothing is raised: the writer's call succeeds, whoever listens.
    """
    subscription = group.subscription_filters[filter_name]
    match = compile_filter(subscription.filter_pattern or "")
    taken = [event for event in events if match(event["message"]) is not None]
    if not taken:
        return
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": group.account_id,
        "logGroup": group.name,
        "logStream": stream,
        "subscriptionFilters": [filter_name],
        "logEvents": taken,
    }
    packed = base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()
    payload = json.dumps({"awslogs": {"data": packed}}).encode()
    target = subscription.destination_arn
    counted = {"ForwardedLogEvents": float(len(taken)), "ForwardedBytes": float(len(payload))}
    try:
        if _goes_round(lambdas, target):
            return
        hand_over(lambdas, target, payload, _principal(lambdas, group, target), _source(group),
                  group.account_id)  # fmt: skip
    except (LambdaError, NotAllowed) as problem:
        print(f"{group.name}: {problem}", file=sys.stderr)
        counted = {"DeliveryErrors": 1.0}
    dimensions = {
        "LogGroupName": group.name, "DestinationType": "Lambda", "FilterName": filter_name,
    }  # fmt: skip
    lambdas.metrics.of_service(group.account_id, group.region, "AWS/Logs", dimensions, counted)


def _goes_round(lambdas: LambdaService, target: str) -> bool:
    """Whether the function's own log has set it off often enough."""
    named = arns.parse(target)
    functions = lambdas.functions(named.account or "", named.region or "")
    function = functions.get(named.name)
    return lineage.extend(current_trace(), function.latest.arn)[1] > MAX_ROUNDS


def _source(group: Any) -> str:
    return f"{group.arn}:*"


def _principal(lambdas: LambdaService, group: Any, target: str) -> str:
    """The name under which the function's policy lets CloudWatch Logs in: two are in use."""
    regional = f"logs.{group.region}.amazonaws.com"
    named = arns.parse(target)
    function = lambdas.functions(named.account or "", named.region or "").get(named.name)
    allowed = may_invoke(function, named.qualifier, regional, _source(group), group.account_id)
    return regional if allowed else "logs.amazonaws.com"


def check_filter(lambdas: LambdaService, group: Any, pattern: str, destination: str) -> None:
    """Raise what PutSubscriptionFilter raises for this (moto) group."""
    from moto.core.exceptions import JsonRESTError
    from moto.logs.exceptions import InvalidParameterException

    check_pattern(pattern)
    service, account = destination.split(":")[2], destination.split(":")[4]
    if service == "lambda" and account != group.account_id:
        raise JsonRESTError(
            "AccessDeniedException",
            "Cross-account lambda invocation passing is not allowed. You must use "
            "DestinationPolicies to create cross account lambda triggers.",
        )
    if service != "lambda":
        return
    try:
        principal = _principal(lambdas, group, destination)
        named = arns.parse(destination)
        function = lambdas.functions(account, named.region or "").get(named.name)
        function.version(named.qualifier)
        allowed = may_invoke(function, named.qualifier, principal, _source(group), group.account_id)
    except LambdaError:
        allowed = False
    if not allowed:
        raise InvalidParameterException(
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
            "permission to execute your function."
        )


def check_pattern(pattern: str | None) -> None:
    """Raise InvalidParameterException for a pattern that CloudWatch Logs refuses."""
    from moto.logs.exceptions import InvalidParameterException

    try:
        compile_filter(pattern or "")
    except InvalidFilterPattern as problem:
        raise InvalidParameterException(str(problem)) from None


class EventFilter:
    """moto's name for a pattern that is asked about one message after the other."""

    def __init__(self, pattern: str | None) -> None:
        check_pattern(pattern)
        self._match = compile_filter(pattern or "")

    def matches(self, message: str) -> bool:
        return self._match(message) is not None


def test_filter(pattern: str | None, messages: list[str]) -> list[dict[str, Any]]:
    """TestMetricFilter: the messages that match, counted from 1, and what was extracted."""
    check_pattern(pattern)
    match = compile_filter(pattern or "")
    return [
        {"eventNumber": number, "eventMessage": message, "extractedValues": extracted}
        for number, message in enumerate(messages, 1)
        if (extracted := match(message)) is not None
    ]


def event_id(timestamp: int, number: int) -> str:
    """56 digits, larger for what was written later."""
    return f"3{timestamp:015d}{number:040d}"
