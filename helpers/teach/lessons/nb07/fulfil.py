"""`07.fulfil`: of a batch only what failed is reported, so that only that comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from botocore.exceptions import ClientError

from helpers.cloud import WaitedTooLong
from helpers.teach.checking import Case, Check, Context, Requirement
from helpers.teach.checking.functions import Deployed, Reply, deployed
from helpers.teach.lessons.nb07 import batches, report_slips

FILE = "fulfil_batch.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
VISIBILITY = 30
REPORTS = ["ReportBatchItemFailures"]


@dataclass
class Desk:
    """The learner's function, and a queue whose messages it is given."""

    function: Deployed
    queue: batches.Queue

    def log(self) -> list[str]:
        """Every line of the function's log so far."""
        return batches.log_lines(self.function.logs, self.function.name)

    def has_ended(self, times: int) -> bool:
        """Whether so many invocations have ended, as the log tells."""
        return sum(line.startswith("REPORT RequestId") for line in self.log()) >= times


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Desk]:
    batches.may_poll(context.cloud)
    with (
        deployed(context, FILE, STARTER) as function,
        batches.made(context.cloud, VisibilityTimeout=str(VISIBILITY)) as queue,
    ):
        yield Desk(function, queue)


def _prints(desk: Desk, case: Case) -> None:
    """A batch of good orders: each is printed once, and none is reported."""
    event = desk.queue.event([batches.body(order) for order in case.given])
    reply = desk.function.invoke(event)
    if reply.failed:
        raise report_slips.failed(desk.function, reply)
    report_slips.check_printed(case.given, reply.log)
    reported = report_slips.ids(reply.value, event)
    if reported:
        raise report_slips.good_ones(len(reported), len(case.given))


def _reports(desk: Desk, case: Case) -> None:
    """A batch with bad ones. `case.given` are bodies by order, bad ones in `case.expected`."""
    bodies, bad = case.given, case.expected
    before = desk.queue.left()
    event = desk.queue.event(list(bodies.values()))
    wanted = {
        record["messageId"]
        for order, record in zip(bodies, event["Records"], strict=True)
        if order in bad
    }
    reply = desk.function.invoke(event)
    if reply.failed:
        raise report_slips.raised(desk.function, reply, len(bad), len(bodies))
    _check_nothing_deleted(desk, before + len(bodies))
    report_slips.check_printed([order for order in bodies if order not in bad], reply.log)
    reported = report_slips.ids(reply.value, event)
    if not reported:
        raise report_slips.swallowed(reply.value, len(bad), len(bodies))
    if wanted - reported:
        raise report_slips.some_missing(len(wanted & reported), len(wanted))
    if reported - wanted:
        raise report_slips.too_many(reported, wanted, _earlier(desk.function, reply))


def _check_nothing_deleted(desk: Desk, sent: int) -> None:
    left = desk.queue.left()
    if left < sent:
        raise report_slips.deleted(sent - left)


def _earlier(function: Deployed, reply: Reply) -> set[str]:
    """What was reported in the invocations before."""
    return {
        str(one.get("itemIdentifier"))
        for before in function.replies
        if before is not reply and isinstance(before.value, dict)
        for one in before.value.get("batchItemFailures") or []
        if isinstance(one, dict)
    }


def _comes_back(desk: Desk, case: Case) -> None:
    """On a real queue, with a real mapping: the bad ones alone are tried a second time."""
    cloud, queue = desk.function.cloud, desk.queue
    # GetQueueAttributes lags behind on AWS, here it does not.
    lag = 3 if cloud.kind == "local" else 90
    begun = len(desk.function.replies)
    good, bad = case.given
    with contextlib.suppress(ClientError):  # AWS allows it once in 60 seconds
        queue.sqs.purge_queue(QueueUrl=queue.url)
    batches.send(
        queue.sqs, queue.url, [batches.body(one) for one in good] + [f"no JSON: {b}" for b in bad]
    )
    mapping = desk.function.lambda_.create_event_source_mapping(
        FunctionName=desk.function.name,
        EventSourceArn=queue.arn,
        FunctionResponseTypes=REPORTS,
        BatchSize=len(good) + len(bad),
    )["UUID"]
    try:
        for tries in (1, 2):  # a first time, and once more
            cloud.wait_until(partial(desk.has_ended, begun + tries), what="the batch is tried")
            with contextlib.suppress(WaitedTooLong):
                cloud.wait_until(lambda: batches.counts(queue.sqs, queue.url) == (0, len(bad)), lag)
            left = batches.counts(queue.sqs, queue.url)
            times = batches.printed(desk.log())
            if left != (0, len(bad)) or any(times[order] != 1 for order in good):
                raise report_slips.in_the_queue(sum(left), len(bad), [times[o] for o in good])
            cloud.clock.advance(seconds=VISIBILITY)
    finally:
        with contextlib.suppress(ClientError):
            desk.function.lambda_.delete_event_source_mapping(UUID=mapping)


def _mixed(name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Bodies by order, and which of them are bad."""
    bodies: dict[str, str] = {
        f"{name}-1": batches.body(f"{name}-1"),
        f"{name}-2": batches.body(f"{name}-2", "many"),
        f"{name}-3": batches.body(f"{name}-3", 3),
        f"{name}-4": "two prints of the beach, please",
        f"{name}-5": batches.body(f"{name}-5", "40"),
    }
    return bodies, (f"{name}-2", f"{name}-4")


def _case(name: str) -> Case:
    bodies, bad = _mixed(name)
    return Case(bodies, bad)


FULFIL = Check(
    key="07.fulfil",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("prints", _prints, (Case(("A-1", "A-2", "A-3")),)),
        Requirement("reports", _reports, (_case("B"), _case("C")), points=2),
        Requirement("comes back", _comes_back, (Case((("D-1", "D-2", "D-3"), ("D-4", "D-5"))),)),
    ),
    hints=(
        "One order after the other, each in a try of its own: what fails must not stop the loop.",
        "Make an empty list at the top of the handler. In the except, append "
        '{"itemIdentifier": record["messageId"]} to it.',
        'After the loop return {"batchItemFailures": the list}. Both names letter by letter.',
        "Catch Exception, not ValueError alone: json.loads and int fail each in its own way, and "
        "so does an order without prints.",
    ),
    praise="One bad order comes back, and nothing else. What becomes of it is for the queue to "
    "decide.",
)
