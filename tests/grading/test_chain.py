"""A guard that gets its turn late still hears everything that it was told, in order."""

from __future__ import annotations

import os
import subprocess
import sys

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
