"""Reads what an environment writes and cuts it into log events.

Plain text makes one event of each line. Runtimes may also write *frames*, which keep several
lines together as one event: a type (``a55a0003``, the last bytes may vary), a length, microseconds
since the epoch, and the message. Both arrive on one pipe, so their order is kept.

Source of the framing: AWS's Python client, https://pypi.org/project/awslambdaric/ (bootstrap.py)
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

#: CloudWatch Logs takes at most this much in one event; Lambda cuts longer lines.
#: Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
MAX_EVENT_BYTES = 262_118

#: How much one invocation may write; what comes after it is thrown away, with one line that says
#: so. Without it a handler that prints for ever would fill this machine's memory.
MAX_INVOCATION_BYTES = 8 << 20

_FRAME = b"\xa5\x5a"
_HEAD = 16


class Output:
    """Calls ``emit(milliseconds since the epoch, text)`` for each event, in order."""

    def __init__(self, pipe: BinaryIO, emit: Callable[[int, str], None]) -> None:
        self._pipe = pipe
        self._emit = emit
        self._lock = threading.Lock()
        self._rest = b""
        self._taken = 0  # bytes since the last drain
        self._done = threading.Event()
        self._selectable = os.name != "nt"  # Windows can wait for sockets only
        threading.Thread(target=self._read, name="output", daemon=True).start()

    def drain(self) -> None:
        """Return when all that was written so far has been emitted."""
        if not self._selectable:
            self._done.wait(0.01)
            return
        with self._lock:
            while not self._done.is_set() and select.select([self._pipe], [], [], 0)[0]:
                if not self._take():
                    return
            self._taken = 0
            self._cut(final=True)  # a line without an end belongs to the invocation that wrote it

    def finish(self, seconds: float = 1.0) -> None:
        """Wait until the pipe has closed, because the process has ended."""
        self._done.wait(seconds)

    def _read(self) -> None:
        try:
            while True:
                if self._selectable:
                    select.select([self._pipe], [], [])
                    with self._lock:
                        if not select.select([self._pipe], [], [], 0)[0]:
                            continue  # drain() was faster
                        if not self._take():
                            break
                elif not self._take():
                    break
        except (OSError, ValueError):
            pass  # closed
        if self._rest:
            self._cut(final=True)
        self._done.set()
        self._pipe.close()

    def _take(self) -> bool:
        chunk = os.read(self._pipe.fileno(), 1 << 16)
        before, self._taken = self._taken, self._taken + len(chunk)
        if self._taken <= MAX_INVOCATION_BYTES:
            self._rest += chunk
            self._cut()
        elif before <= MAX_INVOCATION_BYTES:
            self._rest = b""
            self._send(b"[local AWS] The rest of this invocation's log was thrown away: 8 MB.\n")
        return bool(chunk)

    def _cut(self, final: bool = False) -> None:
        """Emit every whole event at the beginning of what has been read."""
        rest = self._rest
        while rest:
            if rest.startswith(_FRAME):
                size = _HEAD + int.from_bytes(rest[4:8], "big")
                if len(rest) >= _HEAD and len(rest) >= size:
                    self._send(rest[_HEAD:size])
                    rest = rest[size:]
                    continue
                if size <= 8 * MAX_EVENT_BYTES and not final:
                    break  # the rest of the frame is on its way
                rest = rest[2:]  # not a frame after all
                continue
            end = rest.find(b"\n")
            frame = rest.find(_FRAME)
            if frame >= 0 and (end < 0 or frame < end):
                end = frame - 1  # a line without an end, then a frame
            if end < 0 and len(rest) < MAX_EVENT_BYTES and not final:
                break
            end = len(rest) if end < 0 else end + 1
            end = min(end, MAX_EVENT_BYTES)
            self._send(rest[:end])
            rest = rest[end:]
        self._rest = rest

    def _send(self, message: bytes) -> None:
        # Stamped on arrival, frames too: readers sort by time, and the order must stay.
        if message.strip():
            self._emit(time.time_ns() // 1_000_000, message.decode("utf-8", "replace"))
