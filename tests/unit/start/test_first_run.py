"""The first run on a machine, and what may stand in its way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.unit.start.course import WINDOWS, Course, end_group, read_until, wheel, working_bwrap

BWRAP = working_bwrap()
NEEDS_BWRAP = "no working bubblewrap; to run these: sudo apt-get install bubblewrap"

#: A program uv of a few lines: says how it was called, and lets pip do the work.
UV = """\
#!/usr/bin/env python3
import subprocess, sys
python, *words = sys.argv[sys.argv.index("--python") + 1:]
print("uv called", *words, flush=True)
words = [word for word in words if word not in ("--quiet", "--offline")]
pip = [{python!r}, "-m", "pip", "--python", python, "install", *words]
sys.exit(subprocess.call(pip))
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course.make(tmp_path)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, str]:
    """A course that ran once, and what that first run printed."""
    course = Course.make(tmp_path_factory.mktemp("first"))
    code, output = course.start("lab", "--no-browser")
    assert code == 0, output
    return course, output


def test_the_first_run_installs_and_goes_on(started: tuple[Course, str]) -> None:
    course, output = started
    assert [line[:5] for line in output.splitlines() if line.startswith("[")] == [
        "[1/3]",
        "[2/3]",
        "[3/3]",
    ]
    assert "Installing 2 packages with pip" in output  # this index has no uv
    assert "Ready in" in output
    assert course.installed("tiny") == "1.0"


def test_a_second_run_installs_nothing_and_needs_no_index(started: tuple[Course, str]) -> None:
    course, _ = started
    before = (course.folder / ".venv" / "course.json").stat().st_mtime_ns
    began = time.perf_counter()
    code, output = course.start(
        PIP_FIND_LINKS="gone", UV_FIND_LINKS="gone", HTTPS_PROXY="http://127.0.0.1:9"
    )
    assert code == 0, output
    assert time.perf_counter() - began < 5
    assert "[" not in output.split("{")[0]
    assert (course.folder / ".venv" / "course.json").stat().st_mtime_ns == before


@pytest.mark.skipif(not BWRAP, reason=NEEDS_BWRAP)
def test_a_second_run_works_without_any_network(started: tuple[Course, str]) -> None:
    course, _ = started
    bubble = (str(BWRAP), "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent")
    code, output = course.start(prefix=bubble)
    assert code == 0, output
    assert "Installing" not in output


