"""AWS IAM. Its ARNs hold paths that requests leave out, so that the account's state must tell them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Builder, Spec, either, named
from helpers.localaws.iam.actions.tags import if_tagged
from helpers.localaws.iam.context import Values


def _entity(kind: str, *parameters: str) -> Builder:
    """A user, role, group, …, with its path: from the request if it makes it, else looked up."""

    def build(asked: Asked) -> list[str]:
        name = asked.first(*parameters)
        if name is None:
            return []
        if name.startswith("arn:"):
            return [name]
        path = asked.first("Path") or "/"
        made = asked.arn(f"{kind}{path}{name}", region="")
        return [made if asked.operation.startswith("Create") else asked.find(kind, name) or made]

    return build


def _oneself(asked: Asked) -> list[str]:
    """Without a UserName, the operation is about the user who asks."""
    return [asked.caller or asked.arn("user/*", region="")]


def _service_linked(asked: Asked) -> list[str]:
    service = asked.first("AWSServiceName")
    made = asked.arn(f"role/aws-service-role/{service}/*", region="")
    return [made] if service else []


def _of_task(asked: Asked) -> list[str]:
    """The id of a deletion: ``task/aws-service-role/SERVICE/ROLE/ID``."""
    task = asked.first("DeletionTaskId")
    return [asked.arn(f"role/{task.partition('task/')[2]}", region="")] if task else []


_user = either(_entity("user", "UserName"), _oneself)
_policy = either(named("{}", "PolicyArn"), _entity("policy", "PolicyName"))


def _new_provider(asked: Asked) -> list[str]:
    url = asked.first("Url")
    return [asked.arn(f"oidc-provider/{url.rpartition('://')[2]}", region="")] if url else []


def _keys(asked: Asked) -> Mapping[str, Values]:
    boundary = asked.get("PermissionsBoundary")
    if not boundary and asked.operation in _LIMITED | _ATTACHING:
        # For somebody who is there already, the key is the boundary that they have.
        boundary = asked.find("boundary", next(iter(_whom(asked)), ""))
    return {
        "iam:PermissionsBoundary": boundary,
        "iam:AWSServiceName": asked.get("AWSServiceName"),
        "iam:PolicyARN": asked.get("PolicyArn") if asked.operation in _ATTACHING else None,
    }


_ATTACHING = frozenset(
    f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("User", "Role", "Group")
)
_LIMITED = frozenset(
    {
        "DeleteRolePolicy",
        "DeleteUserPolicy",
        "DeleteRolePermissionsBoundary",
        "DeleteUserPermissionsBoundary",
        "PutRolePolicy",
        "PutUserPolicy",
    }
)


def _whom(asked: Asked) -> Iterable[str]:
    return _entity("role", "RoleName")(asked) or _entity("user", "UserName")(asked)


def _pass(asked: Asked) -> Iterable[Needed]:
    """To put a role into an instance profile is to pass it to EC2."""
    for arn in _entity("role", "RoleName")(asked):
        yield Needed("iam:PassRole", arn, {"iam:PassedToService": "ec2.amazonaws.com"})


#: Operations on lists, and the path below which they look.
_LISTS = {
    "ListGroups": "group/",
    "ListPolicies": "policy/",
    "ListRoles": "role/",
    "ListUsers": "user/",
}


def _unscoped(asked: Asked) -> str:
    return asked.arn(_LISTS[asked.operation], region="") if asked.operation in _LISTS else "*"


SPEC = Spec(
    "iam",
    types={
        "role": either(_entity("role", "RoleName"), _service_linked, _of_task),
        "user": _user,
        "group": _entity("group", "GroupName"),
        "policy": _policy,
        "instance-profile": _entity("instance-profile", "InstanceProfileName"),
        "mfa": either(named("{}", "SerialNumber"), _entity("mfa", "VirtualMFADeviceName")),
        "oidc-provider": either(named("{}", "OpenIDConnectProviderArn"), _new_provider),
        "saml-provider": either(named("{}", "SAMLProviderArn"), _entity("saml-provider", "Name")),
        "server-certificate": _entity("server-certificate", "ServerCertificateName"),
    },
    also={
        "AddRoleToInstanceProfile": _pass,
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html
        "CreateRole": if_tagged("iam:TagRole", _entity("role", "RoleName")),
        "CreatePolicy": if_tagged("iam:TagPolicy", _policy),
        "CreateUser": if_tagged("iam:TagUser", _user),
    },
    keys=_keys,
    arn_parameters=("PolicySourceArn", "Arn"),
    unscoped=_unscoped,
)
