"""sanitize.cfg hides what AWS makes up anew each time, and nothing that a cell teaches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONFIG = Path(__file__).parent / "sanitize.cfg"


def sanitized(text: str) -> str:
    """The text as nbval compares it (nbval reads the file with this very pattern)."""
    pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", CONFIG.read_text(), flags=re.MULTILINE)
    for regex, replacement in pairs:
        text = re.sub(regex, replacement, text)
    return text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
            "2027/01/02/[$LATEST]ffffffffffffffffffffffffffffffff",
        ),
        (
            "REPORT RequestId: 6f2ddb2b-2b4e-4b9f-a6f4-9a3a3c0d8f10\tDuration: 1.23 ms\t"
            "Billed Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 38 MB\t"
            "Init Duration: 33.10 ms",
            "REPORT RequestId: 00000000-0000-4000-8000-000000000000\tDuration: 101.2 ms\t"
            "Billed Duration: 102 ms\tMemory Size: 128 MB\tMax Memory Used: 41 MB\t"
            "Init Duration: 8 ms",
        ),
        ("2026-11-23T08:24:00.123Z hello", "2027-01-01T00:00:00Z hello"),
        ("2026-11-23 08:24:00.123456+00:00", "2025-01-23 18:24:00+00:00"),
        (
            "datetime.datetime(2026, 11, 23, 8, 24, tzinfo=tzutc())",
            "datetime.datetime(2026, 11, 23, 8, 24, 1, tzinfo=datetime.timezone.utc)",
        ),
        ("Mon, 23 Nov 2026 08:24:00 GMT", "Tue, 24 Nov 2026 08:24:00 GMT"),
        ("http://localhost:40123/x", "http://127.0.0.1:4566/x"),
        ("<Thing at 0x7f2f6c0b5d90>", "<Thing at 0x10a6b7c40>"),
        ("Root=1-5759e988-bd862e3fe1be46a994272793", "Root=1-00000000-111111111111111111111111"),
        ("/tmp/ipykernel_123/456.py", "C:\\Temp\\ipykernel_9\\10.py"),
        ("Writing work/01/hello.py", "Overwriting work/01/hello.py"),
    ],
)
def test_what_changes_from_run_to_run_is_not_compared(one: str, other: str) -> None:
    assert sanitized(one) == sanitized(other)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Error: Task timed out after 3.00 seconds", "Error: Task timed out after 4.00 seconds"),
        ("Memory Size: 128 MB", "Memory Size: 256 MB"),
        ("StatusCode: 200", "StatusCode: 202"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:a",
            "arn:aws:lambda:us-east-1::function:a",
        ),
        ("at least 8 times slower: True", "at least 8 times slower: False"),
        ("[$LATEST]", "[1]"),
    ],
)
def test_what_a_cell_teaches_is_compared(right: str, wrong: str) -> None:
    assert sanitized(right) != sanitized(wrong)
