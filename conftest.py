"""What holds for every test, in tests/ and in notebooks/ alike."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from pathlib import Path

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
