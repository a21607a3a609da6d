"""From a fresh clone to the first executed cell, by phase, beside a plain pip install.

Both download everything anew: neither may use what an earlier run kept.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

import start
from tests.bench.measure import Row, free_port, span, timed
from tests.jupyter_server import execute_a_cell

ROOT = Path(start.ROOT)
#: What somebody would install by hand for a course like this one.
BY_HAND = ["jupyterlab", "boto3", "moto", "ipywidgets", "pandas"]
GIVE_UP_SECONDS = 900
ROUNDS = 3
#: start.py's and JupyterLab's lines that end a phase.
PHASES = {
    "start": r"\[1/3\]",
    "make the environment": r"\[2/3\]",
    "bring in uv": r"\[3/3\]",
    "install": r"Ready in",
    "start JupyterLab": r"http://localhost:\d+/\S*token=\w+",
}


def environment() -> dict[str, str]:
    """This machine's, without caches to draw on."""
    return {k: v for k, v in os.environ.items() if k not in ("UV_CACHE_DIR", "PIP_CACHE_DIR")}


def ours(folder: Path) -> dict[str, float]:
    """Seconds of each phase from `git clone` to the first executed cell."""
    began = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    marks = [("clone", time.perf_counter())]
    command = [sys.executable, "-u", "start.py", "lab", "--no-browser", f"--port={free_port()}"]
    lab = psutil.Popen(
        command,
        cwd=folder,
        env=environment() | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, awaited = "", dict(PHASES)
        for line in lab.stdout:
            said += line
            for phase in [name for name, sign in awaited.items() if re.search(sign, line)]:
                del awaited[phase]
                marks.append((phase, time.perf_counter()))
            if not awaited:
                break
        else:
            raise RuntimeError(f"start.py ended early:\n{said}")
        address = re.search(PHASES["start JupyterLab"], said)
        assert address is not None
        execute_a_cell(address.group())
        marks.append(("start a kernel and run a cell", time.perf_counter()))
    finally:
        family = lab.children(recursive=True) if lab.is_running() else []
        lab.terminate()
        for member in psutil.wait_procs([lab, *family], timeout=20)[1]:
            member.kill()
    times = [began, *(moment for _, moment in marks)]
    return {name: times[i + 1] - times[i] for i, (name, _) in enumerate(marks)}


def theirs(folder: Path) -> float:
    """Seconds of `pip install` of the packages alone; making the environment is not counted."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-cache-dir", *BY_HAND]
    return timed(
        lambda: subprocess.run(command, env=environment(), check=True, timeout=GIVE_UP_SECONDS)
    )


def measure() -> list[Row]:
    by_pip, runs = [], []
    for _ in range(ROUNDS):  # in turn, so that a busy moment meets both
        with tempfile.TemporaryDirectory(prefix="course-bench-", ignore_cleanup_errors=True) as box:
            by_pip.append(theirs(Path(box, "by hand")))
            runs.append(ours(Path(box, "a fresh clone")))
    for phase in runs[0]:
        print(f"  {phase}: {span(median(run[phase] for run in runs))}")
    name = f"fresh clone to first cell / pip install {' '.join(BY_HAND)}"
    return [Row(name, median(sum(run.values()) for run in runs), median(by_pip), goal=0.6)]
