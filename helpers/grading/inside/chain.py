"""Runs the cells one after the other, so that whatever one of them does costs only itself.

Before a cell the process forks. The child runs the cell and goes on with the next one; the parent
only waits, and is the notebook as it was before. When the child ends (os._exit, a crash in C, no
memory) or does not come back in time (a loop that catches everything), the parent kills it and goes
on with the next cell from where it stands. When the child has come through, the parent ends.

Three kinds of cells run without a fork of their own, which costs more than most of them do, and
their guard is the last parent:

- Those that came with the lab, or only write a file, and follow such a one. Should one of them end
  the process after all (it may call what the student wrote), the parent runs those before it again,
  each with a fork now, so that nothing is lost.
- The last one: nothing comes after it that could be lost.
- All cells while a thread runs, because a thread does not survive a fork.
"""

import builtins
import contextlib
import json
import os
import select
import signal
import socket
import stat
import sys
import threading
import time
import types

from cell import Shell, explain, is_file  # type: ignore[import-not-found]

#: How much longer than a cell's own alarm its guard waits: the time for its `finally` clauses.
GRACE = 1.0
MOST_NOTES = 20
#: What a guard is told, each word of this many bytes: a cell's number, or that all is well.
WORD = 4
DONE = b"done"


class TooLong(BaseException):
    """A cell's time is up. Not an Exception, so that `except Exception` does not swallow it."""


class Chain:
    """The notebook's cells, from the first to the last."""

    def __init__(self, cells, seconds, report):
        self.cells, self.seconds, self._report = cells, seconds, report
        self._left = list(range(len(cells)))
        self._guard = -1  # a pipe to the process that guards this one; -1: nobody does
        self._after_harmless = False  # what the cell before was
        self._careful = False  # something failed: each cell gets a fork now
        notebook = types.ModuleType("__main__")  # dataclasses and pickle look it up by its name
        notebook.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = notebook
        self.shell = Shell(notebook.__dict__)

    def run(self):
        while self._left:
            number = self._left[0]
            if self._is_guarded(number):
                self._tell_guard(number)
            elif not self._fork():
                continue
            self._left.pop(0)
            self._cell(number)
            self._after_harmless = self._is_harmless(number)
        self._tell({"end": True})
        if self._guard >= 0:
            self._release()

    def _is_guarded(self, number):
        if self._guard < 0:
            return False
        follows = self._is_harmless(number) and self._after_harmless and not self._careful
        return follows or len(self._left) == 1 or self._has_threads()

    def _is_harmless(self, number):
        """Whether it came with the lab, or runs nothing of the student's; it may run twice."""
        cell = self.cells[number]
        return cell.get("ours", False) or is_file(cell["source"])

    def _fork(self):
        """Fork. True in the child. False in the parent, later, should the child fail: what is left
        is then what the child had not done.
        """
        heard, said = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            if self._guard >= 0:
                self._release()
            self._guard = said
            os.setpgid(0, 0)  # a signal to its group is for itself alone
            return True
        os.close(said)
        failed = self._watch(child, heard, self._left[0])
        os.close(heard)
        if self._guard >= 0:  # it ended when the lost child began
            os.close(self._guard)
            self._guard = -1
        self._forget_connections()
        place = self._left.index(failed) if failed in self._left else 0
        again = [number for number in self._left[:place] if self._is_harmless(number)]
        self._left = again + self._left[place + 1 :]
        self._careful = True
        return False

    def _watch(self, child, heard, number):
        """Wait for the child; end with it when it has come through, else return its last cell."""
        deadline = time.monotonic() + self.seconds + GRACE
        began = time.monotonic()
        ended = os.pidfd_open(child)
        try:
            while True:
                left = deadline - time.monotonic()
                ready, _, _ = select.select([heard, ended], [], [], max(0, left))
                if heard in ready:
                    # One message at a time: several may wait here when this process is slow.
                    message = os.read(heard, WORD)
                    if message == DONE:
                        os._exit(0)
                    if message:
                        number = int.from_bytes(message, "big")
                        began = time.monotonic()
                        deadline = began + self.seconds + GRACE
                        continue
                if not ready and left > 0:
                    continue
                break
        finally:
            os.close(ended)
        timed_out = not ready
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        self._tell(
            {
                "cell": number,
                "state": "too long" if timed_out else "ended",
                "error": self._how(status, timed_out),
                "seconds": round(time.monotonic() - began, 3),
            }
        )
        return number

    def _how(self, status, timed_out):
        if timed_out:
            return f"stopped after {self.seconds:g} seconds"
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return f"it ended the notebook's process ({name})"
        return f"it ended the notebook's process (exit code {os.waitstatus_to_exitcode(status)})"

    def _cell(self, number):
        cell = self.cells[number]
        began = time.monotonic()
        told = {"cell": number, "state": "ran", "error": "", "where": ""}
        signal.signal(signal.SIGALRM, self._alarm)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            try:
                self.shell.run(cell["source"], f"cell {cell['number']}")
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TooLong:
            told |= {"state": "too long", "error": f"stopped after {self.seconds:g} seconds"}
        except BaseException as error:
            told["state"] = "failed"
            told["error"], told["where"] = explain(error)
        told["seconds"] = round(time.monotonic() - began, 3)
        told["notes"] = self.shell.notes[:MOST_NOTES]
        self._tell(told)

    def _alarm(self, *_):
        raise TooLong

    def _has_threads(self):
        return threading.active_count() > 1

    def _tell_guard(self, number):
        os.write(self._guard, number.to_bytes(WORD, "big"))

    def _release(self):
        """The cell before came through: whoever guarded it may end."""
        with contextlib.suppress(OSError):
            os.write(self._guard, DONE)
            os.close(self._guard)

    def _tell(self, what):
        line = json.dumps(what).encode() + b"\n"
        os.write(self._report, line[:8000] if len(line) <= 8000 else b'{"cell": -1}\n')

    def _forget_connections(self):
        """Hang up every connection that the lost child shared: an answer to it may be under way."""
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                number = int(name)
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    with socket.socket(fileno=os.dup(number)) as shared:
                        shared.shutdown(socket.SHUT_RDWR)
