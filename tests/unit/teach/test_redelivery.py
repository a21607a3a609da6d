"""What is told about redelivery, from queue attributes and the function's log alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import cloud
from helpers.deploy import Function
from helpers.teach import TeachError
from helpers.teach.redelivery import RedeliveryWatch
from helpers.teach.redelivery_board import Board, as_text


class FakeCloud:
    """A queue that tries each message at once, and again whenever its timeout has passed."""

    kind = "local"

    def __init__(self) -> None:
        self.clock = self
        self.log: list[str] = []
        self.hidden: dict[str, int] = {}  # message id -> receive count
        self.dead: list[str] = []
        self.bodies: dict[str, str] = {}
        self.redrive: dict[str, str] = {"RedrivePolicy": json.dumps({"maxReceiveCount": 3})}
        self.ending = "[ERROR] ValueError: many"
        self.purging = False
        self.seconds = 0.0

    def client(self, service: str) -> Any:
        return self

    def wait_until(self, condition: Callable[[], Any], seconds: float = 30, what: str = "") -> Any:
        found = condition()
        if not found:
            raise cloud.WaitedTooLong(f"Waited until {what}, and it never was.")
        return found

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        for message in list(self.hidden):
            self._receive(message)

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, str]:
        message = f"00000000-0000-0000-0000-{len(self.bodies):012}"
        self.bodies[message] = MessageBody
        self.hidden[message] = 0
        self._receive(message)
        return {"MessageId": message}

    def _receive(self, message: str) -> None:
        if self.hidden[message] == 3:
            del self.hidden[message]
            self.dead.append(message)
            return
        self.hidden[message] += 1
        bad = json.loads(self.bodies[message])["prints"] == "many"
        self.log += [
            "START RequestId: r Version: $LATEST",
            f"{message} ApproximateReceiveCount {self.hidden[message]}",
            *([self.ending] if bad and self.ending.startswith("[") else []),
            "REPORT RequestId: r\tDuration: 1 ms"
            + (self.ending if bad and not self.ending.startswith("[") else ""),
        ]
        if not bad:
            del self.hidden[message]

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> Any:
        hidden = 0 if "dead" in QueueUrl else len(self.hidden)
        visible = len(self.dead) if "dead" in QueueUrl else 0
        return {
            "Attributes": {
                "VisibilityTimeout": "60",
                **self.redrive,
                "ApproximateNumberOfMessages": str(visible),
                "ApproximateNumberOfMessagesNotVisible": str(hidden),
            }
        }

    def purge_queue(self, QueueUrl: str) -> None:
        if self.purging:
            code = "AWS.SimpleQueueService.PurgeQueueInProgress"
            raise ClientError({"Error": {"Code": code, "Message": "wait"}}, "PurgeQueue")
        self.hidden, self.dead = {}, []


class FakeFunction(Function):
    """A function whose log is the cloud's."""

    def __init__(self, fake: FakeCloud) -> None:
        self.name, self.arn, self._fake = "shop-fulfil", "arn", fake

    def logs(self) -> list[str]:
        return list(self._fake.log)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    made = FakeCloud()
    monkeypatch.setattr(cloud, "current", lambda: made)
    return made


@pytest.fixture
def watch(fake: FakeCloud) -> RedeliveryWatch:
    return RedeliveryWatch(FakeFunction(fake), "http://x/1/orders", "http://x/1/orders-dead")


def states(watch: RedeliveryWatch) -> list[tuple[str, int, str]]:
    return [(one.order, one.received, one.state) for one in watch.messages]


