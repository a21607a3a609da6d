"""Keeps an environment within its memory and its CPU share, and frozen when nobody calls it.

Standard library only: the sandbox's warden loads it in a bare interpreter. What the processes are
and how they are stopped is the business of ``processes`` (``sandbox.Namespace`` or
``plain.Tree``).

CPU: a bucket of credit fills at the share's rate and holds one accounting period's worth. Whoever
has used more than there is has to pause until the bucket is level again. The CPU time that was
really used is measured, so it holds for threads and child processes alike.
1769 MB are one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import time
from typing import Protocol

#: Length of a CPU accounting period, in seconds.
PERIOD = 0.02
#: Credit that even the smallest function has: a trivial handler is not paused at all.
LEAST_CREDIT = 0.0015
#: Processes and threads an environment may have.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PROCESSES = 1024
#: How long after a resume the processes are told to go on again, in seconds. Linux hands a stop
#: that comes in the middle of a fork to the child when it is born, which may be after the resume.
RESUME_AGAIN = 0.3


class Processes(Protocol):
    """All processes of one environment."""

    def stop(self) -> None:
        """Stop every one at once."""

    def resume(self) -> None:
        """Let them go on."""

    def kill(self) -> None:
        """End every one at once."""

    def memory(self) -> int:
        """Bytes in use."""

    def cpu(self) -> float:
        """Seconds of CPU used since the start, ended processes included."""

    def number(self) -> int:
        """How many processes and threads there were at the last look."""


class Governor:
    """Call ``watch`` again and again while the environment is thawed."""

    def __init__(self, processes: Processes, memory_bytes: int, share: float, cores: int) -> None:
        self._processes = processes
        self._memory_bytes, self._share, self._cores = memory_bytes, share, cores
        self._most_credit = max(share * PERIOD, LEAST_CREDIT)
        self._credit, self._looked_at = self._most_credit, time.monotonic()
        self._used_before = 0.0
        self._resume_at = 0.0  # monotonic seconds; 0: not paused
        self._full_cpu = True  # AWS gives init the full CPU
        self._memory_due = 0.0
        self._resume_again_until = 0.0
        self.thawed = True
        self.peak = 0  #: most bytes ever in use
        self.reason = "-"  #: why the processes were killed: "memory", "processes"

    def thaw(self, full_cpu: bool = False) -> None:
        """An invocation begins; it starts with a full bucket."""
        self.thawed, self._full_cpu, self._resume_at = True, full_cpu, 0.0
        self._used_before = self._processes.cpu()
        self._credit, self._looked_at = self._most_credit, time.monotonic()
        self._resume(self._looked_at)

    def freeze(self) -> None:
        """The invocation is over: nothing runs until the next one."""
        self.thawed, self._resume_at = False, 0.0
        self._processes.stop()
        self.measure()

    def measure(self) -> int:
        """Bytes in use now; also remembers the peak."""
        used = self._processes.memory()
        self.peak = max(self.peak, used)
        return used

    def watch(self) -> float:
        """Look once, and act; return the seconds until the next look."""
        now = time.monotonic()
        if now >= self._memory_due:
            self._memory_due = now + PERIOD / 2
            if not self._resume_at and now < self._resume_again_until:
                self._processes.resume()
            if self.measure() > self._memory_bytes:
                return self._end("memory")
            if self._processes.number() > MAX_PROCESSES:
                return self._end("processes")
        if self._full_cpu or self._share >= self._cores:
            return PERIOD / 2
        if self._resume_at:
            if now < self._resume_at:
                return self._resume_at - now
            self._resume_at = 0.0
            self._resume(now)
        used = self._processes.cpu()
        gained = (now - self._looked_at) * self._share
        self._credit = min(self._credit + gained, self._most_credit) - (used - self._used_before)
        self._looked_at, self._used_before = now, used
        if self._credit < 0:
            self._processes.stop()
            pause = min(-self._credit / self._share, 1.0)
            self._resume_at = now + pause
            return pause
        return max(self._credit / self._cores, 0.001)

    def _resume(self, now: float) -> None:
        self._resume_again_until = now + RESUME_AGAIN
        self._processes.resume()

    def _end(self, reason: str) -> float:
        self.reason = reason
        self._processes.kill()
        return PERIOD
