"""What differs from student to student: names, prices, the discount, and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.teach.labs import CITIES, Seeded

FORMATS = ("9x13", "10x15", "13x18", "20x30")
KEY = "prices.json"  #: the object with the price list
SETTING = "PRICES"  #: the environment variable that names the bucket
ALIAS = "prod"


@dataclass(frozen=True)
class Shop:
    """The branch that one student looks after.

    `prices` are cents for each format. From `many` copies on, the total is `percent` lower.
    `most_memory` is in MB, `days` how long the log is kept, `at_once` the reserved concurrency.
    """

    city: str
    number: int
    prices: Mapping[str, int]
    many: int
    percent: int
    most_memory: int
    days: int
    at_once: int
    cost_centre: str

    @property
    def function(self) -> str:
        return f"{self.city}-quote"

    @property
    def bucket(self) -> str:
        """Names of buckets are shared by all accounts of the world, hence the number."""
        return f"{self.city}-prices-{self.number}"

    def total(self, format_: str, copies: int, prices: Mapping[str, int] | None = None) -> int:
        """What the ticket says an order costs, in cents, for these prices or the branch's own."""
        full = (prices or self.prices)[format_] * copies
        return full * (100 - self.percent) // 100 if copies >= self.many else full


def shop(student: str) -> Shop:
    """The branch of one student."""
    seeded = Seeded("L01", student)
    return Shop(
        city=seeded.pick("city", CITIES),
        number=seeded.number("number", 100_000, 999_999),
        # Odd prices: so a discount leaves a fraction of a cent now and then.
        prices={one: 2 * seeded.number(f"price {one}", 4, 60) + 1 for one in FORMATS},
        many=seeded.pick("many", (20, 25, 40, 50)),
        percent=seeded.pick("percent", (7, 9, 11, 13)),
        most_memory=seeded.pick("memory", (256, 384, 512)),
        days=seeded.pick("days", (14, 30, 60)),
        at_once=seeded.number("at once", 3, 9),
        cost_centre=str(seeded.number("cost centre", 4000, 4999)),
    )


def facts(student: str) -> dict[str, str]:
    """What the ticket tells."""
    told = shop(student)
    full = 2 * told.prices["10x15"]
    return {
        "city": told.city.capitalize(),
        "function": told.function,
        "bucket": told.bucket,
        "many": str(told.many),
        "percent": str(told.percent),
        "example_total": str(full),
        "memory": str(told.most_memory),
        "days": str(told.days),
        "at_once": str(told.at_once),
        "cost_centre": told.cost_centre,
    }
