"""Opening an account: every check, what is told, and what is set up; see ``open_account``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from helpers.cloud import guard, variables
from helpers.cloud.account import (
    binding,
    checks,
    credentials,
    elsewhere,
    hosts,
    inventory,
    notebook,
    runs,
    sessions,
)
from helpers.cloud.account import place as places
from helpers.cloud.account.credentials import PROFILE, Sender
from helpers.cloud.account.errors import AccountRefused, OutsideTheRun
from helpers.cloud.account.face import Account
from helpers.cloud.account.ledger import Ledger
from helpers.cloud.account.removing import Pace, remove
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.account.tags import tags_of
from helpers.cloud.account.watch import Watch
from helpers.cloud.clock import RealClock
from helpers.cloud.metering import Meter
from helpers.cloud.metering.beside import Beside
from helpers.cloud.metering.limits import Limits

#: What a run may cost at most, in US dollars, unless somebody says otherwise.
BUDGET_USD = 1.0


def open_account(
    *,
    number: object,
    region: str,
    budget_usd: float,
    profile: str = PROFILE,
    in_use: bool = False,
    endpoint: str | None = None,
    notebook_name: str | None = None,
    on_close: Callable[[], None],
    pace: Pace | None = None,
) -> Account:
    """Open an account. Raises AccountRefused; then nothing has changed and nothing was made.

    In this order: what was asked for makes sense; the profile's credentials; who STS says we are;
    an organisation's management account; runs that were not cleaned up; who else is in the account.
    """
    wanted = checks.number(number)
    region, endpoint = checks.region(region), checks.endpoint(endpoint)
    if not budget_usd > 0:
        raise AccountRefused("A budget is a number of US dollars above 0: budget_usd=1.00")
    allowed = hosts.allowed_in(region) if endpoint is None else None
    door = guard.state()
    guard.lock(allowed, OutsideTheRun)
    try:
        keys = credentials.session_of(profile).get_credentials()
        where = AccountPlace(wanted, region, keys, endpoint)
        caller = checks.identity(where, wanted, profile)
        checks.organization(where, wanted)
        print(f"Account {wanted}, region {region}, as {caller.arn.rpartition(':')[2]}")
        _clean_up_earlier_runs(where, pace)
        before = inventory.take(where)
        _meet_the_neighbours(where, before, in_use)
        _look_elsewhere(where)
    except BaseException:
        guard.restore(door)
        raise
    run = places.new_run()
    title = notebook.name(notebook_name)
    book = Ledger(places.folder() / f"{run}.jsonl")
    alive = places.Alive(book.path)
    try:
        today = datetime.datetime.now(datetime.UTC)
        book.write(
            "run", run=run, account=wanted, region=region, endpoint=endpoint, profile=profile,
            notebook=title, date=f"{today:%Y-%m-%d %H:%M} UTC", before=before,
        )  # fmt: skip
        _be_alone(where, run)  # two may have looked at once, before either had its ledger
        tags = tags_of(run, title, f"{today:%Y-%m-%d}")
        watch = Watch(where, book, tags, Sender(wanted, where))
        opened = Account(where, run, alive, _clock(), on_close)
        watch.is_over = lambda: opened.has_ended
        if pace is not None:
            opened.pace = pace
        variables.lend(region, endpoint, str(book.path))
        meter = opened.meter = Meter(
            budget_usd=budget_usd, region=region, client=where.client, now=opened.clock.now,
            beside=Beside(book.path),
        )  # fmt: skip
        meter.publish()
        limits = Limits(where.client)
        boundary = binding.boundary_of(where)

        def attach(session: Any) -> None:
            _attach(session, where, watch, meter, limits)
            binding.attach(session.get_component("event_emitter"), boundary)

        sessions.watch_new_sessions(attach)
    except BaseException:  # interrupted, perhaps: nothing was made, and it can be opened again
        sessions.stop_watching()
        variables.restore()
        guard.restore(door)
        alive.release()
        Beside(book.path).forget()
        for path in (book.path, book.path.with_suffix(".lock")):
            path.unlink(missing_ok=True)
        raise
    _tell(run, title, budget_usd)
    return opened


def close_account() -> None:
    """Undo what ``open_account`` set up in this process."""
    sessions.stop_watching()


def _attach(session: Any, where: AccountPlace, watch: Watch, meter: Meter, limits: Limits) -> None:
    """What every new session gets: the account's credentials, the meter, the limits, the watch."""
    sessions.lend(session, where.credentials)
    meter.attach(session)
    limits.attach(session)
    watch.attach(session.get_component("event_emitter"))


