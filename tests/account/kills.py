"""kill -9 a notebook after every single one of its creating calls, open again, and look.

    .venv/bin/python -m tests.account.kills --log kills.jsonl       an hour on two idle processors
    .venv/bin/python -m tests.account.kills notebooks/03*.ipynb     one notebook
    .venv/bin/python -m tests.account.kills --moments               a quarter of it, see below

Every kill is a run of its own, from the notebook's first cell: what a kill leaves behind (a ledger,
and an account in the middle of its work) cannot be made otherwise. Each notebook is run to its end
once, to learn its calls. Then each call is killed at one of three moments: its intent is on the
disk ("intent"), AWS has answered and nobody has written that down ("sent"), it is written down
("made"). The moments take turns, and every operation gets all three of them at least once.
``--moments`` leaves it at that: every operation at each moment, at the earliest calls there are.

Two stand-ins work side by side (``--workers``); a notebook mostly waits. With ``--log`` every
result is kept, and what is in there need not be run again after an interruption.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers import cloud
from helpers.cloud.account import runs
from helpers.cloud.account.removing import Pace
from tests.account import everything, notebooks
from tests.account.snapshot import count, difference, snapshot
from tests.account.standin import NUMBER, ROOT, Standin
from tests.notebooks import stored

MOMENTS = ("intent", "sent", "made")
#: For one cell, on a busy machine.
SECONDS = 240
#: Faster than real: nothing on a stand-in takes minutes to disappear.
QUICK = Pace(patience=30, pause=0.05, longest=0.5)
KILLED = "from tests.account import everything\neverything.kill_at({moment!r}, {number})\n"


@dataclass(frozen=True)
class Kill:
    """The ``number``-th creating call of a notebook, from 1."""

    notebook: str
    number: int
    operation: str
    moment: str


@dataclass
class Result:
    """``left``: resources of the run that stood in the account when it was opened again.
    ``wrong``: what should not have been so; "" where all was as before."""

    kill: Kill
    left: int
    wrong: str
    seconds: float


def plan(calls: dict[str, list[str]]) -> list[Kill]:
    """Every call once, its moment by turns, and each operation at each moment at least once.

    ``calls``: for each notebook its creating calls' operations, in their order.
    """
    kills, turns, last = [], Counter[str](), {}
    for notebook in sorted(calls):
        for number, operation in enumerate(calls[notebook], 1):
            moment = MOMENTS[turns[operation] % len(MOMENTS)]
            turns[operation] += 1
            last[operation] = Kill(notebook, number, operation, moment)
            kills.append(last[operation])
    for operation, used in turns.items():
        kills += [
            Kill(last[operation].notebook, last[operation].number, operation, moment)
            for moment in MOMENTS[used:]
        ]
    return sorted(kills, key=lambda one: (one.notebook, one.number, MOMENTS.index(one.moment)))


def sample(calls: dict[str, list[str]]) -> list[Kill]:
    """Every operation at each moment, once."""
    found: dict[str, list[tuple[int, str]]] = {}
    for notebook in sorted(calls):
        for number, operation in enumerate(calls[notebook], 1):
            found.setdefault(operation, []).append((number, notebook))
    kills = []
    for operation, places in found.items():
        earliest = sorted(places)[: len(MOMENTS)]
        for turn, moment in enumerate(MOMENTS):
            number, notebook = earliest[turn % len(earliest)]
            kills.append(Kill(notebook, number, operation, moment))
    return sorted(kills, key=lambda one: (one.notebook, one.number, MOMENTS.index(one.moment)))


def operations(ledger: Path) -> list[str]:
    """The creating calls in a ledger, those that were refused among them.

    Raises AssertionError where another process than the kernel has made something: the AWS CLI
    counts its own calls, and ``kill_at`` would not see them.
    """
    facts = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    intents = [one for one in facts if one["what"] == "intent"]
    assert len({one["n"].partition("-")[0] for one in intents}) <= 1, "made by several processes"
    return [str(one["operation"]) for one in intents]


def kill(standin: Standin, neighbours: dict[str, Any], path: Path, one: Kill) -> Result:
    """Run the notebook, kill it, open the account again. os.environ is the stand-in's."""
    began = time.monotonic()
    words = {"moment": one.moment, "number": one.number}
    try:
        notebooks.run(path, standin.url, NUMBER, standin.token, SECONDS, KILLED.format(**words))
        left, wrong = _look(standin, neighbours, one)
    except Exception as problem:  # one kill that goes wrong does not end the others
        left, wrong = 0, f"{type(problem).__name__}: {problem}"
    return Result(one, left, wrong, round(time.monotonic() - began, 1))


def _look(standin: Standin, neighbours: dict[str, Any], one: Kill) -> tuple[int, str]:
    """How much the kill has left, and what is wrong after the account was opened again."""
    found = list(runs.unfinished())
    if [len(operations(story.path)) for story in found] != [one.number]:
        return 0, "the notebook did not get as far as that call, or was not killed at it"
    left = count(snapshot(standin)) - count(neighbours)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        opened = cloud.open("account", number=NUMBER, endpoint=standin.url, in_use=True, pace=QUICK)
    try:
        wrong = []
        if f"Not cleaned up: run {found[0].run}" not in said.getvalue():
            wrong.append("the run was not announced")
        if changed := difference(neighbours, snapshot(standin)):
            wrong.append(f"after it was opened again: {changed}\n{said.getvalue()}")
    finally:
        with contextlib.redirect_stdout(io.StringIO()):
            opened.close()
    if changed := difference(neighbours, snapshot(standin)):
        wrong.append(f"after it was closed: {changed}")
    if list(runs.unfinished()):
        wrong.append("its ledger is not finished")
    return left, "; ".join(wrong)


