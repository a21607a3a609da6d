"""Who asks, and what a Principal element says about them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any


class Type(Enum):
    """The kinds of principals; the values are those of the condition key ``aws:PrincipalType``."""

    ROOT = "Account"
    USER = "User"
    ROLE_SESSION = "AssumedRole"
    FEDERATED_USER = "FederatedUser"  #: a session made by GetFederationToken
    SERVICE = "Service"  #: a service itself, as S3 when it invokes a function
    WEB_IDENTITY = "WebIdentity"  #: somebody with a token of an identity provider, no session yet
    ANONYMOUS = "Anonymous"


class Named(IntEnum):
    """How directly a Principal element names somebody: the more directly, the more it grants."""

    ACCOUNT = 1  #: the account; somebody in it must still allow the identity to use that
    IDENTITY = 2  #: the role or user behind a session: the session's own limits still hold
    DIRECTLY = 3  #: the very principal that asks, or everybody


@dataclass(frozen=True)
class Principal:
    """Who signed the request.

    ``arn`` is what AWS writes into messages: the user's, or the session's
    (``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``). ``behind`` is the ARN of the role that was
    assumed, with its path, or of the user who asked for a federated session. ``name`` is the user's
    name; for a service its principal (``s3.amazonaws.com``), for a web identity the provider.
    ``unique_id`` is the user's id (``AIDA…``) or, for a session, ``AROA…:SESSION``.
    """

    type: Type
    account: str = ""
    arn: str = ""
    behind: str = ""
    name: str = ""
    unique_id: str = ""
    tags: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_session(self) -> bool:
        """Whether session policies can limit it."""
        return self.type in (Type.ROLE_SESSION, Type.FEDERATED_USER)

    @property
    def has_account(self) -> bool:
        """Whether it is somebody of an account, and not a service or a stranger."""
        return self.type in (Type.ROOT, Type.USER, Type.ROLE_SESSION, Type.FEDERATED_USER)


def root(account: str) -> Principal:
    """The root user of an account."""
    return Principal(Type.ROOT, account, f"arn:aws:iam::{account}:root", unique_id=account)


def user(
    account: str,
    name: str,
    path: str = "/",
    unique_id: str = "",
    tags: dict[str, str] | None = None,
) -> Principal:
    """An IAM user."""
    arn = f"arn:aws:iam::{account}:user{path}{name}"
    return Principal(Type.USER, account, arn, "", name, unique_id, tags or {})


def role_session(
    role_arn: str, session: str, role_id: str = "", tags: dict[str, str] | None = None
) -> Principal:
    """A session of a role; ``role_arn`` with the role's path."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    unique_id = f"{role_id}:{session}" if role_id else ""
    return Principal(Type.ROLE_SESSION, account, arn, role_arn, "", unique_id, tags or {})


def federated_user(account: str, name: str, user_arn: str) -> Principal:
    """A session that an IAM user made with GetFederationToken."""
    arn = f"arn:aws:sts::{account}:federated-user/{name}"
    return Principal(Type.FEDERATED_USER, account, arn, user_arn, "", f"{account}:{name}")


def service(name: str) -> Principal:
    """An AWS service that acts for itself: ``service("s3.amazonaws.com")``."""
    return Principal(Type.SERVICE, arn=name, name=name)


def web_identity(provider: str) -> Principal:
    """Somebody who shows a token of this identity provider (its host name or its ARN)."""
    return Principal(Type.WEB_IDENTITY, arn=provider, name=provider)


ANONYMOUS = Principal(Type.ANONYMOUS, arn="anonymous")


class PrincipalElement:
    """A Principal or NotPrincipal element."""

    def __init__(self, element: Any, negated: bool = False) -> None:
        self.negated = negated
        self._everybody = element == "*"
        self._named: dict[str, frozenset[str]] = {}
        for kind, names in element.items() if isinstance(element, dict) else ():
            self._named[kind] = frozenset([names] if isinstance(names, str) else names)
        self._everybody |= "*" in self._named.get("AWS", ())

    def names(self, principal: Principal) -> Named | None:
        """How directly the list names ``principal``; None: not at all."""
        if self._everybody:
            return Named.DIRECTLY
        if principal.type is Type.SERVICE:
            return Named.DIRECTLY if self._lists("Service", principal.name) else None
        if principal.type is Type.WEB_IDENTITY:
            return Named.DIRECTLY if self._lists("Federated", principal.name) else None
        if principal.type is Type.ANONYMOUS:
            return None
        listed = self._named.get("AWS", frozenset())
        if principal.arn in listed and principal.type is not Type.ROOT:
            return Named.DIRECTLY
        if principal.unique_id in listed and principal.type is Type.USER:
            return Named.DIRECTLY
        if principal.behind and self._names_identity(principal, listed):
            return Named.IDENTITY
        if listed & {principal.account, f"arn:aws:iam::{principal.account}:root"}:
            return Named.DIRECTLY if principal.type is Type.ROOT else Named.ACCOUNT
        return None

    @staticmethod
    def _names_identity(principal: Principal, listed: frozenset[str]) -> bool:
        return principal.behind in listed or principal.unique_id.partition(":")[0] in listed

    def _lists(self, kind: str, name: str) -> bool:
        listed = self._named.get(kind, frozenset())
        return name in listed or "*" in listed

    def excepts(self, principal: Principal, has_boundary: bool) -> bool:
        """Whether a Deny with this NotPrincipal spares ``principal``.

        AWS looks at the account, then at the role, then at the session: all of them must stand in
        the list. An identity with a permissions boundary is never spared.
        """
        if not principal.has_account:
            return self.names(principal) is not None
        if has_boundary:
            return False
        listed = self._named.get("AWS", frozenset())
        levels = [{principal.account, f"arn:aws:iam::{principal.account}:root"}]
        if principal.type is not Type.ROOT:
            levels.append({principal.arn})
        if principal.type is Type.ROLE_SESSION:
            levels.append({principal.behind})
        return self._everybody or all(level & listed for level in levels)

    def texts(self) -> list[str]:
        """Everybody in the list, for an explanation."""
        return (["*"] if not self._named else []) + [
            name for names in self._named.values() for name in sorted(names)
        ]
