"""AWS STS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Spec, named
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values


def _keys(asked: Asked) -> Mapping[str, Values]:
    return {
        "sts:ExternalId": asked.get("ExternalId"),
        "sts:RoleSessionName": asked.get("RoleSessionName"),
        "sts:SourceIdentity": asked.get("SourceIdentity"),
        "sts:TransitiveTagKeys": asked.get("TransitiveTagKeys"),
        "sts:DurationSeconds": asked.get("DurationSeconds"),
    }


def _session(asked: Asked) -> Iterable[Needed]:
    """Tags and a source identity for the session need actions of their own, on the same role."""
    role = asked.first("RoleArn") or "*"
    keys = {**tag_keys(asked), **_keys(asked)}
    if asked.get("Tags"):
        yield Needed("sts:TagSession", role, keys)
    if asked.get("SourceIdentity"):
        yield Needed("sts:SetSourceIdentity", role, keys)


def _nothing(asked: Asked) -> Iterable[Needed]:
    """No permission is needed, and no policy can take it away."""
    return ()


SPEC = Spec(
    "sts",
    types={
        "role": named("{}", "RoleArn"),
        "federated-user": named("federated-user/{}", "Name", region=""),
        "root-user": named("{}", "TargetPrincipal"),
    },
    special={"GetCallerIdentity": _nothing, "GetSessionToken": _nothing},
    also={"AssumeRole": _session},
    keys=_keys,
)
