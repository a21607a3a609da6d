"""What a judged notebook's cells may hold, and what each of them costs when it goes wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from helpers.grading.notebook_run import Ran, read_report
from helpers.grading.practice import run_plainly
from helpers.grading.walls import Limits


def run(*sources: str, seconds: float = 60, cell_seconds: float = 10) -> Ran:
    """Run cells without a sandbox, and without a cloud at that address."""
    cells: list[dict[str, Any]] = [
        {"number": number, "source": source} for number, source in enumerate(sources, 1)
    ]
    limits = Limits(cell_seconds=cell_seconds, seconds=seconds)
    return run_plainly(cells, "ana", "http://localhost:9", limits)


def test_plain_python_shares_its_names_and_shows_its_last_value() -> None:
    ran = run(
        "import asyncio\nx = 20\ndef f(): return x",
        "f() + 1",
        "x = 30; f()",
        "f();",
        "await asyncio.sleep(0, 'awaited')",
        "None",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\nP(f())",
        "import __main__; __main__.x, __name__",
        "display(1, 'two')",
    )
    assert ran.output.splitlines() == [
        "21", "30", "'awaited'", "P(a=30)", "(30, '__main__')", "1", "'two'",
    ]  # fmt: skip
    assert {cell["state"] for cell in ran.cells.values()} == {"ran"}
    assert ran.ended == ""


def test_writefile_and_harmless_magics() -> None:
    ran = run(
        "%%writefile one.py\nx = 1\n",
        "%%writefile -a one.py\ny = 2",
        "print(open('one.py').read())",
        "%%time\nimport one\none.x + one.y",
        "%matplotlib inline\n%time z = 4\nz",
        "text = '''\n%not a magic\n!nor this\n'''\nlen(text.split())",
        "%%writefile nowhere/two.py\nx = 1",
    )
    assert ran.output.split() == ["x", "=", "1", "y", "=", "2", "3", "4", "5"]
    assert not [cell["notes"] for cell in ran.cells.values() if cell["notes"]]
    assert ran.cells[6]["error"].startswith("FileNotFoundError")


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("!pip install x\nprint('rest')", "“!pip install x” was not run"),
        ("%pip install x\nprint('rest')", "“%pip install x” was not run"),
        ("len?\nprint('rest')", "“len?” was not run"),
        ("%%bash\nls", "%%bash was not run"),
    ],
)
def test_what_is_not_run_is_named_and_the_rest_is_run(source: str, note: str) -> None:
    ran = run(source)
    assert ran.cells[0]["notes"][0].startswith(note)
    assert ran.output == ("rest\n" if "rest" in source else "")
    assert ran.cells[0]["state"] == "ran"


def test_a_value_that_needs_a_shell_is_refused() -> None:
    ran = run("files = !ls\nprint('never')")
    assert "needs a shell" in ran.cells[0]["error"]
    assert ran.output == ""


@pytest.mark.parametrize(
    ("source", "error", "where"),
    [
        ("x = = 1", "SyntaxError", "cell 1, line 1"),
        ("a\x00b", "SyntaxError|ValueError", ""),
        ("'\\udc80' + chr(0xdc80) + '\udc80'", "UnicodeEncodeError", ""),
        ("\n\n1 / 0", "ZeroDivisionError: division by zero", "cell 1, line 3"),
        ("raise SystemExit(3)", "SystemExit: 3", "cell 1, line 1"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "cell 1, line 1"),
        ("class E(Exception):\n  def __str__(self): 1/0\nraise E", "cannot be printed", "cell 1"),
        ("(" * 500 + ")" * 500, "SyntaxError|MemoryError|RecursionError", ""),
    ],
)
def test_an_error_costs_its_own_cell(source: str, error: str, where: str) -> None:
    ran = run(source, "print('on')")
    assert ran.output == "on\n"
    assert any(part in ran.cells[0]["error"] for part in error.split("|")), ran.cells[0]
    assert ran.cells[0]["where"].startswith(where)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no alarms; to run it: use Linux")
def test_an_endless_cell_costs_itself() -> None:
    ran = run("while True: pass", "print('on')", cell_seconds=0.5)
    assert ran.cells[0]["state"] == "too long"
    assert ran.output == "on\n"


def test_a_notebook_without_end_is_stopped() -> None:
    ran = run("import os; os._exit(0)", "print('never')")
    assert (ran.ended, ran.output) == ("process", "")
    ran = run("import time\ntry: time.sleep(99)\nexcept BaseException: time.sleep(99)",
              seconds=3, cell_seconds=0.5)  # fmt: skip
    assert ran.ended == "time"


def test_a_learners_file_may_be_called_like_ours() -> None:
    ran = run("%%writefile cell.py\nx = 'mine'", "import cell; cell.x")
    assert ran.output == "'mine'\n"


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"[" * 9999, b'{"cell": "0", "state": "ran"}',
        b'{"cell": -1, "state": "ran"}', b'{"cell": 0, "state": "right"}', b"\xff\xfe",
        b'{"cell": 0, "state": ["ran"], "error": {}}',
    ],
)  # fmt: skip
def test_a_forged_report_is_only_read_where_it_has_the_form(line: bytes) -> None:
    ran = Ran()
    assert read_report(line + b'\n{"end": true}\n', ran) is True
    assert ran.cells == {}


def test_what_a_report_says_is_cut_to_size(tmp_path: Path) -> None:
    ran = Ran()
    read_report(
        b'{"cell": 0, "state": "ran", "error": "%s", "seconds": 1e999, "notes": 7}' % (b"x" * 9999),
        ran,
    )
    assert len(ran.cells[0]["error"]) == 600
    assert (ran.cells[0]["seconds"], ran.cells[0]["notes"]) == (0.0, [])
