"""`07.express`: a queue, its dead-letter queue, a function and a mapping that the learner built."""

from __future__ import annotations

import contextlib
import json
import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong
from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.lessons.nb07 import batches, express_slips
from helpers.teach.lessons.nb07.express_slips import FUNCTION, MOST_SECONDS, QUEUE, TRIES

FILE = "express.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
#: Seconds between two looks at queue and log.
PAUSE = 0.1
#: AWS's advice: the visibility timeout is at least so many times the function's timeout.
TIMES = 6


@dataclass(frozen=True)
class Moment:
    """One look at the queue and the log."""

    visible: int
    hidden: int
    ended: int  #: invocations
    all_printed: Counter[str]
    mark: str

    @property
    def empty(self) -> bool:
        """Whether nothing is in the queue, visible or not."""
        return not (self.visible or self.hidden)

    def printed(self, names: Iterable[str]) -> Counter[str]:
        """How often each of these orders was printed so far."""
        return Counter({name: self.all_printed[name + self.mark] for name in names})

    def all_of(self, names: Iterable[str]) -> bool:
        """Whether each of these orders was printed."""
        return all(self.printed(names).values())


@dataclass
class Desk:
    """What the learner built, looked at through AWS calls. `mark` is in every order of this run."""

    cloud: Cloud
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:4])
    expected: int = 0  #: so many invocations will have ended once all that was sent was tried

    @cached_property
    def sqs(self) -> Any:
        return self.cloud.client("sqs")

    @cached_property
    def lambda_(self) -> Any:
        return self.cloud.client("lambda")

    @cached_property
    def logs(self) -> Any:
        return self.cloud.client("logs")

    @cached_property
    def url(self) -> str:
        """The queue's URL. Raises Slip where there is none."""
        try:
            return str(self.sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
        except self.sqs.exceptions.QueueDoesNotExist:
            raise express_slips.no_queue() from None

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The queue's attributes."""
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        return dict(asked["Attributes"])

    @cached_property
    def redrive(self) -> dict[str, Any]:
        """The queue's RedrivePolicy, {} for none."""
        return dict(json.loads(self.attributes.get("RedrivePolicy", "{}")))

    @cached_property
    def dead(self) -> str:
        """The dead-letter queue's URL. Raises Slip where there is none."""
        if "deadLetterTargetArn" not in self.redrive:
            raise express_slips.no_dead_letter_queue()
        name = self.redrive["deadLetterTargetArn"].rpartition(":")[2]
        try:
            return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])
        except self.sqs.exceptions.QueueDoesNotExist:
            raise express_slips.dead_letter_queue_gone(name) from None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The function's configuration. Raises Slip where there is no function."""
        try:
            return dict(self.lambda_.get_function_configuration(FunctionName=FUNCTION))
        except self.lambda_.exceptions.ResourceNotFoundException:
            raise express_slips.no_function() from None

    @cached_property
    def mapping(self) -> dict[str, Any]:
        """The mapping between the two. Raises Slip where there is none."""
        found = self.lambda_.list_event_source_mappings(EventSourceArn=self.attributes["QueueArn"])
        ours = [
            one
            for one in found["EventSourceMappings"]
            if one["FunctionArn"].split(":")[6] == FUNCTION
        ]
        if not ours:
            raise express_slips.no_mapping(len(found["EventSourceMappings"]))
        return dict(ours[0])

    def order(self, name: str) -> str:
        """An order's number: no other run of the check has the same."""
        return f"{name}-{self.mark}"

    def send(self, orders: dict[str, Any]) -> None:
        """Send one message for each order, with its prints, all at once."""
        self.begin(len(orders))
        batches.send(
            self.sqs,
            self.url,
            [batches.body(self.order(name), prints) for name, prints in orders.items()],
        )

    def log(self) -> list[str]:
        """Every line of the function's log so far."""
        return batches.log_lines(self.logs, FUNCTION)

    def now(self) -> Moment:
        """What the queue and the log say now."""
        log = self.log()
        visible, hidden = batches.counts(self.sqs, self.url)
        ended = sum(line.startswith("REPORT RequestId") for line in log)
        return Moment(visible, hidden, ended, batches.printed(log), f"-{self.mark}")

    def in_one_batch(self, orders: dict[str, Any]) -> None:
        """Send them while the mapping is off, so that they wait together."""
        self._switch(False)
        try:
            self.send(orders)
        finally:
            self._switch(True)

    def in_dead(self) -> list[str]:
        """The names of this run's orders in the dead-letter queue."""
        bodies: dict[str, str] = {}
        for _ in range(10):
            reply = self.sqs.receive_message(
                QueueUrl=self.dead, MaxNumberOfMessages=10, VisibilityTimeout=0
            )
            before = len(bodies)
            bodies |= {one["MessageId"]: one["Body"] for one in reply.get("Messages", [])}
            if len(bodies) == before:
                break
        return sorted(
            json.loads(text)["order"].removesuffix(f"-{self.mark}")
            for text in bodies.values()
            if f"-{self.mark}" in text
        )

    def clean(self) -> None:
        """Take this run's messages out of the dead-letter queue."""
        for _ in range(10):
            reply = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10)
            for one in reply.get("Messages", []):
                if f"-{self.mark}" in one["Body"]:
                    self.sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=one["ReceiptHandle"])
                else:
                    self.sqs.change_message_visibility(
                        QueueUrl=self.dead, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0
                    )
            if not reply.get("Messages"):
                return

    def _switch(self, on: bool) -> None:
        """Switch the mapping on or off, and wait until it is so."""
        uuid, state = self.mapping["UUID"], "Enabled" if on else "Disabled"
        self.lambda_.update_event_source_mapping(UUID=uuid, Enabled=on)
        self.cloud.wait_until(
            lambda: self.lambda_.get_event_source_mapping(UUID=uuid)["State"] == state,
            seconds=180,
            what=f"the mapping is {state}",
        )

    def begin(self, messages: int) -> None:
        """So many messages will now be given to the function: their invocations have to end.

        Without knowing that, a cold start would look like a standstill.
        """
        self.expected = self.now().ended + math.ceil(messages / self.mapping["BatchSize"])

    def wait_for(self, wish: Callable[[Moment], bool]) -> Moment:
        """Wait until a wish comes true, or until everything stands still without it."""
        local = self.cloud.kind == "local"
        standstill = Standstill()
        moments: list[Moment] = []
        looked = 0.0

        def over() -> bool:
            nonlocal looked
            if time.monotonic() - looked < PAUSE:  # leave the processor to those who work
                return False
            looked = time.monotonic()
            moments.append(self.now())
            now = moments[-1]
            tried = not now.visible and now.ended >= self.expected
            patience = (1.5 if tried else 15.0) if local else 90.0
            return wish(now) or standstill.lasts(now, patience)

        with contextlib.suppress(WaitedTooLong):
            self.cloud.wait_until(over, seconds=30 if local else 300)
        return moments[-1]

    def let_come_back(self) -> Moment:
        """Let the visibility timeout pass, and wait until what was hidden has been tried again."""
        self.begin(1)
        self.cloud.clock.advance(seconds=int(self.attributes["VisibilityTimeout"]))
        return self.wait_for(
            lambda now: not now.visible and (not now.hidden or now.ended >= self.expected)
        )


