"""One line that says how far the clean-up is."""

from __future__ import annotations

import sys

_WIDTH = 24


class Bar:
    """``[######------------------]  5 of 20 · function shop-hello``, written over itself."""

    def __init__(self) -> None:
        self._last = 0

    def show(self, done: int, total: int, doing: str) -> None:
        filled = _WIDTH * done // max(1, total)
        line = f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {done:>2} of {total} · {doing}"[:100]
        self._write("\r" + line.ljust(self._last))
        self._last = len(line)

    def clear(self) -> None:
        if self._last:
            self._write("\r" + " " * self._last + "\r")
            self._last = 0

    def _write(self, text: str) -> None:
        if sys.stdout is not None:
            sys.stdout.write(text)
            sys.stdout.flush()
