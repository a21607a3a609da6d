"""The steps of a decision, in the order in which AWS evaluates."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.teach.decision import principals
from helpers.teach.decision.asking import ROLE, SERVICE
from helpers.teach.decision.seen import Seen
from helpers.teach.decision.statements import ALLOWED, DENIED

#: What a step says. The word is shown; nothing hangs on a colour.
DENIES, ALLOWS, SAYS_NOTHING, NOT_THERE, OPEN = "denies", "allows", "silent", "none", "unknown"


@dataclass(frozen=True)
class Step:
    """One step: its name, its word, and why in a sentence."""

    name: str
    word: str
    why: str


def steps(seen: Seen) -> list[Step]:
    """All six, also those that have nothing to say."""
    return [
        _explicit(seen),
        _organization(seen),
        _resource(seen),
        _identity(seen),
        _boundary(seen),
        _session(seen),
    ]


def _explicit(seen: Seen) -> Step:
    name = "explicit deny"
    for _, finding in seen.denials():
        return Step(name, DENIES, f"{finding.label}. A Deny wins over every Allow.")
    return Step(name, NOT_THERE, "no statement that could be read denies it")


def _organization(seen: Seen) -> Step:
    name = "organization (SCP)"
    if seen.organization is None:
        return Step(name, NOT_THERE, "the simulator tells of no organization that limits it")
    if seen.organization:
        return Step(name, ALLOWS, "the service control policies let it through")
    return Step(name, DENIES, "the service control policies do not let it through")


def _resource(seen: Seen) -> Step:
    name, resource, found = "resource-based policy", seen.resource, seen.by_resource
    if not resource.known:
        return Step(name, OPEN, resource.text)
    if not resource.statements:
        return Step(name, NOT_THERE, resource.text)
    if found.decision == DENIED:
        return Step(name, DENIES, found.label)
    if found.decision == ALLOWED and seen.named == principals.BY_ACCOUNT:
        why = f"{found.label}, for the account: who in it may, its own policies say"
        return Step(name, ALLOWS, why)
    if found.decision == ALLOWED:
        return Step(name, ALLOWS, found.label)
    why = f"nothing in {resource.text} allows it to {seen.asked.who.name}"
    return Step(name, SAYS_NOTHING, why)


def _identity(seen: Seen) -> Step:
    name, who, found = "identity-based policies", seen.asked.who, seen.by_identity
    if who.kind == SERVICE:
        return Step(name, NOT_THERE, "a service has none: the resource's policy alone decides")
    if seen.identity is None:
        return Step(name, OPEN, f"they are in account {who.account} and cannot be read from here")
    if found.decision in (DENIED, ALLOWED):
        return Step(name, DENIES if found.decision == DENIED else ALLOWS, found.label)
    if not seen.identity.statements:
        return Step(name, SAYS_NOTHING, f"{who.name} has none")
    return Step(name, SAYS_NOTHING, f"no statement of {who.name} allows it")


def _boundary(seen: Seen) -> Step:
    name, found = "permissions boundary", seen.by_boundary
    if seen.identity is None and seen.asked.who.kind != SERVICE:
        return Step(name, OPEN, "it cannot be read from here either")
    if found is None:
        return Step(name, NOT_THERE, f"{seen.asked.who.name} has none")
    if found.decision == DENIED:
        return Step(name, DENIES, found.label)
    if found.decision == ALLOWED:
        return Step(name, ALLOWS, f"{found.label}. It grants nothing, it only lets through.")
    return Step(name, SAYS_NOTHING, "nothing in it allows this, so nothing grants it")


def _session(seen: Seen) -> Step:
    name = "session policy"
    if seen.asked.who.kind != ROLE:
        return Step(name, NOT_THERE, "only a session can have one")
    return Step(name, NOT_THERE, "a function's session has none; others are not looked at")
