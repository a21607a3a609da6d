"""How far a run is: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 30
LINES = 10  # in a log


class Progress:
    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total, self._stream = total, stream or sys.stderr
        self._began = time.monotonic()
        self.done = self.judged = 0
        self._bar = self._stream.isatty()

    def __call__(self, student: str, was_judged: bool) -> None:
        """One more is finished."""
        self.done += 1
        self.judged += was_judged
        if self._bar:
            filled = WIDTH * self.done // max(1, self._total)
            shown = "".join(one if one.isprintable() else "?" for one in student)[:24]
            bar = "█" * filled + "·" * (WIDTH - filled)
            self._say(f"\r{bar} {self.done} of {self._total}{self._rate()}  {shown:<24}")
            if self.done == self._total:
                self._say("\n")
        elif self.done * LINES // self._total > (self.done - 1) * LINES // self._total:
            self._say(f"{self.done} of {self._total}{self._rate()}\n")

    def _rate(self) -> str:
        minutes = (time.monotonic() - self._began) / 60
        return f", {self.judged / minutes:.0f} a minute" if self.judged > 1 else ""

    def _say(self, said: str) -> None:
        try:
            self._stream.write(said)
            self._stream.flush()
        except (OSError, ValueError, UnicodeError):
            self._bar = False  # nobody reads, or not in these letters
