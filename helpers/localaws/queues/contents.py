"""What lies in one queue: messages that wait, that are delayed, and that are in flight.

Messages stand in lines. In a FIFO queue each message group is a line, and a line hands out nothing
while one of its messages is in flight. A standard queue is one in which every message stands in a
line of its own: that is the whole difference.

All times are seconds of the course clock. One lock guards all queues, so that moving a message to
a dead-letter queue is one step that nobody can look into.
Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
sqs-visibility-timeout.html, FIFO-queues-understanding-logic.html and sqs-dead-letter-queues.html
"""

from __future__ import annotations

import copy
import heapq
import itertools
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from helpers.localaws import clock
from helpers.localaws.queues import handles
from helpers.localaws.queues.deduplication import Deduplication

LOCK = threading.RLock()
#: Notified when a queue was created or deleted.
QUEUES_CHANGED = threading.Condition(LOCK)

#: Receipt handles of one message by which it can still be deleted.
KEPT_HANDLES = 50

WAITING, DELAYED, IN_FLIGHT, GONE = "waiting", "delayed", "in flight", "gone"

_numbers = itertools.count(1)
_all: weakref.WeakSet[Contents] = weakref.WeakSet()


@dataclass(eq=False)
class Line:
    """Messages that are handed out in order: a message group, or a single message."""

    key: Any
    messages: OrderedDict[int, Held] = field(default_factory=OrderedDict)
    in_flight: int = 0


@dataclass(eq=False)
class Held:
    """A message in a queue. ``message`` is moto's; its members are those that the API shows."""

    message: Any
    number: int  #: the order of arrival
    line: Line
    sent: float  #: when its retention began
    state: str = WAITING
    hidden_until: float = 0.0  #: delayed or in flight until then
    received_at: float = 0.0  #: the last time
    receives: int = 0  #: from this queue; the count in ``message`` goes on in a dead-letter queue
    handles: list[str] = field(default_factory=list)
    dead_letter_source: str | None = None  #: the ARN of the queue that gave it up


