"""What is told about environments, from log streams and Init Durations alone."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers import cloud
from helpers.deploy import Function
from helpers.teach import TeachError
from helpers.teach.environment_board import Board, as_text
from helpers.teach.environments import Watch

HANDLER = "def handler(event, context):\n    return {'stream': context.log_stream_name}\n"


class FakeCloud:
    """Answers Invoke with the streams of a script; a stream met first was started for it."""

    kind = "local"

    def __init__(self) -> None:
        self.script: list[str] = []
        self.met: set[str] = set()
        self.minutes = 0.0
        self.codes: list[bytes] = []
        self.payload: dict[str, Any] | None = None
        self.clock = self

    def client(self, service: str) -> Any:
        return self

    def advance(self, minutes: float) -> None:
        self.minutes += minutes

    def invoke(self, **call: Any) -> dict[str, Any]:
        stream = self.script.pop(0)
        init = "" if stream in self.met else "Init Duration: 95.20 ms\t"
        self.met.add(stream)
        log = f"INIT_REPORT Init Duration: 1 ms\nREPORT RequestId: x\tDuration: 2 ms\t{init}\n"
        payload = json.dumps(self.payload or {"stream": stream})
        return {
            "Payload": io.BytesIO(payload.encode()),
            "LogResult": base64.b64encode(log.encode()).decode(),
        }

    def update_function_code(self, FunctionName: str, ZipFile: bytes) -> None:
        self.codes.append(ZipFile)

    def get_waiter(self, name: str) -> Any:
        class Waiter:
            config = type("Config", (), {"delay": 1})

            def wait(self, **_: Any) -> None:
                pass

        return Waiter()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    made = FakeCloud()
    monkeypatch.setattr(cloud, "current", lambda: made)
    return made


@pytest.fixture
def watch(fake: FakeCloud, tmp_path: Path) -> Watch:
    file = tmp_path / "watched.py"
    file.write_text(HANDLER)
    function: Any = Function(fake, "shop-board", "arn")  # type: ignore[arg-type]
    return Watch(function, file)


def states(watch: Watch) -> list[tuple[int, str, int]]:
    return [(one.number, one.state, one.served) for one in watch.environments]


def test_a_story(fake: FakeCloud, watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    fake.script = ["s1", "s1", "s3", "s1", "s2", "s4", "s5"]
    watch.send()
    watch.send()
    watch.send(3)
    assert states(watch) == [(1, "frozen", 3), (2, "frozen", 1), (3, "frozen", 1)]
    watch.wait(20)
    assert fake.minutes == 20
    assert {state for _, state, _ in states(watch)} == {"unknown"}
    assert watch.latest == set()
    watch.send()
    assert states(watch)[3] == (4, "frozen", 1)
    watch.new_code()
    watch.send()
    assert [state for _, state, _ in states(watch)] == ["gone"] * 4 + ["frozen"]
    assert watch.latest == {5}
    assert capsys.readouterr().out.splitlines() == watch.lines
    assert watch.lines == [
        "1. one event: environment 1 new",
        "2. one event: environment 1 warm",
        "3. 3 events at once: environment 1 warm, environments 2 and 3 new",
        "4. 20 minutes pass: AWS does not say which environments are left",
        "5. one event: environment 4 new, environments 1, 2 and 3 gone",
        "6. new code is deployed: AWS does not say which environments are left",
        "7. one event: environment 5 new, environment 4 gone",
    ]


def test_a_warm_answer_says_nothing_of_the_others(fake: FakeCloud, watch: Watch) -> None:
    fake.script = ["s1", "s2", "s1"]
    watch.send(2)
    watch.wait()
    watch.send()
    assert [state for _, state, _ in states(watch)] == ["frozen", "unknown"]


def test_each_release_is_new_code(fake: FakeCloud, watch: Watch) -> None:
    watch.new_code()
    watch.new_code()
    assert len(set(fake.codes)) == 2
    assert watch.source.read_text() == HANDLER


def test_another_handler_is_refused_with_what_to_do(fake: FakeCloud, watch: Watch) -> None:
    fake.script, fake.payload = ["s1"], {"order": 1}
    with pytest.raises(TeachError, match=r"has to return .*stream.*run its %%writefile cell"):
        watch.send()


def test_without_a_kernel_the_board_says_what_to_type(
    watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.board()
    text = capsys.readouterr().out
    assert text == as_text(watch) + "\n"
    for call in re.findall(r"watch\.(\w+)\(", text):
        assert callable(getattr(watch, call))


@pytest.fixture
def press(watch: Watch) -> tuple[Board, Callable[[str], None]]:
    board = Board(watch)

    def pressed(label: str) -> None:
        (button,) = [one for one in board.widget.children[0].children if one.description == label]
        button.click()

    return board, pressed


def test_the_board_in_signs_and_words(
    fake: FakeCloud,
    press: tuple[Board, Callable[[str], None]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    board, pressed = press
    status, cards = board.widget.children[1:]
    assert 'role="status"' in status.value
    fake.script = ["s1", "s2", "s3", "s4", "s5", "s1", "s6"]
    said: list[str] = []
    status.observe(lambda change: said.append(change["new"]), names="value")
    pressed("Send five at once")
    assert "▶ ▶ ▶ ▶ ▶ 5 of 5 in flight" in said[0]
    assert "1. 5 events at once: environments 1, 2, 3, 4 and 5 new" in status.value
    assert cards.value.count("<li class=") == 5
    assert cards.value.count("❄ served just now, and frozen again") == 5
    assert "1 event, init 95 ms" in cards.value
    during: list[str] = []
    cards.observe(lambda change: during.append(change["new"]), names="value")
    pressed("Send one event")
    assert during[0].count("▶ perhaps serving") == 5
    assert cards.value.count("❄ served just now") == 1
    assert cards.value.count("❄ frozen, ready") == 4
    pressed("Let 15 minutes pass")
    assert cards.value.count("? nobody can tell") == 5
    assert "served just now" not in cards.value
    pressed("Deploy new code")
    pressed("Send one event")
    assert cards.value.count("✕ gone") == 5
    assert capsys.readouterr().out == ""


def test_typed_calls_draw_the_board_too(
    fake: FakeCloud, watch: Watch, press: tuple[Board, Callable[[str], None]]
) -> None:
    board, _ = press
    fake.script = ["s1"]
    watch.send()
    assert "environment 1" in board.widget.children[2].value


def test_a_failing_button_says_so(
    fake: FakeCloud, press: tuple[Board, Callable[[str], None]]
) -> None:
    board, pressed = press
    fake.script, fake.payload = ["s1"], {"order": 1}
    pressed("Send one event")
    assert "That did not work: shop-board answered" in board.widget.children[1].value
