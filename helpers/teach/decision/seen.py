"""What the policies say to a question, each kind for itself.

The identity's side is SimulatePrincipalPolicy's own verdict. A resource's policy is put before the
simulator statement by statement, because for roles the simulator takes none.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from helpers.teach.decision import policies, principals
from helpers.teach.decision.asking import ROLE, USER, Question
from helpers.teach.decision.statements import (
    ALLOWED,
    DENIED,
    NOTHING,
    SILENT,
    Finding,
    judge,
    unset_keys,
)


@dataclass
class Seen:
    """``identity`` is None for who has no policies, or none that can be read.

    ``named`` is how directly the resource's policy names who asks (0: it grants nothing),
    ``organization`` whether the service control policies allow it (None: there are none),
    ``unset`` the context keys that statements about this action and resource look at, and that the
    question does not have.
    """

    asked: Question
    identity: policies.Identity | None
    resource: policies.Resource
    by_identity: Finding = NOTHING
    by_boundary: Finding | None = None
    by_resource: Finding = NOTHING
    named: int = 0
    organization: bool | None = None
    unset: list[str] = field(default_factory=list)

    @property
    def own_kind(self) -> str:
        """AWS's name for the policy that hangs on the resource."""
        return "role trust policy" if self.asked.service == "sts" else "resource-based policy"

    def denials(self) -> list[tuple[str, Finding]]:
        """The explicit denials, each with AWS's name for the kind of policy."""
        found = [
            ("identity-based policy", self.by_identity),
            ("permissions boundary", self.by_boundary or NOTHING),
            (self.own_kind, self.by_resource),
        ]
        return [(kind, one) for kind, one in found if one.decision == DENIED]


def look(asked: Question, client: Callable[[str], Any]) -> Seen:
    """Ask AWS. ``client`` makes a boto3 client for a service. Raises TeachError."""
    iam = client("iam")
    own = None
    if asked.who.kind in (ROLE, USER) and not asked.is_foreign:
        own = policies.identity(iam, asked.who)
        asked = replace(asked, who=own.who)
    seen = Seen(asked, own, policies.resource(client, asked))
    if own is not None:
        _identity_side(iam, seen, own)
    _resource_side(iam, seen)
    return seen


def _identity_side(iam: Any, seen: Seen, own: policies.Identity) -> None:
    answer = iam.simulate_principal_policy(
        PolicySourceArn=own.who.arn,
        ActionNames=[seen.asked.action],
        ResourceArns=[seen.asked.resource],
        ContextEntries=seen.asked.entries(),
    )["EvaluationResults"][0]
    seen.unset = unset_keys(iam, seen.asked, own.statements, answer.get("MissingContextValues", []))
    limit = answer.get("OrganizationsDecisionDetail")
    seen.organization = limit["AllowedByOrganizations"] if limit else None
    seen.by_identity = judge(iam, seen.asked, own.statements)
    if answer["EvalDecision"] == ALLOWED != seen.by_identity.decision:
        # The principal's own name was needed, for a variable such as ${aws:username}.
        named = ", ".join(one["SourcePolicyId"] for one in answer["MatchedStatements"])
        seen.by_identity = Finding(ALLOWED, (), f"a statement of {named}")
    if own.boundary is None:
        return
    seen.by_boundary = judge(iam, seen.asked, own.boundary)
    lets = answer.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary")
    if lets is not None and lets != (seen.by_boundary.decision == ALLOWED):
        seen.by_boundary = Finding(ALLOWED if lets else SILENT, (), "the boundary")


def _resource_side(iam: Any, seen: Seen) -> None:
    statements, asked = seen.resource.statements, seen.asked
    about = [one for one in statements if principals.named(one, asked)]
    # A trust policy has no Resource element: its resource is the role that it hangs on.
    opened = {} if any("Resource" in one.body for one in about) else {"Resource": "*"}
    seen.by_resource = judge(iam, asked, about, **opened)
    if seen.by_resource.decision == ALLOWED:
        seen.named = max(principals.named(one, asked) for one in seen.by_resource.statements)
