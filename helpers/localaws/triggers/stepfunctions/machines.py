"""A state machine with its versions and aliases.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.triggers.stepfunctions.moments import now

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.execution import Execution

LOGGING_OFF = {"level": "OFF", "includeExecutionData": False}


@dataclass(frozen=True)
class Settings:
    """What an execution keeps of its state machine when that is changed or deleted meanwhile."""

    definition: str
    role: str
    logging: dict[str, Any] = field(default_factory=lambda: dict(LOGGING_OFF))
    tracing: dict[str, Any] = field(default_factory=lambda: {"enabled": False})
    encryption: dict[str, Any] = field(default_factory=lambda: {"type": "AWS_OWNED_KEY"})

    def describe(self) -> dict[str, Any]:
        return {
            "definition": self.definition,
            "roleArn": self.role,
            "loggingConfiguration": self.logging,
            "tracingConfiguration": self.tracing,
            "encryptionConfiguration": self.encryption,
        }


@dataclass
class Version:
    """A published, unchangeable state of the machine."""

    arn: str
    number: int
    settings: Settings
    revision: str | None
    description: str | None
    created: float = field(default_factory=now)


@dataclass
class Alias:
    """A name for one version, or for two with weights in percent."""

    arn: str
    name: str
    routes: list[dict[str, Any]]
    description: str | None = None
    created: float = field(default_factory=now)
    updated: float = 0.0

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created

    def choose(self) -> str:
        """The ARN of the version that the next execution runs."""
        arns = [route["stateMachineVersionArn"] for route in self.routes]
        return random.choices(arns, [route["weight"] for route in self.routes])[0]


@dataclass
class StateMachine:
    """One state machine. ``kind`` is STANDARD or EXPRESS."""

    arn: str
    name: str
    kind: str
    settings: Settings
    tags: dict[str, str] = field(default_factory=dict)
    created: float = field(default_factory=now)
    updated: float = 0.0
    revision: str | None = None  #: AWS names revisions from the first update on
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    deleting: bool = False
    _last_version: int = 0

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created

    def change(self, **changes: Any) -> None:
        """Take over new settings; what is None stays."""
        given = {name: value for name, value in changes.items() if value is not None}
        changed = replace(self.settings, **given)
        if changed != self.settings:
            self.settings = changed
            self.revision = str(uuid4())
        self.updated = now()

    def publish(self, description: str | None) -> Version:
        """A version of the current revision: the one that is there, or a new one."""
        for version in self.versions.values():
            if (version.revision, version.settings) == (self.revision, self.settings):
                return version
        self._last_version += 1
        number = self._last_version
        version = Version(f"{self.arn}:{number}", number, self.settings, self.revision, description)
        self.versions[number] = version
        return version
