"""How far a role's rights reach, whatever the conditions say and whichever policy says so.

IAM's policy simulator answers for one set of condition keys, and knows a role's own policies only.
Somebody who writes ``"Condition": {"StringLike": {"aws:userid": "*"}}`` is told "implicitDeny"
there, and can do everything. So a judge that asks what a role must NOT be able to do takes each
Allow without its condition, each Deny with a condition for none, and a resource's own policy in.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from helpers.teach.checking.principals import means, named, statements

Document = Mapping[str, Any]


class Reach:
    """What a role may do at most, as its policies are at this moment.

    `on_resources` are policies of resources, such as a bucket's: what they allow to the role, to
    its account or to everybody counts. Raises ClientError where there is no such role.
    """

    def __init__(self, iam: Any, role: str, on_resources: Iterable[Document] = ()) -> None:
        self._iam, found = iam, iam.get_role(RoleName=role)["Role"]
        own = [_without_conditions(one) for one in _of_role(iam, role)]
        others = [_granted(one, str(found["Arn"])) for one in on_resources]
        self._policies = [json.dumps(one) for one in (*own, *others) if one["Statement"]]
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        limits = [json.dumps(_without_conditions(_managed(iam, boundary)))] if boundary else []
        self._limits = {"PermissionsBoundaryPolicyInputList": limits} if limits else {}

    def allows(self, action: str, resource: str) -> bool:
        """Whether it may do so under some condition. The simulator does nothing."""
        if not self._policies:
            return False
        reply = self._iam.simulate_custom_policy(
            PolicyInputList=self._policies,
            ActionNames=[action],
            ResourceArns=[resource],
            **self._limits,
        )
        return bool(reply["EvaluationResults"][0]["EvalDecision"] == "allowed")


def _of_role(iam: Any, role: str) -> list[Document]:
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    inline = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
    ]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return inline + [_managed(iam, one["PolicyArn"]) for one in attached]


def _managed(iam: Any, arn: str) -> Document:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found: Document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"][
        "Document"
    ]
    return found


def _without_conditions(document: Document) -> dict[str, Any]:
    kept = []
    for one in statements(document):
        if one.pop("Condition", None) and one.get("Effect") == "Deny":
            continue
        kept.append(one)
    return {"Version": document.get("Version", "2012-10-17"), "Statement": kept}


def _granted(document: Document, role: str) -> dict[str, Any]:
    """What a resource's policy says about the role, as if it were the role's own policy."""
    about = [
        one
        for one in statements(document)
        # "Deny everybody but": whether that is the role depends on more than its ARN.
        if not ("NotPrincipal" in one and one.get("Effect") == "Deny")
        and any(means(who, role) for who in named(one))
    ]
    kept = _without_conditions({**document, "Statement": about})
    for one in kept["Statement"]:
        one.pop("Principal", None)
        one.pop("NotPrincipal", None)
    return kept
