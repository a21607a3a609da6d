"""What differs from student to student: names, orders, and what the bad one looks like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from helpers.teach.labs import Seeded

CITIES = ("aveiro", "braga", "coimbra", "evora", "faro", "leiria", "porto", "setubal")
#: Orders that waited when the ticket was written. They fit into one batch of ten.
BACKLOG = 8
#: Seconds that the function may take, as somebody once set them.
TIMEOUTS = (10, 15, 20)
#: Seconds that a message is hidden: SQS's own default, which nobody has thought about.
VISIBILITY = 30
BATCH = 10


def good(order: str, prints: int) -> str:
    """An order as the web shop writes it."""
    return json.dumps({"order": order, "prints": prints})


# What the web shop has let through, one way for each kind of slip. The first printer fails
# with another exception for nearly each of them.
BAD: Mapping[str, Callable[[str], str]] = {
    "a word": lambda order: json.dumps({"order": order, "prints": "many"}),
    "no number": lambda order: json.dumps({"order": order}),
    "null": lambda order: json.dumps({"order": order, "prints": None}),
    "cut off": lambda order: json.dumps({"order": order, "prints": 12})[:-6],
    "only a name": lambda order: json.dumps(order),
}


@dataclass(frozen=True)
class Shop:
    """The branch that one student looks after.

    `backlog` is (order, body) in the order in which they came in; `bad` is the order among them
    that cannot be printed, and `shape` one of BAD's keys.
    """

    city: str
    queue: str
    function: str
    timeout: int
    shape: str
    bad: str
    backlog: tuple[tuple[str, str], ...]

    @property
    def bodies(self) -> dict[str, str]:
        """The body of each order of the backlog."""
        return dict(self.backlog)

    @property
    def good(self) -> list[str]:
        """The orders of the backlog that can be printed."""
        return [order for order, _ in self.backlog if order != self.bad]


def shop(student: str) -> Shop:
    """The branch of one student."""
    seeded = Seeded("L06", student)
    city = seeded.pick("city", CITIES)
    letter = city[0].upper()
    first = seeded.number("first order", 1000, 8999)
    shape = seeded.pick("shape", sorted(BAD))
    # Neither the first nor the last: some orders come before it in the batch, some after.
    place = seeded.number("place", 2, BACKLOG - 3)
    backlog = []
    for number in range(BACKLOG):
        order = f"{letter}-{first + number}"
        prints = seeded.number(f"prints {number}", 1, 48)
        backlog.append((order, BAD[shape](order) if number == place else good(order, prints)))
    return Shop(
        city=city,
        queue=f"{city}-print-orders",
        function=f"{city}-printer",
        timeout=seeded.pick("timeout", TIMEOUTS),
        shape=shape,
        bad=f"{letter}-{first + place}",
        backlog=tuple(backlog),
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
