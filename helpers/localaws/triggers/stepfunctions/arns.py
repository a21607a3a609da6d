"""Names and ARNs of state machines, their versions and aliases, and executions.

``arn:aws:states:REGION:ACCOUNT:stateMachine:NAME``, followed by ``:3`` for a version and ``:PROD``
for an alias; ``…:execution:MACHINE:NAME`` and ``…:express:MACHINE:NAME:UUID``.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-read-consistency.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpers.localaws.triggers.stepfunctions.errors import (
    invalid_arn,
    invalid_name,
    validation,
)

#: What a name may not hold. Source: API_CreateStateMachine.html, parameter ``name``.
_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
MAX_NAME = 80


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN of Step Functions; ``names`` are those after the kind."""

    text: str
    region: str
    account: str
    kind: str
    names: tuple[str, ...]

    @property
    def machine(self) -> str:
        """The state machine's name."""
        return self.names[0]

    @property
    def qualifier(self) -> str | None:
        """Of a state machine's ARN: the version's number or the alias's name."""
        return self.names[1] if len(self.names) > 1 else None

    @property
    def unqualified(self) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:{self.kind}:{self.machine}"


def parse(text: str, *kinds: str) -> Arn:
    """Take an ARN apart; raise InvalidArn unless it is one of ``kinds`` (``"stateMachine"``, …)."""
    parts = text.split(":")
    if parts[0] != "arn" or len(parts) < 7:
        raise invalid_arn(f"Invalid ARN prefix: {text}")
    if parts[2] != "states":
        raise invalid_arn(f"Service not valid in this context: {parts[2]}")
    if parts[5] not in kinds:
        raise invalid_arn(f"Resource type not valid in this context: {parts[5]}")
    return Arn(text, parts[3], parts[4], parts[5], tuple(parts[6:]))


def check_name(name: str) -> None:
    """Raise InvalidName for characters that names may not hold, ValidationException for length."""
    if len(name) > MAX_NAME:
        raise validation(
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_NAME}"
        )
    if not name or _FORBIDDEN.search(name):
        raise invalid_name(name)