class Contents:
    """The messages of one queue; ``queue`` is moto's Queue, asked for its settings."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self.changed = threading.Condition(LOCK)  #: notified when something may be received
        self.deduplication = Deduplication()
        self._start()
        _all.add(self)

    def _start(self) -> None:
        self._held: dict[int, Held] = {}
        self._by_handle: dict[str, Held] = {}
        self._lines: dict[Any, Line] = {}
        self._delayed = self._in_flight = 0
        # Heaps. Their entries may be out of date: whoever takes one looks whether it is still true.
        self._open: list[tuple[int, Line]] = []  # lines that have something to hand out
        self._hidden: list[tuple[float, int, Held]] = []  # by when they can be seen again
        self._aging: list[tuple[float, int, Held]] = []  # by when they were sent

    # -- how many ------------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int]:
        """How many messages wait, are in flight, and are delayed."""
        with LOCK:
            self._settle()
            waiting = len(self._held) - self._in_flight - self._delayed
            return waiting, self._in_flight, self._delayed

    def waiting(self) -> list[Held]:
        """The messages that wait, oldest first."""
        with LOCK:
            self._settle()
            return [one for one in self._held.values() if one.state == WAITING]

    # -- putting in ----------------------------------------------------------------------------

    def add(self, message: Any, source: str | None = None) -> None:
        """Take a message in; ``source`` is the queue from which it was dead-lettered."""
        with LOCK:
            number = next(_numbers)
            key = message.group_id if self._queue.fifo_queue else number
            line = self._lines.setdefault(key, Line(key))
            held = Held(message, number, line, message.sent_timestamp / 1000)
            held.dead_letter_source = source
            self._held[number] = line.messages[number] = held
            heapq.heappush(self._aging, (held.sent, number, held))
            delayed_until = message.delayed_until / 1000
            if delayed_until > time.time():
                held.state = DELAYED
                self._delayed += 1
                self._hide(held, delayed_until)
                self.changed.notify_all()  # whoever waits has something to wait for
            else:
                self._offer(line)

    # -- taking out ----------------------------------------------------------------------------

    def receive(self, most: int, visibility: int) -> list[Any]:
        """Up to ``most`` messages, now in flight for ``visibility`` seconds.

        They are copies: what happens to the message later does not change them. A message that
        was received as often as the redrive policy allows goes to the dead-letter queue instead.
        """
        taken: list[Held] = []
        with LOCK:
            now = self._settle()
            while len(taken) < most and (line := self._next_line()) is not None:
                for held in list(itertools.islice(line.messages.values(), most - len(taken))):
                    if held.state == DELAYED:
                        break  # nobody overtakes in a line
                    if not self._give_up(held):
                        self._take(held, now, visibility)
                        taken.append(held)
            shown = [_copy(held) for held in taken]
            if visibility <= 0:
                for held in taken:
                    self._return(held)
        return shown

    def _take(self, held: Held, now: float, visibility: int) -> None:
        message = held.message
        held.state = IN_FLIGHT
        held.line.in_flight += 1
        self._in_flight += 1
        held.receives += 1
        held.received_at = now
        message.approximate_receive_count += 1
        if not message.approximate_first_receive_timestamp:
            message.approximate_first_receive_timestamp = int(now * 1000)
        message.receipt_handle = handles.new(self._queue.queue_arn, message.id)
        held.handles.append(message.receipt_handle)
        if len(held.handles) > KEPT_HANDLES:
            del self._by_handle[held.handles.pop(0)]
        self._by_handle[message.receipt_handle] = held
        self._hide(held, now + visibility)

    def has_something(self) -> bool:
        """Whether a message can be received."""
        with LOCK:
            self._settle()
            line = self._next_line()
            if line is not None:
                self._offer(line, notify=False)
            return line is not None

    def wait(self, until: float) -> None:
        """Return when something may have changed, at the latest at ``until``.

        Only for a thread that holds ``LOCK``; others get it meanwhile.
        """
        due = min(until, self._hidden[0][0]) if self._hidden else until
        # Some systems refuse a very long timeout; waking up once an hour costs nothing.
        self.changed.wait(min(max(due - time.time(), 0.0), 3600.0))

    # -- one message ---------------------------------------------------------------------------

    def find(self, handle: str) -> Held | None:
        """The message that was given out with this handle, unless it is gone."""
        with LOCK:
            self._settle()
            return self._by_handle.get(handle)

    def hide(self, held: Held, seconds: int) -> None:
        """Change when a message in flight can be seen again; 0: at once."""
        with LOCK:
            self._hide(held, time.time() + seconds)
            if seconds <= 0:
                self._return(held)
            self.changed.notify_all()  # there may be less to wait for

    def remove(self, held: Held) -> None:
        """Take a message out for good."""
        with LOCK:
            if held.state == GONE or self._held.pop(held.number, None) is None:
                return
            line = held.line
            del line.messages[held.number]
            for handle in held.handles:
                del self._by_handle[handle]
            if held.state == IN_FLIGHT:
                self._in_flight -= 1
                line.in_flight -= 1
            elif held.state == DELAYED:
                self._delayed -= 1
            held.state = GONE
            if not line.messages:
                del self._lines[line.key]
            elif not line.in_flight:
                self._offer(line)
            self._forget_untrue_entries()

    def clear(self) -> None:
        """Purge: what waits, what is delayed and what is in flight."""
        with LOCK:
            for held in self._held.values():
                held.state = GONE
            self._start()

    # -- inside --------------------------------------------------------------------------------

    def _settle(self) -> float:
        """Let time do its work: delays and visibility timeouts end, old messages expire."""
        now = time.time()
        while self._hidden and self._hidden[0][0] <= now:
            until, _, held = heapq.heappop(self._hidden)
            if held.hidden_until == until and held.state in (DELAYED, IN_FLIGHT):
                self._return(held)
        while self._aging and self._aging[0][0] + self._queue.message_retention_period <= now:
            self.remove(heapq.heappop(self._aging)[2])
        return now

    def _hide(self, held: Held, until: float) -> None:
        held.hidden_until = until
        heapq.heappush(self._hidden, (until, held.number, held))

    def _return(self, held: Held) -> None:
        """A message can be seen again, or for the first time."""
        if held.state == IN_FLIGHT:
            held.line.in_flight -= 1
            self._in_flight -= 1
        elif held.state == DELAYED:
            self._delayed -= 1
        held.state, held.hidden_until = WAITING, 0.0
        if not held.line.in_flight:
            self._offer(held.line)

    def _offer(self, line: Line, notify: bool = True) -> None:
        """Note that a line has something to hand out, if its first message can be seen."""
        heapq.heappush(self._open, (next(iter(line.messages)), line))
        if notify:
            self.changed.notify_all()

    def _next_line(self) -> Line | None:
        """Of the lines that have something to hand out the one with the oldest message."""
        while self._open:
            number, line = heapq.heappop(self._open)
            first = next(iter(line.messages.values()), None)
            if first is None or first.number != number or line.in_flight:
                continue
            if first.state == WAITING:
                return line
        return None

    def _give_up(self, held: Held) -> bool:
        """Move a message to the dead-letter queue, if it was received often enough."""
        policy = self._queue.redrive_policy
        if not policy or held.receives < int(policy["maxReceiveCount"]):
            return False
        from helpers.localaws.queues.redrive import queue_of

        target = queue_of(policy["deadLetterTargetArn"])
        if target is None:  # somebody deleted it: the message goes on being received
            return False
        self.remove(held)
        message = held.message
        if target.fifo_queue:
            # Two messages with one deduplication id must both be kept there.
            message.deduplication_id = message.id
            message.sent_timestamp = int(time.time() * 1000)
        message.delayed_until = 0.0
        target.contents.add(message, self._queue.queue_arn)
        return True

    def _forget_untrue_entries(self) -> None:
        """Entries of messages that are gone must not fill the memory until their time comes."""
        enough = 2 * len(self._held) + 1000
        if len(self._aging) > enough:
            self._aging = [one for one in self._aging if one[2].state != GONE]
            heapq.heapify(self._aging)
        if len(self._hidden) > enough:
            self._hidden = [one for one in self._hidden if one[2].hidden_until == one[0]]
            self._hidden = [one for one in self._hidden if one[2].state != GONE]
            heapq.heapify(self._hidden)


def _copy(held: Held) -> Any:
    shown = copy.copy(held.message)
    shown.dead_letter_source = held.dead_letter_source
    return shown


def wake_all() -> None:
    """Let everybody who waits look again: the clock was moved, or somebody shall stop."""
    with LOCK:
        for contents in list(_all):
            contents.changed.notify_all()
        QUEUES_CHANGED.notify_all()


clock.on_change(wake_all)
