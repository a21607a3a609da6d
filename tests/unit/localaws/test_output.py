"""From bytes in a pipe to log events, however the bytes are cut."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.localaws.compute.output import MAX_EVENT_BYTES, Output


def frame(message: bytes, kind: bytes = b"\xa5\x5a\x00\x03") -> bytes:
    return kind + len(message).to_bytes(4, "big") + bytes(8) + message


def read(pieces: list[bytes]) -> list[str]:
    """The events of these writes, each handed over before the next."""
    events: list[str] = []
    out, into = os.pipe()
    output = Output(os.fdopen(out, "rb", buffering=0), lambda stamp, text: events.append(text))
    for piece in pieces:
        os.write(into, piece)
    os.close(into)
    output.finish(10)
    return events


lines = st.text(st.characters(exclude_characters="\n\x00", exclude_categories=["Cs"]), min_size=1)
parts = st.one_of(
    lines.map(lambda text: (f"{text}\n".encode(), f"{text}\n")),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(
        lambda text: (frame(text.encode()), text)
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(parts, max_size=8), st.lists(st.integers(1, 40), max_size=12))
@example([(frame(b"two\nlines\n"), "two\nlines\n"), (b"x\n", "x\n")], [2, 3, 9])
def test_cut_anywhere_the_events_are_the_same(
    written: list[tuple[bytes, str]], sizes: list[int]
) -> None:
    """Lines and frames in any order, in writes of any size."""
    everything = b"".join(content for content, _ in written)
    pieces, rest = [], everything
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    expected = [text for _, text in written if text.encode().strip()]
    assert read([piece for piece in pieces if piece]) == expected


@pytest.mark.parametrize(
    ("written", "events"),
    [
        (b"", []),
        (b"\n\n \n", []),  # blank lines are no events
        (b"no end", ["no end"]),
        (
            b"line\nno end" + frame(b"framed\n") + b"after\n",
            ["line\n", "no end", "framed\n", "after\n"],
        ),
        (frame(b"old kind", b"\xa5\x5a\x00\x01"), ["old kind"]),
        (b"\xa5\x5a", []),  # the beginning of a frame that never comes
        (b"\xff\xfe\n", ["\ufffd\ufffd\n"]),
        (b"\xa5\x5a\x00\x03\xff\xff\xff\xffrest\n", None),  # no frame: its length is absurd
    ],
)
def test_odd_cases(written: bytes, events: list[str] | None) -> None:
    found = read([written] if written else [])
    if events is None:
        assert "rest\n" in "".join(found)
    else:
        assert found == events


def test_long_lines_are_cut() -> None:
    """CloudWatch takes no longer events; nothing is lost."""
    long = b"x" * (2 * MAX_EVENT_BYTES + 7) + b"\n"
    pieces = [long[start : start + 50_000] for start in range(0, len(long), 50_000)]
    events = read(pieces)
    assert "".join(events).encode() == long
    assert max(map(len, events)) <= MAX_EVENT_BYTES


@pytest.fixture
def pipe() -> Iterator[tuple[Output, int, list[str]]]:
    events: list[str] = []
    out, into = os.pipe()
    yield (
        Output(os.fdopen(out, "rb", buffering=0), lambda _, text: events.append(text)),
        into,
        events,
    )
    os.close(into)


def test_drain(pipe: tuple[Output, int, list[str]]) -> None:
    """Afterwards everything is out, a line without an end too: it belongs to that invocation."""
    output, into, events = pipe
    for number in range(200):
        os.write(into, f"{number}\nhalf".encode())
        output.drain()
        assert events[-2:] == [f"{number}\n", "half"]
    assert len(events) == 400


def test_a_daemon_that_holds_the_pipe_does_not_hold_us() -> None:
    """The environment's end waits for its output, but not for ever."""
    out, into = os.pipe()
    output = Output(os.fdopen(out, "rb", buffering=0), lambda *_: None)
    waiter = threading.Thread(target=output.finish, args=(0.1,))
    waiter.start()
    waiter.join(10)
    assert not waiter.is_alive()
    os.close(into)
