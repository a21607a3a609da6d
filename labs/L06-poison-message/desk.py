"""The branch as AWS shows it: its queue, whoever takes orders from it, logs, and other queues."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong

from . import slips
from .shop import VISIBILITY, Shop

#: Seconds between two looks at the queue and the log; each is half as long again as the last. What
#: is waited for mostly takes less than the first, and a look costs whoever judges a whole class.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.3
#: CloudWatch Logs may show a line so many milliseconds late.
LATE = 60_000
#: A student may have made anything; more than this is not read.
MOST_LINES, MOST_QUEUES, MOST_MESSAGES = 50_000, 30, 500
ON = ("Enabled", "Enabling", "Creating", "Updating")
#: States of a function, of its last update and of a mapping that pass by themselves.
CHANGING = {"Pending", "InProgress", "Creating", "Enabling", "Updating", "Disabling", "Deleting"}


@dataclass(frozen=True)
class Moment:
    """One look at the queue and the log."""

    visible: int
    hidden: int
    begun: int  #: invocations
    ended: int
    printed: Counter[str]  #: how often each line "printed …" stands in the log
    log: tuple[str, ...]  #: every line of it

    @property
    def is_quiet(self) -> bool:
        """Whether nothing can be taken, and no invocation is seen to be under way."""
        return not self.visible and self.begun == self.ended

    @property
    def waiting(self) -> int:
        """Messages in the queue, visible or not."""
        return self.visible + self.hidden


class Desk:
    """Where the check looks, and the shop's own knowledge of what should be there."""

    def __init__(self, cloud: Cloud, shop: Shop) -> None:
        self.cloud, self.shop = cloud, shop
        #: What has been read of each function's log: {function: {event's ID: line}}, and the
        #: timestamp of the newest line in it.
        self._lines: dict[str, dict[str, str]] = {}
        self._newest: dict[str, int] = {}

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
        """The orders' queue. Raises Slip where there is none."""
        try:
            return str(self.sqs.get_queue_url(QueueName=self.shop.queue)["QueueUrl"])
        except self.sqs.exceptions.QueueDoesNotExist:
            raise slips.no_queue(self.shop.queue) from None

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The attributes of the orders' queue."""
        return self.attributes_of(self.url)

    def attributes_of(self, url: str) -> dict[str, str]:
        """A queue's attributes."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return dict(found["Attributes"])

    @property
    def visibility(self) -> int:
        """Seconds that a message is hidden after it was handed out."""
        return int(self.attributes["VisibilityTimeout"])

    @cached_property
    def redrive(self) -> dict[str, Any]:
        """The RedrivePolicy of the orders' queue, {} for none."""
        return dict(json.loads(self.attributes.get("RedrivePolicy") or "{}"))

    @cached_property
    def mappings(self) -> list[dict[str, Any]]:
        """Whatever takes orders from the queue, the ones that are switched on first."""
        arn = self.attributes["QueueArn"]
        found = self.lambda_.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
        return sorted(found, key=lambda one: one["State"] not in ON)

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping that takes orders from the queue. Raises Slip where none does."""
        if not self.mappings:
            raise slips.no_mapping(self.shop.queue)
        if self.mappings[0]["State"] not in ON:
            raise slips.switched_off(self.mappings[0]["State"])
        return self.mappings[0]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The configuration of the function that takes orders. Raises Slip where there is none."""
        name = self.mappings[0]["FunctionArn"] if self.mappings else self.shop.function
        try:
            return dict(self.lambda_.get_function_configuration(FunctionName=name))
        except self.lambda_.exceptions.ResourceNotFoundException:
            raise slips.no_function(self.shop.function) from None

    def has_function(self) -> bool:
        """Whether the function is there that the ticket names."""
        try:
            self.lambda_.get_function_configuration(FunctionName=self.shop.function)
        except self.lambda_.exceptions.ResourceNotFoundException:
            return False
        return True

    def _read_log(self) -> None:
        """Read what is new in the logs of the functions that take or took orders."""
        names = {one["FunctionArn"].split(":")[6] for one in self.mappings} | {self.shop.function}
        for name in sorted(names):
            lines = self._lines.setdefault(name, {})
            newest = self._newest.get(name, 0)
            since = {"startTime": max(0, newest - LATE)} if newest else {}
            pages = self.logs.get_paginator("filter_log_events")
            try:
                for page in pages.paginate(logGroupName=f"/aws/lambda/{name}", **since):
                    for event in page["events"]:
                        lines.setdefault(event["eventId"], event["message"].rstrip())
                        newest = max(newest, event["timestamp"])
                    if len(lines) > MOST_LINES:
                        break
            except self.logs.exceptions.ResourceNotFoundException:
                continue  # it has not run yet
            self._newest[name] = newest

    def now(self) -> Moment:
        """What the queue and the log say now."""
        visible, hidden = self._numbers()
        return self._moment(visible, hidden)

    def _moment(self, visible: int, hidden: int) -> Moment:
        """What the log says now, beside these numbers of the queue."""
        self._read_log()
        lines = [line for lines in self._lines.values() for line in lines.values()]
        return Moment(
            visible,
            hidden,
            begun=sum(line.startswith("START RequestId") for line in lines),
            ended=sum(line.startswith("REPORT RequestId") for line in lines),
            printed=Counter(line for line in lines if line.startswith("printed ")),
            log=tuple(lines),
        )

    def _numbers(self) -> tuple[int, int]:
        """The messages in the queue: (visible, hidden)."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return int(asked["Attributes"][names[0]]), int(asked["Attributes"][names[1]])

    def send_together(self, bodies: Iterable[str]) -> None:
        """Send at most ten orders so that they come into sight together, in one batch."""
        entries = [
            {"Id": str(number), "MessageBody": body, "DelaySeconds": 1}
            for number, body in enumerate(bodies)
        ]
        self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        self._let_pass(1)

    def let_come_back(self, before: Moment, most: int = MOST_MESSAGES) -> Moment:
        """Let everything hidden come into sight again, and wait until it has been tried.

        `most` is how many messages should be left; see `wait`.
        """
        self._let_pass(max(self.visibility, VISIBILITY) + 1)
        # Not as many as for all that waited before: what was tried often enough is not tried again.
        return self.wait(
            lambda now: now.ended >= before.ended + self.invocations(now.waiting),
            lambda now: now.waiting <= most,
        )

    def let_come_back_again(self, before: Moment) -> Moment:
        """As `let_come_back`, without looking at the queue where the log alone says enough.

        It does where as many invocations ended as all that waited before need. `waiting` is then
        that of `before`, and may be more than there is.
        """
        self._let_pass(max(self.visibility, VISIBILITY) + 1)
        return self.wait(
            lambda now: now.ended >= before.ended + self.invocations(now.waiting),
            numbers=(0, before.waiting),
        )

    def _let_pass(self, seconds: int) -> None:
        """Move the clock; then once more, where a mapping gathers messages for a while."""
        self.cloud.clock.advance(seconds=seconds)
        window = self.mapping.get("MaximumBatchingWindowInSeconds") or 0
        if window:
            with contextlib.suppress(WaitedTooLong):
                self.cloud.wait_until(lambda: not self._numbers()[0], seconds=5)
            self.cloud.clock.advance(seconds=window + 1)

    def invocations(self, messages: int) -> int:
        """How many invocations so many messages need at least."""
        return -(-messages // int(self.mapping["BatchSize"]))

    def settled(self) -> bool:
        """Whether what was changed last, of function and mappings, has taken effect."""
        states = {one["State"] for one in self.mappings}
        states |= {self.settings["State"], self.settings.get("LastUpdateStatus", "")}
        if states & CHANGING:
            del self.settings, self.mappings  # to be looked at anew
            return False
        return True

    def wait(
        self,
        tried: Callable[[Moment], bool],
        wish: Callable[[Moment], bool] = lambda now: True,
        numbers: tuple[int, int] | None = None,
    ) -> Moment:
        """Wait until everything has been tried, and a wish came true.

        With `numbers` the queue is looked at only where the log and they are not enough.

        The log does not show a batch that was taken and has not begun. So whoever must not move the
        clock while a good order is on its way wishes for what will be so in the end. If the wish
        does not come true, it ends once everything stands still for a while; while something has
        not been tried, for a long while.
        """
        patience = 0.3
        if self.cloud.kind != "local":
            patience *= 60
        since = time.monotonic()
        pause, at = FIRST_PAUSE, since + FIRST_PAUSE
        moment = Moment(-1, -1, 0, 0, Counter(), ())

        def over() -> bool:
            nonlocal since, pause, at, moment
            if time.monotonic() < at:  # leave the processor to the function that we wait for
                return False
            last = moment
            if numbers:
                moment = self._moment(*numbers)
                if moment.is_quiet and tried(moment):
                    return True
            moment = self.now()
            if moment != last:
                since = time.monotonic()
            pause = min(1.5 * pause, LONGEST_PAUSE)
            at = time.monotonic() + pause
            done = moment.is_quiet and tried(moment)
            if done and wish(moment):
                return True
            return time.monotonic() - since > (patience if done else 30 * patience)

        with contextlib.suppress(WaitedTooLong):
            self.cloud.wait_until(over, seconds=120 * patience)
        return moment

    def collect(self, mark: str) -> dict[str, list[str]]:
        """The bodies of the messages in each other queue: {queue's URL: [body, …]}.

        The check's own orders, with `mark` in them, are taken out; the others stay.
        """
        found: dict[str, list[str]] = {}
        for url in self.sqs.list_queues(MaxResults=MOST_QUEUES).get("QueueUrls", []):
            if url == self.url:
                continue
            messages = self._messages(url)
            if messages:
                found[url] = [one["Body"] for one in messages]
            own = [one for one in messages if mark in one["Body"]]
            others = [one for one in messages if mark not in one["Body"]]
            for ten in _tens(own):
                self.sqs.delete_message_batch(QueueUrl=url, Entries=ten)
            for ten in _tens(others, VisibilityTimeout=0):
                self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=ten)
        return found

    def _messages(self, url: str) -> list[dict[str, Any]]:
        """A queue's messages, which are hidden from now on."""
        messages: list[dict[str, Any]] = []
        wait = 0 if self.cloud.kind == "local" else 2
        while len(messages) < MOST_MESSAGES:
            try:
                reply = self.sqs.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=wait
                )
            except ClientError:  # its policy keeps everybody out: then nobody can mend orders there
                break
            messages += reply.get("Messages", [])
            if len(reply.get("Messages", [])) < (10 if self.cloud.kind == "local" else 1):
                break  # AWS may hand out fewer than there are
        return messages


def _tens(messages: list[dict[str, Any]], **more: Any) -> Iterator[list[dict[str, Any]]]:
    """Entries for SQS's batch operations, which take ten at a time."""
    entries = [
        {"Id": str(number), "ReceiptHandle": one["ReceiptHandle"], **more}
        for number, one in enumerate(messages)
    ]
    for start in range(0, len(entries), 10):
        yield entries[start : start + 10]
