"""What a check is made of: named requirements, each with a judge and its cases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from helpers.teach.checking.context import Case, Context


class NotAttempted(Exception):
    """There is nothing to judge yet. The message says what is missing and what to do."""


class Slip(Exception):
    """A requirement is not met.

    `seen` says what was sent and what came back; `advice` names the likely slip and the next step,
    and gives nothing of a hidden case away. `name` is a short name for the slip, for statistics.
    `final` means that the other requirements would only fail (and wait) in the same way.
    """

    def __init__(self, name: str, seen: str, advice: str, final: bool = False) -> None:
        super().__init__(seen)
        self.name = name
        self.seen = seen
        self.advice = advice
        self.final = final


# A judge looks at one case and returns, or raises Slip. Its first argument is what the check's
# `prepare` yields: most often the deployed function.
Judge = Callable[[Any, Case], None]


@dataclass(frozen=True)
class Requirement:
    """One thing that must hold, worth points of its own."""

    name: str
    judge: Judge
    cases: tuple[Case, ...] = (Case(),)
    points: int = 1


@dataclass(frozen=True)
class Check:
    """An exercise's check.

    `prepare(context)` yields what the judges look at, and cleans up after them. It raises
    NotAttempted when there is nothing to judge and Slip when nothing can be judged.
    `files` are the learner's files, relative to the context's folder; `solution` is the name of a
    file in the lesson's `solutions` folder, which a graded copy does not have.

    `hidden_last` is for checks that ask code of the learner's: hidden cases come after all public
    ones, so that code which remembers what it was asked has nothing to tell when a public case asks
    (whose answer the learner reads). Without it they follow the public cases of their requirement.
    """

    key: str
    prepare: Callable[[Context], AbstractContextManager[Any]]
    requirements: tuple[Requirement, ...]
    hints: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    solution: str = ""
    praise: str = ""
    hidden_last: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = [requirement.name for requirement in self.requirements]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"{self.key}: requirements need names of their own, got {names}")
        object.__setattr__(self, "names", frozenset(names))
