"""Whose access key it is: the learner, an IAM user, or a session of a role.

The learner is the IAM user ``learner`` with AdministratorAccess, made when somebody asks for the
first time. Keys that look like AWS's own must exist; any other key (tools are often given
``test``) is the learner's too, so that every tool works without a setup.
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from helpers.localaws.iam import principal as kinds
from helpers.localaws.iam.principal import Principal
from helpers.localaws.settings import ACCOUNT_ID, LEARNER_ACCESS_KEY, LEARNER_SECRET_KEY

LEARNER = "learner"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_FROM_AWS = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_making, _finding = threading.Lock(), threading.Lock()


class UnknownKey(Exception):
    """The access key was never given out, was deleted, or is inactive."""


class ExpiredKey(Exception):
    """The session that the key belongs to is over."""


@dataclass(frozen=True)
class Identity:
    """Who signed a request, with the moto objects that hold their policies."""

    principal: Principal
    user: Any = None  #: moto's user
    role: Any = None  #: moto's role; None where it was deleted after its session was made
    #: moto's assumed role (its ``policy``, ``expiration``), or a session of ``gateway.sessions``.
    session: Any = None


def of(account: str, access_key: str | None) -> Identity:
    """The identity behind an access key (None: the request was not signed).

    Raises UnknownKey and ExpiredKey.
    """
    if access_key is None:
        return Identity(kinds.ANONYMOUS)
    if access_key == LEARNER_ACCESS_KEY or not _FROM_AWS.fullmatch(access_key):
        return learner(account)
    session = _sessions[account].find(account, access_key)
    if session is not None:
        # A service renews the sessions it works with before they end: those never do.
        renewed = getattr(session, "renewed", False)
        if not renewed and session.expiration.timestamp() <= time.time():
            raise ExpiredKey
        if isinstance(session, UserSession):
            return _of_user_session(account, session)
        role = _role(account, session.role_arn)
        return Identity(_session_of(role, session), role=role, session=session)
    return _user(account, access_key)


def of_role(role_arn: str, session_name: str) -> Identity | None:
    """Who a session of this role would be; None: there is no such role."""
    found = role(role_arn)
    if found is None:
        return None
    named = kinds.role_session(found.arn, session_name, found.id, role_tags(found))
    return Identity(named, role=found)


def role(role_arn: str) -> Any:
    """moto's role of this ARN; None: there is none."""
    parts = role_arn.split(":")
    return _role(parts[4], role_arn) if len(parts) == 6 else None


def role_tags(role: Any) -> dict[str, str]:
    """The tags of moto's role."""
    return {str(one["Key"]): str(one.get("Value", "")) for one in role.tags or []}


def _session_of(role: Any, session: Any) -> Principal:
    """The session's own tags win over those of its role."""
    tags = {**(role_tags(role) if role else {}), **getattr(session, "tags", {})}
    return kinds.role_session(
        role.arn if role else session.role_arn,
        session.session_name,
        role.id if role else "",
        tags,
    )


@dataclass
class UserSession:
    """Temporary credentials of an IAM user: GetSessionToken's, or GetFederationToken's.

    They stand in the same list as moto's sessions of roles and have the same members.
    """

    account_id: str
    user_name: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    issued: datetime
    expiration: datetime
    name: str = ""  #: of the federated user; empty: GetSessionToken's
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    mfa: bool = False


def _of_user_session(account: str, session: UserSession) -> Identity:
    user = _iam(account).users.get(session.user_name)
    if user is None:
        raise UnknownKey
    if session.name:
        named = kinds.federated_user(account, session.name, user.arn)
        named = replace(named, tags=session.tags)
    else:
        named = kinds.user(account, user.name, user.path, user.id, _tags(_iam(account), user.arn))
    return Identity(named, user=user, session=session)


def learner(account: str = ACCOUNT_ID) -> Identity:
    """The learner in one account, made where it is not there yet."""
    iam = _iam(account)
    user = iam.users.get(LEARNER)
    if user is None:
        with _making:
            user = iam.users.get(LEARNER) or _make_learner(iam, account)
    named = kinds.user(account, LEARNER, user.path, user.id, _tags(iam, user.arn))
    return Identity(named, user=user)


def _make_learner(iam: Any, account: str) -> Any:
    user = iam.create_user("us-east-1", LEARNER)
    iam.attach_user_policy(ADMINISTRATOR, LEARNER)
    if account == ACCOUNT_ID:
        key = user.create_access_key(prefix="AKIA")
        key.access_key_id, key.secret_access_key = LEARNER_ACCESS_KEY, LEARNER_SECRET_KEY
        iam.access_keys[LEARNER_ACCESS_KEY] = key
    return user


def _user(account: str, access_key: str) -> Identity:
    iam = _iam(account)
    user = iam.get_user_from_access_key_id(access_key)
    if user is None or user.get_access_key_by_id(access_key).status != "Active":
        raise UnknownKey
    named = kinds.user(account, user.name, user.path, user.id, _tags(iam, user.arn))
    return Identity(named, user=user)


def _iam(account: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]


class _Sessions:
    """moto keeps an account's sessions in a list that only grows; this finds one by its key."""

    def __init__(self) -> None:
        self._by_key: dict[str, Any] = {}
        self._read: list[Any] = []  # the list of which everything up to here is known
        self._known = 0

    def find(self, account: str, access_key: str) -> Any:
        from moto.sts.models import sts_backends

        sessions = sts_backends[account]["aws"].assumed_roles
        with _finding:
            if sessions is not self._read:  # the cloud was emptied meanwhile
                self._by_key, self._read, self._known = {}, sessions, 0
            for session in sessions[self._known :]:
                self._by_key[session.access_key_id] = session
                self._known += 1
            return self._by_key.get(access_key)


_sessions: defaultdict[str, _Sessions] = defaultdict(_Sessions)


def _role(account: str, arn: str) -> Any:
    name = arn.rpartition("/")[2]
    return next((one for one in _iam(account).roles.values() if one.name == name), None)


def _tags(iam: Any, arn: str) -> dict[str, str]:
    return {
        str(key): str(value) for key, value in iam.tagger.get_tag_dict_for_resource(arn).items()
    }
