"""Runs one notebook's cells in a box, and collects what it tells about itself."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.grading.forbidden import program
from helpers.grading.walls import DOOR, ROOT, Limits, box, nursery, variables

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
    broken: str = ""  # our own side failed before the first cell


class Box:
    """Where the notebooks of one worker run. Not for two threads at once."""

    def __init__(self, lab: Path, scratch: Path, door: Path, limits: Limits) -> None:
        self._place = (lab, scratch, door, limits)
        self._limits = limits
        self._calls = program() or b""
        self._nursery: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        #: Until it turns out that it cannot work here. Each of its notebooks gets a /tmp of its
        #: own, which would hide what stands below there.
        self.has_nursery = not any(path.is_relative_to("/tmp") for path in (lab, ROOT))

    def run(self, cells: list[dict[str, Any]], student: str, port: int) -> Ran:
        """Run the cells ([{"number", "source"}]) to their end, or to the end of their time."""
        job = {
            "cells": cells,
            "cell_seconds": self._limits.cell_seconds,
            "port": port,
            "door": DOOR,
            "memory": self._limits.memory_bytes,
            "limits": self._limits.of_a_process(),
            "variables": variables(student, port),
        }
        began = time.monotonic()
        ran = self._run_in_nursery(job) if self.has_nursery else None
        if ran is None:
            ran = self._run_alone(job)
        ran.seconds = round(time.monotonic() - began, 3)
        return ran

    def close(self) -> None:
        """End the nursery."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
            self._nursery = None

    def _run_in_nursery(self, job: dict[str, Any]) -> Ran | None:
        """None where there can be no nursery here."""
        return self._send(job) if self._open_nursery(job) else None

    def _send(self, job: dict[str, Any]) -> Ran:
        """Have the nursery run a job, and wait until nothing of it is left."""
        assert self._orders is not None
        pipes = [os.pipe() for _ in range(3)]
        (source, into), (output, out), (report, told) = pipes
        try:
            socket.send_fds(self._orders, [b"n"], [source, out, told])
        finally:
            for number in (source, out, told):
                os.close(number)
        ran = _follow(json.dumps(job).encode(), into, output, report, self._limits)
        os.close(output)
        os.close(report)
        try:
            self._orders.sendall(b"k")
            if self._orders.recv(1) != b"d":
                self.close()
        except OSError:  # it did not end in time: away with all of it
            self.close()
        return ran

    def _open_nursery(self, job: dict[str, Any]) -> bool:
        """Start it where it does not run; it has to run a job without cells first."""
        if self._nursery is not None and self._nursery.poll() is None:
            return True
        self.close()
        ours, theirs = socket.socketpair()
        self._nursery = subprocess.Popen(
            nursery(*self._place, theirs.fileno(), self._calls),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            pass_fds=(theirs.fileno(),),
            env={},
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(60)
        self._orders = ours
        try:
            self.has_nursery = ours.recv(1) == b"r"
        except OSError:
            self.has_nursery = False
        ours.settimeout(10)
        if self.has_nursery:
            tried = self._send(job | {"cells": []})
            self.has_nursery = not tried.broken and not tried.ended
            if tried.broken:
                print(f"no nursery here: {tried.broken}", file=sys.stderr)
        if not self.has_nursery:
            self.close()
        return self.has_nursery

    def _run_alone(self, job: dict[str, Any]) -> Ran:
        """One box for this one notebook."""
        report, told = os.pipe()
        calls, words = os.pipe()
        os.write(words, self._calls)
        os.close(words)
        process = subprocess.Popen(
            box(*self._place, calls if self._calls else -1),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(told, calls),
            env={},
            start_new_session=True,
        )
        os.close(told)
        os.close(calls)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            into = os.dup(process.stdin.fileno())
            process.stdin.close()
            text = json.dumps(job | {"report": told}).encode()
            return _follow(text, into, process.stdout.fileno(), report, self._limits)
        finally:
            process.kill()  # and with it, by the kernel, everything in its process namespace
            process.wait()
            process.stdout.close()
            os.close(report)


def _follow(job: bytes, into: int, output: int, report: int, limits: Limits) -> Ran:
    """Write the job to `into`, and read output and report until they end or go too far.

    Closes `into`. The output ends when every process that could write to it has ended.
    """
    ran, lines, kept, done = Ran(), bytearray(), bytearray(), False
    deadline = time.monotonic() + limits.seconds
    with selectors.DefaultSelector() as selector:
        for number in (into, output, report):
            os.set_blocking(number, False)
        selector.register(into, selectors.EVENT_WRITE)
        selector.register(output, selectors.EVENT_READ)
        selector.register(report, selectors.EVENT_READ)
        while not done:
            left = deadline - time.monotonic()
            if left <= 0:
                ran.ended = "time"
                break
            for key, _ in selector.select(min(left, 1)):
                if key.fd == into:
                    try:
                        job = job[os.write(into, job) :]
                    except BlockingIOError:
                        continue
                    except OSError:
                        job = b""
                    if not job:
                        selector.unregister(into)
                        os.close(into)
                        into = -1
                    continue
                data = os.read(key.fd, 1 << 16)
                if key.fd == output:
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
    if into >= 0:
        os.close(into)
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
        if "broken" in told:
            ran.broken = str(told["broken"])[:300]
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
