"""Judging L06, beside nbgrader's own autograde of an equal notebook.

As many workers as the judge starts for one core judge right answers of L06 on that core: seed,
notebook in its sandbox, handlers behind their walls, checks with hidden cases. nbgrader runs in an
environment of its own, which this never installs (docs/grading.md, "Manual parts", has the two
commands). It gets a notebook whose cells do the same work in a kernel without any sandbox: the same
imports and AWS calls, to a local AWS, with the fault seeded in its first cell.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
import nbformat

from helpers.grading.bench import Bench
from helpers.grading.command import WORKERS_A_CORE
from helpers.grading.gradebook import GradebookProblem
from helpers.grading.gradebook_course import nbgraders_python
from helpers.grading.isolation import problem
from helpers.grading.walls import ROOT, Limits
from helpers.teach import labs
from tests.bench.measure import Row
from tests.labs.answers import every
from tests.labs.running import filled

#: Enough for a stable rate; BENCH_SUBMISSIONS=200 says more about memory and growth.
SUBMISSIONS = max(10, int(os.environ.get("BENCH_SUBMISSIONS", "40")))
FIFTH = max(1, SUBMISSIONS // 5)
GOAL = 0.5  # seconds a submission: 120 a minute
THEIRS = 6


def measure() -> list[Row]:
    if why := problem():
        print(f"  not measured: {why}")
        return []
    ours, first, last, megabytes = judge_many()
    theirs = autograde()
    if theirs is None:
        print("  nbgrader is not installed, so not measured; docs/grading.md says how")
    rate = f"{60 / ours:.0f} a minute"
    return [
        Row(f"judging L06 on one core, sandboxed ({rate})", ours, None, GOAL),
        *([Row("judging L06 / nbgrader autograde", ours, theirs, 1.0)] if theirs else []),
        Row("judging: last fifth / first fifth", last, first, 1.25),
        Row("judging: growth of a worker's memory", megabytes, None, 100, "MB"),
    ]


def judge_many() -> tuple[float, float, float, float]:
    """Seconds a submission, those of the first and last fifth, and how memory grew in MB."""
    lab = labs.load("L06")
    right = [one for one in every("right") if one.lab is lab]
    texts = [nbformat.writes(filled(lab, one.cells)).encode() for one in right]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    numbers, ends, sizes = itertools.count(), list[float](), list[float]()
    benches = [Bench("L06", Limits(), practice=False) for _ in range(WORKERS_A_CORE)]

    def work(bench: Bench) -> None:
        while (number := next(numbers)) < SUBMISSIONS:
            result = bench.judge(f"s{number}", texts[number % len(texts)])
            ends.append(time.monotonic())
            if number % FIFTH == 0:  # looking takes a while, too
                sizes.append(sum(one.megabytes() for one in benches))
            if result["points"] != result["of"]:
                print(f"  {number}: only {result['points']} of {result['of']} points")

    try:
        for bench in benches:
            bench.judge("warm", texts[0])
        with ThreadPoolExecutor(len(benches)) as executor:
            began = time.monotonic()
            list(executor.map(work, benches))
    finally:
        for bench in benches:
            bench.close()
        os.sched_setaffinity(0, cores)
    first, last = (ends[FIFTH - 1] - began) / FIFTH, (ends[-1] - ends[-FIFTH - 1]) / FIFTH
    return (ends[-1] - began) / len(ends), first, last, sizes[-1] - sizes[1]


def autograde() -> float | None:
    """Seconds that nbgrader takes for one submission; None where it is not there."""
    try:
        python = nbgraders_python()
    except GradebookProblem:
        return None
    with tempfile.TemporaryDirectory(prefix="nbgrader-") as place:
        folder = Path(place)
        lab = labs.load("L06")
        name = "L06"
        source = nbformat.read(lab.folder / "source.ipynb", as_version=4)
        _make_equal(source)
        (folder / "source" / name).mkdir(parents=True)
        nbformat.write(source, folder / "source" / name / "L06.ipynb")
        for number in range(THEIRS):
            where = folder / "submitted" / f"s{number}" / name
            where.mkdir(parents=True)
            shutil.copy(folder / "source" / name / "L06.ipynb", where)
        (folder / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'c'\n"
            "c.ExecutePreprocessor.timeout = 120\nc.ClearSolutions.enforce_metadata = False\n"
        )
        with LocalAWS(python) as env:
            command = [str(python), "-m", "nbgrader"]
            _run([*command, "generate_assignment", name], folder, env)
            began = time.monotonic()
            _run([*command, "autograde", name], folder, env)
            return (time.monotonic() - began) / THEIRS


class LocalAWS:
    """A local AWS of its own for nbgrader's kernels, and the variables that lead to it."""

    def __init__(self, python: Path) -> None:
        self._python = python

    def __enter__(self) -> dict[str, str]:
        from helpers.cloud.local import LocalServer

        self._server = LocalServer()
        packages = boto3.__path__[0]
        path = f"{self._python.parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {
            "PATH": path,
            "COURSE_CLOUD_RELAY": self._server.url,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(packages).parent}",
        }

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def _make_equal(notebook: Any) -> None:
    """Seed in the first cell, since nobody does it from outside; leave out what only looks."""
    notebook.cells = [one for one in notebook.cells if "look" not in one.metadata.get("tags", [])]
    seed = "from helpers import cloud\nfrom helpers.teach import labs\naws = cloud.open()\n"
    seed += "labs.load('L06').seed(aws, 'you')"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(seed))
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip


def _run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[2:])}: {done.stderr[-1500:]}")


if __name__ == "__main__":
    print(json.dumps([asdict(row) for row in measure()], indent=1))
