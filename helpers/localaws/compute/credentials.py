"""The execution role: whether Lambda may assume it, and the session a handler works with."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue

#: Role sessions of environments live as long as AWS allows for any role.
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Holder:
    """The environment that a session was made for: whose requests it signs, and from where."""

    function_arn: str
    region: str
    vpc_config: dict[str, Any]  #: the function's completed VpcConfig; empty: it is in no VPC
    subnet_id: str  #: the one of its subnets that this environment stands in; empty without VPC


_holders: dict[str, Holder] = {}


def hold(access_key: str, holder: Holder) -> None:
    """Remember which environment a session was made for."""
    _holders[access_key] = holder


def let_go(access_key: str) -> None:
    """The environment is gone."""
    _holders.pop(access_key, None)


def holder(access_key: str | None) -> Holder | None:
    """The environment whose session signed with this key; None: it was no handler."""
    return _holders.get(access_key or "")


def check_role(account: str, arn: str) -> None:
    """Raise InvalidParameterValue unless the role exists and trusts ``lambda.amazonaws.com``.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    from moto.iam.models import iam_backends

    roles = iam_backends[account]["aws"].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    if role is None or not trusts(role.assume_role_policy_document, "lambda.amazonaws.com"):
        raise InvalidParameterValue(
            "The role defined for the function cannot be assumed by Lambda."
        )


def trusts(document: str, service: str) -> bool:
    """Whether a trust policy lets a service (``lambda.amazonaws.com``) assume its role."""
    statements = json.loads(document).get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else principal
        allowed = statement.get("Effect") == "Allow" and _has_assume_role(statement.get("Action"))
        if allowed and (service in _list(services) or services == "*"):
            return True
    return False


def _has_assume_role(action: Any) -> bool:
    return any(one.lower() in ("sts:assumerole", "sts:*", "*") for one in _list(action))


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def session(account: str, region: str, role_arn: str, name: str) -> dict[str, str]:
    """Environment variables that carry a session of the role; its name is the function's."""
    from moto.sts.models import sts_backends

    role = sts_backends[account]["aws"].assume_role(
        region_name=region,
        role_session_name=name,
        role_arn=role_arn,
        policy="",
        duration=SESSION_SECONDS,
        external_id="",
    )
    made: Any = role
    made.renewed = True  # whoever works with it on AWS gets a new one before it ends
    made.issued = datetime.fromtimestamp(time.time(), UTC)
    return {
        "AWS_ACCESS_KEY_ID": role.access_key_id,
        "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
        "AWS_SESSION_TOKEN": role.session_token,
    }
