"""AWS's text for a denial, and the error of each service that carries it.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html (quotation marks)
https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.localaws.iam.evaluate import Decision
from helpers.localaws.iam.policy import Kind
from helpers.localaws.iam.principal import Named, Type

#: What stands for "no resource in particular"; only Lambda's messages have the * in them.
_NO_RESOURCE = ("*", "arn:aws:s3:::*")
_AN = {Kind.IDENTITY: "an"}  # an identity-based policy; all others take "a"


def message(decision: Decision) -> str:
    """``User: … is not authorized to perform: … on resource: … because …``."""
    request = decision.request
    action = _spelled(request.action)
    text = f"User: {request.caller.principal.arn} is not authorized to perform: {action}"
    if request.target.arn not in _NO_RESOURCE or action.startswith("lambda:"):
        text += f" on resource: {_resource(request.target.arn)}"
    return f"{text} {_reason(decision, action)}"


def _reason(decision: Decision, action: str) -> str:
    kind = decision.kind
    if not decision.explicit:
        return f"because no {_blamed(decision).value} allows the {action} action"
    if kind is Kind.TRUST:
        return "with an explicit deny in the role trust policy"
    text = f"with an explicit deny in {_AN.get(kind, 'a')} {kind.value}"
    # The policy's ARN is told to its own account only; an inline policy has none.
    if decision.policy and decision.policy.arn and not decision.request.crosses_accounts:
        text += f": {decision.policy.arn}"
    return text


def _blamed(decision: Decision) -> Kind:
    """The kind of policy that AWS names, which between accounts is not always the one that lacks.

    Where the resource's policy trusts the caller's account and nobody in it allowed the caller,
    AWS says that no resource-based policy allows (recorded at
    https://dev.classmethod.jp/articles/access-denied-error-message-with-policy-type-vpce-and-cross-account/).
    """
    if (
        decision.kind is Kind.IDENTITY
        and decision.request.crosses_accounts
        and decision.granted is Named.ACCOUNT
    ):
        policies = decision.request.target.policies
        return policies[0].kind if policies else Kind.RESOURCE
    return decision.kind


def _spelled(action: str) -> str:
    """SQS and SNS spell actions in their own way."""
    if action.lower().startswith("sqs:"):
        return action.lower()
    if action.lower().startswith("sns:"):
        return f"SNS:{action[4:]}"
    return action


def _resource(arn: str) -> str:
    return f'"{arn}"' if arn.startswith("arn:aws:s3:::") else arn


@dataclass(frozen=True)
class Refusal:
    """An error response: its code, its text, its HTTP status."""

    code: str
    message: str
    status: int


#: Services whose code for a denial is not AccessDeniedException, or whose status is not 400.
_CODES = {
    "apigateway": ("AccessDeniedException", 403),
    "cloudformation": ("AccessDenied", 403),
    "cloudwatch": ("AccessDenied", 403),
    "execute-api": ("AccessDeniedException", 403),
    "iam": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
    "s3": ("AccessDenied", 403),
    "scheduler": ("AccessDeniedException", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "xray": ("AccessDeniedException", 403),
}


def refusal(decision: Decision, service: str) -> Refusal:
    """The error that ``service`` (an IAM prefix: ``s3``, ``states``) answers for a denial."""
    code, status = _CODES.get(service, ("AccessDeniedException", 400))
    text = message(decision)
    if decision.request.caller.principal.type is Type.ANONYMOUS:
        text = "Access Denied" if service == "s3" else "Missing Authentication Token"
    return Refusal(code, text, status)
