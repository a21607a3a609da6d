"""What lies in a queue, against a slow and simple model, over thousands of random steps."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.localaws.queues import contents as module
from helpers.localaws.queues.contents import Contents

RETENTION = 5000.0


class Clock:
    """Stands for the module ``time``."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands_in = Clock()
    monkeypatch.setattr(module, "time", stands_in)
    return stands_in


def message(clock: Clock, number: int, group: str | None, delay: float) -> Any:
    """Like moto's Message."""
    return SimpleNamespace(
        id=f"id-{number}",
        number=number,
        group_id=group,
        sent_timestamp=clock.now * 1000,
        delayed_until=(clock.now + delay) * 1000 if delay else 0.0,
        approximate_receive_count=0,
        approximate_first_receive_timestamp=None,
        receipt_handle=None,
    )


@dataclass
class Known:
    """The model's view of one message."""

    number: int
    group: str | None
    sent: float
    hidden_until: float
    in_flight: bool = False
    handles: list[str] = field(default_factory=list)


class Model:
    """Looks at every message for each question."""

    def __init__(self, fifo: bool) -> None:
        self.fifo = fifo
        self.all: list[Known] = []

    def settle(self, now: float) -> None:
        for one in self.all:
            if one.hidden_until <= now:
                one.in_flight = False
        self.all = [one for one in self.all if one.sent + RETENTION > now]

    def counts(self, now: float) -> tuple[int, int, int]:
        hidden = [one for one in self.all if one.hidden_until > now]
        in_flight = sum(one.in_flight for one in hidden)
        return len(self.all) - len(hidden), in_flight, len(hidden) - in_flight

    def may_come(self, now: float) -> list[int]:
        """The numbers of messages that one receive may hand out, oldest first."""
        closed = {one.group for one in self.all if one.in_flight} if self.fifo else set()
        found = []
        for one in self.all:
            if self.fifo and one.group in closed:
                continue
            if one.hidden_until > now:
                closed |= {one.group} if self.fifo else set()
                continue
            found.append(one.number)
        return found


@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_against_the_model(clock: Clock, fifo: bool, seed: int) -> None:
    chance = random.Random(seed)
    queue = SimpleNamespace(
        fifo_queue=fifo,
        queue_arn="arn:aws:sqs:us-east-1:123456789012:q",
        message_retention_period=RETENTION,
        redrive_policy=None,
    )
    contents, model = Contents(queue), Model(fifo)
    for number in range(1500):
        model.settle(clock.now)
        step = chance.random()
        if step < 0.35:
            group = chance.choice("abcdef") if fifo else None
            delay = chance.choice([0, 0, 0, 20.0])
            contents.add(message(clock, number, group, delay))
            hidden = clock.now + delay if delay else 0.0
            model.all.append(Known(number, group, clock.now, hidden))
        elif step < 0.65:
            most, visibility = chance.randint(1, 10), chance.choice([0, 5, 30, 300])
            assert contents.has_something() is bool(model.may_come(clock.now))
            received = contents.receive(most, visibility)
            got = [one.number for one in received]
            expected = model.may_come(clock.now)
            if fifo:
                assert set(got) <= set(expected)
                assert len(got) == min(most, len(expected))
                for group in "abcdef":
                    mine = [one.number for one in model.all if one.group == group]
                    ours = [one for one in got if one in mine]
                    assert ours == [one for one in mine if one in expected][: len(ours)]
            else:
                assert got == expected[:most]
            for one in received:
                known = next(each for each in model.all if each.number == one.number)
                known.handles.append(one.receipt_handle)
                if visibility:
                    known.in_flight, known.hidden_until = True, clock.now + visibility
        elif step < 0.8 and model.all:
            known = chance.choice(model.all)
            if known.handles:
                held = contents.find(chance.choice(known.handles))
                assert held is not None
                contents.remove(held)
                model.all.remove(known)
        elif step < 0.9 and model.all:
            known = chance.choice(model.all)
            if known.in_flight:
                seconds = chance.choice([0, 10, 100])
                held = contents.find(known.handles[-1])
                assert held is not None
                contents.hide(held, seconds)
                known.hidden_until = clock.now + seconds
                known.in_flight = seconds > 0
        else:
            clock.now += chance.choice([1.0, 7.0, 31.0, 400.0])
            model.settle(clock.now)
        assert contents.counts() == model.counts(clock.now)
    assert len(contents._hidden) + len(contents._aging) < 4 * len(model.all) + 2500
