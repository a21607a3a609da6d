"""What every proof of a check asserts, in one place."""

from __future__ import annotations

import textwrap

from helpers.teach.checking import Outcome, Result


def code(text: str) -> str:
    """A handler written indented in a test, as the learner's file would hold it."""
    return textwrap.dedent(text).lstrip("\n")


def words(result: Result) -> str:
    """What the learner reads, on one line."""
    return " ".join(result.text(hidden=True).split())


def is_right(result: Result) -> None:
    assert result.outcome is Outcome.RIGHT, words(result)
    assert words(result).startswith(f"✓ {result.key}, right: ")
    assert result.points == result.of


def is_wrong(result: Result, slip: str, *said: str) -> None:
    text = words(result)
    assert result.outcome is Outcome.WRONG, text
    assert text.startswith(f"✗ {result.key}, not yet: ")
    names = [finding.slip.name for finding in result.findings if finding.slip]
    assert names, text
    assert names[0] == slip, text
    for word in said:
        assert word in text
    assert not result.fault
    assert f'hint("{result.key}") says more' in text


def is_not_attempted(result: Result, *said: str) -> None:
    text = words(result)
    assert result.outcome is Outcome.NOT_ATTEMPTED, text
    assert text.startswith(f"○ {result.key}, not attempted: ")
    assert not result.fault, result.fault
    for word in said:
        assert word in text
