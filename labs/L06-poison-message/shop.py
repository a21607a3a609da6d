"""What differs from student to student: names, orders, and what the bad one looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.teach.labs import CITIES, Seeded

#: Orders that waited when the ticket was written. They fit into one batch of ten.
BACKLOG = 8
#: Seconds that the function may take, as somebody once set them.
TIMEOUTS = (10, 15, 20)
#: Seconds that a message is hidden: SQS's own default, which nobody has thought about.
VISIBILITY = 30
BATCH = 10


#: What the web shop has let through, one for each kind of slip; ORDER is the order's number.
#: The first printer fails with another exception for nearly each of them.
BAD: Mapping[str, str] = {
    "a word": '{"order": "ORDER", "prints": "many"}',
    "no number": '{"order": "ORDER"}',
    "null": '{"order": "ORDER", "prints": null}',
    "cut off": '{"order": "ORDER", "pri',
    "only a name": '"ORDER"',
}


def good(order: str, prints: int) -> str:
    """An order as the web shop writes it."""
    return json.dumps({"order": order, "prints": prints})


def printed(order: str, prints: int) -> str:
    """The line in the printer's log that stands for a parcel."""
    return f"printed {order}: {prints} prints"


@dataclass(frozen=True)
class Shop:
    """The branch that one student looks after.

    `backlog` are the orders that wait, as they came in: number → prints. `bad` is the one among
    them that cannot be printed, and `shape` one of BAD's keys.
    """

    city: str
    queue: str
    function: str
    timeout: int
    shape: str
    bad: str
    backlog: Mapping[str, int]

    @property
    def good(self) -> dict[str, int]:
        """The orders of the backlog that can be printed, with their prints."""
        return {order: prints for order, prints in self.backlog.items() if order != self.bad}

    def body(self, order: str) -> str:
        """What one order of the backlog looks like in the queue."""
        if order == self.bad:
            return BAD[self.shape].replace("ORDER", order)
        return good(order, self.backlog[order])


def shop(student: str) -> Shop:
    """The branch of one student."""
    seeded = Seeded("L06", student)
    city = seeded.pick("city", CITIES)
    letter = city[0].upper()
    first = seeded.number("first order", 1000, 8999)
    shape = seeded.pick("shape", sorted(BAD))
    # Neither the first nor the last: some orders come before it in the batch, some after.
    place = seeded.number("place", 2, BACKLOG - 3)
    orders = [f"{letter}-{first + number}" for number in range(BACKLOG)]
    return Shop(
        city=city,
        queue=f"{city}-print-orders",
        function=f"{city}-printer",
        timeout=seeded.pick("timeout", TIMEOUTS),
        shape=shape,
        bad=orders[place],
        backlog={order: seeded.number(f"prints {order[-1]}", 1, 48) for order in orders},
    )


def facts(student: str) -> dict[str, str]:
    """What the ticket tells: not which order is bad, that is for the student to find out."""
    told = shop(student)
    return {
        "city": told.city.capitalize(),
        "queue": told.queue,
        "function": told.function,
        "orders": str(BACKLOG),
    }