def test_nothing_is_written_outside_the_folder(course: Course, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code, output = course.start(HOME=str(home), USERPROFILE=str(home), LOCALAPPDATA=str(home))
    assert code == 0, output
    # pip asks `rustc` for its version where there is one, and a rustup writes its settings then
    assert [path.name for path in home.iterdir() if path.name != ".rustup"] == []


@pytest.mark.skipif(WINDOWS, reason="Windows runs no scripts as uv; to run it: use Linux or macOS")
def test_uv_installs_where_the_index_has_it(course: Course) -> None:
    files = {"uv-0.9.9.data/scripts/uv": UV.format(python=sys.executable)}
    wheel(course.index, "uv", "0.9.9", files)
    code, output = course.start()
    assert code == 0, output
    assert "with uv" in output
    assert "uv called --quiet -r requirements.txt" in output
    assert course.installed("tiny") == "1.0"
    # once brought in, it is there for a remake, index or not
    for file in course.index.glob("uv-*"):
        file.unlink()
    shutil.rmtree(course.folder / ".venv")
    code, output = course.start()
    assert "[2/3]" not in output
    assert "with uv" in output


@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 1\n", "made for another machine"])
def test_pip_takes_over_where_uv_fails(course: Course, program: str) -> None:
    name = "uv.exe" if WINDOWS else "uv"
    wheel(course.index, "uv", "0.9.9", {f"uv-0.9.9.data/scripts/{name}": program})
    code, output = course.start()
    assert code == 0, output
    assert "trying again with pip" in output
    assert course.installed("tiny") == "1.0"


def test_two_at_once_install_once(course: Course) -> None:
    one, other = course.popen(), course.popen()
    try:
        outputs = [process.communicate(timeout=60)[0] for process in (one, other)]
    finally:
        end_group(one)
        end_group(other)
    assert [one.returncode, other.returncode] == [0, 0], outputs
    assert sorted("[1/3]" in output for output in outputs) == [False, True]
    assert sum("Waiting for it to finish" in output for output in outputs) == 1


def test_no_network_says_so(course: Course) -> None:
    code, output = course.start(
        PIP_NO_INDEX="0",
        PIP_INDEX_URL="https://localhost:9/simple",
        PIP_FIND_LINKS="",
        NO_PROXY="*",
    )
    assert code == 1
    assert "package index cannot be reached" in output
    assert "run this again" in output
    assert "Traceback" not in output
    code, output = course.start()  # connected again
    assert code == 0, output


def test_a_package_that_cannot_be_had_says_so(course: Course) -> None:
    (course.folder / "requirements.txt").write_text("tiny==3.0\n")
    code, output = course.start()
    assert code == 1
    assert "No matching distribution found for tiny==3.0" in output
    assert "the lines above say why" in output


def test_no_write_permission_says_so(course: Course) -> None:
    if WINDOWS:
        pytest.skip("Windows: a folder's permissions are not a mode; to run it: use Linux or macOS")
    if os.geteuid() == 0:  # permissions do not bind root, a read-only file system does
        if not BWRAP:
            pytest.skip(NEEDS_BWRAP)
        bubble = (str(BWRAP), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
        code, output = course.start(prefix=bubble)
    else:
        course.folder.chmod(0o555)
        code, output = course.start()
        course.folder.chmod(0o755)
    assert code == 1
    assert "No permission to write" in output
    assert "Move this folder" in output
    assert "Traceback" not in output


@pytest.mark.skipif(not BWRAP, reason=NEEDS_BWRAP)
def test_a_full_disk_says_so(course: Course, tmp_path: Path) -> None:
    inside = str(course.folder)
    copy = shutil.copytree(course.folder, tmp_path / "copy")
    bubble = [str(BWRAP), "--dev-bind", "/", "/", "--size", str(2**20), "--tmpfs", inside]
    for name in ("start.py", "requirements.txt"):
        bubble += ["--ro-bind", f"{copy}/{name}", f"{inside}/{name}"]
    code, output = course.start(prefix=(*bubble, "--chdir", inside))
    assert code == 1
    assert "The disk has 1 MB free" in output
    assert "Free some space" in output


def test_without_the_venv_module_it_names_the_package(course: Course, tmp_path: Path) -> None:
    shim = tmp_path / "debian"
    shim.mkdir()
    (shim / "ensurepip.py").write_text("raise ImportError('Debian keeps it in python3-venv')")
    code, output = course.start(PYTHONPATH=str(shim))
    assert code == 1
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in output
    assert not course.python.exists()


def test_a_venv_that_is_something_else_is_left_alone(course: Course) -> None:
    (course.folder / ".venv").mkdir()
    (course.folder / ".venv" / "thesis.txt").write_text("years of work")
    code, output = course.start()
    assert code == 1
    assert "is no Python environment" in output
    assert (course.folder / ".venv" / "thesis.txt").read_text() == "years of work"


@pytest.mark.skipif(
    WINDOWS, reason="Windows: links need admin rights; to run it: use Linux or macOS"
)
def test_a_venv_that_is_a_link_is_not_emptied(course: Course, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyvenv.cfg").touch()
    (course.folder / ".venv").symlink_to(tmp_path / "other")
    code, output = course.start()
    assert code == 1
    assert "is a link" in output
    assert (tmp_path / "other" / "pyvenv.cfg").exists()


def test_a_missing_file_says_so(course: Course) -> None:
    (course.folder / "requirements.txt").unlink()
    code, output = course.start()
    assert code == 1
    assert "requirements.txt is missing beside start.py" in output


def test_ctrl_c_while_installing_is_no_traceback(course: Course) -> None:
    if WINDOWS:
        pytest.skip("Windows: Ctrl-C cannot be sent to one process; to run it: use Linux or macOS")
    process = course.popen()
    try:
        read_until(process, "[1/3]")
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        output, _ = process.communicate(timeout=30)
    finally:
        end_group(process)
    assert process.returncode == 130
    assert "Run the same command again" in output
    stamp = json.loads((course.folder / ".venv" / "course.json").read_text())
    assert stamp["state"] == "unfinished"
