"""The bench's arithmetic and table."""

from __future__ import annotations

import pytest

from tests.bench.measure import Row, interleaved, span, table


def test_a_ratio_holds_up_to_its_goal() -> None:
    assert Row("a", 1.5, 1.0, goal=1.5).holds
    assert not Row("a", 1.51, 1.0, goal=1.5).holds


def test_without_something_to_compare_the_time_itself_is_the_goal() -> None:
    assert Row("a", 0.080, None, goal=0.080).holds
    assert not Row("a", 0.081, None, goal=0.080).holds


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.0034, "3.4 ms"), (0.1234, "123 ms"), (6.04, "6.0 s")]
)
def test_times_are_told_as_a_reader_wants_them(seconds: float, told: str) -> None:
    assert span(seconds) == told


def test_the_table_lines_up() -> None:
    rows = [Row("open", 0.3, 0.4, goal=1.5), Row("a first invoke", 0.09, None, goal=0.08)]
    assert table(rows).splitlines() == [
        "what               ours  theirs  ratio        goal  holds",
        "open             300 ms  400 ms  0.75x     <= 1.5x    yes",
        "a first invoke  90.0 ms                 <= 80.0 ms     no",
    ]


def test_actions_are_taken_in_turn() -> None:
    calls: list[str] = []
    medians = interleaved(lambda: calls.append("a"), lambda: calls.append("b"), rounds=2, warm_up=1)
    assert calls == ["a", "b"] * 3
    assert len(medians) == 2
