"""What SimulateCustomPolicy and SimulatePrincipalPolicy answer, from the same engine.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from helpers.localaws.iam.context import Context
from helpers.localaws.iam.document import Position
from helpers.localaws.iam.evaluate import Decision, decide, find
from helpers.localaws.iam.policy import Kind, Policy, Statement
from helpers.localaws.iam.request import Caller, Request, Target
from helpers.localaws.iam.template import Template


def simulate(
    caller: Caller,
    actions: Sequence[str],
    resources: Sequence[str] = ("*",),
    context: Context | None = None,
    *,
    resource_policy: Policy | None = None,
    resource_owner: str = "",
) -> list[dict[str, Any]]:
    """The ``EvaluationResults``: one for each action and resource.

    ``resource_owner`` is an account; without one, the resource belongs to the caller's. Several
    resources are ``ResourceSpecificResults`` of one result per action, as AWS gives them.
    """
    results = []
    for action in actions:
        each = [
            _result(caller, action, arn, context or Context({}), resource_policy, resource_owner)
            for arn in resources
        ]
        first = each[0]
        if len(each) > 1:
            first = {**first, "ResourceSpecificResults": [_specific(one) for one in each]}
            first["EvalDecision"] = _together([one["EvalDecision"] for one in each])
        results.append(first)
    return results


def context_keys(policies: Iterable[Policy]) -> list[str]:
    """The condition keys and variables that these policies mention, each once.

    What GetContextKeysForCustomPolicy answers; conditions first, as they are written.
    """
    found: dict[str, str] = {}
    for policy in policies:
        for statement in policy.document.statements:
            for key in _keys(statement):
                found.setdefault(key.lower(), key)
    return list(found.values())


def _keys(statement: Statement) -> list[str]:
    texts = list(statement.resources)
    keys = []
    for condition in statement.conditions:
        keys.append(condition.key)
        texts += condition.values
    return keys + [one.key for text in texts for one in Template(text).variables]


def _result(
    caller: Caller,
    action: str,
    arn: str,
    context: Context,
    resource_policy: Policy | None,
    owner: str,
) -> dict[str, Any]:
    account = owner or caller.principal.account
    policies = [resource_policy] if resource_policy else []
    request = Request(caller, action, Target(arn, account, policies), context)
    decision = decide(request)
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": arn,
        "EvalDecision": _word(decision),
        "MatchedStatements": [_matched(*found) for found in _deciding(request, decision)],
        "MissingContextValues": [
            key for key in context_keys(request.policies()) if context.get(key.lower()) is None
        ],
    }
    if any(caller.service_control):
        result["OrganizationsDecisionDetail"] = {
            "AllowedByOrganizations": decision.kind is not Kind.SERVICE_CONTROL or decision.allowed
        }
    if caller.boundary:
        result["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": _boundary_allows(request)
        }
    if request.crosses_accounts or resource_policy:
        result["EvalDecisionDetails"] = _details(request)
    return result


def _deciding(request: Request, decision: Decision) -> list[tuple[Policy, Statement]]:
    """The statements that decided: all that deny, or all that allow."""
    if decision.explicit or decision.allowed:
        kinds = (Kind.IDENTITY, Kind.RESOURCE, Kind.TRUST)
        found = []
        for policy in request.policies():
            if decision.explicit or policy.kind in kinds:
                found += _matching(request, policy, decision.allowed)
        return found
    return []


def _matching(request: Request, policy: Policy, allows: bool) -> list[tuple[Policy, Statement]]:
    has_boundary = request.caller.boundary is not None
    return [
        (policy, statement)
        for statement in policy.document.about(request.action)[allows]
        if statement.is_about_resource(request.target.arn, request.context)
        and statement.names(request.caller.principal, has_boundary) is not None
        and statement.holds(request.context)
    ]


def _matched(policy: Policy, statement: Statement) -> dict[str, Any]:
    span = policy.document.span_of(statement)
    return {
        "SourcePolicyId": policy.name,
        "SourcePolicyType": policy.source,
        "StartPosition": _place(span.start),
        "EndPosition": _place(span.end),
    }


def _place(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}


def _boundary_allows(request: Request) -> bool:
    boundary = [request.caller.boundary] if request.caller.boundary else []
    return not find(request, boundary, allows=False) and bool(find(request, boundary))


def _details(request: Request) -> dict[str, str]:
    """What each kind of policy decides by itself."""
    alone = {
        "IAM Policy": replace(request, target=replace(request.target, policies=())),
        "Resource Policy": replace(request, caller=replace(request.caller, identity=())),
    }
    details = {}
    for name, one in alone.items():
        policies = one.caller.identity if name == "IAM Policy" else one.target.policies
        if find(one, policies, allows=False):
            details[name] = "explicitDeny"
        else:
            details[name] = "allowed" if find(one, policies) else "implicitDeny"
    return details


def _word(decision: Decision) -> str:
    if decision.allowed:
        return "allowed"
    return "explicitDeny" if decision.explicit else "implicitDeny"


def _together(words: list[str]) -> str:
    for word in ("explicitDeny", "implicitDeny"):
        if word in words:
            return word
    return "allowed"


def _specific(result: dict[str, Any]) -> dict[str, Any]:
    names = {"EvalResourceName": "EvalResourceName", "EvalDecision": "EvalResourceDecision"}
    kept = (
        "MatchedStatements",
        "MissingContextValues",
        "EvalDecisionDetails",
        "PermissionsBoundaryDecisionDetail",
    )
    return {new: result[old] for old, new in names.items()} | {
        name: result[name] for name in kept if name in result
    }
