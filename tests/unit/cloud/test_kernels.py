"""Real Jupyter kernels: restarted, shut down and killed, they leave nothing behind.

``COURSE_TEST_OPENINGS=100`` makes the loop as long as the release demands; each round kills a
process at another moment.
"""

from __future__ import annotations

import ast
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager

from tests.unit.cloud.openers import ROOT, Opener

ROUNDS = int(os.environ.get("COURSE_TEST_OPENINGS", "10"))
#: Every fifth is a real kernel, which takes a second longer to start than a bare process.
KERNEL_EVERY = 5
PATIENCE = 60

OPEN = """
import os
from helpers import cloud
from helpers.cloud import opening
aws = cloud.open()
print([opening._server.pid, os.getpid(), aws.account_id])
"""


WORK = """
tell(begins=True)
aws = cloud.open()
tell(account=aws.account_id)
time.sleep(60)
"""


class Kernel:
    """A kernel with a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder
        folder.mkdir()
        self.manager = KernelManager()
        # ipykernel ends with its parent (us) by default; everything else as JupyterLab starts it.
        self.manager.start_kernel(
            env={**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "PYTHONPATH": str(ROOT)}
        )
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.manager.provisioner.pid)  # type: ignore[union-attr]

    def run(self, code: str) -> Any:
        """Run a cell; the value that it printed."""
        written: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            content = message["content"]
            written.append(content.get("text", "") or "\n".join(content.get("traceback", [])))

        self.client.execute_interactive(code, output_hook=keep, timeout=PATIENCE)
        return ast.literal_eval("".join(written) or "None")

    def close(self) -> None:
        self.client.stop_channels()
        with contextlib.suppress(Exception):
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Callable[[], Kernel]]:
    started: list[Kernel] = []

    def start() -> Kernel:
        started.append(Kernel(tmp_path / f"kernel{len(started)}"))
        return started[-1]

    yield start
    for one in started:
        one.close()


def assert_gone(processes: list[psutil.Process], folder: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        lives = [one for one in processes if one.is_running() and one.status() != "zombie"]
        folders = list(folder.glob("localaws-*"))
        if not (lives or folders) or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert not lives
    assert not folders


def test_running_the_opening_cell_again(kernel: Callable[[], Kernel]) -> None:
    """One server; after a restart of the kernel another one, and the first is gone."""
    one = kernel()
    first = one.run(OPEN)
    assert one.run(OPEN) == first
    below = one.process.children(recursive=True)
    assert first[0] in [process.pid for process in below]
    one.manager.restart_kernel(now=False)
    one.client.wait_for_ready(timeout=PATIENCE)
    assert_gone(below, one.temporary)
    second = one.run(OPEN)
    assert second[0] != first[0]
    below = one.process.children(recursive=True)
    one.manager.shutdown_kernel(now=False)
    assert_gone(below, one.temporary)


@pytest.mark.timeout(60 + 12 * ROUNDS)
def test_many_opened_and_killed(
    kernel: Callable[[], Kernel], opener: Callable[..., Opener]
) -> None:
    """Killed while they open, when they have just opened, and when they have worked."""
    for number in range(ROUNDS):
        if number % KERNEL_EVERY == 0:
            one = kernel()
            one.run(OPEN)
            below = one.process.children(recursive=True)
            assert len(below) >= 2
            one.process.kill()
            assert_gone(below, one.temporary)
            one.close()
            continue
        killed = opener(WORK)
        killed.hear()
        if number % 2:
            time.sleep(0.07 * (number % 20))
        else:
            killed.hear()
        killed.look()
        killed.kill()
        killed.assert_nothing_is_left()
        killed.close()
