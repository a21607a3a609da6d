"""The box around one notebook, with a nursery and without, where a worker's own user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers.grading.walls import bench, write_scratch

pytestmark = [pytest.mark.sandbox, pytest.mark.linux]

#: Runs in a bench, as a worker does: argv has the lab, the scratch folder and the door.
PROGRAM = """
import json, sys
from pathlib import Path
from helpers import cloud
from helpers.grading.notebook_run import Box
from helpers.grading.walls import Limits
from helpers.grading.worker import leave_rights
import os, tempfile

leave_rights(0)
os.environ["LOCALAWS_DOOR"] = door = tempfile.mkdtemp() + "/door"
aws = cloud.open()
box = Box(Path(sys.argv[1]), Path(sys.argv[2]), Path(door), Limits(cell_seconds=20, seconds=60))
box.has_nursery = sys.argv[3] == "nursery"
cells = [{"number": n, "source": s} for n, s in enumerate(json.loads(sys.argv[4]), 1)]
for student in ("ana", "ben"):
    ran = box.run(cells, student, int(aws.url.rpartition(":")[2]))
    print(json.dumps({"ended": ran.ended, "output": ran.output, "cells": list(ran.cells.values()),
                      "nursery": box.has_nursery}))
box.close()
aws.close()
"""
CELLS = [
    "import os; os.environ['COURSE_LAB_STUDENT']",
    "import boto3\nfrom helpers import cloud\naws = cloud.open()",
    "boto3.client('sts').get_caller_identity()['Account']",
    "import threading\nevent = threading.Event()\nthread = threading.Thread(target=event.wait)\n"
    "thread.start()",
    "thread.is_alive()",
    "event.set(); thread.join()",
    "sorted(os.listdir('/box') + os.listdir('/tmp')), open('/box/mine', 'w').write('x')",
    "[line for line in open('/proc/self/status') if line[:6] in ('CapEff', 'NoNewP', 'Seccom')]",
    "len([name for name in os.listdir('/proc') if name.isdigit()]) < 9",
    "os._exit(3)",
    "aws.account_id",
]


@pytest.fixture(scope="module", params=["nursery", "alone"])
def told(request: Any, toy: Path, tmp_path_factory: Any) -> list[dict[str, Any]]:
    scratch = tmp_path_factory.mktemp("scratch")
    write_scratch(scratch)
    command = [*bench(toy, scratch), sys.executable, "-P", "-c", PROGRAM]
    words = [str(toy), str(scratch), request.param, json.dumps(CELLS)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["nursery"] for one in found] == [request.param == "nursery"] * 2
    return found


def test_both_ways_give_the_same(told: list[dict[str, Any]]) -> None:
    for student, one in zip(("ana", "ben"), told, strict=True):
        lines = one["output"].splitlines()
        assert lines[:3] == [f"'{student}'", "'123456789012'", "True"]
        assert lines[3] == "([], 1)"  # nothing of whoever was here before
        assert lines[4] == (
            r"['CapEff:\t0000000000000000\n', 'NoNewPrivs:\t1\n', 'Seccomp:\t2\n', "
            r"'Seccomp_filters:\t1\n']"
        )
        assert lines[5:] == ["True", "'123456789012'"]
        assert one["ended"] == ""
        states = [cell["state"] for cell in one["cells"]]
        assert states == ["ran"] * 9 + ["ended", "ran"]
        assert one["cells"][9]["error"] == "it ended the notebook's process (exit code 3)"
