"""AWS Organizations."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from helpers.localaws.on_import import when_imported


def give_new_accounts_an_administrator() -> None:
    """Reason: the role with which an organization enters a new account may do nothing in moto.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
    """

    def change(models: ModuleType) -> None:
        from moto.iam.models import iam_backends

        create = models.OrganizationsBackend.create_account

        def create_account(self: Any, **given: Any) -> dict[str, Any]:
            status: dict[str, Any] = create(self, **given)
            account = status["CreateAccountStatus"]["AccountId"]
            name = given.get("RoleName") or "OrganizationAccountAccessRole"
            iam_backends[account]["aws"].attach_role_policy(
                "arn:aws:iam::aws:policy/AdministratorAccess", name
            )
            return status

        models.OrganizationsBackend.create_account = create_account

    when_imported("moto.organizations.models", change)
