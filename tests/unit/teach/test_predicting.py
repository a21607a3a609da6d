"""A prediction is recorded before the answer, and stands once the answer has been shown."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from helpers.teach import TeachError, predict, reveal, start_again
from helpers.teach.chooser import Chooser

KEY = "90.how-many"
OPTIONS = {"a": "one", "b": "two", "c": "three"}


def recorded(file: Path) -> dict[str, str]:
    entry: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))["predictions"][KEY]
    return entry


def test_the_question_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    predict(KEY, OPTIONS)
    assert capsys.readouterr().out == (
        "Predict: How many?\n"
        "  a)  one\n"
        "  b)  two\n"
        "  c)  three\n"
        "Run this cell, then choose with Tab and Space, or with the mouse.\n"
        'Or type: predict("90.how-many", {…}, answer="a")\n'
    )


def test_a_typed_answer_is_recorded_with_its_time(
    progress_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(KEY, OPTIONS, answer=" C)")
    assert recorded(progress_file)["answer"] == "c"
    assert datetime.fromisoformat(recorded(progress_file)["time"]).tzinfo is not None
    assert "Recorded: c. You can change it" in capsys.readouterr().out


def test_the_text_is_the_same_whatever_was_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    predict(KEY, OPTIONS)
    before = capsys.readouterr().out
    predict(KEY, OPTIONS, answer="a")
    reveal(KEY)
    capsys.readouterr()
    predict(KEY, OPTIONS)
    assert capsys.readouterr().out == before


def test_reveal_answers_the_thought_behind_the_choice(capsys: pytest.CaptureFixture[str]) -> None:
    predict(KEY, OPTIONS, answer="a")
    capsys.readouterr()
    reveal(KEY)
    out = capsys.readouterr().out
    assert out == "You predicted a; it is b.\nYou thought of one.\nThere are always two.\n"


def test_reveal_of_a_right_prediction_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    predict(KEY, OPTIONS, answer="b")
    capsys.readouterr()
    reveal(KEY)
    assert capsys.readouterr().out == (
        "You predicted b, and it is b. Two.\nThere are always two.\n"
    )


def test_reveal_without_a_prediction_is_neutral(capsys: pytest.CaptureFixture[str]) -> None:
    reveal(KEY)
    assert capsys.readouterr().out == "The answer is b. Two.\nThere are always two.\n"


def test_after_reveal_the_prediction_stands(
    progress_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(KEY, OPTIONS, answer="a")
    predict(KEY, OPTIONS, answer="c")
    reveal(KEY)
    predict(KEY, OPTIONS, answer="b")
    assert recorded(progress_file)["answer"] == "c"
    assert "Your prediction c stands" in capsys.readouterr().out


def test_nothing_can_be_recorded_for_the_first_time_after_reveal(progress_file: Path) -> None:
    reveal(KEY)
    predict(KEY, OPTIONS, answer="b")
    assert "answer" not in recorded(progress_file)


def test_starting_again_forgets_this_notebook_alone(progress_file: Path) -> None:
    predict(KEY, OPTIONS, answer="a")
    reveal(KEY)
    data = json.loads(progress_file.read_text())
    data["predictions"]["91.other"] = {"answer": "a"}
    progress_file.write_text(json.dumps(data))
    start_again("90")
    assert json.loads(progress_file.read_text())["predictions"] == {"91.other": {"answer": "a"}}


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"predictions": 3}', "\x00\x01"])
def test_a_broken_progress_file_stops_nobody(progress_file: Path, text: str) -> None:
    progress_file.parent.mkdir(parents=True)
    progress_file.write_text(text)
    predict(KEY, OPTIONS, answer="a")
    assert recorded(progress_file)["answer"] == "a"


def test_an_unknown_key_names_the_closest_one() -> None:
    with pytest.raises(TeachError, match=r'no prediction called "90.howmany".*"90.how-many"'):
        predict("90.howmany", OPTIONS)
    with pytest.raises(TeachError, match=r"These exist: 90\.how-many"):
        reveal("zebra")


def test_an_unknown_letter_names_the_letters() -> None:
    with pytest.raises(TeachError, match=r"not one of the options \(a, b, c\)"):
        predict(KEY, OPTIONS, answer="d")


def test_an_error_is_shown_as_its_sentence() -> None:
    assert TeachError("Do this.")._render_traceback_() == ["Do this."]


def test_options_that_the_lesson_does_not_know_are_refused() -> None:
    with pytest.raises(TeachError, match="Take the cell as it was given"):
        predict(KEY, {"a": "one", "z": "two"})


def test_the_radio_buttons_record_and_close() -> None:
    chosen: list[str] = []

    def choose(option: str) -> str:
        chosen.append(option)
        return f"took {option} <b>"

    chooser = Chooser("How `<many>`?", OPTIONS, choose)
    title, radio, status = chooser.widget.children
    assert "How <code>&lt;many&gt;</code>?" in title.value
    radio.value = "b"
    assert chosen == ["b"]
    assert 'role="status">took b &lt;b&gt;<' in status.value
    chooser.lock("done")
    assert radio.disabled


def test_a_failing_record_is_said_beside_the_buttons() -> None:
    def choose(option: str) -> str:
        raise OSError("disk full")

    chooser = Chooser("How many?", OPTIONS, choose)
    _, radio, status = chooser.widget.children
    radio.value = "a"
    assert "Not recorded: disk full" in status.value
