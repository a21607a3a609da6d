"""Calls of a service in the name of a role that was given to it (a rule's target, a schedule).

They go through the same door as every other request, so that the role's policies count.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

from helpers.localaws.compute import credentials

_CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=20, parameter_validation=False)


class RoleNotAssumable(Exception):
    """There is no such role, or its trust policy does not name the service."""


def check(role_arn: str, service: str) -> None:
    """Raise RoleNotAssumable unless the role exists and trusts ``service``."""
    from moto.iam.models import iam_backends

    parts = role_arn.split(":")
    account = parts[4] if len(parts) == 6 else ""
    roles = iam_backends[account]["aws"].roles.values() if account else []
    role = next((one for one in roles if one.arn == role_arn), None)
    if role is None or not credentials.trusts(role.assume_role_policy_document, service):
        raise RoleNotAssumable(f"{service} cannot assume the role {role_arn or '(none was given)'}")


def client(
    endpoint: str, service: str, role_arn: str, caller: str, account: str, region: str
) -> Any:
    """A boto3 client of ``service`` with a session of the role; ``caller`` has to be trusted by it.

    Raises RoleNotAssumable.
    """
    check(role_arn, caller)
    # A session ends after some hours of the course clock: before that comes a new one.
    period = int(time.time() // (credentials.SESSION_SECONDS / 2))
    session = caller.partition(".")[0]
    return _client(endpoint, service, role_arn, session, account, region, period)


@lru_cache(maxsize=64)
def _client(
    endpoint: str, service: str, role_arn: str, session: str, account: str, region: str, _: int
) -> Any:
    keys = credentials.session(account, region, role_arn, session)
    return boto3.session.Session().client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
        config=_CONFIG,
    )


def forget_clients() -> None:
    """The sessions belong to roles that are gone (the cloud is being emptied)."""
    _client.cache_clear()
