"""`start.py lab` with the real JupyterLab: its port, its kernels, its end. Needs no browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.bench.measure import free_port
from tests.browser import look
from tests.jupyter_server import execute_a_cell
from tests.notebooks.stored import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a course"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "00-how this works.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    for name in ("requirements.txt", "requirements-test.txt"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_takes_another_and_the_first_notebook_opens(folder: Path, taken: int) -> None:
    with look.jupyterlab(folder, port=taken) as url:
        assert urlsplit(url).port != taken
        with urllib.request.urlopen(url.replace(" ", "%20"), timeout=20) as page:
            assert page.status == 200
        assert "/lab/tree/notebooks/00-how%20this%20works.ipynb" in url


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals; to run it: use Linux or macOS")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_leaves_no_kernel(folder: Path, how: int) -> None:
    log = folder / "jupyterlab.log"
    with log.open("w") as output:
        lab = psutil.Popen(
            [sys.executable, "-c", look.LAB, str(folder), str(free_port())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        execute_a_cell(look.read_url(lab, log))
        kernels = lab.children(recursive=True)
        assert kernels
        assert "WARNING" not in log.read_text(), "nothing that a learner would have to judge"
        lab.send_signal(how)
        assert lab.wait(20) is not None
        _, alive = psutil.wait_procs(kernels, timeout=10)
        assert not alive
        assert "y/[n]" not in log.read_text(), "Ctrl-C asks nothing"
    finally:
        if lab.is_running():
            lab.kill()
