"""Which action on which resource an operation needs.

``needed("states", "StartExecution", {"stateMachineArn": …}, account, region)`` lists the
permissions; all of them must be allowed. An empty list means that everybody may. The parameters
have botocore's names. Raises UnmappedOperation where nobody has said it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.localaws.iam.actions import (
    apigateway,
    cloudformation,
    cloudtrail,
    cloudwatch,
    dynamodb,
    events,
    iam,
    kinesis,
    kms,
    lambda_,
    logs,
    pipes,
    s3,
    scheduler,
    secretsmanager,
    sns,
    sqs,
    ssm,
    states,
    sts,
    tagging,
    xray,
)
from helpers.localaws.iam.actions.asked import Asked, Find, Needed, find_nothing
from helpers.localaws.iam.actions.rule import Spec, by_rule
from helpers.localaws.iam.errors import UnmappedOperation

#: By the names that signatures use, which are botocore's in most cases and IAM's in most others.
_SPECS: dict[str, Spec] = {
    "cloudformation": cloudformation.SPEC,
    "cloudtrail": cloudtrail.SPEC,
    "cloudwatch": cloudwatch.SPEC,
    "dynamodb": dynamodb.SPEC,
    "dynamodbstreams": dynamodb.SPEC,
    "events": events.SPEC,
    "iam": iam.SPEC,
    "kinesis": kinesis.SPEC,
    "kms": kms.SPEC,
    "lambda": lambda_.SPEC,
    "logs": logs.SPEC,
    "monitoring": cloudwatch.SPEC,
    "pipes": pipes.SPEC,
    "resourcegroupstaggingapi": tagging.SPEC,
    "s3": s3.SPEC,
    "s3control": s3.CONTROL,
    "scheduler": scheduler.SPEC,
    "secretsmanager": secretsmanager.SPEC,
    "sns": sns.SPEC,
    "sqs": sqs.SPEC,
    "ssm": ssm.SPEC,
    "states": states.SPEC,
    "stepfunctions": states.SPEC,
    "sts": sts.SPEC,
    "tagging": tagging.SPEC,
    "xray": xray.SPEC,
}


def needed(
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    account: str,
    region: str,
    *,
    find: Find = find_nothing,
    caller: str = "",
) -> list[Needed]:
    """The permissions that an operation needs. ``caller``: the ARN of who asks."""
    if service in ("apigateway", "apigatewayv2"):
        asked = Asked("apigateway", operation, parameters, account, region, find, caller)
        return apigateway.management(asked, service)
    spec = _SPECS.get(service)
    if spec is None:
        raise UnmappedOperation(service, operation, "the service is not mapped")
    asked = Asked(spec.prefix, operation, parameters, account, region, find, caller)
    return by_rule(spec, asked)


def by_name(service: str, operation: str) -> Needed:
    """A guess for services that are not mapped: the action has the operation's name.

    It is right for most operations of most services, but knows no resource.
    """
    return Needed(f"{service}:{operation}", "*")


__all__ = ["Asked", "Find", "Needed", "by_name", "find_nothing", "needed"]
