"""Short forms for the tests of the policy language."""

from __future__ import annotations

from typing import Any

from helpers.localaws.iam import principal
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.evaluate import Decision, decide
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.request import Caller, Request, Target

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
ACCOUNT, OTHER = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::shop"
PHOTO = "arn:aws:s3:::shop/photo.jpg"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service/printer"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

ALICE = principal.user(ACCOUNT, "alice", unique_id="AIDAALICE", tags={"team": "print"})
ROOT_USER = principal.root(ACCOUNT)
SESSION = principal.role_session(ROLE_ARN, "night", "AROAPRINTER")
FEDERATED = principal.federated_user(ACCOUNT, "fred", ALICE.arn)
S3 = principal.service("s3.amazonaws.com")
STRANGER = principal.user(OTHER, "mallory")
STRANGE_SESSION = principal.role_session(f"arn:aws:iam::{OTHER}:role/visitor", "day", "AROAVISITOR")
STRANGE_ROOT = principal.root(OTHER)


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement about everything, but for what is given; an element of None is left out."""
    found = {"Effect": effect, "Action": "*", "Resource": "*", **elements}
    for name in ("Action", "Resource"):
        if f"Not{name}" in elements:
            del found[name]
    return {name: value for name, value in found.items() if value is not None}


def policy(
    *statements: dict[str, Any],
    kind: Kind = Kind.IDENTITY,
    version: str = "2012-10-17",
    **more: Any,
) -> Policy:
    """A policy of these statements."""
    return parse({"Version": version, "Statement": list(statements)}, kind, **more)


def allow(**elements: Any) -> Policy:
    """An identity-based policy of one Allow statement."""
    return policy(statement(**elements))


def deny(**elements: Any) -> Policy:
    """An identity-based policy of one Deny statement."""
    return policy(statement("Deny", **elements))


def resource_policy(*statements: dict[str, Any], kind: Kind = Kind.RESOURCE) -> Policy:
    """A resource's own policy."""
    return policy(*statements, kind=kind)


def request(
    *identity: Policy,
    who: principal.Principal = ALICE,
    action: str = "s3:GetObject",
    arn: str = PHOTO,
    owner: str = ACCOUNT,
    own: Policy | None = None,
    context: dict[str, Any] | None = None,
    **more: Any,
) -> Request:
    """A request; ``own``: the resource's own policy; ``more``: of Caller and Target."""
    about = {name: more.pop(name) for name in ("resource_control", "endpoint") if name in more}
    caller = Caller(who, identity, **more)
    target = Target(arn, owner, [own] if own else [], **about)
    return Request(caller, action, target, Context(context or {}))


def decided(*identity: Policy, **more: Any) -> Decision:
    """The decision on such a request."""
    return decide(request(*identity, **more))


def word(decision: Decision) -> str:
    """``allowed``, ``explicit: KIND`` or ``implicit: KIND``."""
    if decision.allowed:
        return "allowed"
    return f"{'explicit' if decision.explicit else 'implicit'}: {decision.kind.value}"
