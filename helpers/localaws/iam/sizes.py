"""How long a policy may be. White space does not count.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from helpers.localaws.iam.errors import MalformedPolicy

MANAGED = 6_144
TRUST = 2_048
SESSION = 2_048
#: All inline policies of one identity together.
INLINE = {"user": 2_048, "role": 10_240, "group": 5_120}


def size_of(text: str) -> int:
    """Characters that count."""
    return len("".join(text.split()))


def check_managed(text: str) -> None:
    """A managed policy; raises MalformedPolicy."""
    if size_of(text) > MANAGED:
        raise _exceeded(f"Cannot exceed quota for PolicySize: {MANAGED}")


def check_trust(text: str) -> None:
    """A role's trust policy; raises MalformedPolicy."""
    if size_of(text) > TRUST:
        raise _exceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST}")


def check_inline(texts: list[str], owner: str, name: str) -> None:
    """All inline policies that a user, role or group would then have; raises MalformedPolicy."""
    if sum(size_of(text) for text in texts) > INLINE[owner]:
        raise _exceeded(f"Maximum policy size of {INLINE[owner]} bytes exceeded for {owner} {name}")


def check_session(text: str) -> None:
    """A session policy, as AssumeRole takes it: here white space counts; raises MalformedPolicy."""
    if len(text) > SESSION:
        raise MalformedPolicy(
            f"1 validation error detected: Value '{text}' at 'policy' failed to satisfy "
            f"constraint: Member must have length less than or equal to {SESSION}",
            "ValidationError",
        )


def _exceeded(message: str) -> MalformedPolicy:
    return MalformedPolicy(message, "LimitExceeded", 409)
