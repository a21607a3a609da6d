"""The policies of what is asked for: bucket, queue, topic, function, key, secret, role, …

A resource that is not there has none; the service will say that it is missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.localaws.gateway.policies import acl, across
from helpers.localaws.gateway.policies.callers import NOTHING
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.request import Target

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def target(lambdas: LambdaService, action: str, arn: str, account: str) -> Target:
    """The resource with its owner's account and its own policies.

    ``account`` is the caller's: it owns what names no account, as long as nobody else does.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Target(arn, account)
    _, _, service, region, owner, name = parts
    if service == "s3":
        bucket, _, key = name.partition("/")
        owner, texts = _bucket(bucket, key, account)
    elif service == "iam":
        return Target(arn, owner or account, _trust(action, arn, owner or account))
    elif service == "lambda" and name.startswith("function:"):
        texts = _function(lambdas, region, owner, name)
    else:
        reader = _READERS.get(service)
        texts = reader(owner or account, region, name, arn) if reader else []
    policies = [parse(text, Kind.RESOURCE, source="resource") for text in texts if text]
    return Target(arn, owner or account, policies)


def any_exist(service: str) -> bool:
    """Whether any resource of a service may have a policy of its own; quick.

    ``False`` lets an administrator through without another look: nothing could deny.
    """
    if service in ("kms", "sts"):
        return True  # their policies must allow, even within one account
    if service in ("s3", "dynamodb", "sqs") and not across.only_one_account():
        return True  # without a policy that allows it, nobody enters from another account
    if service == "s3":
        models = sys.modules.get("moto.s3.models")
        return models is not None and any(
            bucket.policy
            for account in list(models.s3_backends.values())
            for bucket in list(account["aws"].buckets.values())
        )
    if service == "dynamodb":
        models = sys.modules.get("moto.dynamodb.models")
        return models is not None and any(
            backend.resource_policies
            for account in list(models.dynamodb_backends.values())
            for backend in list(account.values())
        )
    if service == "sqs":
        models = sys.modules.get("moto.sqs.models")
        return models is not None and any(
            queue.policy
            for account in list(models.sqs_backends.values())
            for backend in list(account.values())
            for queue in list(backend.queues.values())
        )
    return service in ("lambda", "secretsmanager", "sns", "events", "execute-api")


def _bucket(name: str, key: str, account: str) -> tuple[str, list[str]]:
    from moto.s3.models import s3_backends

    for owner, backends in list(s3_backends.items()):
        bucket = backends["aws"].buckets.get(name)
        if bucket is not None:
            return owner, [
                *([_text(bucket.policy)] if bucket.policy else []),
                *acl.texts(bucket, key),
            ]
    return account, []


def _trust(action: str, arn: str, account: str) -> list[Policy]:
    """A role's trust policy, for whoever wants to assume it; a missing role trusts nobody."""
    if not action.startswith(("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")):
        return []
    from moto.iam.models import iam_backends

    for role in list(iam_backends[account]["aws"].roles.values()):
        if role.arn == arn:
            return [parse(role.assume_role_policy_document, Kind.TRUST, name=role.name)]
    return [parse(NOTHING, Kind.TRUST)]


def _function(lambdas: LambdaService, region: str, account: str, name: str) -> list[str]:
    """``function:NAME`` or ``function:NAME:QUALIFIER``."""
    from helpers.localaws.compute.errors import LambdaError

    parts = name.split(":")
    try:
        function = lambdas.functions(account, region).get(parts[1])
    except LambdaError:
        return []
    statements = function.policies.get(parts[2] if len(parts) > 2 else "", [])
    if not statements:
        return []
    return [json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})]


def _queue(account: str, region: str, name: str, _: str) -> list[str]:
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[account][region].queues.get(name)
    return [_text(queue.policy)] if queue is not None and queue.policy else []


def _topic(account: str, region: str, name: str, arn: str) -> list[str]:
    from moto.sns.models import sns_backends

    topic = sns_backends[account][region].topics.get(arn)
    if topic is None:
        return []
    return [_text(topic.policy)]


def _secret(account: str, region: str, name: str, arn: str) -> list[str]:
    from moto.secretsmanager.models import secretsmanager_backends

    secret = secretsmanager_backends[account][region].secrets.get(arn)
    text = getattr(secret, "policy", None)
    return [str(text)] if text else []


def _table(account: str, region: str, name: str, arn: str) -> list[str]:
    from moto.dynamodb.models import dynamodb_backends

    table = ":".join(arn.split(":")[:5]) + ":" + "/".join(name.split("/")[:2])
    found = dynamodb_backends[account][region].resource_policies.get(table)
    return [_text(found.policy_doc)] if found is not None else []


def _key(account: str, region: str, name: str, arn: str) -> list[str]:
    from moto.kms.models import kms_backends

    key = kms_backends[account][region].keys.get(name.partition("/")[2])
    if key is None:  # nobody's policy is missing: KMS shall say that the key is
        return [_ANYBODY_HERE % account]
    return [_text(key.policy), *(_grant(one) for one in list(key.grants.values()))]


_ANYBODY_HERE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::%s:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def _grant(grant: Any) -> str:
    """A grant of KMS, written as one more policy of its key.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    statement: dict[str, Any] = {
        "Sid": f"Grant{grant.id[:8]}",
        "Effect": "Allow",
        "Principal": {"AWS": grant.grantee_principal},
        "Action": [f"kms:{one}" for one in grant.operations],
        "Resource": "*",
    }
    constraints = grant.constraints or {}
    context = constraints.get("EncryptionContextEquals") or constraints.get(
        "EncryptionContextSubset"
    )
    if context:
        statement["Condition"] = {
            "StringEquals": {
                f"kms:EncryptionContext:{key}": value for key, value in context.items()
            }
        }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _bus(account: str, region: str, name: str, _: str) -> list[str]:
    from moto.events.models import events_backends

    bus = events_backends[account][region].event_buses.get(name.partition("/")[2])
    text = bus.policy if bus is not None and name.startswith("event-bus/") else None
    return [_text(text)] if text else []


def _api(account: str, region: str, name: str, _: str) -> list[str]:
    """Of a REST API: ``APIID/STAGE/METHOD/PATH``."""
    from moto.apigateway.models import apigateway_backends

    api = apigateway_backends[account][region].apis.get(name.partition("/")[0])
    text = getattr(api, "policy", None)
    return [_text(text)] if text else []


_READERS: dict[str, Callable[[str, str, str, str], list[str]]] = {
    "sqs": _queue,
    "sns": _topic,
    "secretsmanager": _secret,
    "dynamodb": _table,
    "kms": _key,
    "events": _bus,
    "execute-api": _api,
}


def _text(policy: Any) -> str:
    if isinstance(policy, bytes):
        return policy.decode()
    return policy if isinstance(policy, str) else json.dumps(policy)
