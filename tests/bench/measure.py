"""How times are taken and shown."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from statistics import median

import psutil

BUSY_PERCENT = 15.0  # of all cores, used by others


@dataclass
class Row:
    """One measurement: what we take, what it is held against, and the goal. Times in seconds."""

    name: str
    ours: float
    theirs: float | None  # None where the goal is a time and not a ratio
    goal: float  # the ratio, or the number, that must not be passed
    unit: str = "s"  # "s", "%" or "MB"

    @property
    def value(self) -> float:
        return self.ours if self.theirs is None else self.ours / self.theirs

    @property
    def holds(self) -> bool:
        return self.value <= self.goal

    def cells(self) -> list[str]:
        if self.theirs is None:
            goal = f"<= {self.shown(self.goal)}" if self.goal != float("inf") else ""
            return [self.name, self.shown(self.ours), "", "", goal, self.verdict]
        ratio, goal = f"{self.value:.2f}x", f"<= {self.goal:.1f}x"
        return [self.name, span(self.ours), span(self.theirs), ratio, goal, self.verdict]

    @property
    def verdict(self) -> str:
        """Without a goal a number is only told."""
        return "" if self.goal == float("inf") else "yes" if self.holds else "no"

    def shown(self, value: float) -> str:
        return span(value) if self.unit == "s" else f"{value:.1f} {self.unit}"


def span(seconds: float) -> str:
    """A time as a reader wants it: 3.4 ms, 340 ms, 3.4 s."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 100 else f"{milliseconds:.1f} ms"


def table(rows: list[Row]) -> str:
    lines = [["what", "ours", "theirs", "ratio", "goal", "holds"], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def interleaved(*actions: Callable[[], object], rounds: int, warm_up: int = 3) -> list[float]:
    """The median seconds of each action, taken in turn so that a busy moment meets all of them."""
    for _ in range(warm_up):
        for action in actions:
            action()
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, times, strict=True):
            taken.append(timed(action))
    return [median(taken) for taken in times]


def busy_percent() -> float:
    """What others use of this machine's processors, over one second, in percent of all."""
    return psutil.cpu_percent(interval=1.0)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
        return port
