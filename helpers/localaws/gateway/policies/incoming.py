"""Policies that are put somewhere: refused where AWS refuses them, before they are kept.

The documents are checked by the room ``iam``; this file knows which call brings which kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.localaws.gateway import principals
from helpers.localaws.iam import checks, sizes
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind

#: Makes a service's own exception from a code and a text.
Refusal = Callable[[str, str], Exception]


def managed(text: str) -> None:
    """CreatePolicy, CreatePolicyVersion. Raises MalformedPolicy."""
    checks.check(text, Kind.IDENTITY)
    sizes.check_managed(text)


def inline(owner: Any, kind: str, name: str, text: str) -> None:
    """PutUserPolicy and the like; ``owner`` is moto's, ``kind`` one of user, role, group.

    All inline policies of one owner share one space. Raises MalformedPolicy.
    """
    checks.check(text, Kind.IDENTITY)
    others = [one for other, one in owner.policies.items() if other != name]
    sizes.check_inline([*others, text], kind, owner.name)


def trust(account: str, text: str) -> None:
    """CreateRole, UpdateAssumeRolePolicy. Raises MalformedPolicy."""
    checks.check(text, Kind.TRUST, known=known_to(account))
    sizes.check_trust(text)


def of_resource(account: str, service: str, text: str, resource: str = "") -> None:
    """A resource's own policy; ``resource`` is its ARN. Raises MalformedPolicy."""
    # Queues and topics take names of principals that nobody has.
    known = None if service in ("sqs", "sns") else known_to(account)
    checks.check(text, Kind.RESOURCE, service=service, resource=resource, known=known)


def with_names(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy whose statements are a list, each with a Sid."""
    given = policy["Statement"]
    statements = given if isinstance(given, list) else [given]
    named = [{"Sid": f"statement-{number}", **one} for number, one in enumerate(statements)]
    return {**policy, "Statement": named}


def known_to(account: str) -> Callable[[str], bool]:
    """Tells whether a principal exists. Of other accounts nothing is known: they pass."""

    def known(name: str) -> bool:
        from moto.iam.models import iam_backends

        parts = name.split(":", 5)
        if len(parts) < 6 or parts[2] != "iam" or parts[4] != account or parts[5] == "root":
            return True
        principals.learner(account)
        iam = iam_backends[account]["aws"]
        holders: list[Any] = [*list(iam.roles.values()), *list(iam.users.values())]
        return any(one.arn == name for one in holders)

    return known


def checked(operation: Any, check: Callable[..., None], refusal: Refusal) -> Any:
    """``operation`` (of a moto backend) after ``check``, which gets the same arguments."""

    def call(self: Any, *arguments: Any, **more: Any) -> Any:
        try:
            check(self, *arguments, **more)
        except MalformedPolicy as problem:
            raise refusal(problem.code, problem.message) from None
        return operation(self, *arguments, **more)

    return call
