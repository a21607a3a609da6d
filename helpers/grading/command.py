"""``python3 start.py grade``: the command line."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import psutil

from helpers.grading.bench import BenchBroken
from helpers.grading.cluster import NoCluster, cluster
from helpers.grading.exports import table, write_exports
from helpers.grading.feedback import feedback
from helpers.grading.gradebook import GradebookProblem
from helpers.grading.gradebook_steps import Gradebook
from helpers.grading.grading import Run, Wish, grade, here
from helpers.grading.isolation import problem
from helpers.grading.labs import find
from helpers.grading.lateness import LateTable, WrongTable, late_table
from helpers.grading.progress import Progress
from helpers.grading.roster import Roster, WrongRoster, read_roster, timed
from helpers.grading.store import CannotWrite, Store, file_name, write_whole
from helpers.grading.submissions import NoSubmissions, Submission, alike, collect
from helpers.grading.summary import requirement_rows, summary_data, summary_page
from helpers.grading.walls import Limits
from helpers.teach.errors import TeachError

#: More than half of the time a worker waits: for a queue that is polled, a function that starts.
WORKERS_A_CORE = 3
#: A worker, its local AWS and one submission's processes, as measured with L06, with some room.
WORKER_BYTES = 600 << 20
EXPLAINED = (
    BenchBroken, CannotWrite, GradebookProblem, NoCluster, NoSubmissions, WrongRoster, WrongTable,
    TeachError, FileNotFoundError,
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Grade; the exit code: 0 done, 1 could not, 3 done but some were not judged, 130 stopped."""
    options = _parse(words)
    try:
        return _grade(options)
    except EXPLAINED as reason:
        print(f"\n{_harmless(str(reason))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped. What was finished is kept: run the same command again to go on.",
            file=sys.stderr,
        )
        return 130


def _grade(options: argparse.Namespace) -> int:
    lab = find(options.lab)
    if not options.practice and not options.cluster and (why := problem()):
        print(f"Nothing was graded for marks: {why}", file=sys.stderr)
        return 1
    gradebook = Gradebook(
        _path(options, options.formgrader) if options.formgrader else None,
        _path(options, options.manual) if options.manual else None,
    )
    gradebook.refuse_early(_path(options, options.submissions), options.practice)
    late = late_table(options.due, options.late)
    roster = read_roster(_path(options, options.roster)) if options.roster else {}
    submissions = timed(collect(_path(options, options.submissions), lab.key), roster)
    twins = alike(one.student for one in submissions)
    if options.only:
        submissions = [one for one in submissions if one.student in options.only]
        if not submissions:
            raise NoSubmissions(f"No submission is of {', '.join(options.only)}.")
    out = _path(options, options.out or f"grades-{lab.key}{'-practice' * options.practice}")
    store = Store(out)
    wish = Wish(
        _path(options, options.lab).as_posix() if "/" in options.lab else options.lab,
        Limits(cell_seconds=options.cell_seconds, seconds=options.seconds),
        practice=options.practice,
        again=frozenset(options.regrade or ()),
        everybody_again=options.regrade is not None and not options.regrade,
        late=late,
    )
    with store.alone():
        progress = Progress(len(submissions))
        with _executor(options, wish.lab) as (executor, width):
            run = grade(submissions, wish, store, executor, width, progress)
        met: list[str] = []
        if not options.practice:
            run.results, met = gradebook.meet(out, lab, run.results, submissions, roster)
        if options.json:
            print(json.dumps(run.results[0] if len(run.results) == 1 else run.results, indent=1))
        for one in run.results:
            one["alike"] = twins.get(one["student"], [])
        write(out, run, roster, lab.title, late, options.practice)
    _tell(run, out, submissions, options)
    for line in met:
        print(_harmless(line), file=sys.stderr)
    return 3 if any(one["fault"] for one in run.results) else 0


@contextlib.contextmanager
def _executor(options: argparse.Namespace, lab: str) -> Iterator[tuple[Executor, int]]:
    if options.cluster:
        with cluster(options.cluster, lab, options.practice) as found:
            yield found
        return
    width = options.workers or _width()
    with here(width) as executor:
        yield executor, width


def write(
    out: Path, run: Run, roster: Roster, title: str, late: LateTable, practice: bool = False
) -> None:
    """Write everything that is made of the results; each file whole or not at all."""
    pages = out / "feedback"
    pages.mkdir(parents=True, exist_ok=True)
    for result in run.results:
        result["late"]["due"] = late.due.isoformat() if late.due else ""
        path = pages / f"{file_name(result['student'])}.html"
        _write_if_new(path, feedback(result, title))
    if practice:
        return  # no marks: nothing that could be taken for them
    write_exports(out, run.results, roster, f"{run.results[0]['lab']} {title}")
    write_whole(out / "summary.html", summary_page(run.results, title, late))
    write_whole(out / "summary.json", json.dumps(summary_data(run.results, late), indent=1) + "\n")
    if late.due:
        about = ("student", "submitted", "told_by", "late", "percent_off", "points", "score")
        write_whole(out / "late.csv", table(about, [_late_row(one) for one in run.results]))
    if run.changed:
        columns = ("student", "points_before", "points_now")
        write_whole(out / "regrade.csv", table(columns, run.changed))


