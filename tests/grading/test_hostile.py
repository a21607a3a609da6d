"""Hostile submissions: none earns what it did not earn, harms another, or outlives its run."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.grading.bench import Benches
from helpers.grading.feedback import feedback
from helpers.grading.walls import Limits
from tests.grading import notebooks
from tests.grading.attacks import ATTACKS

pytestmark = [pytest.mark.sandbox, pytest.mark.linux, pytest.mark.timeout(600)]

MARK = "left-over-of-a-hostile-submission"
LIMITS = Limits(cell_seconds=5, seconds=20, output_bytes=4 << 20)
#: One peaceful submission for so many hostile ones, on the same benches.
PEACE = 6


@dataclass
class Outcomes:
    results: dict[str, dict[str, Any]]
    peace: list[dict[str, Any]]
    left: list[str]
    visitors: int
    home: Path


class Listener:
    """Somebody on the grader's machine, who should never hear from a submission."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._socket.getsockname()[1]
        self.visitors = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visitors += 1
            visitor.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def outcomes(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All of them, two at a time, with a peaceful submission now and then."""
    home = tmp_path_factory.mktemp("grader")
    home.chmod(0o777)
    for name in ("gradebook.db", "ben.ipynb"):
        (home / name).write_text("GRADEBOOK of SECRET-OF-THE-INSTRUCTOR")
        (home / name).chmod(0o666)
    listener, benches = Listener(), Benches()
    told = {
        "home": str(home), "lab": str(toy), "port": listener.port, "mark": MARK,
        "address": _own_address(),
    }  # fmt: skip

    def judge(name: str) -> dict[str, Any]:
        answers = {}
        if name in ATTACKS:
            answers[ATTACKS[name].where] = ATTACKS[name].code % told
        task = {
            "lab": str(toy), "limits": asdict(LIMITS), "practice": False,
            "student": name, "notebook": notebooks.submission(**answers),
        }  # fmt: skip
        return benches.judge(task)

    names = list(ATTACKS)
    for number in range(0, len(names), PEACE):
        names.insert(number, f"peaceful {number}")
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(names, pool.map(judge, names), strict=True))
    left = _left_over()
    benches.close()
    listener.close()
    peace = [results.pop(name) for name in names if name not in ATTACKS]
    return Outcomes(results, peace, left, listener.visitors, home)


def _own_address() -> str:
    """An address of this machine that is not its loopback; the loopback where there is none."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not one.address.startswith("127."):
                return one.address
    return "127.0.0.1"


def _left_over() -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if MARK in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


def test_there_are_enough() -> None:
    assert len(ATTACKS) >= 40


@pytest.mark.parametrize("name", ATTACKS)
def test_it_earns_what_it_earned(outcomes: Outcomes, name: str) -> None:
    result = outcomes.results[name]
    assert result["fault"] == ""
    assert result["of"] == 3
    assert result["points"] == ATTACKS[name].points, _short(result)
    assert "FOUND" not in json.dumps(result).replace(json.dumps(ATTACKS[name].code)[1:-1], "")
    if ATTACKS[name].told:
        assert re.search(
            ATTACKS[name].told, json.dumps(result, ensure_ascii=False).replace('\\"', '"')
        )


def test_others_earn_theirs_meanwhile(outcomes: Outcomes) -> None:
    assert [one["points"] for one in outcomes.peace] == [3] * len(outcomes.peace)


def test_nothing_outlives_its_run(outcomes: Outcomes) -> None:
    assert outcomes.left == []
    deadline = time.monotonic() + 5
    while _left_over() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _left_over() == []


def test_nobody_outside_was_visited(outcomes: Outcomes) -> None:
    assert outcomes.visitors == 0


def test_the_graders_files_are_as_they_were(outcomes: Outcomes) -> None:
    assert {path.name for path in outcomes.home.iterdir()} == {"gradebook.db", "ben.ipynb"}
    for path in outcomes.home.iterdir():
        assert path.read_text() == "GRADEBOOK of SECRET-OF-THE-INSTRUCTOR"


@pytest.mark.parametrize("name", ATTACKS)
def test_its_feedback_holds_no_script_and_no_hidden_case(outcomes: Outcomes, name: str) -> None:
    result = outcomes.results[name] | {
        "late": {"by": "", "percent": 0}, "score": 0, "notes": [],
    }  # fmt: skip
    page = feedback(result, "toy")
    assert "<script" not in page
    assert "<img" not in page
    for secret in ("48611", "97222", "SECRET-OF"):
        assert secret not in page


def _short(result: dict[str, Any]) -> str:
    kept = {name: result[name] for name in ("points", "requirements", "reasons", "cells", "output")}
    return json.dumps(kept, indent=1)[:4000]
