"""One worker: lives on a bench, owns a local AWS, judges one submission after the other.

``python -m helpers.grading.worker`` with one JSON document a line on standard input and output.
The first line in is the setting ({"lab", "scratch", "limits", "practice"}), the first line out says
``{"ready": true, "walls": …}``. Each further line in is a task ({"student", "notebook"}: Base64),
and its answer the result.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, TextIO

import psutil
from botocore.config import Config

from helpers import RUNTIME, cloud
from helpers.deploy import ensure_role, zip_source
from helpers.grading.judging import blank, judge
from helpers.grading.labs import cases_for_graders, find
from helpers.grading.notebook_run import Box, Ran
from helpers.grading.practice import run_plainly
from helpers.grading.walls import Limits

#: A local AWS that holds more than this is ended; nothing that a lab needs comes near.
MOST_SERVER_BYTES = 2 << 30
#: After so many submissions, or from this size on, a fresh local AWS takes over.
FRESH_AFTER = 200
FRESH_BYTES = 700 << 20
#: The user of a worker that root has started; each worker has its own, counted from here.
FIRST_USER = 64_000
PR_SET_PDEATHSIG = 1
#: So long may one answer of what was deployed keep the check waiting. Lambda allows 900 seconds,
#: and a handler that sleeps through them would hold up everybody behind it.
PATIENCE = 60
_known_server: psutil.Process | None = None
PROBE = "def handler(event, context):\n    return __file__\n"


class Worker:
    """A local AWS, and what is done with it."""

    def __init__(self, setting: dict[str, Any]) -> None:
        self.lab = find(setting["lab"])
        self.hidden = cases_for_graders(self.lab)
        self.limits = Limits(**setting["limits"])
        self.practice = bool(setting["practice"])
        self.scratch = Path(setting["scratch"])
        self._doors = Path(tempfile.mkdtemp(prefix="door-"))
        self._door = self._doors / "door"
        self._cloud: cloud.Cloud | None = None
        self._since_fresh = 0
        self._box: Box | None = None

    def judge(self, student: str, content: bytes) -> dict[str, Any]:
        """Judge one submission; where our own side fails, once more on a fresh local AWS."""
        for attempt in (1, 2):
            opened = self.open()
            if self._since_fresh >= FRESH_AFTER or _server_bytes() > FRESH_BYTES:
                opened = self.refresh()
            self._since_fresh += 1
            watch = _Watch()
            try:
                result = judge(
                    self.lab,
                    self.hidden,
                    opened,
                    student,
                    content,
                    self._run_cells,
                    (self.limits.seconds, self.limits.output_bytes),
                )
            finally:
                watch.stop()
            if watch.stopped_server:
                result = blank(self.lab, student)
                told = f"It filled its cloud with more than {MOST_SERVER_BYTES >> 30} GB."
                result["reasons"].append(told)
                result["flags"].append(told)
                self.refresh()
                return result
            if result["fault"].startswith("ReadTimeoutError"):
                result = blank(self.lab, student)
                told = f"What it deployed kept the check waiting for more than {PATIENCE} seconds."
                result["reasons"].append(told)
                self.refresh()
                break
            if not result["fault"] or attempt == 2:
                break
            self.refresh()
        if self.practice:
            result["practice"] = True
        return result

    def open(self) -> cloud.Cloud:
        """The local AWS, started where it is not running."""
        if not self.practice:
            os.environ["LOCALAWS_DOOR"] = str(self._door)
            if self._cloud is None or not _server():
                self._door.unlink(missing_ok=True)
        opened = cloud.open()
        if opened is not self._cloud:
            _keep_clients(opened)
        self._cloud = opened
        return opened

    def refresh(self) -> cloud.Cloud:
        """A new local AWS in place of the old one."""
        self._since_fresh = 0
        if self._cloud is not None:
            self._cloud.close()
            self._cloud = None
        return self.open()

    def has_walls(self) -> bool:
        """Whether what submissions deploy runs behind walls: asked of a function that says so."""
        opened = self.open()
        function = opened.client("lambda")
        source = self._doors / "walls.py"
        source.write_text(PROBE)
        function.create_function(
            FunctionName="walls",
            Runtime=RUNTIME,
            Handler="walls.handler",
            Role=ensure_role(opened),
            Code={"ZipFile": zip_source(source)},
        )
        opened.wait_until(
            lambda: function.get_function_configuration(FunctionName="walls")["State"] == "Active"
        )
        answer = json.loads(function.invoke(FunctionName="walls")["Payload"].read())
        opened.reset()
        return bool(answer == "/var/task/walls.py")

    def _run_cells(self, cells: list[dict[str, Any]], student: str) -> Ran:
        assert self._cloud is not None
        if self.practice:
            return run_plainly(cells, student, self._cloud.url, self.limits)
        if self._box is None:
            self._box = Box(self.lab.folder, self.scratch, self._door, self.limits)
        return self._box.run(cells, student, int(self._cloud.url.rpartition(":")[2]))


def _keep_clients(opened: cloud.Cloud) -> None:
    """Give the same client for the same service again: labs ask for one in every step of a check,
    and making one takes longer than most of what is done with it.
    """
    make, made = opened.client, dict[str, Any]()

    def client(service: str, **options: Any) -> Any:
        # botocore puts its own name together anew for each request, part by part.
        patient = {"config": Config(read_timeout=PATIENCE, user_agent="judge")}
        if options:
            return make(service, **(patient | options))
        if service not in made:
            made[service] = make(service, **patient)
        return made[service]

    opened.client = client  # type: ignore[method-assign]


class _Watch(threading.Thread):
    """Ends the local AWS where a submission makes it too large, before the machine suffers."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped_server = False
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.5):
            if _server_bytes() > MOST_SERVER_BYTES:
                self.stopped_server = True
                if (server := _server()) is not None:
                    server.kill()
                return

    def stop(self) -> None:
        self._over.set()
        self.join()


