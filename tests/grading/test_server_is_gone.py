"""A worker does not take a local AWS that was killed for one that still serves."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from helpers.grading import worker


@pytest.mark.linux
def test_a_killed_server_that_nobody_collected_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_known_server", None)
    pause = "import time; time.sleep(300)"
    with subprocess.Popen([sys.executable, "-c", pause, "helpers.localaws"]) as server:
        monkeypatch.setattr(worker, "_known_server", psutil.Process(server.pid))
        found = worker._server()
        assert found is not None
        assert found.pid == server.pid
        server.kill()
        while found.status() != psutil.STATUS_ZOMBIE:
            pass
        after = worker._server()
        assert after is None or after.pid != server.pid
