"""A worker as its starter sees it: give it a submission, get a result, whatever happens."""

from __future__ import annotations

import atexit
import base64
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from helpers.grading.judging import blank
from helpers.grading.labs import find
from helpers.grading.walls import ROOT, Limits, bench, write_scratch

#: What seeding and checking may take beside the notebook. A lab's check waits for states.
CHECK_SECONDS = 240
START_SECONDS = 120
_numbers = itertools.count()
#: Linux ends a child with the thread that started it, so one that stays starts all of them.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bench-starter")


class BenchBroken(Exception):
    """The worker could not be started, or has no walls. The message says what to do."""


class Bench:
    """One worker process with its own local AWS. Not for two threads at once."""

    def __init__(self, lab: str, limits: Limits, practice: bool) -> None:
        self._lab, self._limits, self._practice = lab, limits, practice
        self._number = next(_numbers)
        self._scratch = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
        write_scratch(Path(self._scratch.name))
        self._process: subprocess.Popen[bytes] | None = None
        self._spoiled = self._ended = False

    def judge(self, student: str, content: bytes) -> dict[str, Any]:
        """The result. A worker that dies or hangs costs this one submission its marks at most."""
        task = {"student": student, "notebook": base64.b64encode(content).decode()}
        for attempt in (1, 2):
            self._start()
            answer = self._ask(task, self._limits.seconds + CHECK_SECONDS)
            if answer is not None:
                return answer
            self.close()
            why = "hung" if self._spoiled else "ended"
            if self._spoiled or self._ended or attempt == 2:
                break
        result = blank(find(self._lab), student)
        result["fault"] = f"The judge's worker {why} while it judged this submission."
        return result

    def megabytes(self) -> float:
        """What the worker and its local AWS hold, for those who watch them."""
        found = 0
        if self._process is not None:
            worker = psutil.Process(self._process.pid)
            for one in (worker, *worker.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    found += one.memory_info().rss
        return found / 2**20

    def close(self) -> None:
        """End the worker, and with it its local AWS and all that runs there."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.close()
            process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        process.stdout.close()

    def kill(self) -> None:
        """End the worker at once and for good; may be called from another thread."""
        self._ended = True
        if (process := self._process) is not None:
            process.kill()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        worker = [sys.executable, "-P", "-m", "helpers.grading.worker"]
        command = worker if self._practice else [*self._walls(), *worker]
        self._process = _starter.submit(
            subprocess.Popen,
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT if self._practice else "/",
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            start_new_session=os.name != "nt",
        ).result()
        setting = {
            "lab": self._lab,
            "scratch": self._scratch.name,
            "limits": asdict(self._limits),
            "practice": self._practice,
            "number": self._number,
        }
        ready = self._ask(setting, START_SECONDS)
        if ready is None:
            self.close()
            raise BenchBroken(
                "The judge's worker did not start: the lines above say why. Try\n"
                "  python3 start.py test tests/grading"
            )
        if not ready["walls"]:
            self.close()
            raise BenchBroken(
                "What submissions deploy would run without walls here (is LOCALAWS_SANDBOX=off "
                "set?),\nso nothing was graded. For your own work: add --practice."
            )

    def _walls(self) -> list[str]:
        folder = find(self._lab).folder
        return bench(folder, Path(self._scratch.name))

    def _ask(self, what: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Send one line, read one; None where the worker ended or did not answer in time."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self._spoiled = False

        def give_up() -> None:
            self._spoiled = True
            process.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            answer = json.loads(line) if line else None
        except (OSError, ValueError):
            return None
        finally:
            timer.cancel()
        return answer if isinstance(answer, dict) else None


class Benches:
    """Benches of one kind that are lent to whoever judges; as many as are needed at once."""

    def __init__(self) -> None:
        self._free: dict[str, list[Bench]] = {}
        self._all: list[Bench] = []
        self._lock = threading.Lock()

    def judge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Judge one task ({"lab", "limits", "practice", "student", "notebook"}) on a free bench."""
        kind = json.dumps([task["lab"], task["limits"], task["practice"]], sort_keys=True)
        with self._lock:
            free = self._free.setdefault(kind, [])
            one = free.pop() if free else None
            if one is None:
                one = Bench(task["lab"], Limits(**task["limits"]), task["practice"])
                self._all.append(one)
        try:
            return one.judge(task["student"], task["notebook"])
        finally:
            with self._lock:
                free.append(one)

    def close(self, at_once: bool = False) -> None:
        """End every worker."""
        with self._lock:
            ending, self._all, self._free = self._all, [], {}
        for one in ending:
            if at_once:
                one.kill()
        for one in ending:
            one.close()


#: Those of this process: of the judge itself, or of one worker of a cluster.
benches = Benches()
atexit.register(benches.close)


def judge_task(task: Mapping[str, Any]) -> dict[str, Any]:
    """What an executor maps over the tasks, here or on another machine."""
    return benches.judge(task)