def test_a_story(
    fake: FakeCloud, watch: RedeliveryWatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.send_bad()
    watch.send_good()
    assert states(watch) == [("X-1", 1, "hidden"), ("G-2", 1, "deleted")]
    watch.wait()
    assert fake.seconds == 60
    watch.send_bad()
    watch.wait()
    watch.wait()
    assert states(watch) == [("X-1", 3, "dead"), ("G-2", 1, "deleted"), ("X-3", 3, "hidden")]
    watch.wait()
    watch.wait()
    watch.empty()
    said = capsys.readouterr().out.splitlines()
    assert said[0::2][:6] == [
        "1. a bad order is sent: X-1 is tried, ApproximateReceiveCount 1: failed, hidden",
        "2. a good order is sent: G-2 is tried, ApproximateReceiveCount 1: done, deleted",
        "3. 60 seconds pass: X-1 is tried, ApproximateReceiveCount 2: failed, hidden again",
        "4. a bad order is sent: X-3 is tried, ApproximateReceiveCount 1: failed, hidden",
        "5. 60 seconds pass: X-1 is tried, ApproximateReceiveCount 3: failed, hidden again; "
        "X-3 is tried, ApproximateReceiveCount 2: failed, hidden again",
        "6. 60 seconds pass: X-1 is not handed out again after 3 tries, it is in the dead-letter "
        "queue; X-3 is tried, ApproximateReceiveCount 3: failed, hidden again",
    ]
    assert said[11] == "   orders: 0 visible, 1 hidden · orders-dead: 1"
    assert said[14] == "8. 60 seconds pass: nothing is left that could come back"
    assert said[16:] == [
        "1. both queues are emptied",
        "   orders: 0 visible, 0 hidden · orders-dead: 0",
    ]
    assert watch.messages == []


@pytest.mark.parametrize("ending", ["\tStatus: timeout", "\tStatus: error\tError Type: x"])
def test_a_timeout_and_a_crash_are_failures(
    fake: FakeCloud, watch: RedeliveryWatch, ending: str
) -> None:
    fake.ending = ending
    watch.send_bad()
    assert states(watch) == [("X-1", 1, "hidden")]


def test_messages_of_others_do_not_stop_it(fake: FakeCloud, watch: RedeliveryWatch) -> None:
    fake.dead.append("somebody else's")
    watch.send_good()
    assert watch.where() == "orders: 0 visible, 0 hidden · orders-dead: 1"


def test_a_queue_without_a_dead_letter_queue_is_refused(fake: FakeCloud) -> None:
    fake.redrive = {}
    with pytest.raises(TeachError, match=r"orders has no dead-letter queue yet. Run the cell"):
        RedeliveryWatch(FakeFunction(fake), "http://x/1/orders", "http://x/1/orders-dead")


def test_a_second_purge_within_a_minute_says_what_to_do(
    fake: FakeCloud, watch: RedeliveryWatch
) -> None:
    fake.purging = True
    with pytest.raises(TeachError, match=r"PurgeQueueInProgress.*Let 60 seconds pass"):
        watch.empty()


def test_without_a_kernel_the_board_says_what_to_type(
    watch: RedeliveryWatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.board()
    text = capsys.readouterr().out
    assert text == as_text(watch) + "\n"
    for call in re.findall(r"watch\.(\w+)\(", text):
        assert callable(getattr(watch, call))


@pytest.fixture
def press(watch: RedeliveryWatch) -> tuple[Board, Callable[[str], None]]:
    board = Board(watch)

    def pressed(label: str) -> None:
        (button,) = [one for one in board.widget.children[0].children if one.description == label]
        button.click()

    return board, pressed


def test_the_board_in_signs_and_words(
    press: tuple[Board, Callable[[str], None]], capsys: pytest.CaptureFixture[str]
) -> None:
    board, pressed = press
    status, cards = board.widget.children[1:]
    assert 'role="status"' in status.value
    assert "0 visible<br>0 hidden" in cards.value
    said: list[str] = []
    status.observe(lambda change: said.append(change["new"]), names="value")
    pressed("Send a bad order")
    assert "Send a bad order …" in said[0]
    assert "failed, hidden" in status.value
    assert "0 visible<br>1 hidden" in cards.value
    assert "◌ hidden: received, and not deleted" in cards.value
    pressed("Send a good order")
    assert "✓ deleted: its invocation succeeded" in cards.value
    for _ in range(3):
        pressed("Let 60 seconds pass")
    assert "✕ in the dead-letter queue" in cards.value
    assert "ApproximateReceiveCount 3" in cards.value
    assert "<b>dead-letter queue orders-dead</b><br>1 in it" in cards.value
    pressed("Empty both queues")
    assert "message 1" not in cards.value
    assert capsys.readouterr().out == ""


def test_typed_calls_draw_the_board_too(
    watch: RedeliveryWatch, press: tuple[Board, Callable[[str], None]]
) -> None:
    board, _ = press
    watch.send_bad()
    assert "order X-1" in board.widget.children[2].value


def test_a_failing_button_says_so(
    fake: FakeCloud, press: tuple[Board, Callable[[str], None]]
) -> None:
    board, pressed = press
    fake.purging = True
    pressed("Empty both queues")
    assert "That did not work: AWS purges a queue once" in board.widget.children[1].value
