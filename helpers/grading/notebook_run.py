"""Runs one notebook's cells in a box, and collects what it tells about itself."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.grading.forbidden import program
from helpers.grading.walls import DOOR, Limits, box

#: Of what the cells print, this much is kept; the rest is counted.
KEPT_OUTPUT = 20_000
MOST_REPORT = 1 << 20
STATES = ("ran", "failed", "too long", "ended")


@dataclass
class Ran:
    """What one notebook did: a report for each cell that was run, and how it all ended.

    The student's own process tells it, so it is information and never a reason for a mark.
    """

    cells: dict[int, dict[str, Any]] = field(default_factory=dict)
    ended: str = ""  # "", or why it was ended: "time", "memory", "output", "process"
    output: str = ""
    output_bytes: int = 0
    seconds: float = 0.0


def run_in_a_box(
    cells: list[dict[str, Any]],
    student: str,
    lab: Path,
    scratch: Path,
    door: Path,
    port: int,
    limits: Limits,
) -> Ran:
    """Run the cells ([{"number", "source"}]) to their end, or to the end of their time."""
    report_in, report_out = os.pipe()
    calls = _filter()
    began = time.monotonic()
    process = subprocess.Popen(
        box(lab, scratch, door, port, _printable(student), limits, calls),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(report_out,) if calls < 0 else (report_out, calls),
        env={},
        start_new_session=True,
    )
    os.close(report_out)
    if calls >= 0:
        os.close(calls)
    job = {
        "cells": cells,
        "cell_seconds": limits.cell_seconds,
        "port": port,
        "door": DOOR,
        "memory": limits.memory_bytes,
        "limits": limits.of_a_process(),
        "report": report_out,
    }
    try:
        ran = _follow(process, report_in, json.dumps(job).encode(), limits)
    finally:
        process.kill()  # and with it, by the kernel, everything in its process namespace
        process.wait()
        os.close(report_in)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    ran.seconds = round(time.monotonic() - began, 3)
    return ran


def _filter() -> int:
    """A pipe that holds the filter for system calls; -1 where there is none for this machine."""
    words = program()
    if words is None:
        return -1
    calls, into = os.pipe()
    os.write(into, words)
    os.close(into)
    return calls


def _follow(process: subprocess.Popen[bytes], report: int, job: bytes, limits: Limits) -> Ran:
    """Feed the job, and read output and report until the process ends or goes too far."""
    assert process.stdin is not None
    assert process.stdout is not None
    ran, lines, kept, done = Ran(), bytearray(), bytearray(), False
    deadline = time.monotonic() + limits.seconds
    with selectors.DefaultSelector() as selector:
        for number in (process.stdin.fileno(), process.stdout.fileno(), report):
            os.set_blocking(number, False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(report, selectors.EVENT_READ)
        while not done:
            left = deadline - time.monotonic()
            if left <= 0:
                ran.ended = "time"
                break
            for key, _ in selector.select(min(left, 1)):
                if key.fileobj is process.stdin:
                    try:
                        job = job[os.write(key.fd, job) :]
                    except BlockingIOError:
                        continue
                    except OSError:
                        job = b""
                    if not job:
                        selector.unregister(process.stdin)
                        with contextlib.suppress(OSError):
                            process.stdin.close()
                    continue
                data = os.read(key.fd, 1 << 16)
                if key.fileobj is process.stdout:
                    ran.output_bytes += len(data)
                    kept += data[: max(0, KEPT_OUTPUT - len(kept))]
                    if not data:
                        done = True
                    elif ran.output_bytes > limits.output_bytes:
                        ran.ended, done = "output", True
                else:
                    lines += data[: max(0, MOST_REPORT - len(lines))]
                    if not data:
                        selector.unregister(report)
    with contextlib.suppress(BlockingIOError):
        while len(lines) < MOST_REPORT and (data := os.read(report, 1 << 16)):
            lines += data
    finished = read_report(bytes(lines), ran)
    if not finished and not ran.ended:
        ran.ended = "process"
    ran.output = kept.decode("utf-8", errors="replace")
    return ran


def read_report(lines: bytes, ran: Ran) -> bool:
    """Take what has the right form from the report; whether the last cell was reached."""
    finished = False
    for line in lines.splitlines():
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(told, dict):
            continue
        finished = finished or told.get("end") is True
        if told.get("ended") == "memory":
            ran.ended = "memory"
        number, state = told.get("cell"), told.get("state")
        if isinstance(number, int) and number >= 0 and state in STATES:
            notes = told.get("notes")
            ran.cells[number] = {
                "state": state,
                "error": str(told.get("error", ""))[:600],
                "where": str(told.get("where", ""))[:60],
                "seconds": _seconds(told.get("seconds")),
                "notes": [str(one)[:200] for one in notes][:20] if isinstance(notes, list) else [],
            }
    return finished


def _seconds(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value < 1e6 else 0.0


def _printable(student: str) -> str:
    """A student's id as the value of a variable: without NUL, which no variable can hold."""
    return student.replace("\0", "").encode("utf-8", "replace").decode()
