"""What happens when time passes and the check sends orders: seen once, judged often."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpers.teach.checking import Slip

from . import slips
from .desk import Desk, Moment
from .shop import BAD, good, printed

#: An order that fails may be tried so often; then the check stops looking.
MOST_TRIES = 10
#: Without a redrive policy nothing ends a storm, and a few rounds show it.
ROUNDS_WITHOUT_REDRIVE = 3
#: The check lets pass at most so many seconds: a queue forgets after four days.
LONGEST = 3 * 24 * 3600


@dataclass
class Batch:
    """Good and bad orders that the check sent together.

    `first` says how often each good one was printed when the batch had been tried once, `bodies`
    what each order looked like in the queue.
    """

    prints: dict[str, int]
    bodies: dict[str, str]
    first: Counter[str] = field(default_factory=Counter)
    stopped: bool = False  #: nothing came out of it: the invocation did not end

    @property
    def bad(self) -> list[str]:
        """The orders that cannot be printed."""
        return [order for order in self.bodies if order not in self.prints]


@dataclass
class Seen:
    """All that a run of the check has seen.

    `blocked` is the reason why no order can be tried. `first` is what was printed when everything
    that waited had been tried once, `printed` what was in the end. `kept` is
    {queue's URL: [body, …]} of all queues but the orders' own, `left` how many messages are still
    in that one. `log` ends before the first hidden case: a word about it could tell what was sent.
    """

    blocked: Slip | None = None
    batches: dict[str, Batch] = field(default_factory=dict)
    rounds: int = 0
    first: Counter[str] = field(default_factory=Counter)
    left: int = 0
    printed: Counter[str] = field(default_factory=Counter)
    kept: dict[str, list[str]] = field(default_factory=dict)
    log: tuple[str, ...] = ()

    def times(self, orders: Mapping[str, int]) -> Counter[str]:
        """How often each of these good orders was printed."""
        return _times(self.printed, orders)

    def come_back(self, orders: Mapping[str, int]) -> list[str]:
        """Those of these good orders that were printed again in later rounds."""
        before, after = _times(self.first, orders), _times(self.printed, orders)
        return [order for order in orders if after[order] > before[order]]

    def queue_of(self, body: str) -> str | None:
        """The URL of the queue that keeps an order as it came, None where none does."""
        within = json.dumps(body)[1:-1]  # as it looks inside of a message that says why as well
        for url, bodies in self.kept.items():
            if any(body in one or within in one for one in bodies):
                return url
        return None


def observe(desk: Desk, cases: Iterable[Mapping[str, str]], now: Moment) -> Seen:
    """Try the backlog, then a batch for each case, until all is done or set aside.

    A case is {name of a shape: body with ORDER for the number}; the first one is no secret. `now`
    is the moment before.
    """
    seen, mark, bad = Seen(), uuid.uuid4().hex[:4], 1
    try:
        desk.cloud.wait_until(desk.settled, seconds=60, what="function and mapping are ready")
        _ = desk.mapping
    except Slip as slip:
        seen.blocked = slip
    else:
        # What was in flight when the check began must not be taken for what comes next.
        if not now.is_quiet or (now.waiting and not now.ended):
            now = desk.wait(lambda now: bool(now.ended) or not now.waiting)
        before = now.log
        now = desk.let_come_back(now, most=bad)
        for number, case in enumerate(cases):
            bad += len(case)
            batch, now = _send(desk, f"{mark}{number}", case, now, most=bad)
            seen.batches[key(case)] = batch
            seen.log, seen.first = seen.log or now.log, seen.first or now.printed
            if not _as_it_should(batch):
                break  # it would only drag the next one along
        seen.blocked = _cannot_start(seen, before)
        if not seen.blocked:
            now = _rounds(desk, seen, now)
    seen.left, seen.printed, seen.log = now.waiting, now.printed, seen.log or now.log
    seen.kept = desk.collect(mark)
    return seen


def key(case: Mapping[str, str]) -> str:
    """What tells one case from another: the shapes of its bad orders."""
    return " ".join(sorted(case.values()))


def own(shape: str) -> dict[str, str]:
    """The case that everybody may see: one more order of the student's own kind."""
    return {shape: BAD[shape]}


def _send(
    desk: Desk, mark: str, case: Mapping[str, str], before: Moment, most: int
) -> tuple[Batch, Moment]:
    """Send two good orders, then a bad one and a good one in turns; wait for their first try.

    `most` messages should be left then: all the bad ones so far.
    """
    letter = desk.shop.city[0].upper()
    names = iter(f"{letter}-{mark}{number}" for number in range(10))
    batch = Batch({}, {})

    def add_good() -> None:
        order = next(names)
        batch.prints[order] = 3 + len(batch.bodies)
        batch.bodies[order] = good(order, batch.prints[order])

    add_good()
    for body in case.values():
        add_good()
        order = next(names)
        batch.bodies[order] = body.replace("ORDER", order)
    add_good()
    desk.send_together(batch.bodies.values())
    ended = before.ended + desk.invocations(len(batch.bodies))
    now = desk.wait(
        lambda now: now.ended >= ended,
        lambda now: now.waiting <= most and all(_times(now.printed, batch.prints).values()),
    )
    batch.first = _times(now.printed, batch.prints)
    batch.stopped = now.ended < ended
    return batch, now


def _as_it_should(batch: Batch) -> bool:
    return not batch.stopped and all(times == 1 for times in batch.first.values())


def _cannot_start(seen: Seen, before: Sequence[str]) -> Slip | None:
    """The reason, where Lambda cannot even load the code that now belongs to the function."""
    if any(any(batch.first.values()) for batch in seen.batches.values()):
        return None
    errors = [line.splitlines()[0] for line in seen.log if line.startswith(slips.NOT_LOADED)]
    earlier = sum(line.startswith(slips.NOT_LOADED) for line in before)
    return slips.cannot_start(errors[-1]) if len(errors) > earlier else None


def _rounds(desk: Desk, seen: Seen, now: Moment) -> Moment:
    """Let the hidden ones come back until none does, or it is clear that this never ends."""
    most = MOST_TRIES if desk.redrive else ROUNDS_WITHOUT_REDRIVE
    most = max(1, min(most, LONGEST // (desk.visibility + 1)))
    stopped = any(batch.stopped for batch in seen.batches.values())
    while now.waiting and seen.rounds < most and not stopped:
        seen.rounds += 1
        now = desk.let_come_back_again(now)
    return desk.now() if now.waiting else now


def _times(lines: Counter[str], orders: Mapping[str, int]) -> Counter[str]:
    return Counter({order: lines[printed(order, prints)] for order, prints in orders.items()})
