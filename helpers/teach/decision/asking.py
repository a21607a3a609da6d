"""The question: who wants to do what, on which resource, in which circumstances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpers.teach.errors import TeachError

ROLE, USER, SERVICE, ACCOUNT = "role", "user", "service", "account"

#: Keys whose values AWS does not compare as text, and the simulator's word for their type.
_TYPES = {
    "aws:sourceip": "ip",
    "aws:vpcsourceip": "ip",
    "aws:currenttime": "date",
    "aws:tokenissuetime": "date",
    "aws:epochtime": "numeric",
    "aws:multifactorauthage": "numeric",
    "aws:securetransport": "boolean",
    "aws:multifactorauthpresent": "boolean",
    "aws:viaawsservice": "boolean",
    "aws:principalisawsservice": "boolean",
}


@dataclass(frozen=True)
class Who:
    """A principal. ``arn`` is the role's or the user's (for a service its name).

    ``session`` is the session's ARN, where one was given: a denial names that one.
    """

    kind: str
    arn: str
    name: str
    account: str = ""
    session: str = ""


@dataclass(frozen=True)
class Question:
    """May ``who`` do ``action`` on ``resource``? ``account`` is the one that we look from."""

    who: Who
    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""

    @property
    def service(self) -> str:
        """The action's prefix, in small letters."""
        return self.action.partition(":")[0].lower()

    @property
    def owner(self) -> str:
        """The resource's account: what its ARN says, or ours, because many say nothing."""
        parts = self.resource.split(":", 5)
        return parts[4] if len(parts) == 6 and parts[4] else self.account

    @property
    def is_foreign(self) -> bool:
        """Whether the principal belongs to an account whose policies we cannot read."""
        return self.who.kind in (ROLE, USER, ACCOUNT) and self.who.account != self.account

    def entries(self) -> list[dict[str, Any]]:
        """The context as the simulator's ContextEntries."""
        return [_entry(key, value) for key, value in self.context.items()]

    def __str__(self) -> str:
        return f"May {self.who.name} do {self.action} on {self.resource}?"


def question(
    principal: Any, action: str, resource: str, context: Mapping[str, Any] | None, account: str
) -> Question:
    """The question from what a learner typed. Raises TeachError."""
    action, resource = str(action).strip(), str(resource).strip()
    if not re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9]+", action):
        raise TeachError(
            f'"{action}" is no action. Write the service and the operation, as a denial names '
            'them: action="s3:GetObject".'
        )
    if resource != "*" and not re.match(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:.", resource):
        raise TeachError(
            f'"{resource}" is no ARN. Copy the resource from the denial, or write "*" for an '
            'action that knows no resource: resource="arn:aws:s3:::shop-orders/A-17.txt".'
        )
    return Question(who(principal, account), action, resource, dict(context or {}), account)


def who(principal: Any, account: str) -> Who:
    """A role's name or ARN, a user's, a session's ARN, a service's name, or an account.

    Raises TeachError.
    """
    given = str(principal).strip()
    if re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", given):
        return Who(SERVICE, given, given)
    if re.fullmatch(r"\d{12}", given):
        return Who(ACCOUNT, f"arn:aws:iam::{given}:root", f"account {given}", given)
    found = re.fullmatch(r"arn:[^:]*:(iam|sts)::(\d{12}):([a-z-]+)(?:/(.+))?", given)
    if found is None:
        if re.fullmatch(r"[\w+=,.@-]{1,64}", given):
            return Who(ROLE, f"arn:aws:iam::{account}:role/{given}", given, account)
        raise TeachError(
            f'"{given}" is no principal. Write the name of a role, the ARN of a role or a user, '
            'the ARN that a denial names, or a service: principal="s3.amazonaws.com".'
        )
    kind, owner, path = found[3], found[2], found[4] or ""
    name = path.rpartition("/")[2]
    if kind == "root":
        return Who(ACCOUNT, given, f"account {owner}", owner)
    if kind == "assumed-role":  # without the role's path: GetRole tells that (policies.py)
        role = path.partition("/")[0]
        return Who(ROLE, f"arn:aws:iam::{owner}:role/{role}", role, owner, given)
    if kind in (ROLE, USER):
        return Who(kind, given, name, owner)
    raise TeachError(f'"{given}" is a {kind}. Ask for a role, a user, a service or an account.')


def _entry(key: str, value: Any) -> dict[str, Any]:
    values = list(value) if isinstance(value, (list, tuple, set)) else [value]
    kind = _TYPES.get(key.lower(), "string")
    if isinstance(value, (list, tuple, set)):
        kind += "List"
    return {
        "ContextKeyName": key,
        "ContextKeyType": kind,
        "ContextKeyValues": [_text(one) for one in values],
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