def _clock() -> Any:
    return RealClock()


def _clean_up_earlier_runs(where: AccountPlace, pace: Pace | None) -> None:
    """Announce and finish what a crash has left. Raises AccountRefused where a run is going on."""
    _be_alone(where, "")
    for story in runs.unfinished():
        if not runs.matches(story, where.number, where.endpoint):
            print(
                f"Not cleaned up, in another account: {runs.told(story)}.\n"
                "  python3 start.py teardown"
            )
            continue
        print(f"Not cleaned up: {runs.told(story)}. That comes first.", flush=True)
        there = AccountPlace(where.number, story.head["region"], where.credentials, where.endpoint)
        _open_the_guard_for(there)
        outcome = remove(there, story, pace)
        _open_the_guard_for(where)
        print(outcome)
        if outcome.is_clean:
            runs.finish(story)


def _be_alone(where: AccountPlace, run: str) -> None:
    """Raises AccountRefused where another run than this one is going on."""
    for story in runs.running():
        if story.run != run and runs.matches(story, where.number, where.endpoint):
            raise AccountRefused(
                f"Open in another window: {runs.told(story)}. Notebooks share names, such as that "
                "of the functions' role, so one at a time works on an account. Close that one "
                "first: aws.close() there, or shut its kernel down."
            )


def _open_the_guard_for(where: AccountPlace) -> None:
    allowed = hosts.allowed_in(where.region) if where.endpoint is None else None
    guard.lock(allowed, OutsideTheRun)


def _meet_the_neighbours(where: AccountPlace, before: inventory.Inventory, in_use: bool) -> None:
    others, ours = inventory.neighbours(where, before)
    for run, names in ours.items():
        print(_lost_run(where.number, where.region, run, names))
    if others and not in_use:
        raise AccountRefused(
            f"This account is in use: {len(others)} resources in {where.region} were not made by "
            f"this course ({_some(others)}). The course belongs in an account of its own. If you "
            "are sure that it may work beside them, say so: "
            f'cloud.open("account", number="{where.number}", in_use=True). It leaves them alone.'
        )
    if others:
        print(
            f"Beside {len(others)} resources that are not the course's, and stay: {_some(others)}"
        )


def _look_elsewhere(where: AccountPlace) -> None:
    """Name what lost runs have left in the other regions."""
    others = [region for region in hosts.REGIONS if region != where.region]
    try:
        for (region, run), names in elsewhere.runs(where, others).items():
            print(_lost_run(where.number, region, run, names))
    finally:
        _open_the_guard_for(where)


def _lost_run(number: str, region: str, run: str, names: list[str]) -> str:
    return (
        f"From a run of this course whose ledger is not on this machine, in {region}: "
        f"{_some(names)}.\nUnless somebody is at work with it elsewhere, delete it with:\n"
        f"  python3 start.py teardown --number {number} --run {run}"
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _tell(run: str, title: str, budget_usd: float) -> None:
    for sentence in notebook.plan(title):
        print(sentence)
    print(f"Worst case: calls stop before this run has cost ${budget_usd:,.2f} at list prices.")
    print(
        f"Run {run}: all of it is tagged course-run={run}, and deleted by aws.close(), when the "
        "kernel ends,\nat the next opening, or by: python3 start.py teardown",
        flush=True,
    )