def _server() -> psutil.Process | None:
    """Our local AWS's process. Looking for it takes a while, so it is remembered."""
    global _known_server
    with contextlib.suppress(psutil.Error):
        # One that was killed and not collected yet still counts as running.
        if _known_server is not None and _known_server.status() != psutil.STATUS_ZOMBIE:
            return _known_server
    _known_server = None
    for child in psutil.Process().children():
        try:
            if "helpers.localaws" in child.cmdline():
                _known_server = child
                return child
        except psutil.Error:
            continue
    return None


def _server_bytes() -> int:
    try:
        server = _server()
        return int(server.memory_info().rss) if server is not None else 0
    except psutil.Error:
        return 0


def leave_rights(number: int) -> None:
    """Where root started us: become a user without any, so that limits on processes hold."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(FIRST_USER + number)
        os.setuid(FIRST_USER + number)
    if sys.platform == "linux":
        # Another user's process no longer ends with its parent, until it asks for that again.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_with_starter() -> None:
    """End as soon as whoever started us is gone. The kernel cannot be asked for that where root has
    started us: the bubblewrap between has no right to end another user's process.
    """
    starter = os.getppid()

    def look() -> None:
        while os.getppid() == starter:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def serve(lines: TextIO, answers: TextIO) -> None:
    """Take the setting and the tasks, give the results."""

    def tell(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    setting = json.loads(lines.readline())
    if not setting["practice"]:
        end_with_starter()
        leave_rights(int(setting["number"]))
    worker = Worker(setting)
    began = time.monotonic()
    walls = setting["practice"] or worker.has_walls()
    tell({"ready": True, "walls": walls, "seconds": round(time.monotonic() - began, 3)})
    for line in lines:
        task = json.loads(line)
        tell(worker.judge(task["student"], base64.b64decode(task["notebook"])))


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    # What a lab prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, answers)
    cloud_open = cloud.current()
    cloud_open.close()


if __name__ == "__main__":
    main()
