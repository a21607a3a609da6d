"""A quiz replies to every option, and remembers the first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.teach import TeachError, quiz


def test_the_question_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    quiz("90.why")
    assert capsys.readouterr().out == (
        "Question: Why?\n"
        "  a)  one\n"
        "  b)  two\n"
        "  c)  three\n"
        "Run this cell, then choose with Tab and Space, or with the mouse.\n"
        'Or type: quiz("90.why", answer="a")\n'
    )


def test_each_option_has_its_reply(capsys: pytest.CaptureFixture[str]) -> None:
    quiz("90.why", answer="a")
    assert "a: ✗ Not quite. Not one." in capsys.readouterr().out
    quiz("90.why", answer="c")
    assert "c: ✓ Right. Because of three." in capsys.readouterr().out


def test_the_first_answer_is_kept_beside_the_last(progress_file: Path) -> None:
    quiz("90.why", answer="a")
    quiz("90.why", answer="c")
    entry = json.loads(progress_file.read_text())["quizzes"]["90.why"]
    assert (entry["first"], entry["answer"]) == ("a", "c")


def test_an_unknown_key_names_the_closest_one() -> None:
    with pytest.raises(TeachError, match=r'Did you mean "90\.why"'):
        quiz("90.wy")
