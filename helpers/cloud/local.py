"""Starts and ends the local AWS that belongs to this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import deque
from pathlib import Path
from typing import IO

from helpers.cloud.errors import CloudError

START_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[2]  # where the package ``helpers`` is


class LocalServer:
    """``python -m helpers.localaws`` as a child.

    It ends when our end of its standard input closes, which the operating system does however
    this process ends; nobody has to remember to stop it.
    """

    def __init__(self, access_key: str = "", secret_key: str = "") -> None:
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            # -P: a learner's own json.py in the current folder is not for the server.
            [sys.executable, "-P", "-m", "helpers.localaws"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(access_key, secret_key),
            # Ctrl-C is for the learner's code, not for the server.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdout
        assert self._process.stderr
        self._last_words: deque[str] = deque(maxlen=30)
        self._reader = threading.Thread(
            target=self._listen, args=(self._process.stderr,), name="local-aws-log", daemon=True
        )
        self._reader.start()
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        except BaseException:  # the learner interrupts the cell
            self.stop()
            raise
        finally:
            timer.cancel()
        if not line:
            self.stop()
            self._reader.join(2)
            raise CloudError(
                "The local AWS did not start. It said:\n"
                + "\n".join(self._last_words)
                + "\nRun `python3 start.py` again; it repairs a broken installation."
            )
        answer = json.loads(line)
        self.url: str = answer["url"]
        self.token: str = answer["control"]["token"]
        self.pid = self._process.pid

    @property
    def is_running(self) -> bool:
        # A forked child uses its parent's server, and cannot ask the system about it.
        if os.getpid() == self._owner and self._process.poll() is not None:
            return False
        # A server that was killed a moment ago may still be dying.
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.url}/_localaws/health", timeout=20) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def log(self) -> str:
        """The last lines of the server's own log, for reports of its faults."""
        return "\n".join(self._last_words)

    def stop(self) -> None:
        """End the server and wait until it has cleaned up; in a forked child: leave it alone."""
        if os.getpid() != self._owner:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._last_words.append(line.decode(errors="replace").rstrip())


def _environment(access_key: str, secret_key: str) -> dict[str, str]:
    """Ours, without credentials, and with the folder of this very package to import from.

    The two keys are those that this cloud's clients sign with, so that signatures can be checked.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    if access_key:
        environment |= {"LOCALAWS_ACCESS_KEY": access_key, "LOCALAWS_SECRET_KEY": secret_key}
    more = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{_ROOT}{os.pathsep}{more}" if more else str(_ROOT)
    return environment
