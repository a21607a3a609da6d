"""Starts and ends the local AWS that belongs to this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from typing import IO

from helpers.cloud.errors import CloudError

START_SECONDS = 60


class LocalServer:
    """``python -m helpers.localaws`` as a child.

    It ends when our end of its standard input closes, which the operating system does however
    this process ends; nobody has to remember to stop it.
    """

    def __init__(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "helpers.localaws"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=os.name != "nt",  # Ctrl-C is for the learner's code, not for it
        )
        assert self._process.stdout
        assert self._process.stderr
        self._last_words: deque[str] = deque(maxlen=30)
        self._reader = threading.Thread(
            target=self._listen, args=(self._process.stderr,), name="local-aws-log", daemon=True
        )
        self._reader.start()
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            self._process.wait()
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
        return self._process.poll() is None

    def log(self) -> str:
        """The last lines of the server's own log, for reports of its faults."""
        return "\n".join(self._last_words)

    def stop(self) -> None:
        """End the server and wait until it has cleaned up."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._last_words.append(line.decode(errors="replace").rstrip())
