"""The lessons and the notebooks say the same, and every text is there."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from helpers.teach import lessons
from helpers.teach.output import wrap

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
CELLS = {
    path.name[:2]: [
        "".join(cell["source"])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
}


def plain(cell: str) -> str:
    """A cell as Python: what begins with ! or % is turned into the call it stands for."""
    return TransformerManager().transform_cell(cell)


def calls(number: str, name: str) -> list[ast.Call]:
    """The calls of one teaching function in a notebook, in order."""
    found = []
    for cell in CELLS[number]:
        if not cell.startswith("%%"):
            found += [
                node
                for node in ast.walk(ast.parse(plain(cell)))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
            ]
    return found


def asked(number: str, name: str) -> list[str]:
    return [ast.literal_eval(call.args[0]) for call in calls(number, name)]


@pytest.mark.parametrize("number", lessons.numbers())
def test_every_key_of_a_lesson_is_asked_once_in_its_notebook(number: str) -> None:
    for name, table in {
        "predict": "PREDICTIONS",
        "reveal": "PREDICTIONS",
        "quiz": "QUIZZES",
        "check": "CHECKS",
    }.items():
        expected = sorted(key for key in lessons.keys(table) if key.startswith(number))
        assert sorted(asked(number, name)) == expected, name


@pytest.mark.parametrize("number", lessons.numbers())
def test_a_prediction_is_asked_before_and_answered_after_another_cell(number: str) -> None:
    order = {
        (name, key): position
        for position, cell in enumerate(CELLS[number])
        for name, key in re.findall(r'^(predict|reveal)\("([^"]+)"', cell, flags=re.MULTILINE)
    }
    for name, key in order:
        if name == "predict":
            assert order["reveal", key] > order["predict", key] + 1


@pytest.mark.parametrize("number", lessons.numbers())
def test_each_option_of_the_notebook_has_its_reply(number: str) -> None:
    for call in calls(number, "predict"):
        key, options = (ast.literal_eval(argument) for argument in call.args)
        assert set(lessons.prediction(key).replies) == set(options)


@pytest.mark.parametrize("number", lessons.numbers())
def test_the_right_option_is_not_always_the_same(number: str) -> None:
    rights = [lessons.prediction(k).right for k in lessons.keys("PREDICTIONS") if k[:2] == number]
    assert len(rights) < 3 or len(set(rights)) > 1


@pytest.mark.parametrize("key", lessons.keys("CHECKS"))
def test_every_check_has_levelled_hints_and_a_solution(key: str) -> None:
    check = lessons.check(key)
    assert len(check.hints) >= 3
    assert (lessons.folder(key) / "solutions" / f"{check.solution}.txt").is_file()
    assert all(len(wrap(text).splitlines()) <= 4 for text in check.hints)


@pytest.mark.parametrize("key", lessons.keys("CHECKS"))
def test_the_notebook_gives_the_starter_that_the_check_knows(key: str) -> None:
    number = key[:2]
    for name in lessons.check(key).files:
        starter = (lessons.folder(key) / "starters" / f"{name}.txt").read_text(encoding="utf-8")
        given = [
            cell.split("\n", 1)[1]
            for cell in CELLS[number]
            if cell.startswith(f"%%writefile work/{number}/{name}\n")
        ]
        assert given == [starter.rstrip("\n")]
