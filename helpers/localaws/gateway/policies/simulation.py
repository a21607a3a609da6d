"""SimulatePrincipalPolicy, SimulateCustomPolicy and what asks which context keys they need.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from helpers.localaws.gateway import principals
from helpers.localaws.gateway.policies.callers import caller, identity_of_group
from helpers.localaws.gateway.principals import Identity
from helpers.localaws.iam import checks, principal, simulate
from helpers.localaws.iam.context import Context, Values
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.request import Caller


class NoSuchEntity(Exception):
    """The principal whose policies are asked for is not there."""


class InvalidInput(Exception):
    """A policy that cannot be read."""


def of_custom(account: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput."""
    identity = _policies(asked.get("PolicyInputList") or [], Kind.IDENTITY, "PolicyInputList")
    return _answer(Caller(_caller_principal(account, asked), identity), asked)


def of_principal(asked: dict[str, Any]) -> dict[str, Any]:
    """Raises NoSuchEntity, InvalidInput."""
    who = _of(asked["PolicySourceArn"])
    more = _policies(asked.get("PolicyInputList") or [], Kind.IDENTITY, "PolicyInputList")
    who = replace(who, identity=[*who.identity, *more])
    if asked.get("CallerArn"):
        who = replace(who, principal=_caller_principal(who.principal.account, asked))
    return _answer(who, asked)


def keys_of_custom(asked: dict[str, Any]) -> dict[str, Any]:
    """GetContextKeysForCustomPolicy. Raises InvalidInput."""
    given = _policies(asked["PolicyInputList"], Kind.IDENTITY, "PolicyInputList")
    return {"ContextKeyNames": simulate.context_keys(given)}


def keys_of_principal(asked: dict[str, Any]) -> dict[str, Any]:
    """GetContextKeysForPrincipalPolicy. Raises NoSuchEntity, InvalidInput."""
    who = _of(asked["PolicySourceArn"])
    given = _policies(asked.get("PolicyInputList") or [], Kind.IDENTITY, "PolicyInputList")
    return {"ContextKeyNames": simulate.context_keys([*who.identity, *given])}


def _answer(who: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    boundary = asked.get("PermissionsBoundaryPolicyInputList") or []
    if boundary:
        limit = _policies(boundary, Kind.BOUNDARY, "PermissionsBoundaryPolicyInputList")[0]
        who = replace(who, boundary=limit)
    own = asked.get("ResourcePolicy")
    resource = [own] if own else []
    results = simulate.simulate(
        who,
        asked["ActionNames"],
        asked.get("ResourceArns") or ("*",),
        _context(asked.get("ContextEntries") or []),
        resource_policy=next(iter(_policies(resource, Kind.RESOURCE, "ResourcePolicy")), None),
        resource_owner=_account_of(asked.get("ResourceOwner") or ""),
    )
    return {"EvaluationResults": results, "IsTruncated": False}


def _account_of(owner: str) -> str:
    """``arn:aws:iam::123456789012:root`` is how the API names an account."""
    return owner.split(":")[4] if owner.count(":") > 4 else owner


def _policies(texts: Iterable[str], kind: Kind, source: str) -> list[Policy]:
    """By the names that AWS gives them in its answer: ``PolicyInputList.1``."""
    found = []
    for number, text in enumerate(texts, 1):
        try:
            if kind is not Kind.RESOURCE:
                checks.check(text, kind)
            found.append(parse(text, kind, name=f"{source}.{number}", source="none"))
        except (MalformedPolicy, ValueError) as problem:
            raise InvalidInput(getattr(problem, "message", str(problem))) from None
    return found


def _context(entries: list[dict[str, Any]]) -> Context:
    context: dict[str, Values] = {}
    for one in entries:
        values = list(one.get("ContextKeyValues") or [])
        is_list = str(one.get("ContextKeyType", "")).endswith("List")
        context[one["ContextKeyName"]] = values if is_list or len(values) != 1 else values[0]
    return Context(context)


def _caller_principal(account: str, asked: dict[str, Any]) -> principal.Principal:
    arn = str(asked.get("CallerArn") or "")
    if ":user/" in arn:
        *_, owner, path = arn.split(":")
        return principal.user(owner, path.rpartition("/")[2])
    return principal.user(account, "simulated")


def _of(arn: str) -> Caller:
    """The policies of a user (with those of its groups), a group or a role."""
    from moto.iam.models import iam_backends

    parts = arn.split(":", 5)
    kind = parts[5].partition("/")[0] if len(parts) == 6 else ""
    account = parts[4] if len(parts) == 6 else ""
    if kind == "role" and (who := principals.of_role(arn, "simulated")) is not None:
        return caller(who)
    iam = iam_backends[account]["aws"] if account else None
    name = arn.rpartition("/")[2]
    if kind == "user" and iam is not None and name in iam.users:
        user = iam.users[name]
        named = principal.user(account, name, user.path, user.id)
        return caller(Identity(named, user=user))
    if kind == "group" and iam is not None and name in iam.groups:
        return Caller(principal.user(account, "simulated"), identity_of_group(iam.groups[name]))
    raise NoSuchEntity(f"The ARN {arn} was not found." if kind else f"Invalid Entity Arn: {arn}")
