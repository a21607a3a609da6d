"""The tags of a resource, for the condition keys ``aws:ResourceTag/…``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.localaws.gateway import principals

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def of(lambdas: LambdaService, arn: str, account: str) -> dict[str, str]:
    """The tags of what the ARN names; empty where it has none or is not there."""
    parts = arn.split(":", 5)
    reader = _READERS.get(parts[2]) if len(parts) == 6 else None
    return reader(lambdas, parts[4] or account, parts[3], parts[5], arn) if reader else {}


def _function(lambdas: LambdaService, account: str, region: str, name: str, _: str) -> Tags:
    found = [one for one in lambdas.functions(account, region).all() if one.name == name[9:]]
    return dict(found[0].tags) if found and name.startswith("function:") else {}


def _bucket(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.s3.models import s3_backends

    backend = s3_backends[account]["aws"]
    return _pairs(backend.tagger.list_tags_for_resource(arn.partition("/")[0]).get("Tags", []))


def _queue(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.sqs.models import sqs_backends

    found = sqs_backends[account][region].queues.get(name)
    return dict(found.tags) if found is not None else {}


def _topic(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.sns.models import sns_backends

    found = sns_backends[account][region].topics.get(arn)
    return dict(found._tags) if found is not None else {}


def _table(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.dynamodb.models import dynamodb_backends

    found = dynamodb_backends[account][region].tables.get(name.split("/")[1])
    return _pairs(found.tags) if found is not None else {}


def _secret(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.secretsmanager.models import secretsmanager_backends

    found = secretsmanager_backends[account][region].secrets.get(arn)
    return _pairs(found.tags or []) if found is not None else {}


def _iam(_: Any, account: str, region: str, name: str, arn: str) -> Tags:
    from moto.iam.models import iam_backends

    iam = iam_backends[account]["aws"]
    for role in list(iam.roles.values()):
        if role.arn == arn:
            return principals.role_tags(role)
    return dict(iam.tagger.get_tag_dict_for_resource(arn))


Tags = dict[str, str]
_READERS: dict[str, Callable[[Any, str, str, str, str], Tags]] = {
    "lambda": _function,
    "s3": _bucket,
    "sqs": _queue,
    "sns": _topic,
    "dynamodb": _table,
    "secretsmanager": _secret,
    "iam": _iam,
}


def _pairs(tags: Any) -> Tags:
    return {str(one["Key"]): str(one["Value"]) for one in tags}
