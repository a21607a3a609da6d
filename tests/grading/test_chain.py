"""The chain of processes that runs a notebook's cells, and its guards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from helpers.grading.walls import INSIDE

pytestmark = pytest.mark.linux

#: The child tells of a cell that it ran without a fork, then that all is well; and only when both
#: wait in the pipe does its guard look.
PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import chain
one = chain.Chain([], 20, int(sys.argv[2]))
heard, said = os.pipe()
child = os.fork()
if child == 0:
    signal.pause()
before = chain.Chain([], 20, 1)
before._guard = said
before._tell_guard(6)
before._release()
print(child, flush=True)
one._watch(child, heard, 5)
print("came back", flush=True)
"""


RUN = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import chain
cells = [{"number": n, "source": s, "ours": n in json.loads(sys.argv[4])}
         for n, s in enumerate(json.loads(sys.argv[3]), 1)]
chain.Chain(cells, 20, int(sys.argv[2])).run()
"""
CELLS = [
    "import os; process = os.getpid()",
    "process == os.getpid()",
    "process == os.getpid()",  # a learner's own
    "def f(): os._exit(4)",
    "process = os.getpid(); y = 5",
    "process == os.getpid()",
    "f()",
    "y",
    "process == os.getpid()",
]
OURS = [1, 2, 5, 6, 7, 8, 9]
COUNTED = [
    "import os; forks, fork = [], os.fork; os.fork = lambda: (forks.append(1), fork())[1]",
    "%%writefile /dev/null\nruns nothing of theirs, but follows one that does",
    "%%writefile /dev/null\nfollows such a one",
    "len(forks)",
    "%%writefile -a /dev/null\nmust not run twice",
    "len(forks)",
    "len(forks)",  # the last one
]


def run(cells: list[str], ours: list[int]) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The words that the cells print, and the lines of the report."""
    report, told = os.pipe()
    words = [str(INSIDE), str(told), json.dumps(cells), json.dumps(ours)]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", RUN, *words], stdout=subprocess.PIPE, pass_fds=(told,)
    ) as first:
        os.close(told)
        assert first.stdout is not None
        output = first.stdout.read().split()  # ends with the last process, not with the first
    with os.fdopen(report, "rb") as file:
        return output, [json.loads(line) for line in file]


def test_a_cell_that_can_cost_nothing_gets_no_process_of_its_own() -> None:
    output, lines = run(COUNTED, ours=[4, 6])
    assert [one.get("state") for one in lines] == ["ran"] * 7 + [None]
    assert output == [b"1", b"3", b"3"]


def test_cells_of_the_lab_share_a_process_and_nothing_is_lost_when_one_ends_it() -> None:
    output, lines = run(CELLS, OURS)
    # Cells 5 and 6 ran once more, each with a process of its own, and 8 with what they had made.
    assert output == [b"True", b"False", b"True", b"False", b"5", b"False"]
    ran = [(one["cell"] + 1, one["state"]) for one in lines[:-1]]
    before = [(number, "ran") for number in range(1, 7)]
    assert ran == [*before, (7, "ended"), (5, "ran"), (6, "ran"), (8, "ran"), (9, "ran")]
    assert lines[-1] == {"end": True}


def test_words_that_arrive_together_are_told_apart() -> None:
    report, told = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(INSIDE), str(told)],
        stdout=subprocess.PIPE,
        pass_fds=(told,),
    ) as guard:
        os.close(told)
        assert guard.stdout is not None
        child = int(guard.stdout.readline())
        try:
            assert guard.wait(timeout=60) == 0
        finally:
            os.kill(child, 9)
        assert guard.stdout.read() == b""
    with os.fdopen(report, "rb") as file:
        assert file.read() == b""
