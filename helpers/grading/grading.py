"""One run of the judge: what must be judged is judged, everything else stays as it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from typing import Any

from helpers.grading.bench import benches, judge_task
from helpers.grading.judging import blank
from helpers.grading.labs import find
from helpers.grading.lateness import LateTable
from helpers.grading.store import Store, key_of
from helpers.grading.submissions import Submission
from helpers.grading.version import version_of
from helpers.grading.walls import Limits
from helpers.teach.labs import Lab

#: So many submissions wait for each worker: the rest stays on disk, and memory flat.
WAITING = 2


@dataclass
class Run:
    """What a run did. `changed` has (student, points before, points now) of those judged again."""

    results: list[dict[str, Any]] = field(default_factory=list)
    judged: int = 0
    kept: int = 0
    changed: list[tuple[str, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """How to judge. The students in `again` are judged whatever is stored."""

    lab: str
    limits: Limits
    practice: bool = False
    again: frozenset[str] = frozenset()
    everybody_again: bool = False
    late: LateTable = field(default_factory=LateTable)


def grade(
    submissions: Iterable[Submission],
    wish: Wish,
    store: Store,
    executor: Executor,
    width: int,
    progress: Callable[[str, bool], None],
) -> Run:
    """Judge what is new or different, keep the rest. `progress(student, was_judged)` after each.

    `width` is the number of tasks that run at once. What is finished is stored at once, so that
    Ctrl-C or a crash loses nothing but what was under way.
    """
    lab = find(wish.lab)
    run, version = Run(), version_of(lab)
    waiting: dict[Future[dict[str, Any]], tuple[Submission, str]] = {}

    def finish(done: Iterable[Future[dict[str, Any]]]) -> None:
        for future in done:
            submission, key = waiting.pop(future)
            result = future.result() | {"key": key}
            _complete(result, submission, wish, lab)
            _store(result, run, store)
            progress(submission.student, True)

    try:
        for submission, content, key in _read(submissions, version, wish.limits):
            before = store.read(submission.student)
            if before is not None and _stands(before, key, submission, wish):
                _complete(before, submission, wish, lab)
                run.results.append(before)
                run.kept += 1
                progress(submission.student, False)
                continue
            if submission.problem or content is None:
                result = blank(lab, submission.student) | {"key": key}
                told = submission.problem or "The file cannot be read."
                result["reasons"].append(told)
                _complete(result, submission, wish, lab)
                _store(result, run, store)
                progress(submission.student, True)
                continue
            task = {
                "lab": wish.lab,
                "limits": asdict(wish.limits),
                "practice": wish.practice,
                "student": submission.student,
                "notebook": content,
            }
            waiting[executor.submit(judge_task, task)] = (submission, key)
            if len(waiting) >= WAITING * width:
                finish(wait(waiting, return_when=FIRST_COMPLETED).done)
        while waiting:
            finish(wait(waiting, return_when=FIRST_COMPLETED).done)
    except BaseException:
        for future in waiting:
            future.cancel()
        raise
    run.results.sort(key=lambda result: str(result["student"]))
    return run


@contextlib.contextmanager
def here(workers: int) -> Iterator[Executor]:
    """Workers on this machine. Left by an error or Ctrl-C, they are ended at once."""
    executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="judge")
    try:
        yield executor
    except BaseException:
        benches.close(at_once=True)
        executor.shutdown(wait=True, cancel_futures=True)
        raise
    executor.shutdown(wait=True)
    benches.close()


def _read(
    submissions: Iterable[Submission], version: str, limits: Limits
) -> Iterator[tuple[Submission, bytes | None, str]]:
    """Each submission with its bytes, one at a time."""
    for submission in submissions:
        content: bytes | None = None
        if not submission.problem:
            try:
                content = submission.read()
            except Exception:  # broken archives raise many kinds
                content = None
        yield submission, content, key_of(submission.student, content or b"", version, limits)


def _stands(before: dict[str, Any], key: str, submission: Submission, wish: Wish) -> bool:
    """Whether the stored result is still the result of this submission."""
    if wish.everybody_again or submission.student in wish.again:
        return False
    if before.get("fault") or bool(before.get("practice")) != wish.practice:
        return False
    return before.get("key") == key


def _store(result: dict[str, Any], run: Run, store: Store) -> None:
    before = store.read(result["student"])
    if before is not None and before.get("points") != result["points"]:
        run.changed.append((result["student"], before.get("points", 0), result["points"]))
    store.write({name: value for name, value in result.items() if name not in ("late", "score")})
    run.results.append(result)
    run.judged += 1


def _complete(result: dict[str, Any], submission: Submission, wish: Wish, lab: Lab) -> None:
    """Add what is known of the submission, and what its lateness costs."""
    late = wish.late.of(submission.when)
    result["student"] = submission.student
    result["file"] = submission.place
    result["lms_id"] = submission.lms_id
    result["submitted"] = submission.when.isoformat() if submission.when else ""
    result["told_by"] = submission.told_by
    result["notes"] = list(submission.notes)
    result["late"] = {"by": late.words, "percent": late.percent}
    result["score"] = round(result["points"] * (1 - late.percent / 100), 2)
