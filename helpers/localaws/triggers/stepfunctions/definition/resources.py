"""What a Task may name as its Resource.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

import re
from typing import Any

from helpers.localaws.triggers.stepfunctions.sdk import boto_name, operation, parameters

TOKEN, SYNC, SYNC_2 = "waitForTaskToken", "sync", "sync:2"

#: Services with integrations of their own → action → its patterns besides request and response.
#: Only those that are built here; of other services any action is right (``not_built.py``).
OPTIMIZED: dict[str, dict[str, set[str]]] = {
    "lambda": {"invoke": {TOKEN}},
    "sqs": {"sendMessage": {TOKEN}},
    "sns": {"publish": {TOKEN}},
    "events": {"putEvents": {TOKEN}},
    "dynamodb": {name: set() for name in ("getItem", "putItem", "updateItem", "deleteItem")},
    "states": {"startExecution": {TOKEN, SYNC, SYNC_2}},
}

#: Action → what its Parameters or Arguments have to hold.
REQUIRED: dict[str, list[str]] = {
    "lambda:invoke": ["FunctionName"],
    "sqs:sendMessage": ["QueueUrl", "MessageBody"],
    "sns:publish": ["Message"],
    "dynamodb:putItem": ["TableName", "Item"],
    "dynamodb:getItem": ["TableName", "Key"],
    "dynamodb:updateItem": ["TableName", "Key"],
    "dynamodb:deleteItem": ["TableName", "Key"],
    "states:startExecution": ["StateMachineArn"],
    "events:putEvents": ["Entries"],
}

_INTEGRATION = re.compile(r"arn:aws[\w-]*:states:[^:]*:[^:]*:([\w-]+):(.+?)(?:\.([\w:]+))?")


def integration(resource: str) -> tuple[str, str, str | None] | None:
    """Service, action and pattern of ``arn:aws:states:::SERVICE:ACTION.PATTERN``, else None."""
    found = _INTEGRATION.fullmatch(resource)
    if found is None or found[1] == "activity":
        return None
    return found[1], found[2], found[3]


def problem(resource: str) -> str | None:
    """What is wrong with a Resource; None: nothing."""
    if not resource.startswith("arn:") or len(resource.split(":")) < 7:
        return "Value is not a valid resource ARN"
    parts = integration(resource)
    if parts is None:
        return None
    service, action, pattern = parts
    if service == "aws-sdk":
        known = pattern in (None, TOKEN) and _is_sdk_action(action)
    elif service in OPTIMIZED:
        patterns = OPTIMIZED[service].get(action)
        known = patterns is not None and (pattern is None or pattern in patterns)
    else:
        known = pattern in (None, TOKEN, SYNC)
    if known:
        return None
    return (
        f"The resource provided {resource} is not recognized. The value is not a valid resource "
        "ARN, or the resource is not available in this region."
    )


def unknown_parameter(resource: str, given: dict[str, Any]) -> str | None:
    """One of the given parameters that the action does not have."""
    parts = integration(resource)
    if parts is None or (parts[0] not in OPTIMIZED and parts[0] != "aws-sdk"):
        return None
    service, action, _ = parts
    if service == "aws-sdk":
        service, _, action = action.partition(":")
    known = parameters(service, action)
    names = (name.removesuffix(".$") for name in given)
    return next((name for name in names if name[:1].upper() + name[1:] not in known), None)


def _is_sdk_action(action: str) -> bool:
    """``dynamodb:getItem``: a service and one of its actions, as far as boto3 knows them."""
    service, _, name = action.partition(":")
    try:
        return bool(name) and operation(boto_name(service), name) is not None
    except Exception:  # botocore: there is no such service
        return False


def express_problem(resource: str) -> str | None:
    """What an express workflow may not do."""
    if ":activity:" in resource:
        return "Express state machine does not support Activity ARN"
    parts = integration(resource)
    if parts and parts[2] == TOKEN:
        # The two blanks at the end are AWS's.
        return "Express state machine does not support '.waitForTaskToken' service integration "
    if parts and parts[2]:
        return "Express state machine does not support '.sync' service integration"
    return None
