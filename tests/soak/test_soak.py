"""Mixed events whose handlers fail, are killed and time out at random: nothing is lost.

Every event is processed, dead-lettered, at an on-failure destination, or still visible in a queue;
whoever sent a request was told. COURSE_SOAK_EVENTS says how many (600), COURSE_SOAK_SEED which.
"""

from __future__ import annotations

import os
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from helpers import cloud
from tests.soak.plans import draw
from tests.soak.sources import EVERY, Source

EVENTS = int(os.environ.get("COURSE_SOAK_EVENTS", "600"))
SEED = os.environ.get("COURSE_SOAK_SEED", "1")
#: At most so often is the clock moved, each time past the longest wait.
ROUNDS = 60 + EVENTS // 100
STEP_SECONDS = 125
#: Nothing has happened for so long, in real seconds: who is left waits for the clock.
QUIET_SECONDS = 1.5

pytestmark = [
    pytest.mark.aws_source("https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html"),
    pytest.mark.timeout(180 + EVENTS // 4),
]


class Account:
    """What has become of each event."""

    def __init__(self, aws: cloud.Cloud, sources: list[Source]) -> None:
        self._aws, self._sources = aws, sources
        self.sent: dict[str, str] = {}  #: plan by id
        self.done: dict[str, int] = {}  #: how often, by id
        self.gave_up: set[str] = set()
        self._read: dict[tuple[str, str], str] = {}  #: where each log stream was read to
        self._last: dict[tuple[str, str], int] = {}  #: when its last event happened

    def look(self) -> int:
        """Read logs and dead letters; return how many events are accounted for."""
        for source in self._sources:
            for line in self._new_lines(f"/aws/lambda/soak-{source.name}"):
                if found := re.match(r"DONE (\S+)", line):
                    self.done[found[1]] = self.done.get(found[1], 0) + 1
            self.gave_up |= source.gave_up()
        return len(self.sent.keys() & (self.done.keys() | self.gave_up))

    def _new_lines(self, group: str) -> list[str]:
        logs = self._aws.client("logs")
        lines = []
        try:
            pages = list(logs.get_paginator("describe_log_streams").paginate(logGroupName=group))
        except logs.exceptions.ResourceNotFoundException:
            return []
        for stream in (one for page in pages for one in page["logStreams"]):
            key = (group, stream["logStreamName"])
            last = stream.get("lastEventTimestamp")
            if self._last.get(key) == last:
                continue  # nothing new since
            self._last[key] = last
            while True:
                more = {"nextToken": self._read[key]} if key in self._read else {}
                answer = logs.get_log_events(
                    logGroupName=group, logStreamName=key[1], startFromHead=True, **more
                )
                lines += [one["message"] for one in answer["events"]]
                self._read[key] = answer["nextForwardToken"]
                if not answer["events"]:
                    break
        return lines

    def visible(self) -> dict[str, int]:
        """Messages that are still in the queues of each source."""
        names = [f"ApproximateNumberOfMessages{what}" for what in ("", "NotVisible", "Delayed")]
        sqs = self._aws.client("sqs")
        return {
            source.name: sum(
                int(value)
                for url in source.visible
                for value in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)[
                    "Attributes"
                ].values()
            )
            for source in self._sources
        }

    def table(self, visible: dict[str, int]) -> list[list[str]]:
        heads = ["source", "sent", "processed", "twice or more", "given up", "visible", "lost"]
        rows = [heads]
        for source in self._sources:
            mine = {one for one in self.sent if one.startswith(f"{source.name}-")}
            done = mine & self.done.keys()
            gave_up = (mine & self.gave_up) - done
            repeated = sum(self.done[one] > 1 for one in done)
            lost = len(mine) - len(done) - len(gave_up) - visible[source.name]
            counts = [len(mine), len(done), repeated, len(gave_up), visible[source.name], lost]
            rows.append([source.name, *map(str, counts)])
        sums = [str(sum(int(row[column]) for row in rows[1:])) for column in range(1, len(heads))]
        return [*rows, ["all", *sums]]


def test_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    before = set(psutil.pids())
    aws = cloud.open()
    try:
        sources: list[Source] = [kind(aws) for kind in EVERY]
        account = Account(aws, sources)
        send_all(aws, sources, account)
        rounds = settle(aws, account)
        visible = account.visible()
        rows = account.table(visible)
        children = psutil.Process().children(recursive=True)
    finally:
        aws.close()
    with capsys.disabled():
        print(f"\n{EVENTS} events, seed {SEED}: {time.monotonic() - began:.0f} s, the clock was "
              f"moved {rounds} times")  # fmt: skip
        for row in rows:
            print("  ".join(cell.ljust(8) if not column else cell.rjust(13)
                            for column, cell in enumerate(row)))  # fmt: skip
    assert rows[-1][0] == "all"
    assert [row for row in rows[1:] if row[-1] != "0"] == []
    # What can be processed was: given up are only those whose every attempt was to fail, and those
    # that shared a batch with them.
    hopeless = {one for one, plan in account.sent.items() if plan.split(".")[-1] != "ok"}
    assert hopeless & account.gave_up
    assert account.done.keys() >= account.sent.keys() - account.gave_up
    left = [one for one in children if one.is_running() and one.pid not in before]
    psutil.wait_procs(left, timeout=10)
    assert [one for one in left if one.is_running()] == []


def send_all(aws: cloud.Cloud, sources: list[Source], account: Account) -> None:
    """Every source sends its share, all at the same time."""
    now = int(aws.clock.now().timestamp())
    share = EVENTS // len(sources)

    def send(source: Source) -> None:
        numbers = [f"{source.name}-{number}" for number in range(share)]
        random.Random(SEED).shuffle(numbers)
        for number in numbers:
            plan = draw(SEED, number, source.spared)
            account.sent[number] = plan
            source.send(f"soak~{number}~{plan}~{now}~")

    with ThreadPoolExecutor(len(sources)) as threads:
        list(threads.map(send, sources))


def settle(aws: Any, account: Account) -> int:
    """Move the clock until every event is accounted for; return how often that was."""
    for moved in range(ROUNDS):
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            now = account.look()
            if now == len(account.sent):
                return moved
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.2)
        aws.clock.advance(seconds=STEP_SECONDS)
    return ROUNDS
