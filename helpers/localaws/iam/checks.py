"""Whether AWS takes a policy document, and what it says where it does not.

Each kind of policy has a validator of its own on AWS, with texts of its own.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and, for
the texts, what AWS was recorded answering (named at each group of rules).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.localaws.iam import document, resource_checks
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.grammar import statements_of, syntax_fault
from helpers.localaws.iam.identity_checks import check_identity
from helpers.localaws.iam.policy import Kind

Known = Callable[[str], bool]

#: Actions that a trust policy may name.
TRUST_ACTIONS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:DecodeAuthorizationMessage",
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity",
        "sts:GetFederationToken",
        "sts:GetServiceBearerToken",
        "sts:GetSessionToken",
        "sts:SetContext",
        "sts:SetSourceIdentity",
        "sts:TagSession",
    }
)


def check(
    text: str, kind: Kind, *, service: str = "", resource: str = "", known: Known | None = None
) -> None:
    """Raise MalformedPolicy, with AWS's code and text, where AWS refuses the document.

    ``service`` and ``resource`` (an ARN) say whose resource policy it is; ``known`` tells whether a
    principal (an ARN or an account) exists, since AWS refuses a policy for somebody who does not.
    """
    if kind in (Kind.IDENTITY, Kind.BOUNDARY):
        check_identity(text)
    elif kind is Kind.TRUST:
        _check_trust(text, known)
    elif kind is Kind.SESSION:
        _check_session(text)
    elif kind in (Kind.SERVICE_CONTROL, Kind.RESOURCE_CONTROL):
        _check_control(text, kind)
    else:
        resource_checks.check_resource(text, service, resource, known)


def _content(text: str, refusal: MalformedPolicy) -> dict[str, Any]:
    try:
        content = document.read(text)
    except ValueError:
        raise refusal from None
    if not isinstance(content, dict):
        raise refusal
    return content


def _check_trust(text: str, known: Known | None) -> None:
    """Texts: recorded from CreateRole and UpdateAssumeRolePolicy."""
    content = _content(text, MalformedPolicy("This policy contains invalid Json"))
    statements = statements_of(content)
    for statement in statements:
        if not isinstance(statement, dict):
            raise MalformedPolicy("Syntax errors in policy.")
        resource_checks.check_fields(
            statement, required=("Effect", "Principal", "Action"), prohibited=("Resource",)
        )
    if syntax_fault(content):
        raise MalformedPolicy("Syntax errors in policy.")
    for statement in statements:
        actions = statement.get("Action", statement.get("NotAction"))
        if not set(actions if isinstance(actions, list) else [actions]) <= TRUST_ACTIONS:
            raise MalformedPolicy(
                "Trust Policy statement actions can only be sts:AssumeRole, "
                "sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
            )
        if wrong := resource_checks.invalid_principal(statement, known):
            raise MalformedPolicy(f"Invalid principal in policy: {wrong}")


def _check_session(text: str) -> None:
    """Text: https://hadoop.apache.org/docs/stable/hadoop-aws/tools/hadoop-aws/assumed_roles.html"""
    try:
        check_identity(text)
    except MalformedPolicy as problem:
        if problem.message == "Syntax errors in policy.":
            raise MalformedPolicy("The policy is not in the valid JSON format.") from None
        raise


def _check_control(text: str, kind: Kind) -> None:
    """A control policy names no principal; one for resources names everybody, and only denies.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    """
    refusal = MalformedPolicy(
        "The provided policy document does not meet the requirements of the specified policy type.",
        "MalformedPolicyDocumentException",
    )
    content = _content(text, refusal)
    if syntax_fault(content) or content.get("Version") != "2012-10-17":
        raise refusal
    for statement in statements_of(content):
        principal = statement.get("Principal")
        whole = {"Action", "NotAction"} & set(statement) and {"Resource", "NotResource"} & set(
            statement
        )
        if not whole or "NotPrincipal" in statement:
            raise refusal
        if kind is Kind.SERVICE_CONTROL and principal is not None:
            raise refusal
        if kind is Kind.RESOURCE_CONTROL and (principal != "*" or statement["Effect"] != "Deny"):
            raise refusal
