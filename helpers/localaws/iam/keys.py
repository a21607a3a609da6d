"""The global condition keys: what a request's context holds besides the request's own parameters.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

Who evaluates a request puts its context together from these functions and from the ``context`` of
each permission that ``actions.needed`` lists. A key that does not belong to the request must be
absent, not empty: most operators treat an absent key in their own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from helpers.localaws.iam.context import Values
from helpers.localaws.iam.principal import Principal, Type


def principal_keys(
    principal: Principal,
    *,
    issued: datetime | None = None,
    mfa: bool | None = None,
    source_identity: str | None = None,
    provider: str | None = None,
) -> dict[str, Values]:
    """Who asks.

    ``issued``: when temporary credentials were made; ``mfa``: whether with a second factor (None
    for long-term keys, whose requests do not have the key); ``provider``: of a federated session.
    """
    keys: dict[str, Values] = {
        "aws:PrincipalIsAWSService": principal.type is Type.SERVICE,
        "aws:TokenIssueTime": _moment(issued) if issued else None,
        "aws:MultiFactorAuthPresent": mfa,
        "aws:SourceIdentity": source_identity,
        "aws:FederatedProvider": provider,
    }
    if principal.type is Type.SERVICE:
        keys["aws:PrincipalServiceName"] = principal.name
        keys["aws:PrincipalServiceNamesList"] = [principal.name]
        return keys
    if not principal.has_account:
        return keys | {"aws:PrincipalType": "Anonymous"}
    keys |= {
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalArn": _identity_arn(principal),
        "aws:PrincipalType": principal.type.value,
        "aws:userid": principal.unique_id or None,
        "aws:username": principal.name if principal.type is Type.USER else None,
        "kms:CallerAccount": principal.account,
    }
    tags: dict[str, Values] = {f"aws:PrincipalTag/{k}": v for k, v in principal.tags.items()}
    return keys | tags


def _identity_arn(principal: Principal) -> str:
    """For a session of a role the role's ARN, for everybody else their own."""
    return principal.behind if principal.type is Type.ROLE_SESSION else principal.arn


def request_keys(
    now: datetime,
    *,
    region: str,
    secure: bool,
    source_ip: str | None,
    user_agent: str | None = None,
    referer: str | None = None,
    vpc: str | None = None,
    vpc_endpoint: str | None = None,
) -> dict[str, Values]:
    """When, from where and how.

    Through a VPC endpoint there is no ``aws:SourceIp``: its address is ``aws:VpcSourceIp`` then.
    """
    keys: dict[str, Values] = {
        "aws:CurrentTime": _moment(now),
        "aws:EpochTime": int(now.timestamp()),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": secure,
        "aws:UserAgent": user_agent,
        "aws:Referer": referer,
        "aws:SourceVpc": vpc,
        "aws:SourceVpce": vpc_endpoint,
        "aws:ViaAWSService": False,
    }
    keys["aws:VpcSourceIp" if vpc_endpoint else "aws:SourceIp"] = source_ip
    return keys


def resource_keys(account: str, tags: Mapping[str, str] | None = None) -> dict[str, Values]:
    """The account that owns the resource, and the tags that the resource has."""
    keys: dict[str, Values] = {"aws:ResourceAccount": account or None}
    return keys | {f"aws:ResourceTag/{name}": value for name, value in (tags or {}).items()}


def source_keys(arn: str | None, account: str | None) -> dict[str, Values]:
    """For whom a service acts: the rule, bucket or topic because of which it calls.

    Also as ``AWS:SourceArn``: names of keys do not care about upper and lower case.
    """
    return {"aws:SourceArn": arn, "aws:SourceAccount": account}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
