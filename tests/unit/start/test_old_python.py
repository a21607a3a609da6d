"""A Python that is too old gets a sentence, not a SyntaxError."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import start

START = Path(start.__file__)
#: Every old Python that a version manager keeps on this machine; often none.
OLD = [
    path
    for versions in (Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python")
    for path in sorted(versions.glob("*/bin/python"))
    if re.search(r"\b(2\.7|3\.([0-9]|10))\.\d", str(path))
]


def test_old_pythons_can_read_it() -> None:
    source = START.read_text(encoding="ascii")
    tree = ast.parse(source, feature_version=(3, 4))
    names = {type(node).__name__ for node in ast.walk(tree)}
    assert not names & {"JoinedStr", "AnnAssign", "NamedExpr", "Nonlocal", "AsyncFunctionDef"}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)


@pytest.mark.parametrize("python", OLD, ids=lambda path: path.parts[-3])
def test_an_old_python_names_the_needed_version(python: Path) -> None:
    result = subprocess.run([str(python), str(START), "lab"], capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "needs Python 3.11 or newer" in result.stdout
    assert str(python.parent) in result.stdout


def test_it_names_a_newer_one_that_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    monkeypatch.setattr(sys, "argv", ["start.py", "test"])
    if os.name != "nt":
        (tmp_path / "python3.12").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (tmp_path / "python3.12").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SystemExit):
        start.refuse_an_old_python()
    output = capsys.readouterr().out
    assert "This one is Python 3.9.6" in output
    assert re.search(r"^  (py|python\S*) start\.py test$", output, re.MULTILINE)


def test_it_says_where_to_get_one_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (2, 7, 18, "final", 0))
    monkeypatch.setenv("PATH", str(tmp_path))
    if os.name == "nt":
        monkeypatch.setattr(start, "find_a_newer_python", lambda: None)
    with pytest.raises(SystemExit):
        start.refuse_an_old_python()
    assert "https://www.python.org/downloads/" in capsys.readouterr().out
