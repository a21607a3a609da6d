"""`start.py grade` from end to end, without walls: what it writes, keeps, refuses and survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from helpers.grading import command, isolation
from helpers.grading.store import Store
from helpers.grading.walls import ROOT
from tests.grading.notebooks import DOUBLE, STORE, TODO, submission

ANSWERS = {
    "ana": submission(),
    "ben": submission(STORE, TODO),
    "=cy": submission(TODO, DOUBLE.replace("2 *", "2 +")),
    "dot.dot": b"{",
}
POINTS = {"=cy": 1, "ana": 3, "ben": 1, "dot.dot": 0}


def start(*words: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "helpers.grading", *words],
        cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def results(out: Path) -> dict[str, dict[str, Any]]:
    found = (json.loads(path.read_text()) for path in sorted((out / "results").glob("*.json")))
    return {one["student"]: one for one in found}


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


class Class:
    """A folder of submissions, and the judge run on it."""

    def __init__(self, folder: Path, lab: Path) -> None:
        self.folder, self.lab, self.out = folder, lab, folder / "out"
        (folder / "subs").mkdir()
        for student, content in ANSWERS.items():
            self.submit(student, content)

    def submit(self, student: str, content: bytes) -> None:
        (self.folder / "subs" / f"{student}.ipynb").write_bytes(content)

    def words(self, *more: str) -> list[str]:
        common = ["subs", "--lab", str(self.lab), "--out", "out", "--practice", "--workers", "2"]
        return [*common, "--from", str(self.folder), *more]

    def grade(self, *more: str) -> int:
        return command.main(self.words(*more))


@pytest.fixture(scope="module")
def graded(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Class:
    one = Class(tmp_path_factory.mktemp("class"), toy)
    assert one.grade() == 0
    return one


def test_everybody_gets_what_was_earned(graded: Class) -> None:
    found = results(graded.out)
    assert {student: one["points"] for student, one in found.items()} == POINTS
    assert {one["of"] for one in found.values()} == {3}
    assert found["dot.dot"]["reasons"][0].startswith("The file is no notebook")
    # 2 + 2 is right for the one number that is shown, and a hidden number tells the difference.
    slip = found["=cy"]["requirements"][2]
    assert (slip["met"], slip["slip"]) == (False, "wrong")


def test_practice_gives_no_marks_and_says_so(graded: Class) -> None:
    assert sorted(path.name for path in graded.out.iterdir()) == ["feedback", "results"]
    for path in (graded.out / "feedback").iterdir():
        assert "counts for nothing" in path.read_text()


def test_the_hidden_case_is_in_no_file(graded: Class) -> None:
    for path in graded.out.rglob("*.*"):
        assert "48611" not in path.read_text()
        assert "97222" not in path.read_text()


def test_a_second_run_judges_nothing_and_touches_nothing(
    graded: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(graded.out)
    assert graded.grade() == 0
    assert files(graded.out) == before
    assert "0 judged, 4 kept as they were." in capsys.readouterr().err


def test_what_changed_is_judged_again_and_nothing_else(
    graded: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    graded.submit("ben", submission())
    before = files(graded.out)
    assert graded.grade() == 0
    changed = {name for name, when in files(graded.out).items() if before.get(name) != when}
    assert {Path(name).name.split("-")[0] for name in changed} == {"ben"}
    assert results(graded.out)["ben"]["points"] == 3
    assert "1 have other points than before" in capsys.readouterr().err
    graded.submit("ben", ANSWERS["ben"])
    (damaged,) = (graded.out / "results").glob("ana-*")
    damaged.write_text(damaged.read_text()[:100])
    assert graded.grade() == 0
    assert "2 judged, 2 kept" in capsys.readouterr().err
    assert {name: one["points"] for name, one in results(graded.out).items()} == POINTS


def test_one_submission_gives_json(graded: Class, capsys: pytest.CaptureFixture[str]) -> None:
    words = graded.words("--json")
    assert command.main(["subs/ana.ipynb", *words[1:]]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX signals; to run it: use Linux")
def test_what_was_finished_before_ctrl_c_or_a_crash_is_not_judged_again(
    toy: Path, tmp_path: Path
) -> None:
    one = Class(tmp_path, toy)
    for number in range(8):
        one.submit(f"s{number}", submission("import time; time.sleep(1)", TODO))
    kept: dict[str, int] = {}
    for how in (signal.SIGINT, signal.SIGKILL):
        process, enough = start(*one.words(), cwd=tmp_path), len(kept) + 3
        deadline = time.monotonic() + 100
        while len(list(one.out.glob("results/*.json"))) < enough and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(how)
        _, said = process.communicate(timeout=30)
        if how == signal.SIGINT:
            assert process.returncode == 130
            assert "run the same command again to go on" in said
        now = {name: when for name, when in files(one.out).items() if name.endswith(".json")}
        assert enough <= len(now) < 12
        assert {name: now[name] for name in kept} == kept
        kept = now
    assert one.grade() == 0
    now = files(one.out / "results")
    assert {name: now[name] for name in kept} == kept
    assert {name: found["points"] for name, found in results(one.out).items()} == POINTS | {
        f"s{number}": 0 for number in range(8)
    }


# --- what it refuses


@pytest.mark.parametrize(
    ("system", "bwrap", "sandbox", "told"),
    [
        ("darwin", "/usr/bin/bwrap", "", "WSL2"),
        ("win32", None, "", "WSL2"),
        ("linux", None, "", "apt-get install bubblewrap"),
        ("linux", "/usr/bin/bwrap", "off", "LOCALAWS_SANDBOX"),
        ("linux", "/bin/false", "", "may not work"),
    ],
)
def test_without_isolation_nothing_is_graded_for_marks(
    graded: Class,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    system: str,
    bwrap: str | None,
    sandbox: str,
    told: str,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(isolation, "bwrap", lambda: bwrap)
    monkeypatch.setattr("helpers.grading.walls.bwrap", lambda: bwrap)
    monkeypatch.setenv("LOCALAWS_SANDBOX", sandbox)
    words = [word for word in graded.words("--out", "marks") if word != "--practice"]
    assert command.main(words) == 1
    said = capsys.readouterr().err
    assert told in said
    assert "--practice" in said
    assert not (graded.folder / "marks").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "There is nothing at"),
        (["subs", "--lab", "L99"], "There is no lab"),
        (["subs", "--lab", "../nowhere"], "nowhere"),
        (["subs", "--due", "soon"], "--due takes a time"),
        (["subs", "--late", "1h:5"], "--late needs --due"),
        (["subs", "--only", "zoe"], "No submission is of zoe"),
        (["subs", "--roster", "none.csv"], "roster cannot be read"),
    ],
)
def test_a_wrong_word_is_explained(
    graded: Class, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    rest = graded.words()[1:]
    if "--lab" in words:
        rest = rest[2:]
    assert command.main([*rest, *words]) == 1
    assert told in capsys.readouterr().err


def test_a_cluster_needs_its_package(graded: Class, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        assert graded.grade("--cluster", "tcp://127.0.0.1:1") == 1
        assert "pip install distributed" in capsys.readouterr().err


def test_results_of_others_are_not_taken_for_ours(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write({"student": "ana", "points": 1})
    (path,) = store.folder.glob("*.json")
    path.write_text('{"student": "ben", "points": 9}')
    assert store.read("ana") is None
