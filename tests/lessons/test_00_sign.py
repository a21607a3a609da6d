"""`00.sign`: the first check, proven with what a first-time learner may well do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.teach import check, hint, lessons, solution
from helpers.teach.checking import Result
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "00.sign"


@pytest.fixture
def hang(aws: Any, judge: Callable[..., Result]) -> Callable[..., Result]:
    """Hang up a sign and have it judged."""

    def hung(value: str, name: str = "/shop/sign", kind: str = "String") -> Result:
        aws.client("ssm").put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)
        return judge(KEY, None)

    return hung


def test_nothing_done_yet(judge: Callable[..., Result]) -> None:
    is_not_attempted(judge(KEY, None), 'no parameter "/shop/sign" yet', "put_parameter")


@pytest.mark.parametrize("dots", ["...", "…", "  ...  "])
def test_the_starter_is_no_attempt(hang: Callable[..., Result], dots: str) -> None:
    is_not_attempted(hang(dots), "in its place")


def test_the_solution(aws: Any, judge: Callable[..., Result]) -> None:
    file = lessons.folder(KEY) / "solutions" / "sign.py.txt"
    exec(compile(file.read_text(), file.name, "exec"), {})
    is_right(judge(KEY, None))


def test_other_right_ways(aws: Any, judge: Callable[..., Result]) -> None:
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/shop/sign", Value="Sharp Prints", Type="String", Tier="Advanced")
    is_right(judge(KEY, None))
    ssm.put_parameter(Name="/shop/sign", Value="wrong", Type="String", Overwrite=True)
    ssm.put_parameter(
        Name="/shop/sign", Value="Sharp Prints", Overwrite=True, Description="over the door"
    )
    is_right(judge(KEY, None))


@pytest.mark.parametrize(
    ("value", "slip", "said"),
    [
        ("sharp prints", "capitals", "Capital letters count: Sharp Prints."),
        ("Sharp Prints ", "spaces", "a space before or after"),
        ("SharpPrints", "spaces", "one space between them"),
        ("Sharp  Prints", "spaces", "one space between them"),
        ("'Sharp Prints'", "quotes", "One pair is enough"),
        ("Sharp Points", "other text", "The shop is called Sharp Prints."),
        ("...Sharp Prints", "other text", "The shop is called Sharp Prints."),
    ],
)
def test_wrong_texts(hang: Callable[..., Result], value: str, slip: str, said: str) -> None:
    is_wrong(hang(value), slip, said)


def test_a_secret_sign(hang: Callable[..., Result]) -> None:
    is_wrong(hang("Sharp Prints", kind="SecureString"), "other type", 'Type="String"')


@pytest.mark.parametrize("name", ["/Shop/Sign", "shop/sign", "sign"])
def test_another_name(hang: Callable[..., Result], name: str) -> None:
    is_wrong(hang("Sharp Prints", name=name), "other name", "letter by letter")


def test_the_calls_a_learner_makes(
    aws: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    check(KEY)
    assert capsys.readouterr().out.startswith("○ 00.sign, not attempted: ")
    levels = []
    for _ in range(4):
        hint(KEY)
        levels.append(capsys.readouterr().out.split(":")[0])
    assert levels == [f"Hint {level} of 3 for 00.sign" for level in (1, 2, 3, 3)]
    hint(KEY, level=2)
    assert capsys.readouterr().out.startswith("Hint 2 of 3")
    solution(KEY)
    assert 'Value="Sharp Prints"' in capsys.readouterr().out


def test_a_graded_copy_has_no_solution(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lessons, "folder", lambda key: tmp_path)
    solution(KEY)
    assert capsys.readouterr().out == (
        'This copy of the course has no solution to 00.sign. hint("00.sign") helps further.\n'
    )
