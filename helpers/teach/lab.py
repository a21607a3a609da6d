"""A lab as a learner meets it: open the ticket, work, check, ask for a hint, start again.

    from helpers.teach import lab

    ticket = lab.open("L06", student="ana")
    lab.check()
    lab.hint()
    lab.reset()
    lab.patiently(lambda: lam.create_function(…))       with a role that was made a moment ago

The end state is judged through AWS calls, so how you get there is up to you. A grader runs the same
check outside of your notebook, with further cases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from helpers import cloud
from helpers.teach import labs, progress
from helpers.teach.checking import Context, run
from helpers.teach.errors import TeachError
from helpers.teach.output import wrap

__all__ = ["Ticket", "check", "hint", "open", "patiently", "reset"]

Made = TypeVar("Made")

#: Set where a judge runs the notebook: the lab is seeded already, and judged from outside.
JUDGED = "COURSE_CLOUD_RELAY"
#: Whose lab it is, whatever the notebook says: the judge sets it, and a classroom's server can.
STUDENT = "COURSE_LAB_STUDENT"


@dataclass(frozen=True)
class Ticket:
    """An opened lab. What differs from student to student can be read by its name: ticket.queue."""

    lab: labs.Lab
    student: str

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):  # IPython and copy ask for all kinds of things
            raise AttributeError(name)
        facts = self.lab.facts(self.student)
        if name not in facts:
            raise AttributeError(f"This ticket has no {name}. It has: {', '.join(sorted(facts))}")
        return facts[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.lab.facts(self.student)]

    def _repr_markdown_(self) -> str:
        return self.lab.ticket(self.student)

    def __repr__(self) -> str:
        return self.lab.ticket(self.student)


_opened: tuple[Ticket, cloud.Cloud] | None = None


def open(key: str, student: str = "you") -> Ticket:
    """Put the lab's fault and data into the open cloud, and return the ticket.

    `student` decides what exactly is broken; in a class, use the id that you were given. Run again,
    it changes nothing: `lab.reset()` puts the fault back.
    """
    global _opened
    lab, aws = labs.load(key), cloud.current()
    student = os.environ.get(STUDENT) or student
    if not isinstance(student, str) or not student.strip():
        raise TeachError(f'Say whose lab it is: lab.open("{key}", student="ana")')
    ticket = Ticket(lab, student.strip())
    if _opened == (ticket, aws):
        print(f"{key} is open, with what you did so far. lab.reset() puts the fault back.")
        return ticket
    if not _is_judged():
        lab.seed(aws, ticket.student)
    _opened = ticket, aws
    print(f"{key} · {lab.title} · for {ticket.student}")
    return ticket


def reset() -> None:
    """Put the fault back: what you made in the cloud is gone, your files stay."""
    ticket, aws = _current()
    if _is_judged():
        print("The judge's cloud stays as it is.")
        return
    if aws.kind == "local":
        aws.reset()
    ticket.lab.seed(aws, ticket.student)
    print(f"{ticket.lab.key} is broken again, as you found it. Your files are as you left them.")


def check() -> None:
    """Say which requirements of the ticket hold now, and for the others what was seen."""
    ticket, aws = _current()
    if _is_judged():
        print("The judge looks at the cloud when the notebook has ended.")
        return
    context = Context(cloud=aws, folder=Path("work"), student=ticket.student)
    print(labs.report(run(ticket.lab.check, context)))


def patiently(create: Callable[[], Made]) -> Made:
    """What create() returns; tried again while Lambda does not know a new role everywhere yet."""
    return labs.making.patiently(cloud.current(), create)


def hint(level: int | None = None) -> None:
    """Say a little more about the open lab; each call goes one level further.

    `level=1` reads a level again.
    """
    lab = _current()[0].lab
    hints = lab.check.hints
    if not hints:
        print("This lab has no hints. lab.check() says what to do next.")
        return
    if level is None:
        level = min(int(progress.entry("hints", lab.key).get("level", 0)) + 1, len(hints))
        progress.record("hints", lab.key, level=level)
    level = max(1, min(level, len(hints)))
    then = "lab.hint() goes on" if level < len(hints) else "that was the last one"
    print(wrap(f"Hint {level} of {len(hints)}: {hints[level - 1]} ({then})", rest="  "))


def _current() -> tuple[Ticket, cloud.Cloud]:
    if _opened is None:
        raise TeachError('No lab is open. Run the cell with lab.open("…") first.')
    ticket, aws = _opened
    if not aws.is_open:
        raise TeachError(
            "The cloud that the lab was put into is closed. Run the cell with cloud.open() again, "
            f'then lab.open("{ticket.lab.key}", student="{ticket.student}").'
        )
    return ticket, aws


def _is_judged() -> bool:
    return bool(os.environ.get(JUDGED))