class _Worker:
    """What one process of the pool works with: a stand-in of its own, with neighbours in it."""

    standin: Standin
    neighbours: dict[str, Any]

    @classmethod
    def begin(cls, folder: str) -> None:
        cls.standin = Standin(Path(tempfile.mkdtemp(dir=folder)))  # it ends with this process
        os.environ.clear()
        os.environ.update(cls.standin.environment)
        cls.populate()

    @classmethod
    def populate(cls) -> None:
        cls.standin.reset()
        everything.make_everything(cls.standin.client, "shop-prod")
        cls.neighbours = snapshot(cls.standin)

    @classmethod
    def learn(cls, path: Path) -> list[str]:
        """The notebook's creating calls, from a whole run. Raises AssertionError."""
        notebooks.run(path, cls.standin.url, NUMBER, cls.standin.token, SECONDS)
        changed = difference(cls.neighbours, snapshot(cls.standin))
        assert not changed, f"{path.name}, not killed: {changed}"
        (ledger,) = cls.standin.ledgers.glob("*.jsonl")
        found = operations(ledger)
        cls.populate()
        return found

    @classmethod
    def kill(cls, path: Path, one: Kill) -> Result:
        result = kill(cls.standin, cls.neighbours, path, one)
        if result.wrong:
            cls.populate()
        for ledger in cls.standin.ledgers.iterdir():
            ledger.unlink()
        return result


class Log:
    """Results on the disk, one a line, for as long as the notebook and the account's code are the
    same. ``path`` None: nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        code = sorted((ROOT / "helpers" / "cloud").rglob("*.py"))
        self._code = hashlib.sha256(b"".join(one.read_bytes() for one in code)).hexdigest()
        self.known: dict[Kill, Result] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                fact = json.loads(line)
                one = Kill(**fact["kill"])
                if fact.pop("of") == self._of(one.notebook) and not fact["wrong"]:
                    self.known[one] = Result(**{**fact, "kill": one})

    def _of(self, notebook: str) -> str:
        content = (ROOT / "notebooks" / f"{notebook}.ipynb").read_bytes()
        return hashlib.sha256(content + self._code.encode()).hexdigest()[:16]

    def keep(self, result: Result) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result) | {"of": self._of(result.kill.notebook)}))
                file.write("\n")


def run(
    paths: list[Path],
    workers: int = 2,
    log: Path | None = None,
    choose: Callable[[dict[str, list[str]]], list[Kill]] = plan,
) -> list[Result]:
    """Kill these notebooks at the chosen creating calls; tells each result as it comes."""
    kept = Log(log)
    named = {path.stem: path for path in paths}
    with contextlib.ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="course-kills-"))
        context = multiprocessing.get_context("spawn")
        pool = held.enter_context(
            ProcessPoolExecutor(workers, context, initializer=_Worker.begin, initargs=(folder,))
        )
        calls = dict(zip(named, pool.map(_Worker.learn, paths), strict=True))
        for notebook, found in calls.items():
            print(f"{notebook}: {len(found)} creating calls", flush=True)
        kills = choose(calls)
        results = [kept.known[one] for one in kills if one in kept.known]
        asked = [
            pool.submit(_Worker.kill, named[one.notebook], one)
            for one in kills
            if one not in kept.known
        ]
        for done in as_completed(asked):
            result = done.result()
            results.append(result)
            kept.keep(result)
            one = result.kill
            print(
                f"{len(results)} of {len(kills)}: {one.notebook[:2]}, call {one.number}, "
                f"{one.operation}, {one.moment}: {result.wrong or 'as before'} "
                f"({result.left} were left; {result.seconds:.0f} s)",
                flush=True,
            )
    return results


def table(results: list[Result]) -> str:
    """One line for each notebook."""
    lines = []
    for notebook in sorted({one.kill.notebook for one in results}):
        mine = [one for one in results if one.kill.notebook == notebook]
        calls = len({one.kill.number for one in mine})
        wrong = sum(bool(one.wrong) for one in mine)
        left = sum(one.left for one in mine)
        lines.append(
            f"{notebook}: {calls} creating calls, {len(mine)} kills, {left} resources left by "
            f"them, {wrong} not as before"
        )
    moments = Counter((one.kill.operation, one.kill.moment) for one in results)
    kinds = len({operation for operation, _ in moments})
    lines.append(f"{kinds} operations, at {len(moments)} of {3 * kinds} moments")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, default=stored.NOTEBOOKS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--log", type=Path, help="keep results here, and begin where it ends")
    parser.add_argument("--moments", action="store_true", help="each operation at each moment")
    options = parser.parse_args(words)
    paths = [path.resolve() for path in options.notebooks]
    results = run(paths, options.workers, options.log, sample if options.moments else plan)
    print(table(results))
    return int(any(one.wrong for one in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
