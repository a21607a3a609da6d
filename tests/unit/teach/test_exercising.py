"""check, hint and solution as the learner calls them, without a cloud and without a lesson."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import cloud
from helpers.teach import TeachError, check, hint, progress, solution
from helpers.teach.checking import Check, Context, Requirement

KEY = "90.exercise"


@contextlib.contextmanager
def nothing(context: Context) -> Iterator[Any]:
    yield None


@pytest.fixture(autouse=True)
def exercise(lesson: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    requirement = Requirement("exists", lambda subject, case: None)
    lesson.CHECKS[KEY] = Check(KEY, nothing, (requirement,), hints=("One.", "Two."))
    lesson.CHECKS["90.bare"] = Check("90.bare", nothing, (requirement,))


def test_a_check_without_a_cloud_says_how_to_open_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def current() -> None:
        raise cloud.NoCloudOpen

    monkeypatch.setattr(cloud, "current", current)
    check(KEY)
    assert capsys.readouterr().out == (
        "○ 90.exercise, not attempted: No cloud is open. Open one first: aws = cloud.open()\n"
    )


def test_a_check_prints_its_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cloud, "current", lambda: None)
    check(KEY)
    assert capsys.readouterr().out == "✓ 90.exercise, right: the requirement is met.\n"


def test_hints_go_one_level_further_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        hint(KEY)
    assert capsys.readouterr().out.splitlines() == [
        'Hint 1 of 2 for 90.exercise: One. (hint("90.exercise") goes on)',
        'Hint 2 of 2 for 90.exercise: Two. (solution("90.exercise") shows one way)',
        'Hint 2 of 2 for 90.exercise: Two. (solution("90.exercise") shows one way)',
    ]
    assert progress.entry("hints", KEY)["level"] == 2


@pytest.mark.parametrize(("level", "said"), [(-3, "Hint 1"), (1, "Hint 1"), (9, "Hint 2")])
def test_a_level_can_be_read_again(
    level: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hint(KEY, level=level)
    assert capsys.readouterr().out.startswith(said)
    assert progress.entry("hints", KEY) == {}


def test_an_exercise_without_hints_or_solution_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hint("90.bare")
    solution("90.bare")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("There is no hint for 90.bare.")
    assert second.startswith("This copy of the course has no solution to 90.bare.")


@pytest.mark.parametrize("call", [check, hint, solution])
def test_an_unknown_key_names_the_closest_one(call: Any) -> None:
    with pytest.raises(TeachError, match=r'no check called "90\.exercize".*"90\.exercise"'):
        call("90.exercize")