class Standstill:
    """Notices when what it is shown has been the same for a while."""

    def __init__(self) -> None:
        self._seen: Any = None
        self._since = time.monotonic()

    def lasts(self, seen: Any, seconds: float) -> bool:
        """Whether `seen` has been the same for so many seconds of real time."""
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since >= seconds


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Desk]:
    """What is there; messages left by an earlier run are taken out, and ours in the end."""
    desk = Desk(context.cloud)
    _check_begun(desk)
    with contextlib.suppress(ClientError, Slip):
        if not desk.now().empty:
            desk.sqs.purge_queue(QueueUrl=desk.url)
    try:
        yield desk
    finally:
        with contextlib.suppress(ClientError, Slip):
            desk.clean()


def _check_begun(desk: Desk) -> None:
    """Raise NotAttempted where neither the queue nor the function is there."""
    for found in ("url", "settings"):
        with contextlib.suppress(Slip):
            getattr(desk, found)
            return
    raise NotAttempted(
        f"there is neither a queue nor a function {QUEUE} yet. Write the handler, run its cell, "
        "write the cell that builds the rest, run it, then this one."
    )


def _queues(desk: Desk, case: Case) -> None:
    """The queue, and the dead-letter queue behind it."""
    _ = desk.dead
    most = int(desk.redrive["maxReceiveCount"])
    if most != TRIES:
        raise express_slips.other_count(most)


