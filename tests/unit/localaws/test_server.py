"""``python -m helpers.localaws``: one line when it answers, and its ways to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60


class Started:
    """A server as somebody starts it from a terminal."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpers.localaws", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder), "TEMP": str(folder)},
        )

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code and what was said on stderr."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def assert_clean(self) -> None:
        assert list(self.folder.glob("localaws-*")) == []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    started: list[Started] = []

    def begin(*options: str) -> Started:
        started.append(Started(tmp_path, *options))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.communicate()


def healthy(host: str, port: int) -> bool:
    with urllib.request.urlopen(f"http://{host}:{port}/_localaws/health", timeout=20) as reply:
        return bool(json.load(reply) == {"status": "ok"})


def test_one_line_and_the_end_with_standard_input(start: Any) -> None:
    server = start()
    told = server.answer()
    assert list(told) == ["url", "port", "control"]
    assert told["url"] == f"http://localhost:{told['port']}"
    assert len(told["control"]["token"]) >= 16
    assert healthy("localhost", told["port"])
    assert server.process.poll() is None
    assert server.end() == (0, "")  # communicate() closes its standard input
    server.assert_clean()


def test_both_addresses_of_localhost(start: Any) -> None:
    """Windows tries the IPv6 one first, and waits where nobody answers."""
    told = start().answer()
    assert healthy("127.0.0.1", told["port"])
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert healthy("[::1]", told["port"])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_kept_until_a_signal(start: Any, number: signal.Signals) -> None:
    """``start.py aws``: standard input may close, Ctrl-C and SIGTERM end it."""
    server = start("--keep", "--token", "mine")
    told = server.answer()
    assert told["control"] == {"token": "mine"}
    server.process.stdin.close()
    server.process.stdin = None
    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(1.5)
    assert healthy("localhost", told["port"])
    server.process.send_signal(number)
    code, said = server.end()
    assert code == 0
    assert "Traceback" not in said
    server.assert_clean()


def test_a_port_that_is_taken(start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = start("--port", str(port))
        code, said = server.end()
    assert code == 1
    last = said.strip().splitlines()[-1]
    assert last.startswith(f"Port {port} is taken")
    assert last.endswith("Give another one with --port, or 0 for any.")
    server.assert_clean()


def test_help_says_what_the_options_do(start: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "helpers.localaws", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    for option in ("--port", "--keep", "--token"):
        assert option in done.stdout
