"""A .venv that was left half-finished, moved, broken or outdated is mended by the next run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import start
from tests.unit.start.course import Course, end_group, read_until


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One course for the whole file: every test leaves it working."""
    course = Course.make(tmp_path_factory.mktemp("repair"))
    code, output = course.start()
    assert code == 0, output
    return course


@pytest.mark.parametrize("moment", ["[1/3]", "[3/3]"])
def test_killed_in_the_middle(tmp_path: Path, moment: str) -> None:
    course = Course.make(tmp_path)
    process = course.popen()
    read_until(process, moment)
    end_group(process)
    code, output = course.start()
    assert code == 0, output
    assert "making it anew" in output
    assert course.installed("tiny") == "1.0"


def test_the_folder_was_moved(course: Course, tmp_path: Path) -> None:
    settings = Path(".course", "jupyter", "config", "mine.json")
    (course.folder / settings).write_text("{}")
    moved = course.folder.rename(tmp_path / "elsewhere")
    course.folder = moved
    code, output = course.start()
    assert code == 0, output
    assert "making it anew" in output
    assert json.loads(output.splitlines()[-1])["prefix"] == str(moved / ".venv")
    assert (moved / settings).exists(), "a remade environment keeps the learner's settings"


def test_its_python_is_gone(course: Course) -> None:
    course.python.unlink()
    code, output = course.start()
    assert code == 0, output
    assert "making it anew" in output


def test_new_pins_are_installed_and_nothing_else_is_remade(course: Course) -> None:
    keep = course.folder / ".venv" / "kept"
    keep.touch()
    (course.folder / "requirements.txt").write_text("tiny==2.0\njupyterlab==1.0\n")
    code, output = course.start()
    assert code == 0, output
    assert course.installed("tiny") == "2.0"
    assert keep.exists()
    assert "[1/3]" not in output
    # line ends are git's business, not a change
    (course.folder / "requirements.txt").write_bytes(b"tiny==2.0\r\njupyterlab==1.0\r\n")
    code, output = course.start()
    assert "[3/3]" not in output


def test_the_test_packages_come_with_the_tests_only(course: Course) -> None:
    site = next((course.folder / ".venv").rglob("site-packages"))
    assert not (site / "mypy.py").exists()
    code, output = course.start("test")
    assert code == 0, output
    assert (site / "mypy.py").exists()
    code, output = course.start("lab")
    assert "[3/3]" not in output


@pytest.mark.parametrize(
    "stamp",
    [
        "",
        "[not json",
        "[]",
        '{"state": "unfinished", "folder": FOLDER, "python": VERSION, "installed": {}}',
        '{"state": "finished", "folder": "/elsewhere", "python": VERSION, "installed": {}}',
        '{"state": "finished", "folder": FOLDER, "python": "3.1", "installed": {}}',
    ],
)
def test_a_stamp_that_is_not_right_means_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stamp: str
) -> None:
    version = json.dumps("{}.{}".format(*sys.version_info[:2]))
    right = '{"state": "finished", "folder": FOLDER, "python": VERSION, "installed": {}}'
    monkeypatch.setattr(start, "STAMP", str(tmp_path / "course.json"))
    monkeypatch.setattr(start, "PYTHON", sys.executable)
    for text, ready in ((right, True), (stamp, False)):
        filled = text.replace("FOLDER", json.dumps(start.VENV)).replace("VERSION", version)
        (tmp_path / "course.json").write_text(filled)
        assert start.is_ready([]) is ready
