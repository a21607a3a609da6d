"""What a machine cannot run is left out with a sentence; a handler's own failure is not."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.teach import show


@pytest.mark.parametrize(
    ("error_type", "reason"),
    [
        ("Runtime.InvalidEntrypoint", "nodejs22.x needs Node.js on this machine"),
        ("Runtime.ExitError", "Runtime exited with error: exit status 127"),
    ],
)
def test_left_out(capsys: pytest.CaptureFixture[str], error_type: str, reason: str) -> None:
    missing = {"errorType": error_type, "errorMessage": f"RequestId: 1 Error: {reason}"}
    assert show.where_possible({"Python": 1, "Node.js": missing}) == {"Python": 1}
    said = capsys.readouterr().out
    assert said == f"Node.js: left out, because this machine cannot run it ({reason})\n"


@pytest.mark.parametrize(
    "reply",
    [
        None,
        "text",
        {"order": "A-17"},
        {"errorType": "KeyError", "errorMessage": "'order'"},
        {
            "errorType": "Runtime.ExitError",
            "errorMessage": "RequestId: 1 Error: Runtime exited with error: exit status 1",
        },
    ],
)
def test_kept(capsys: pytest.CaptureFixture[str], reply: Any) -> None:
    assert show.where_possible({"one": reply}) == {"one": reply}
    assert capsys.readouterr().out == ""
