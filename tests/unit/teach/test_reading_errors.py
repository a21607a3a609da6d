"""AWS's error payloads, whatever is in them, become one slip that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.teach.checking import NotAttempted
from helpers.teach.checking.failures import explain
from helpers.teach.checking.files import attempted
from helpers.teach.checking.words import kind, short

STARTER = "def handler(event, context):\n    ...  # your lines\n"
TIMED_OUT = "RequestId: 1b2c Error: Task timed out after 3.00 seconds"
TRACE = ['  File "/var/task/receipt.py", line 7, in handler\n    total += 1\n', '  File "x.py"']


@pytest.mark.parametrize(
    ("error", "slip", "words"),
    [
        ({"errorType": "Sandbox.Timedout", "errorMessage": TIMED_OUT}, "timeout", "after 3.00"),
        (
            {
                "errorType": "Runtime.UserCodeSyntaxError",
                "errorMessage": "Syntax error in module 'receipt': '(' was never closed "
                "(receipt.py, line 3)",
            },
            "syntax",
            "line 3",
        ),
        (
            {
                "errorType": "Runtime.HandlerNotFound",
                "errorMessage": "Handler 'handler' missing on module 'receipt'",
            },
            "no handler",
            "missing on module",
        ),
        (
            {"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'pil'"},
            "import",
            "pil",
        ),
        ({"errorType": "Runtime.MarshalError", "errorMessage": "set is not"}, "not JSON", "set"),
        (
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: 1 Error: exit status 1"},
            "exit",
            "exit status 1",
        ),
        (
            {
                "errorType": "TypeError",
                "errorMessage": "handler() takes 1 positional argument but 2 were given",
            },
            "signature",
            "takes 1",
        ),
        (
            {"errorType": "TypeError", "errorMessage": "Object of type ellipsis is not JSON"},
            "dots",
            "ellipsis",
        ),
        (
            {"errorType": "KeyError", "errorMessage": "'lines'", "stackTrace": TRACE},
            "raised KeyError",
            "in line 7",
        ),
        ({}, "raised ", "failed"),
        (None, "raised ", "failed"),
        ("text", "raised ", "failed"),
        ({"errorType": 3, "errorMessage": ["x"], "stackTrace": {"a": 1}}, "raised 3", "raised 3"),
    ],
)
def test_errors(error: Any, slip: str, words: str) -> None:
    found = explain("receipt.py", error)
    assert found.name == slip
    assert words in found.seen
    assert "RequestId" not in found.seen
    assert found.advice


def test_a_missing_an_empty_and_an_untouched_file_are_no_attempt(tmp_path: Path) -> None:
    with pytest.raises(NotAttempted, match=r"no file receipt\.py yet"):
        attempted(tmp_path, "receipt.py", STARTER)
    file = tmp_path / "receipt.py"
    for text in (" \n", STARTER, STARTER + "\n\n# my comment\n", STARTER.replace("    ", "  ")):
        file.write_text(text)
        with pytest.raises(NotAttempted):
            attempted(tmp_path, "receipt.py", STARTER)


@pytest.mark.parametrize("text", [STARTER + "    return 1\n", "def (", "x = '''", "\tx\n y"])
def test_anything_else_is_an_attempt(tmp_path: Path, text: str) -> None:
    (tmp_path / "receipt.py").write_text(text)
    assert attempted(tmp_path, "receipt.py", STARTER) == tmp_path / "receipt.py"


def test_bytes_that_are_no_text_are_an_attempt(tmp_path: Path) -> None:
    (tmp_path / "receipt.py").write_bytes(b"\xff\xfe\x00")
    attempted(tmp_path, "receipt.py", STARTER)


def test_values_stay_short_and_on_one_line() -> None:
    assert short({"a": [1, None]}) == '{"a": [1, null]}'
    assert short("two words\nand\x1b[31m more") == "two words and [31m more"
    assert len(short("x" * 10_000)) == 120
    assert short({1, 2}) == "an object"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert short(deep) == "a list"


def test_kinds_have_json_names() -> None:
    values: list[Any] = [None, True, 1, 1.5, "x", [], {}]
    assert [kind(value).split()[-1] for value in values] == [
        "(null)",
        "false",
        "number",
        "point",
        "text",
        "list",
        "object",
    ]
