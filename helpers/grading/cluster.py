"""The same over a Dask cluster that is there already: its executor has the face of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

from helpers.grading.isolation import problem
from helpers.grading.labs import find
from helpers.grading.version import version_of


class NoCluster(Exception):
    """The cluster cannot be used. The message says what to do."""


@contextlib.contextmanager
def cluster(address: str, lab: str, practice: bool) -> Iterator[tuple[Executor, int]]:
    """The cluster's executor and the number of its threads, each of which judges one at a time.

    The course has to stand at the same path on all its machines, as it stands here. Each of them is
    asked whether that is so, and whether it can keep submissions apart. Raises NoCluster.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster(
            "--cluster needs the package distributed, which the course does not install:\n"
            "  .venv/bin/python -m pip install distributed\n"
            "Without --cluster everything runs on this machine."
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise NoCluster(f"No Dask scheduler answers at {address}: {error}") from None
    with client:
        width = sum(client.nthreads().values())
        if not width:
            raise NoCluster(f"The cluster at {address} has no workers.")
        told = client.run(_about, lab, practice, on_error="return")
        if bad := _unfit(told, _about(lab, practice=True)):
            raise NoCluster(f"Nothing was graded: {bad}")
        executor = client.get_executor(pure=False)
        try:
            yield executor, width
        finally:
            executor.shutdown(wait=False)
            client.run(_leave)


def _about(lab: str, practice: bool) -> tuple[str, str]:
    """On a cluster's worker: what decides about marks there, and why it may not judge, or ""."""
    return version_of(find(lab)), "" if practice else problem() or ""


def _unfit(told: dict[str, Any], here: tuple[str, str]) -> str:
    """The first machine that must not judge, and why."""
    for machine, answer in sorted(told.items()):
        if not isinstance(answer, tuple):
            return f"the course cannot be used at {machine}: {answer!r}"[:600]
        version, why = answer
        if why:
            return f"at {machine}, {why}"
        if version != here[0]:
            return (
                f"the lab, the judge or its packages are others at {machine} than here. Bring the "
                "same course and the same .venv to every machine."
            )
    return "" if told else "the cluster has no workers."


def _leave() -> None:
    """On a cluster's worker: end the benches that were used there."""
    from helpers.grading.bench import benches

    benches.close()
