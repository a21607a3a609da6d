"""Runs that were not cleaned up: found by their ledgers, or by their tags where those are lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from helpers.cloud.account import place as places
from helpers.cloud.account.ledger import Ledger, Story, read
from helpers.cloud.account.place import Alive
from helpers.cloud.metering.beside import Beside


def unfinished() -> Iterator[Story]:
    """The runs of any account that ended without a clean-up. Running ones are not among them."""
    for path in places.ledgers():
        story = read(path)
        if story.finished or not story.head:
            continue
        alive = Alive(path)
        if alive.ours:
            alive.release()
            yield story


def running() -> Iterator[Story]:
    """The runs whose process lives, in another notebook for example."""
    for path in places.ledgers():
        story = read(path)
        if story.finished or not story.head:
            continue
        alive = Alive(path)
        if not alive.ours:
            yield story
        alive.release()


def matches(story: Story, number: str, endpoint: str | None) -> bool:
    """Whether a run belongs to this account (and not to a stand-in with its number)."""
    return story.head.get("account") == number and story.head.get("endpoint") == endpoint


def told(story: Story) -> str:
    """One line about a run."""
    head, count = story.head, len(story.remaining())
    made = f"{count} resource{'' if count == 1 else 's'}" if count else "nothing that we know of"
    return (
        f"run {story.run} of notebook {head.get('notebook')}, begun {head.get('date')} in "
        f"{head.get('region')} of account {head.get('account')}: {made}"
    )


def finish(story: Story) -> None:
    """Write down that nothing is left, and forget the lock."""
    Ledger(story.path).write("finished")
    Beside(story.path).forget()
    with contextlib.suppress(OSError):  # Windows does not delete what is open; nobody minds
        story.path.with_suffix(".lock").unlink()


def is_nothing(story: Story) -> bool:
    """Whether a ledger was begun for a lost run, and nothing of the run was found."""
    told = read(story.path)
    return told.finished and not told.gone and not told.entries


def lost(run: str, number: str, region: str, endpoint: str | None, profile: str) -> Story:
    """A run whose ledger is on another machine or gone: its tags alone tell what is its own."""
    path = Path(places.folder(), f"{run}.{region}.jsonl")
    if not path.exists():
        Ledger(path).write(
            "run", run=run, account=number, region=region, endpoint=endpoint, profile=profile,
            notebook="(unknown)", date="(unknown)", before={},
        )  # fmt: skip
    return read(path)
