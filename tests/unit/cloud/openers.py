"""Processes that open a cloud and then end in some way, and what is left of them afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

ROOT = Path(__file__).resolve().parents[3]
MARK = "COURSE_TEST_MARK"
#: Against hanging only; everything here takes a fraction of it.
PATIENCE = 60

#: Handlers that do not want to end. Each prints when it is about to stay.
STUBBORN = {
    "endless": """
        import time
        def handler(event, context):
            print("stays", flush=True)
            while True:
                pass
    """,
    "deaf": """
        import signal, time
        def handler(event, context):
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, signal.SIG_IGN)
            print("stays", flush=True)
            time.sleep(600)
    """,
    "parent": """
        import subprocess, sys, time
        def handler(event, context):
            for _ in range(2):
                subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            print("stays", flush=True)
            time.sleep(600)
    """,
}
#: A handler that leaves a process behind which has cut every tie.
DAEMON = """
    import os, time
    def handler(event, context):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        os.wait()
        print("stays", flush=True)
"""

#: What the openers run first.
PROLOGUE = """
import json, os, signal, sys, textwrap, threading, time
from pathlib import Path
from helpers import cloud
from helpers.cloud import opening

def tell(**facts):
    print(json.dumps(facts), flush=True)

def occupy(sources):
    "Deploy each handler, start it, and return when all of them stay."
    from helpers.deploy import deploy
    aws = cloud.current()
    client = aws.client("lambda")
    functions = []
    for name, source in sources.items():
        path = Path(os.environ["TMPDIR"], f"{name}.py")
        path.write_text(textwrap.dedent(source))
        functions.append(deploy(name, path, timeout=600, memory=512,
                                environment={"COURSE_TEST_MARK": os.environ["COURSE_TEST_MARK"]}))
    for function in functions:
        client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b"{}")
    for function in functions:
        aws.wait_until(lambda: "stays" in function.logs(), 60, f"{function.name} stays")
"""


class Opener:
    """A Python process that opens a cloud, with a temporary folder of its own."""

    def __init__(self, folder: Path, script: str, **environment: str) -> None:
        self.folder = folder
        self.temporary = folder / "tmp with space"
        self.temporary.mkdir()
        self.mark = uuid4().hex
        places = {name: str(self.temporary) for name in ("TMPDIR", "TEMP", "TMP")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROLOGUE + script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                MARK: self.mark,
                "PYTHONPATH": str(ROOT),
                **places,
                **environment,
            },
            cwd=folder,
        )
        self.seen: dict[int, psutil.Process] = {}

    def hear(self) -> dict[str, Any]:
        """The next thing that the script tells."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the opener ended before it told anything"
        told: dict[str, Any] = json.loads(line)
        return told

    def look(self) -> list[psutil.Process]:
        """Remember every process below the opener; what it forgets later is found again."""
        self.seen |= {one.pid: one for one in psutil.Process(self.process.pid).children(True)}
        return list(self.seen.values())

    def say(self, word: str = "go") -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def left(self) -> list[str]:
        """Processes and folders that are still there."""
        found = {one.pid: one for one in (*self.seen.values(), *self._marked()) if _lives(one)}
        folders = [path.name for path in self.temporary.glob("localaws-*")]
        return [_named(one) for one in found.values()] + folders

    def _marked(self) -> list[psutil.Process]:
        """Processes that inherited our mark."""
        found = []
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if one.environ().get(MARK) == self.mark:
                    found.append(one)
        return found

    def assert_nothing_is_left(self, seconds: float = 20) -> None:
        """Wait until all is gone; fails with what is not."""
        deadline = time.monotonic() + seconds
        while (left := self.left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left

    def close(self) -> None:
        """Take everything away, whatever a failed test has left."""
        for one in [*self.seen.values(), *self._marked()]:
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.kill()
        self.process.communicate()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _named(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {' '.join(process.cmdline())[:120]}"
    return str(process.pid)