def _times(desk: Desk, case: Case) -> None:
    """The function's timeout, and the queue's visibility timeout beside it."""
    timeout, visibility = desk.settings["Timeout"], int(desk.attributes["VisibilityTimeout"])
    if timeout > MOST_SECONDS:
        raise express_slips.long_timeout(timeout)
    if visibility < TIMES * timeout:
        raise express_slips.short_visibility(visibility, timeout, TIMES)


def _prints(desk: Desk, case: Case) -> None:
    """Good orders that go in are printed, once each."""
    if desk.mapping["State"] not in ("Enabled", "Enabling", "Creating", "Updating"):
        raise express_slips.disabled(desk.mapping["State"])
    orders = case.given
    desk.in_one_batch(orders)
    now = desk.wait_for(lambda now: now.all_of(orders) and now.empty)
    if not (now.all_of(orders) and now.empty):
        raise express_slips.not_printed(now.printed(orders), desk.log(), now.hidden)
    if max(now.printed(orders).values()) > 1:
        raise express_slips.printed_again(now.printed(orders))


def _alone(desk: Desk, case: Case) -> None:
    """Bad orders of a batch end in the dead-letter queue, and nothing else does.

    `case.given` are prints by order, `case.expected` names the bad ones.
    """
    orders, bad = case.given, sorted(case.expected)
    good = [order for order in orders if order not in bad]
    desk.in_one_batch(orders)
    now = desk.wait_for(lambda now: now.all_of(good) and (now.visible, now.hidden) == (0, len(bad)))
    if not now.all_of(good):
        raise express_slips.held_up(now.printed(good), desk.log())
    if now.visible + now.hidden < len(bad):
        raise express_slips.swallowed(now.printed(bad), bad)
    for _ in range(TRIES + 2):
        if now.empty:
            break
        now = desk.let_come_back()
    dead = desk.in_dead()
    if set(dead) - set(bad):
        raise express_slips.dragged_along(sorted(set(dead) - set(bad)), len(good))
    if dead != bad:
        raise express_slips.noted_too_early(len(dead), len(bad))
    again = now.printed(orders)
    if max(again.values()) > 1:
        raise express_slips.printed_again(again)


def _once(desk: Desk, case: Case) -> None:
    """An order that was printed is not printed when it comes again, at once or later."""
    (order,) = orders = dict([case.given])
    desk.send(orders)
    desk.wait_for(lambda now: now.all_of([order]) and now.empty)
    if _printed_when_sent_again(desk, order, orders):
        raise express_slips.twice()
    desk.cloud.clock.advance(minutes=15)  # AWS may end an idle environment much sooner, or later
    if _printed_when_sent_again(desk, order, orders):
        raise express_slips.memory()


def _printed_when_sent_again(desk: Desk, order: str, orders: dict[str, Any]) -> bool:
    """Send it once more. Raises Slip where its message is not deleted."""
    desk.send(orders)
    now = desk.wait_for(lambda now: now.ended >= desk.expected and now.empty)
    if not now.empty:
        raise express_slips.reported_again()
    return now.printed([order])[order] > 1


EXPRESS = Check(
    key="07.express",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("two queues", _queues),
        Requirement("times that fit", _times),
        Requirement("prints", _prints, (Case({"N-1": 4, "N-2": 1, "N-3": 20}),)),
        Requirement(
            "bad ones alone",
            _alone,
            (Case({"P-1": 2, "P-2": "many", "P-3": 5, "P-4": 0, "P-5": 1}, ("P-2", "P-4")),),
            points=2,
        ),
        Requirement("once", _once, (Case(("R-1", 3)),), points=2),
    ),
    hints=(
        'Build it without the "once" first: queues as in section 4, handler as in 07.fulfil, and '
        "a mapping that reads reports. Then run the check and see what is missing.",
        'deploy(…, timeout=10, environment={"TABLE": "shop-printed"}), a visibility timeout of '
        '60, and FunctionResponseTypes=["ReportBatchItemFailures"].',
        "is_new of section 7 belongs into express.py, with the order's number as the id. A message "
        "id will not do: a customer who clicks twice makes two messages.",
        "First look whether the order can be printed, then note it, then print it. An order that "
        "is noted and then fails would be taken for a printed one at its second try.",
        "What was printed before is done: neither an exception nor a report, so that its message "
        "is deleted.",
    ),
    praise="Nothing is lost, nobody is held up, and nobody gets two parcels.",
)
