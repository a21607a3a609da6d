"""The requirements of the ticket, judged by what AWS shows."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip

from . import slips, trial
from .desk import Desk, Moment
from .seed import PRINTER, package
from .shop import BACKLOG, BATCH, VISIBILITY, shop
from .trial import Batch, Seen

#: AWS's advice: the visibility timeout is at least so many times the function's timeout.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
TIMES = 6
#: What the ticket asks for.
LONGEST_PAUSE = 3600
LEAST_BATCH = 5
LEAST_TRIES, MOST_TRIES = 3, trial.MOST_TRIES
DAYS = 10
DAY = 24 * 3600

WAIT = "good orders do not wait"
ASIDE = "bad orders are set aside"


@dataclass
class Subject:
    """What the judges look at: the branch, and what was seen when time passed and orders came."""

    desk: Desk
    seen: Seen

    def batch(self, case: Case) -> Batch:
        """The batch that was sent for a case. Raises Slip where it was not."""
        if self.seen.blocked:
            raise self.seen.blocked
        found = self.seen.batches.get(trial.key(_given(self.desk, case)))
        if found is None:
            raise slips.not_sent()
        return found


@contextlib.contextmanager
def prepare(context: Context) -> Iterator[Subject]:
    """Let time pass and send orders, once for all judges."""
    desk = Desk(context.cloud, shop(context.student))
    try:
        now = _begun(desk, context.student)
        hidden = [*context.more.get(WAIT, ()), *context.more.get(ASIDE, ())]
        given = [trial.own(desk.shop.shape)] + [_given(desk, case) for case in hidden]
        cases = {trial.key(one): one for one in given}
        seen = trial.observe(desk, cases.values(), now)
    except ClientError as error:
        raise slips.refused(error.response["Error"]["Code"], error.operation_name) from error
    yield Subject(desk, seen)


def _given(desk: Desk, case: Case) -> Mapping[str, str]:
    """The bad orders of a case; without any, one of the student's own kind."""
    given: Mapping[str, str] = case.given or trial.own(desk.shop.shape)
    return given


def _begun(desk: Desk, student: str) -> Moment:
    """How it looks at first. Raises NotAttempted where all is as it was seeded, or nothing is."""
    branch = desk.shop
    try:
        _ = desk.url
    except Slip:
        if desk.has_function():
            raise
        raise NotAttempted(
            f"there is neither a queue {branch.queue} nor a function {branch.function}. They "
            f"belong to the lab of {student or 'nobody'}: lab.reset() brings them back."
        ) from None
    now = desk.now()
    try:
        mapping, settings = desk.mapping, desk.settings
    except Slip:
        return now  # something is missing that was there
    code = base64.b64encode(hashlib.sha256(package(PRINTER)).digest()).decode()
    untouched = (
        settings["CodeSha256"] == code
        and settings["Timeout"] == branch.timeout
        and settings["FunctionName"] == branch.function
        and desk.visibility == VISIBILITY
        and not desk.redrive
        and mapping["BatchSize"] == BATCH
        and not mapping.get("FunctionResponseTypes")
        and now.waiting == BACKLOG
    )
    if untouched:
        raise NotAttempted(
            "the queue, the function and the mapping between them are as you found them. Find out "
            "what happens first, then change something and run this again."
        )
    return now


def _backlog(subject: Subject, case: Case) -> None:
    """Every good order that waited has been printed, and waits no more."""
    desk, seen = subject.desk, subject.seen
    if seen.blocked:
        raise seen.blocked
    good = desk.shop.good
    times = seen.times(good)
    done = sum(1 for many in times.values() if many)
    aside = sum(1 for order in good if seen.queue_of(desk.shop.body(order)))
    if aside:
        raise slips.dragged_along(aside, len(good))
    if done < len(good):
        raise (
            slips.still_waiting(done, len(good), seen.log)
            if seen.left
            else slips.lost(done, len(good))
        )
    again = seen.come_back(good)
    if again:
        raise slips.come_back(len(again), len(good), seen.log)


def _bad_kept(subject: Subject, case: Case) -> None:
    """The bad order of the ticket is in a queue of its own, as it came."""
    desk, seen = subject.desk, subject.seen
    bad = desk.shop.bad
    if any(line.startswith(f"printed {bad}:") for line in seen.printed):
        raise slips.bad_printed(bad)
    if seen.queue_of(desk.shop.body(bad)):
        return
    if seen.blocked:
        raise seen.blocked
    if any(bad in body for bodies in seen.kept.values() for body in bodies):
        raise slips.bad_changed()
    raise slips.bad_comes_back(seen.rounds) if seen.left else slips.bad_deleted()


