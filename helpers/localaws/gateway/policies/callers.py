"""The policies of who is calling: identity, boundary, session, and the organization's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from helpers.localaws.gateway.principals import Identity
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.request import Caller


def caller(who: Identity) -> Caller:
    """The caller with every policy that grants something or limits it."""
    account = who.principal.account
    organization = service_control(account)
    owner = who.user if who.user is not None else who.role
    if owner is None:  # nobody's, or of a role that is gone: nothing is granted
        session = _session(who.session) if who.session is not None else None
        return Caller(who.principal, [], None, session, organization)
    return Caller(
        who.principal,
        list(_identity(owner, who)),
        _boundary(owner, account),
        _session(who.session) if who.session is not None else None,
        organization,
    )


def _identity(owner: Any, who: Identity) -> Iterator[Policy]:
    source = "user" if who.user is not None else "role"
    yield from _attached(owner, source)
    if who.user is None:
        return
    from moto.iam.models import iam_backends

    for group in iam_backends[who.principal.account]["aws"].groups.values():
        if any(one.name == who.user.name for one in group.users):
            yield from _attached(group, "group")


def _attached(owner: Any, source: str) -> Iterator[Policy]:
    """Inline and managed policies of moto's user, group or role."""
    for name, text in list(owner.policies.items()):
        yield parse(text, Kind.IDENTITY, name=name, source=source)
    for managed in list(owner.managed_policies.values()):
        by = "aws-managed" if managed.arn.startswith("arn:aws:iam::aws:") else "user-managed"
        yield parse(
            _document(managed), Kind.IDENTITY, name=managed.name, arn=managed.arn, source=by
        )


def identity_of_group(group: Any) -> list[Policy]:
    """The policies that moto's group gives to its users."""
    return list(_attached(group, "group"))


def managed(arn: str, account: str, kind: Kind) -> Policy | None:
    """A managed policy in another role: a boundary, a session policy; None: it is not there."""
    from moto.iam.models import iam_backends

    found = iam_backends[account]["aws"].managed_policies.get(arn)
    if found is None:
        return None
    return parse(_document(found), kind, name=found.name, arn=arn)


def _document(policy: Any) -> str:
    """The default version of moto's managed policy."""
    for version in policy.versions:
        if version.is_default:
            return str(version.document)
    return NOTHING


def _boundary(owner: Any, account: str) -> Policy | None:
    arn = getattr(owner, "permissions_boundary_arn", None)
    if not arn:
        return None
    # A boundary that was deleted lets nothing through.
    return managed(arn, account, Kind.BOUNDARY) or parse(NOTHING, Kind.BOUNDARY)


#: A policy that says nothing, and so allows nothing.
NOTHING = '{"Version": "2012-10-17", "Statement": []}'


def _session(session: Any) -> list[Policy] | None:
    """The session policies; None: none were passed when the session was made."""
    found = []
    if session.policy:
        found.append(parse(session.policy, Kind.SESSION, name="session policy"))
    for arn in getattr(session, "policy_arns", ()):
        found.append(managed(arn, session.account_id, Kind.SESSION) or parse(NOTHING, Kind.SESSION))
    return found or None


def service_control(account: str) -> list[list[Policy]]:
    """Service control policies by level, from the organization's root to the account.

    They do not limit the management account.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """
    models = sys.modules.get("moto.organizations.models")
    if models is None:  # nobody has asked for an organization yet
        return []
    for backends in list(models.organizations_backends.values()):
        backend = backends["aws"]
        org = backend.org
        if org is None or org.master_account_id == account:
            continue
        places = {one.id: one for one in (*backend.ou, *backend.accounts)}
        here = next((one for one in backend.accounts if one.id == account), None)
        levels: list[list[Policy]] = []
        while here is not None:
            levels.append([
                parse(one.content, Kind.SERVICE_CONTROL, name=one.name, arn=one.arn)
                for one in here.attached_policies
                if one.type == "SERVICE_CONTROL_POLICY"
            ])  # fmt: skip
            here = places.get(getattr(here, "parent_id", None))
        if levels:
            return levels[::-1]
    return []
