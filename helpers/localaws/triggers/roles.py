"""Calls of a service in the name of a role that was given to it (a rule's target, a schedule)."""

from __future__ import annotations

from typing import Any

from helpers.localaws.compute import credentials, role_clients


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
    return role_clients.client(
        endpoint, service, role_arn, caller.partition(".")[0], account, region
    )
