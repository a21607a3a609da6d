"""The state machine's role: whether Step Functions may assume it."""

from __future__ import annotations

import re

from helpers.localaws.compute.credentials import trusts
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError

_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")


def check(account: str, region: str, arn: str) -> None:
    """Raise InvalidArn or AccessDeniedException unless the role exists and trusts the service.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    """
    if not _ROLE.fullmatch(arn):
        raise StepFunctionsError("InvalidArn", f"Invalid Role Arn: '{arn}'")
    if not may_assume(account, region, arn):
        raise StepFunctionsError("AccessDeniedException", NOT_ASSUMED)


NOT_ASSUMED = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is "
    "authorized to assume the provided role."
)


def may_assume(account: str, region: str, arn: str) -> bool:
    """Whether the role is there and trusts Step Functions, here or everywhere."""
    from moto.iam.models import iam_backends

    roles = iam_backends[account]["aws"].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    if role is None:
        return False
    document = role.assume_role_policy_document
    return any(
        trusts(document, service)
        for service in ("states.amazonaws.com", f"states.{region}.amazonaws.com")
    )
