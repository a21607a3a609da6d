"""Services and actions as AWS's SDKs name them.

``arn:aws:states:::aws-sdk:cloudwatchlogs:putLogEvents`` uses the names of the SDK for Java; boto3
says ``logs`` and ``put_log_events``.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

#: Where the names differ by more than hyphens.
_BOTO_NAMES = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "elasticloadbalancingv2": "elbv2",
    "costexplorer": "ce",
}


@cache
def boto_name(service: str) -> str:
    """What boto3 calls a service; the name itself where it knows none."""
    if service in _BOTO_NAMES:
        return _BOTO_NAMES[service]
    import botocore.session

    names = botocore.session.Session().get_available_services()
    return next((name for name in names if name.replace("-", "") == service), service)


@cache
def model(boto_service: str) -> Any:
    """botocore's model of a service. Raises botocore's UnknownServiceError."""
    import botocore.session

    return botocore.session.Session().get_service_model(boto_service)


def operation(boto_service: str, action: str) -> Any:
    """The model of ``getItem`` or ``get_item``; None: the service has no such action."""
    wanted = action.replace("_", "").lower()
    names = model(boto_service).operation_names
    name = next((name for name in names if name.lower() == wanted), None)
    return model(boto_service).operation_model(name) if name else None


def parameters(service: str, action: str) -> set[str]:
    """The parameters of an action, as the States Language writes them: ``StateMachineArn``."""
    found = operation(boto_name(service), action)
    members = found.input_shape.members if found and found.input_shape else {}
    return {name[0].upper() + name[1:] for name in members}


@cache
def java_name(boto_service: str) -> str:
    """What errors of a service begin with: ``DynamoDb``, ``Sqs``, ``EventBridge``, ``S3``."""
    words = re.findall(
        r"[A-Z]+(?![a-z])\d*|[A-Z][a-z]+\d*|\d+|[a-z]+", str(model(boto_service).service_id)
    )
    return "".join(word[0].upper() + word[1:].lower() for word in words)
