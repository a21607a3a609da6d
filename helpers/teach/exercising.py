"""The three calls beside an exercise: check it, ask for a hint, look at a solution."""

from __future__ import annotations

from pathlib import Path

from helpers import cloud
from helpers.teach import lessons, progress
from helpers.teach.checking import Check, Context, Outcome, Result, run
from helpers.teach.output import wrap


def check(key: str) -> None:
    """Say whether the exercise `key` is right, not yet right, or not attempted, and why.

    It tries what you wrote on the cloud that is open, as often as you like.
    """
    exercise = lessons.check(key)
    print(_result(exercise).text(hidden=True))


def hint(key: str, level: int | None = None) -> None:
    """Say a little more about the exercise `key`; each call goes one level further.

    `level=1` reads a level again.
    """
    exercise = lessons.check(key)
    last = len(exercise.hints)
    if not last:
        print(f'There is no hint for {key}. Run check("{key}"): its message says what to do.')
        return
    if level is None:
        level = min(int(progress.entry("hints", key).get("level", 0)) + 1, last)
        progress.record("hints", key, level=level)
    level = max(1, min(level, last))
    then = f'hint("{key}") goes on' if level < last else f'solution("{key}") shows one way'
    print(
        wrap(f"Hint {level} of {last} for {key}: {exercise.hints[level - 1]} ({then})", rest="  ")
    )


def solution(key: str) -> None:
    """Show one right way to do the exercise `key`, where this copy of the course has it."""
    exercise = lessons.check(key)
    file = lessons.folder(key) / "solutions" / f"{exercise.solution}.txt"
    if not exercise.solution or not file.is_file():
        print(f'This copy of the course has no solution to {key}. hint("{key}") helps further.')
        return
    print(f"One way to do {key} (others are right too, ask the check):\n")
    print(file.read_text(encoding="utf-8").rstrip())


def _result(exercise: Check) -> Result:
    try:
        opened = cloud.current()
    except cloud.CloudError as error:  # none is open: its own sentence says what to do
        return Result(exercise.key, Outcome.NOT_ATTEMPTED, reason=str(error))
    number = exercise.key.split(".")[0]
    return run(exercise, Context(cloud=opened, folder=Path("work") / number))