def _write_if_new(path: Path, said: str) -> None:
    """A page that would be the same is left alone, with its time."""
    with contextlib.suppress(OSError):
        if path.read_text(encoding="utf-8") == said:
            return
    write_whole(path, said)


def _late_row(one: dict[str, Any]) -> tuple[Any, ...]:
    late = one["late"]
    return (
        one["student"], one["submitted"], one["told_by"], late["by"], late["percent"],
        one["points"], one["score"],
    )  # fmt: skip


def _tell(
    run: Run, out: Path, submissions: Sequence[Submission], options: argparse.Namespace
) -> None:
    """The end of a run, for whoever started it. Standard output is for --json."""

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    say(f"{run.judged} judged, {run.kept} kept as they were.")
    for name, met, missed, slips in requirement_rows(run.results):
        say(f"  {met:>4} hold  {missed:>4} do not  {name}{f': {slips}' if slips else ''}")
    flagged = sum(bool(one["flags"] or one["alike"]) for one in run.results)
    faults = [one["student"] for one in run.results if one["fault"]]
    if flagged:
        say(f"{flagged} to look at: summary.html names them.")
    if run.changed:
        say(f"{len(run.changed)} have other points than before: regrade.csv")
    if faults:
        say(f"{len(faults)} could not be judged, by no fault of theirs; run this again for them.")
    if options.practice:
        say(f"Practice: no walls, no marks. Feedback is in {out / 'feedback'}")
    else:
        say(f"Marks, feedback and a summary are in {out}")


def _harmless(said: str) -> str:
    """A text with names in it, for a terminal: no sign in it moves the cursor or hides a line."""
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in said)


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="start.py grade",
        description="Grade submissions of a lab: run each notebook in a sandbox against a local "
        "AWS of its own, and check from outside what it left there. docs/grading.md says more.",
    )
    add = parser.add_argument
    add("submissions", help="a folder, a .zip from Canvas or Moodle, or one notebook")
    add("--lab", required=True, help="which lab: L06 (or a lab's folder)")
    add("--out", help="the folder for what comes out (default: grades-LAB here)")
    add("--roster", help="a CSV with student_id and what the LMS wants: email, canvas_id, …")
    add("--due", help="when it was due: 2026-11-30T23:59")
    add("--late", help='what lateness costs, in percent: "1h:0, 24h:10, 7d:50"; later: all')
    add("--only", nargs="+", metavar="STUDENT", help="these students alone")
    add(
        "--regrade",
        nargs="*",
        metavar="STUDENT",
        help="judge these (or all) again, also where nothing has changed",
    )
    add("--formgrader", metavar="FOLDER", help="write a folder for nbgrader's Formgrader, where "
        "people mark the runbook; again: take their marks in, and bring it up to date")  # fmt: skip
    add("--manual", metavar="FOLDER", help="take in the marks of that folder, and write nothing "
        "there (needs no nbgrader)")  # fmt: skip
    add("--workers", type=_positive, help="how many at once (default: three a core)")
    add("--cluster", metavar="tcp://HOST:8786", help="run on this Dask cluster instead of here")
    add("--seconds", type=_seconds, default=120, help="for one notebook (%(default)s)")
    add("--cell-seconds", type=_seconds, default=30, help="for one cell (%(default)s)")
    add("--json", action="store_true", help="print the result as JSON too")
    add("--practice", action="store_true", help="without walls and without marks: own work only")
    add("--from", dest="base", default=str(Path.cwd()), help=argparse.SUPPRESS)
    return parser.parse_args(words)


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _seconds(word: str) -> float:
    number = float(word)
    if not 0 < number <= 3600:
        raise argparse.ArgumentTypeError("more than 0, at most 3600")
    return number


def _path(options: argparse.Namespace, word: str) -> Path:
    """A path as it was meant where the command was typed."""
    return Path(options.base, word)


def _width() -> int:
    """How many workers this machine has room for, in processors and in memory."""
    room = int(psutil.virtual_memory().available) // WORKER_BYTES
    return max(1, min(WORKERS_A_CORE * len(_cores()), room))


def _cores() -> Sequence[int]:
    try:
        return sorted(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return range(os.cpu_count() or 1)
