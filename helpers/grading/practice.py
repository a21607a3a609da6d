"""Runs a notebook without any walls: for one's own work, never for marks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from helpers.grading.notebook_run import KEPT_OUTPUT, Ran, read_report
from helpers.grading.walls import INSIDE, ROOT, Limits


def run_plainly(cells: list[dict[str, Any]], student: str, url: str, limits: Limits) -> Ran:
    """Run the cells in a process of their own, in an empty folder, against the cloud at `url`."""
    began = time.monotonic()
    job = {"cells": cells, "cell_seconds": limits.cell_seconds}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_")
    } | {
        "COURSE_CLOUD_RELAY": url,
        "COURSE_LAB_STUDENT": student.replace("\0", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8:replace",
    }
    environment.pop("LOCALAWS_DOOR", None)
    with tempfile.TemporaryDirectory(prefix="practice-", ignore_cleanup_errors=True) as folder:
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-u", str(INSIDE / "plainly.py")],
                cwd=folder,
                env=environment | {"COURSE_PROGRESS": f"{folder}/progress.json"},
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.PIPE,
            )
            try:
                _, report = process.communicate(json.dumps(job).encode(), timeout=limits.seconds)
                ended = ""
            except subprocess.TimeoutExpired:
                process.kill()
                _, report = process.communicate()
                ended = "time"
            ran = Ran(ended=ended)
            if not read_report(report[: 1 << 20], ran) and not ended:
                ran.ended = "process"
            ran.output_bytes = said.seek(0, os.SEEK_END)
            said.seek(0)
            ran.output = said.read(KEPT_OUTPUT).decode("utf-8", errors="replace")
    ran.seconds = round(time.monotonic() - began, 3)
    return ran
