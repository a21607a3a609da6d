"""IAM's roles and policies."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)

#: Roles that belong to AWS's own services, and that nobody else may change.
_AWS_PATHS = ("/aws-service-role/", "/aws-reserved/")


def _roles(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "RoleName")
    for arn in values(parameters, "RoleArn"):  # AssumeRole
        yield arn.rpartition("/")[2]


def _look_at_role(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        return pairs(place.client("iam").get_role(RoleName=name)["Role"].get("Tags", []))

    return looked(find)


def _delete_role(place: Place, name: str) -> None:
    """A role goes only without its policies."""
    iam = place.client("iam")
    for policy in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for inline in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
    iam.delete_role(RoleName=name)


ROLE = Kind(
    name="role",
    service="iam",
    made_by={"CreateRole": lambda _, sent, __: str(sent["RoleName"])},
    named=_roles,
    look=_look_at_role,
    delete=_delete_role,
    listing=lambda place: (
        one["RoleName"]
        for one in pages(place.client("iam"), "list_roles", "Roles")
        if not one["Path"].startswith(_AWS_PATHS)
    ),
    by_hand="aws iam delete-role --role-name {id}   (detach and delete its policies first)",
    tag_in="Tags",
)


def _policies(place: Place, parameters: Parameters) -> Iterator[str]:
    for arn in values(parameters, "PolicyArn"):
        if f"::{place.number}:" in arn and "RoleName" not in parameters:
            yield arn  # attaching a policy changes the role, not the policy


def _look_at_policy(place: Place, arn: str) -> Look | None:
    def find() -> Tags:
        return pairs(place.client("iam").get_policy(PolicyArn=arn)["Policy"].get("Tags", []))

    return looked(find)


def _delete_policy(place: Place, arn: str) -> None:
    iam = place.client("iam")
    for version in pages(iam, "list_policy_versions", "Versions", PolicyArn=arn):
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


def _policy_arn(place: Place, sent: Parameters, _: Parameters) -> str:
    path = sent.get("Path", "/")
    return f"arn:aws:iam::{place.number}:policy{path}{sent['PolicyName']}"


POLICY = Kind(
    name="policy",
    service="iam",
    made_by={"CreatePolicy": _policy_arn},
    named=_policies,
    look=_look_at_policy,
    delete=_delete_policy,
    listing=lambda place: (
        one["Arn"] for one in pages(place.client("iam"), "list_policies", "Policies", Scope="Local")
    ),
    by_hand="aws iam delete-policy --policy-arn {id}",
    tag_in="Tags",
)
