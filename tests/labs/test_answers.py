"""Every answer in a lab's folder, against the check with its hidden cases, as a judge runs it."""

from __future__ import annotations

import shutil

import pytest

from helpers.teach import labs
from helpers.teach.checking import Outcome
from tests.labs import answers
from tests.labs.answers import Answer
from tests.labs.conftest import Work

ALL = list(answers.every(all_of_them=True))
#: So many of each kind a lab has at least (beside its own solution).
LEAST = {"right": 3, "wrong": 5}


@pytest.mark.parametrize("answer", ALL, ids=str)
def test_answer(answer: Answer, work: Work) -> None:
    if answer.needs and shutil.which(answer.needs) is None:
        pytest.skip(f"this answer needs {answer.needs}, which is not installed")
    done = work(answer.lab, answer.cells, answer.student)
    assert not done.result.fault, done.result.fault
    assert done.held == answer.requirements, f"{done.words}\n{done.ran.errors}"
    right = all(answer.requirements.values())
    assert done.result.outcome is (Outcome.RIGHT if right else Outcome.WRONG)
    assert " ".join(answer.message.split()) in done.words
    if answer.kind == "right":
        assert right
        assert not done.ran.errors
        assert done.result.points == answer.lab.points
    else:
        assert done.result.points < answer.lab.points


@pytest.mark.parametrize("key", answers.KEYS)
def test_there_are_enough_answers_and_each_says_what_it_is_about(key: str) -> None:
    for kind, least in LEAST.items():
        of_kind = [one for one in ALL if one.lab.key == key and one.kind == kind]
        assert len(of_kind) >= least
        assert len({one.about for one in of_kind}) == len(of_kind)
        for one in of_kind:
            assert len(one.about) > 20
            assert len(one.message) > 10, f"{one}: name a part of what the learner must read"
    whole = [one.cells for one in ALL if one.lab.key == key and one.kind == "right"]
    assert answers.solutions(labs.load(key)) in whole, "one of the right ones is the solution"
