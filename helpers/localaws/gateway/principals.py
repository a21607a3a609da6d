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
from dataclasses import dataclass
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
    session: Any = None  #: moto's assumed role: its ``policy``, ``expiration``


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
        if session.expiration.timestamp() <= time.time():
            raise ExpiredKey
        role = _role(account, session.role_arn)
        tags = {key: one["Value"] for key, one in dict(role.tags or {}).items()} if role else {}
        named = kinds.role_session(
            role.arn if role else session.role_arn,
            session.session_name,
            role.id if role else "",
            tags,
        )
        return Identity(named, role=role, session=session)
    return _user(account, access_key)


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
