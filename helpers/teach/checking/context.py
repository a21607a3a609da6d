"""What a check is run against: a cloud, a folder, and the cases to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.cloud import Cloud


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
    grader's hidden ones. `student` says whose data a lab's judge should look for.
    """

    cloud: Cloud
    folder: Path
    more: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    student: str = ""
