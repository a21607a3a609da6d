"""lab, test, bench and aws: what they start, in which environment, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.start.course import WINDOWS, Course, end_group, read_until


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course.make(tmp_path_factory.mktemp("commands"))
    code, output = course.start("test")
    assert code == 0, output
    return course


def told(output: str) -> list[dict[str, Any]]:
    """What each started program said of how it was called."""
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"args"')]


#: One more than there are processors.
WORKERS = str(min((os.cpu_count() or 1) + 1, 8))

# --- lab


def test_no_command_means_lab_on_the_first_notebook(course: Course) -> None:
    code, output = course.start()
    assert code == 0, output
    call = told(output)[0]
    assert call["cwd"] == str(course.folder)
    assert call["prefix"] == str(course.folder / ".venv")
    assert "--LabApp.default_url=/lab/tree/notebooks/00-how-this-works.ipynb" in call["args"]
    assert f"--ServerApp.root_dir={course.folder}" in call["args"]
    assert "--no-browser" not in call["args"]


def test_options_work_with_and_without_the_word_lab(course: Course) -> None:
    for words in (["lab", "--no-browser", "--port", "9999"], ["--no-browser", "--port=9999"]):
        call = told(course.start(*words)[1])[0]
        assert "--no-browser" in call["args"]
        assert "--port=9999" in call["args"]


def test_credentials_and_settings_of_this_machine_stay_out(course: Course) -> None:
    _, output = course.start(
        AWS_ACCESS_KEY_ID="AKIAREAL",
        AWS_SECRET_ACCESS_KEY="real",
        AWS_PROFILE="production",
        AWS_CA_BUNDLE="/real.pem",
        JUPYTER_TOKEN="x",
        JUPYTER_PATH="/usr/share/jupyter",
        PYTHONPATH="/somewhere",
        BOTO_CONFIG="/real.cfg",
    )
    env = told(output)[0]["env"]
    assert {name for name in env if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert env["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert not {"JUPYTER_TOKEN", "JUPYTER_PATH", "PYTHONPATH", "BOTO_CONFIG"} & set(env)
    folders = [env[name] for name in env if name.endswith("_DIR") or name == "IPYTHONDIR"]
    assert len(folders) == 4
    assert all(Path(folder).is_relative_to(course.folder / ".course") for folder in folders)


def test_jupyterlab_asks_and_reports_nothing(course: Course) -> None:
    course.start()
    path = course.folder / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings = json.loads(path.read_text())["@jupyterlab/apputils-extension:notification"]
    assert settings["fetchNews"] == "false"
    assert settings["checkForUpdates"] is False


# --- test and bench


def test_test_checks_style_and_types_and_runs_everything_once(course: Course) -> None:
    code, output = course.start("test")
    assert code == 0, output
    assert [call["args"] for call in told(output)] == [
        ["check", "."],
        ["format", "--check", "."],
        ["-n", WORKERS, "--dist=loadfile", "--no-loadscope-reorder"],
        [],
    ]
    assert "All passed: style, format, tests, types" in output


def test_further_words_go_to_pytest_and_it_says_what_was_left_out(course: Course) -> None:
    code, output = course.start("test", "tests/unit", "-k", "clock and not slow")
    assert code == 0, output
    assert [call["args"][4:] for call in told(output)] == [
        ["tests/unit", "-k", "clock and not slow"]
    ]
    assert "Not run: style, format, types" in output


@pytest.mark.parametrize("broken", ["ruff", "mypy", "pytest"])
def test_one_failure_fails_the_command_and_the_rest_still_runs(course: Course, broken: str) -> None:
    course.env = {f"FAIL_{broken.upper()}": "3"}
    code, output = course.start("test")
    course.env = {}
    assert code == 1
    assert len(told(output)) == 4
    names = {"ruff": "style, format", "mypy": "types", "pytest": "tests"}
    assert f"Failed: {names[broken]}\n" in output


def test_bench_runs_the_bench_folder(course: Course) -> None:
    bench = course.folder / "tests" / "bench"
    bench.mkdir(parents=True, exist_ok=True)
    (bench / "__main__.py").write_text("print('measured')")
    code, output = course.start("bench")
    assert (code, output.strip()) == (0, "measured")


def test_teardown_hands_its_words_on(course: Course) -> None:
    command = course.folder / "helpers" / "cloud" / "account" / "command.py"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text("import sys; print(sys.argv[1:]); sys.exit(3)")
    code, output = course.start("teardown", "--number", "123456789012")
    assert (code, output.strip()) == (3, "['--number', '123456789012']")


# --- aws


def test_aws_prints_what_to_paste(course: Course) -> None:
    process = course.popen("aws", "--port", str(free_port()))
    try:
        output = read_until(process, "_localaws/clock/advance")
    finally:
        end_group(process)
    for shell in ("export AWS_ENDPOINT_URL=", "set -gx AWS_ENDPOINT_URL", "$env:AWS_ENDPOINT_URL="):
        assert shell in output
    assert "--endpoint-url http://localhost:" in output
    assert "s3_use_path_style" in output
    assert "Authorization: Bearer t0ken" in output
    prose = [line for line in output.splitlines() if not re.search("curl|my first course", line)]
    assert max(len(line) for line in prose) <= 100


@pytest.mark.skipif(WINDOWS, reason="Windows has no bash; to run it: use Linux or macOS")
def test_what_it_prints_for_bash_works_in_bash(course: Course) -> None:
    process = course.popen("aws", "--port", str(free_port()))
    try:
        output = read_until(process, "_localaws/clock/advance")
    finally:
        end_group(process)
    pasted = output.split("bash, zsh\n")[1].split("\n\n")[0]
    script = pasted + "\necho $AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID ${AWS_PROFILE-none}"
    env = {"PATH": os.environ["PATH"], "AWS_PROFILE": "production"}
    said = subprocess.check_output(["bash", "-euc", script], env=env, text=True)
    assert said.startswith("http://localhost:")
    assert said.endswith(" test none\n")


def test_a_taken_port_takes_the_next(course: Course) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = course.popen("aws", "--port", str(port))
        try:
            output = read_until(process, "answers at")
        finally:
            end_group(process)
    assert f"Port {port} is taken" in output
    assert f"http://localhost:{port}\n" not in output


@pytest.mark.skipif(WINDOWS, reason="Windows has no POSIX signals; to run it: use Linux or macOS")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_the_server_ends_with_the_command_however_it_ends(course: Course, how: int) -> None:
    mark = course.folder / "server-ended"
    mark.unlink(missing_ok=True)
    process = course.popen("aws", "--port", str(free_port()))
    try:
        read_until(process, "answers at")
        os.kill(process.pid, how)
        process.wait(10)
        deadline = time.monotonic() + 10
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert mark.exists()
        if how == signal.SIGINT:
            assert process.stdout is not None
            assert process.stdout.read().endswith("has ended, and what was in it is gone.\n")
            assert process.returncode == 0
    finally:
        end_group(process)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


# --- grade


def test_grade_hands_every_word_to_the_judge_and_says_where_it_was_typed(
    course: Course, tmp_path: Path
) -> None:
    judge = course.folder / "helpers" / "grading"
    judge.mkdir(parents=True)
    (judge / "__main__.py").write_text("import sys; print('judge', sys.argv[1:])\n")
    words = ["subs", "--lab", "L06", "--late", "1h:0, 24h:10", "--help"]
    code, output = course.start("grade", *words)
    assert code == 0, output
    assert output.strip() == f"judge {['--from', str(course.folder), *words]}"


# --- the command line


def test_help_explains_every_command(course: Course) -> None:
    code, output = course.start("--help")
    assert code == 0
    for command in ("lab", "test", "bench", "aws"):
        assert f"\n    {command} " in output
        assert course.start(command, "--help")[0] == 0


def test_an_unknown_command_names_the_known_ones(course: Course) -> None:
    code, output = course.start("tests")
    assert code == 2
    assert "lab" in output
    assert "bench" in output
