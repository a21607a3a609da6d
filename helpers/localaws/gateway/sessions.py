"""Temporary credentials: AssumeRole with all that limits a session, GetSessionToken and others.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html and
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.localaws.gateway.principals import Identity, UserSession
from helpers.localaws.iam import checks, sizes
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind
from helpers.localaws.iam.principal import Type

#: Seconds: the least, the most of any role, the most of a role assumed by a session of a role.
LEAST, MOST, CHAINED = 900, 43_200, 3_600
MOST_OF_USER = 129_600
_NAME = re.compile(r"[\w+=,.@-]*", re.ASCII)


class Refused(Exception):
    """STS refuses the request: code, text and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def check_assume_role(asked: dict[str, Any], who: Identity, role: Any) -> None:
    """Raise Refused for what AssumeRole does not take; ``role`` is moto's, or None."""
    name, seconds = str(asked.get("RoleSessionName") or ""), asked.get("DurationSeconds")
    _check_text("roleSessionName", name, 64)
    _check_seconds(seconds, MOST)
    if seconds is not None and who.role is not None and seconds > CHAINED:
        raise Refused(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining.",
        )
    if seconds is not None and role is not None and seconds > (role.max_session_duration or 3600):
        raise Refused(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    _check_policies(asked)
    inherited = getattr(who.session, "transitive", {})
    for key in _tags(asked):
        if key in inherited:
            raise Refused(
                "InvalidParameterValue",
                "One of the specified transitive tag keys can't be set because it conflicts with a "
                "transitive tag key from the calling session.",
            )


def furnish(session: Any, asked: dict[str, Any], who: Identity) -> None:
    """Keep with moto's new session all that limits it or tells of it."""
    inherited = getattr(who.session, "transitive", {})
    tags = {**inherited, **_tags(asked)}
    transitive = {*inherited, *(asked.get("TransitiveTagKeys") or [])}
    session.issued = _now()
    session.policy = asked.get("Policy")
    session.policy_arns = _arns(asked)
    session.tags = tags
    session.transitive = {key: value for key, value in tags.items() if key in transitive}
    session.mfa = bool(asked.get("SerialNumber") and asked.get("TokenCode"))
    # Once set, it goes with the chain of sessions.
    session.source_identity = getattr(who.session, "source_identity", None) or asked.get(
        "SourceIdentity"
    )


def of_user(backend: Any, asked: dict[str, Any], who: Identity, operation: str) -> UserSession:
    """A session for GetSessionToken or GetFederationToken; ``backend`` is moto's STS."""
    if who.session is not None or who.principal.type is not Type.USER:
        raise Refused("AccessDenied", f"Cannot call {operation} with session credentials", 403)
    _check_seconds(asked.get("DurationSeconds"), MOST_OF_USER)
    federated = operation == "GetFederationToken"
    if federated:
        _check_text("name", str(asked.get("Name") or ""), 32)
        _check_policies(asked)
    # moto's key, so that its account is found by it.
    _, key = backend._create_access_key(f"arn:aws:iam::{who.principal.account}:role/none")
    begin = _now()
    session = UserSession(
        account_id=who.principal.account,
        user_name=who.principal.name,
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=_token(),
        issued=begin,
        expiration=begin + timedelta(seconds=asked.get("DurationSeconds") or MOST),
        name=str(asked["Name"]) if federated else "",
        policy=asked.get("Policy") if federated else None,
        policy_arns=_arns(asked) if federated else (),
        tags=_tags(asked) if federated else {},
        mfa=bool(asked.get("SerialNumber") and asked.get("TokenCode")),
    )
    backend.assumed_roles.append(session)
    return session


def packed_percent(asked: dict[str, Any]) -> int | None:
    """How much of the space for policies and tags is used; None: none was passed.

    AWS compresses them in a way of its own: this is the share before that.
    """
    used = len(asked.get("Policy") or "") + sum(
        len(key) + len(value) for key, value in _tags(asked).items()
    )
    used += sum(map(len, _arns(asked)))
    return max(1, 100 * used // (2 * sizes.SESSION)) if used else None


def may_call_iam(who: Identity) -> bool:
    """Sessions of users cannot call IAM, unless a GetSessionToken's knew a second factor."""
    if not isinstance(who.session, UserSession):
        return True
    return who.session.mfa and not who.session.name


def _check_policies(asked: dict[str, Any]) -> None:
    text = asked.get("Policy")
    if not text:
        return
    try:
        sizes.check_session(text)
        checks.check(text, Kind.SESSION)
    except MalformedPolicy as problem:
        raise Refused(problem.code, problem.message, problem.status) from None


def _check_seconds(seconds: int | None, most: int) -> None:
    if seconds is None or LEAST <= seconds <= most:
        return
    bound = (
        f"less than or equal to {most}" if seconds > most else f"greater than or equal to {LEAST}"
    )
    raise Refused(
        "ValidationError",
        f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy "
        f"constraint: Member must have value {bound}",
    )


def _check_text(member: str, text: str, most: int) -> None:
    constraint = ""
    if len(text) < 2:
        constraint = "Member must have length greater than or equal to 2"
    elif len(text) > most:
        constraint = f"Member must have length less than or equal to {most}"
    elif not _NAME.fullmatch(text):
        constraint = r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    if constraint:
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{text}' at '{member}' failed to satisfy "
            f"constraint: {constraint}",
        )


def _tags(asked: dict[str, Any]) -> dict[str, str]:
    return {one["Key"]: one.get("Value", "") for one in asked.get("Tags") or []}


def _arns(asked: dict[str, Any]) -> tuple[str, ...]:
    return tuple(one.get("arn", "") for one in asked.get("PolicyArns") or [])


def _token() -> str:
    from moto.sts.utils import random_session_token

    return str(random_session_token())


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