def _retention(subject: Subject, case: Case) -> None:
    """Bad orders are kept for as long as the ticket asks."""
    desk, seen = subject.desk, subject.seen
    url = seen.queue_of(desk.shop.body(desk.shop.bad))
    if url is None and desk.redrive:
        name = str(desk.redrive["deadLetterTargetArn"]).rpartition(":")[2]
        try:
            url = desk.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except desk.sqs.exceptions.QueueDoesNotExist:
            raise slips.dead_letter_queue_gone(name) from None
    if url is None:
        raise slips.no_place()
    seconds = int(desk.attributes_of(url)["MessageRetentionPeriod"])
    if seconds < DAYS * DAY:
        raise slips.short_retention(seconds / DAY, url.rpartition("/")[2], DAYS)


def _good_do_not_wait(subject: Subject, case: Case) -> None:
    """Good orders in a batch with bad ones are printed at its first try, and once."""
    batch, seen = subject.batch(case), subject.seen
    done = sum(1 for many in batch.first.values() if many)
    if done < len(batch.prints):
        raise slips.held_up(done, len(batch.prints), seen.log)
    order, times = seen.times(batch.prints).most_common(1)[0]
    if times > 1:
        raise slips.printed_again(order, times, seen.log)


def _bad_set_aside(subject: Subject, case: Case) -> None:
    """Bad orders end in another queue, as they came, and good ones do not."""
    batch, seen = subject.batch(case), subject.seen
    for order in batch.bad:
        if any(line.startswith(f"printed {order}:") for line in seen.printed):
            raise slips.bad_printed(order)
    aside = [order for order in batch.prints if seen.queue_of(batch.bodies[order])]
    if aside:
        raise slips.good_aside(len(aside), len(batch.prints))
    missing = [order for order in batch.bad if not seen.queue_of(batch.bodies[order])]
    if missing and seen.left:
        raise slips.never_aside(len(missing), len(batch.bad), seen.rounds)
    if missing:
        raise slips.swallowed(len(missing), len(batch.bad))


def _tries(subject: Subject, case: Case) -> None:
    """What fails is tried a few times, and not for ever."""
    desk, seen = subject.desk, subject.seen
    if not desk.redrive:
        if not seen.queue_of(desk.shop.body(desk.shop.bad)):
            raise slips.endless()
        return  # the handler itself sets aside what it can never print
    most = int(desk.redrive["maxReceiveCount"])
    if most < LEAST_TRIES:
        raise slips.few_tries(most, LEAST_TRIES)
    if most > MOST_TRIES:
        raise slips.many_tries(most, MOST_TRIES)


def _times(subject: Subject, case: Case) -> None:
    """A message stays hidden long enough for a slow function, and not for half a day."""
    desk = subject.desk
    timeout = int(desk.settings["Timeout"])
    if desk.visibility < TIMES * timeout:
        raise slips.short_visibility(desk.visibility, timeout, TIMES)
    if desk.visibility > LONGEST_PAUSE:
        raise slips.long_visibility(desk.visibility, LONGEST_PAUSE)


def _batches(subject: Subject, case: Case) -> None:
    """Orders still come in batches."""
    if not subject.desk.mappings:
        raise slips.no_mapping(subject.desk.shop.queue)
    size = int(subject.desk.mappings[0]["BatchSize"])
    if size < LEAST_BATCH:
        raise slips.small_batches(size, LEAST_BATCH)


CHECK = Check(
    key="L06",
    prepare=prepare,
    requirements=(
        Requirement("the orders that waited are printed", _backlog, points=2),
        Requirement("the bad order is kept", _bad_kept, points=2),
        Requirement(WAIT, _good_do_not_wait, points=2),
        Requirement(ASIDE, _bad_set_aside, points=2),
        Requirement("a few tries, then no more", _tries),
        Requirement("kept long enough", _retention),
        Requirement("times that fit", _times),
        Requirement("orders still come in batches", _batches),
    ),
    hints=(
        "Read the log first: which exception, and what stands before it? Then the numbers of the "
        "queue: how many messages are hidden, and for how long? The first step at work would be to "
        "stop the costs: switch the mapping off, and nothing is lost.",
        "Two things are wrong at once. One bad order makes its whole batch fail, and nothing ever "
        "takes it out of the queue. Notebook 07 has a section for each: 3 and 5 on batches, 4 on "
        "the way of a poison message.",
        "The handler: a try around each single order, every exception caught, and at the end "
        '{"batchItemFailures": [{"itemIdentifier": record["messageId"]}, …]} for what failed.',
        f"The mapping reads that report only with {slips.PARTIAL}. Set it before you bring the new "
        "code: code that catches, under a mapping that does not read, deletes the bad order.",
        "The queue: a second queue with a MessageRetentionPeriod of 14 days, its ARN and a "
        "maxReceiveCount of 5 in the RedrivePolicy of the first, and a VisibilityTimeout of six "
        "times the function's timeout.",
    ),
    praise="A grader tries other kinds of bad orders too. Fill in your runbook.",
)
