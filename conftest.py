"""What holds for every test, in tests/ and in notebooks/ alike."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import start

NOTEBOOK_OUTPUT_SECONDS = 30  # nbval's own wait, 5 s after a cell's reply, fails on a busy machine


def pytest_configure(config: pytest.Config) -> None:
    """Tests see what the course sees: no AWS settings of this machine, Jupyter's files in here."""
    clean = start.environment()
    for name in set(os.environ) - set(clean):
        del os.environ[name]
    os.environ.update(clean)
    scratch = tempfile.TemporaryDirectory(prefix="course-progress-", ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    config.stash[PROGRESS] = Path(scratch.name)
    os.environ["COURSE_PROGRESS"] = str(Path(scratch.name, "progress.json"))
    # An operation whose permissions nobody has written down is an error here, never a guess.
    os.environ["LOCALAWS_UNMAPPED"] = "refuse"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in a shell's background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what we start inherits that


PROGRESS = pytest.StashKey[Path]()


def pytest_itemcollected(item: pytest.Item) -> None:
    if hasattr(item, "output_timeout"):
        item.output_timeout = NOTEBOOK_OUTPUT_SECONDS


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each notebook starts as a learner who has not predicted anything yet.

    Set before nbval starts the notebook's kernel, which inherits it.
    """
    if item.path.suffix == ".ipynb":
        progress = item.config.stash[PROGRESS] / f"{item.path.stem}.json"
        os.environ["COURSE_PROGRESS"] = str(progress)


#: The longest file by far: so many workers may share its tests. Each opens a browser of its own.
SHARED, SHARES = "tests/browser/test_notebooks.py", 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: else it is still going on when all the rest is done."""
    items.sort(key=lambda item: "tests/browser/" not in item.path.as_posix())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist=loadfile``, except that the notebooks of the browser are dealt out."""
    from xdist.scheduler import LoadFileScheduling

    class Dealt(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            number = re.search(r"\[(\d+)", test)
            if file != SHARED or number is None:
                return file
            return f"{file}::{int(number.group(1)) % SHARES}"

    return Dealt(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was not run; a skip's reason names the one command that makes it run."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("what was not run")
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count} x {reason}")
