"""What a check is run against: a cloud, a folder, and the cases to try."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Cloud(Protocol):
    """What a check needs of a cloud. `helpers.cloud` opens one; a grader may bring its own."""

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this cloud."""

    def wait_until(self, condition: Callable[[], Any], seconds: float = 30, what: str = "") -> Any:
        """The condition's truthy value, as soon as it has one."""


@dataclass(frozen=True)
class Case:
    """One thing to try: what goes in, what is expected, and whether the learner may see it.

    `given` and `expected` mean what the requirement's judge says they mean. The feedback on a
    hidden case gives its advice only, never what was sent or came back.
    """

    given: Any = None
    expected: Any = None
    hidden: bool = False


@dataclass(frozen=True)
class Context:
    """Where one run of a check looks. Nothing else tells a check where it is.

    `folder` holds the learner's files. `more` has further cases for each requirement's name: a
    grader's hidden ones.
    """

    cloud: Cloud
    folder: Path
    more: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
