"""What the process of an execution environment is told at its start, and tells at its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

#: Linux ends a child with the *thread* that started it (PR_SET_PDEATHSIG), so one thread that
#: lives as long as the server starts all of them.
starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process-starter")


@dataclass(frozen=True)
class Plan:
    """What to start, and within which limits."""

    argv: list[str]
    environment: dict[str, str]
    task: Path  #: the unpacked code: /var/task
    layers: Path | None  #: /opt
    folder: Path  #: belongs to this environment alone
    memory_mb: int
    storage_mb: int
    binds: tuple[str, ...] = ()  #: host paths the runtime needs, shown at the same place
    image: Path | None = None  #: an unpacked container image whose files are the root
    working_directory: str = "/var/task"

    @property
    def cpu_share(self) -> float:
        """Cores. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
        return self.memory_mb / 1769


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit code, or the signal that ended it, and the peak memory."""

    code: int | None
    signal: int | None
    peak_bytes: int
    out_of_memory: bool = False
    exec_problem: str = ""  #: the program could not be started at all
