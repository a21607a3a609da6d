"""What follows from the steps, and what would have to change.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.teach.decision import principals
from helpers.teach.decision.asking import SERVICE
from helpers.teach.decision.near import misses, unmet
from helpers.teach.decision.seen import Seen
from helpers.teach.decision.statements import ALLOWED, Statement


@dataclass(frozen=True)
class Verdict:
    """``allowed`` is None where it cannot be told from here. ``because`` in AWS's own words."""

    allowed: bool | None
    because: str
    missing: Sequence[str] = field(default_factory=tuple)

    @property
    def word(self) -> str:
        return {True: "Allowed", False: "Denied", None: "Not to be told from here"}[self.allowed]


def verdict(iam: Any, seen: Seen) -> Verdict:
    """The decision. Where it is a denial, AWS is asked again what comes close."""
    asked, granted = seen.asked, seen.by_resource.decision == ALLOWED
    for kind, finding in seen.denials():
        advice = f"{finding.label} has to change, or the request has to be another one."
        return Verdict(False, f"with an explicit deny in {_an(kind)}", [advice])
    if seen.organization is False:
        return Verdict(False, _no("service control policy", asked.action))
    if asked.who.kind == SERVICE or asked.is_foreign or seen.resource.decides:
        if not granted:
            return _not_by_resource(seen)
        if asked.who.kind == SERVICE:
            return Verdict(True, f"{seen.by_resource.label} allows it")
    if asked.is_foreign:
        both = f"here it is allowed; account {asked.who.account} has to allow it as well"
        return Verdict(None, both)
    return _own(iam, seen, granted and asked.owner == asked.account)


def _own(iam: Any, seen: Seen, granted: bool) -> Verdict:
    """Somebody of this account. ``granted``: by a resource of this account."""
    asked, own = seen.asked, seen.identity
    assert own is not None
    if granted and seen.named == principals.DIRECTLY:
        return Verdict(True, f"{seen.by_resource.label} allows it")
    by_role = granted and seen.named == principals.BY_ROLE
    if seen.by_identity.decision != ALLOWED and not by_role:
        missing = _missing(iam, seen, own.statements)
        return Verdict(False, _no("identity-based policy", asked.action), missing)
    if seen.by_boundary is not None and seen.by_boundary.decision != ALLOWED:
        missing = _missing(iam, seen, own.boundary or [])
        return Verdict(False, _no("permissions boundary", asked.action), missing)
    if asked.owner != asked.account:
        both = f"here it is allowed; account {asked.owner} has to allow it in its own policy"
        return Verdict(None, both)
    found = seen.by_resource if by_role else seen.by_identity
    return Verdict(True, f"{found.label} allows it")


def _missing(iam: Any, seen: Seen, statements: list[Statement]) -> list[str]:
    near = misses(iam, seen.asked, statements)
    action = seen.asked.action
    if not near:
        near = [f"No statement comes close. One that allows {action} here has to be added."]
    if not seen.resource.known:
        near.append(
            f"Whether the resource's own policy allows it is not known: {seen.resource.text}."
        )
    return near


def _not_by_resource(seen: Seen) -> Verdict:
    """The resource's own policy would have had to allow."""
    asked, resource = seen.asked, seen.resource
    if not resource.known:
        return Verdict(None, resource.text)
    missing: list[str] = []
    for one in resource.statements:
        if not one.allows:
            continue
        if not principals.named(one, asked):
            missing.append(f"{one.label} is not for {asked.who.name}: {principals.whom(one)}.")
        else:
            missing += [
                f"{one.label} names {asked.who.name}, but {why}" for why in unmet(one, asked)
            ]
    text = f"{resource.text}: a statement that allows {asked.action} has to be added."
    return Verdict(False, _no(seen.own_kind, asked.action), missing or [text])


def _no(kind: str, action: str) -> str:
    return f"because no {kind} allows the {action} action"


def _an(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
