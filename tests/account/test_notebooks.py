"""Each notebook on an account: no cell changed, nothing left, nobody else touched, killed or not.

COURSE_ACCOUNT=all runs every notebook, and kills each of them at two of its creating calls, drawn
by chance. COURSE_ACCOUNT_SEED repeats a draw. COURSE_KILLS=all kills every notebook at every one of
its creating calls, COURSE_KILLS=moments every operation at each moment: see kills.py.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers.cloud.account import ledger, runs
from tests.account import everything, expected, kills, notebooks
from tests.account.snapshot import count, snapshot
from tests.account.standin import NUMBER, Standin
from tests.notebooks import stored

EVERY = os.environ.get("COURSE_ACCOUNT") == "all"
SHORT = ("00", "01")
SEED = os.environ.get("COURSE_ACCOUNT_SEED") or str(random.randrange(10**6))
#: A cell of a busy machine, not of an idle one.
SECONDS = 240
KILLED = "from tests.account import everything\neverything.kill_at({moment!r}, {number})\n"


@pytest.fixture
def neighbours(standin: Standin) -> dict[str, Any]:
    """What somebody else has in the account, of every kind, with names that could be the shop's."""
    everything.make_everything(standin.client, "shop-prod")
    return snapshot(standin)


def _asked_for(path: Path) -> Any:
    marks = pytest.mark.skipif(
        not EVERY and path.stem[:2] not in SHORT,
        reason="notebooks on what stands in for an account; to run them: COURSE_ACCOUNT=all",
    )
    return pytest.param(path, marks=marks, id=path.stem[:2])


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("path", [_asked_for(path) for path in stored.NOTEBOOKS])
def test_a_notebook_on_an_account(
    path: Path,
    account: Any,
    standin: Standin,
    neighbours: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in standin.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COURSE_PROGRESS", "")  # the runner sets it, and this puts it back
    assert count(neighbours) > 20

    found = notebooks.run(path, standin.url, NUMBER, standin.token, SECONDS)
    strange = [
        f"cell {one.cell}: {one.error or one.got}\ninstead of: {one.wanted}"
        for one in found
        if expected.why(path.stem, one.source) is None
    ]
    assert not strange, "\n".join(strange)
    assert len(found) == sum(path.stem.startswith(number) for number, *_ in expected.EXPECTED)
    assert snapshot(standin) == neighbours
    (book,) = standin.ledgers.glob("*.jsonl")
    story = ledger.read(book)
    assert story.finished
    assert story.head["notebook"] == path.stem
    calls = _intents(book)
    assert calls

    if sys.platform == "win32" or (path.stem[:2] == "00" and not EVERY):
        return  # kill -9 is a signal of POSIX systems
    draw = random.Random(f"{SEED} {path.stem}")
    for number in sorted(draw.sample(range(1, calls + 1), 2 if EVERY else 1)):
        moment = draw.choice(("intent", "sent", "made"))
        about = f"{moment} {number} of {calls}, COURSE_ACCOUNT_SEED={SEED}"
        more = KILLED.format(moment=moment, number=number)
        notebooks.run(path, standin.url, NUMBER, standin.token, SECONDS, more)
        left = list(runs.unfinished())
        assert [_intents(one.path) for one in left] == [number], about
        opened = account(in_use=True)
        assert f"Not cleaned up: run {left[0].run}" in capsys.readouterr().out, about
        assert snapshot(standin) == neighbours, about
        opened.close()
        assert snapshot(standin) == neighbours, about
        assert not list(runs.unfinished()), about


@pytest.mark.timeout(6 * 3600)
@pytest.mark.skipif(
    os.environ.get("COURSE_KILLS") not in ("all", "moments"),
    reason="kill -9 at every creating call of every notebook; to run it: COURSE_KILLS=all",
)
def test_every_creating_call_killed(capsys: pytest.CaptureFixture[str]) -> None:
    choose = kills.plan if os.environ["COURSE_KILLS"] == "all" else kills.sample
    with capsys.disabled():
        results = kills.run(stored.NOTEBOOKS, choose=choose)
        print(kills.table(results))
    assert not [one for one in results if one.wrong]


def test_which_calls_are_killed() -> None:
    calls = {"01": ["CreateRole", "CreateFunction", "CreateFunction"], "02": ["CreateRole"] * 3}
    every = kills.plan(calls)
    assert {(one.notebook, one.number) for one in every} == {
        (notebook, number) for notebook in calls for number in (1, 2, 3)
    }
    for chosen in (every, kills.sample(calls)):
        assert {(one.operation, one.moment) for one in chosen} == {
            (operation, moment)
            for operation in ("CreateRole", "CreateFunction")
            for moment in kills.MOMENTS
        }
        for one in chosen:
            assert calls[one.notebook][one.number - 1] == one.operation
    assert len(every) == 7  # CreateFunction has two calls and three moments
    assert len(kills.sample(calls)) == 6


def _intents(path: Path) -> int:
    """How many creating calls stand in a ledger, those that were refused among them."""
    return path.read_text(encoding="utf-8").count('"what":"intent"')
