"""What a lesson says about a question: the right option, and a reply to each one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """A question asked before the cell that answers it. Its options stand in the notebook.

    `replies` has one text for each option's letter, tied to the thought that leads there.
    `because` is what everybody reads after the answer, whatever they chose.
    """

    question: str
    right: str
    replies: dict[str, str]
    because: str

    def __post_init__(self) -> None:
        if self.right not in self.replies:
            raise ValueError(f"the right option {self.right!r} has no reply")


@dataclass(frozen=True)
class Quiz:
    """A question with its options and a reply to each."""

    question: str
    options: dict[str, str]
    right: str
    replies: dict[str, str]

    def __post_init__(self) -> None:
        if self.right not in self.options:
            raise ValueError(f"the right option {self.right!r} is not an option")
        if set(self.options) != set(self.replies):
            raise ValueError(f"options {set(self.options)} and replies {set(self.replies)} differ")
