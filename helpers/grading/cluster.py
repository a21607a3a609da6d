"""The same over a Dask cluster that is there already: its executor has the face of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor


class NoCluster(Exception):
    """The cluster cannot be used. The message says what to do."""


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The cluster's executor and the number of its threads, each of which judges one at a time.

    The course has to stand at the same path on all its machines.
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
        executor = client.get_executor(pure=False)
        try:
            yield executor, width
        finally:
            executor.shutdown(wait=False)
            client.run(_leave)


def _leave() -> None:
    """On a cluster's worker: end the benches that were used there."""
    from helpers.grading.bench import benches

    benches.close()
