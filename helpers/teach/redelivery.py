"""Walk messages through a queue, its function and its dead-letter queue, as far as AWS shows it.

Four things tell where a message is, and nothing else is used here: SendMessage (its id),
GetQueueAttributes of both queues (how many are visible, how many are hidden), the function's log
(which message it was given, how often, and whether that ended in an error), and
the time.

The watched function is fed by a mapping with BatchSize 1, so that each message has an invocation
of its own. Its handler prints a line `<messageId> ApproximateReceiveCount <n>` for each record,
and raises an exception for an order whose number of prints is a word.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from helpers import cloud
from helpers.deploy import Function
from helpers.teach.errors import TeachError

HIDDEN, DELETED, DEAD = "hidden", "deleted", "dead"

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass
class Message:
    """One message that was sent: its order, its id, and what is known of it."""

    order: str
    id: str
    received: int = 0  #: the highest ApproximateReceiveCount in the function's log
    state: str = HIDDEN


@dataclass(frozen=True)
class Try:
    """One invocation with a message, as the log tells it."""

    received: int
    failed: bool


class RedeliveryWatch:
    """Sends orders to a queue, lets its visibility timeout pass, and tells what was seen.

    `queue` and `dead` are the URLs of the queue and of its dead-letter queue. Every action prints
    one line, the same on every run. `messages` are those sent so far, `lines` the lines so far,
    `counts` what GetQueueAttributes said last: (visible, hidden) of the queue, then of the
    dead-letter queue. Each of `watchers` is called after every action.
    """

    def __init__(self, function: Function, queue: str, dead: str) -> None:
        self.function, self.queue, self.dead = function, queue, dead
        self._sqs = cloud.current().client("sqs")
        asked = self._sqs.get_queue_attributes(
            QueueUrl=queue, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
        )["Attributes"]
        if "RedrivePolicy" not in asked:
            raise TeachError(
                f"{name_of(queue)} has no dead-letter queue yet. Run the cell that sets its "
                "RedrivePolicy, then this one."
            )
        self.visibility = int(asked["VisibilityTimeout"])
        self.most = int(json.loads(asked["RedrivePolicy"])["maxReceiveCount"])
        self.messages: list[Message] = []
        self.lines: list[str] = []
        self.watchers: list[Callable[[], None]] = []
        self.counts = self._counts()
        self._sent = 0
        self._quiet = False

    # -- what can be done ----------------------------------------------------------------------

    def send_bad(self) -> None:
        """Send an order that the function cannot print."""
        self._send("X", "many")

    def send_good(self) -> None:
        """Send an order that the function can print."""
        self._send("G", 12)

    def wait(self) -> None:
        """Let the queue's visibility timeout pass."""
        alive = [one for one in self.messages if one.state == HIDDEN]
        dead_before = sum(self._counts()[1])
        cloud.current().clock.advance(seconds=self.visibility)
        if not alive:
            self._tell(f"{self.visibility} seconds pass: nothing is left that could come back")
            return

        def accounted_for() -> bool:
            again = sum(len(self._tries(one)) > one.received for one in alive)
            moved = sum(self._counts()[1]) - dead_before
            return again + moved >= len(alive)

        what = "each hidden message was tried again or is in the dead-letter queue"
        self._wait(accounted_for, what)
        told = "; ".join(self._told(one, dead_if_silent=True) for one in alive)
        self._tell(f"{self.visibility} seconds pass: {told}")

    def empty(self) -> None:
        """Purge both queues and begin again. AWS allows that once in 60 seconds."""
        try:
            for url in (self.queue, self.dead):
                self._sqs.purge_queue(QueueUrl=url)
        except ClientError as refused:
            if "PurgeQueueInProgress" not in refused.response["Error"]["Code"]:
                raise
            raise TeachError(
                "AWS purges a queue once in 60 seconds (PurgeQueueInProgress). Let 60 seconds "
                "pass first."
            ) from None
        self._wait(lambda: self._counts() == ((0, 0), (0, 0)), "both queues are empty")
        self.messages, self.lines = [], []
        self._tell("both queues are emptied")

    def board(self) -> None:
        """Show queues and messages with buttons; in plain text where nothing can be drawn."""
        from helpers.teach.redelivery_board import show_board

        show_board(self)

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """Nothing is printed meanwhile: a button's line stands on the board."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    # -- what was seen -------------------------------------------------------------------------

    def _send(self, letter: str, prints: int | str) -> None:
        self._sent += 1
        order = f"{letter}-{self._sent}"
        body = json.dumps({"order": order, "prints": prints})
        answer = self._sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        message = Message(order, answer["MessageId"])
        self.messages.append(message)
        self._wait(lambda: self._tries(message), f"{self.function.name} has tried {order}")
        kind = "a bad order" if isinstance(prints, str) else "a good order"
        self._tell(f"{kind} is sent: {self._told(message)}")

    def _told(self, message: Message, dead_if_silent: bool = False) -> str:
        """Note what has become of a message, and say it."""
        tries = self._tries(message)
        if dead_if_silent and len(tries) <= message.received:
            message.state = DEAD
            return (
                f"{message.order} is not handed out again after {message.received} tries, it is "
                "in the dead-letter queue"
            )
        message.received = tries[-1].received
        message.state = HIDDEN if tries[-1].failed else DELETED
        ending = "failed, hidden again" if tries[-1].failed else "done, deleted"
        if message.received == 1:
            ending = ending.removesuffix(" again")
        return f"{message.order} is tried, ApproximateReceiveCount {message.received}: {ending}"

    def _tries(self, message: Message) -> list[Try]:
        """The finished invocations with a message. Those in one log stream follow each other."""
        found: list[Try] = []
        received, failed = 0, False
        for line in self.function.logs():
            begun = re.match(rf"{message.id} ApproximateReceiveCount (\d+)", line)
            if begun:
                received, failed = int(begun[1]), False
            elif received and line.startswith("[ERROR]"):  # an exception, as Python's runtime logs
                failed = True
            elif received and line.startswith("REPORT RequestId"):
                found.append(Try(received, failed or "Status:" in line))  # a timeout, a crash
                received = 0
        return found

    def _tell(self, text: str) -> None:
        """One line: what happened, and where AWS says that messages are."""
        hidden = sum(one.state == HIDDEN for one in self.messages)
        dead = sum(one.state == DEAD for one in self.messages)

        def settled() -> bool:
            self.counts = self._counts()
            (visible, not_visible), in_dead = self.counts
            return (visible, not_visible, sum(in_dead)) == (0, hidden, dead)

        # GetQueueAttributes may lag behind, on AWS for a minute. Messages that somebody else sent
        # are counted too, and then it never settles: what it says in the end is what is shown.
        with contextlib.suppress(cloud.WaitedTooLong):
            self._wait(settled, "the queues' numbers have settled", local=2)
        self.lines.append(f"{len(self.lines) + 1}. {text}")
        for tell in self.watchers:
            tell()
        if not self._quiet:
            print(self.lines[-1])
            print("   " + self.where())

    def where(self) -> str:
        """The numbers of both queues, as GetQueueAttributes gave them last."""
        (visible, hidden), dead = self.counts
        return (
            f"{name_of(self.queue)}: {visible} visible, {hidden} hidden · "
            f"{name_of(self.dead)}: {sum(dead)}"
        )

    def _counts(self) -> tuple[tuple[int, int], tuple[int, int]]:
        def of(url: str) -> tuple[int, int]:
            found: dict[str, Any] = self._sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=list(_COUNTS)
            )["Attributes"]
            visible, hidden = (int(found[name]) for name in _COUNTS)
            return visible, hidden

        return of(self.queue), of(self.dead)

    def _wait(self, condition: Callable[[], Any], what: str, local: float = 30) -> None:
        opened = cloud.current()
        opened.wait_until(condition, seconds=local if opened.kind == "local" else 120, what=what)


def name_of(url: str) -> str:
    """A queue's name, the end of its URL."""
    return url.rsplit("/", 1)[-1]
