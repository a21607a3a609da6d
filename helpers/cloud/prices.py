"""What AWS asks for: one dated table, ``prices.json``, with the page that says each number.

    prices = Prices.load("us-east-1")
    prices.cost("lambda.requests", 3_000_000)      # Decimal("0.60")

What AWS gives away each month (the free tier) stands apart, in ``allowances``, because it belongs
to the account as a whole: somebody else may have used it up.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from helpers.cloud.errors import CloudError

TABLE = Path(__file__).with_name("prices.json")
#: AWS's pages count a month as 730 hours.
#: Source: https://aws.amazon.com/calculator/calculator-assumptions/
HOURS_IN_A_MONTH = 730


@dataclass(frozen=True)
class Price:
    """``usd`` for ``per`` units: 0.20 for 1,000,000 requests. ``read``: when it was read there."""

    key: str
    service: str
    what: str
    usd: Decimal
    per: Decimal
    unit: str
    source: str
    read: datetime.date
    evidence: str  #: "page", "list" or "repeated", as the table's own text explains
    note: str = ""


@dataclass(frozen=True)
class Allowance:
    """What is free each month: ``amount`` units of ``prices`` together.

    ``only`` says to whom it is given, where that is not everybody.
    """

    key: str
    amount: Decimal
    prices: tuple[str, ...]
    source: str
    only: str = ""


class Prices:
    """The prices of one region.

    ``region`` is where they are used, ``known`` the region they were read for. Where the two
    differ, every amount is multiplied by ``factor``: too much rather than too little.
    """

    def __init__(
        self,
        prices: Mapping[str, Price],
        allowances: Mapping[str, Allowance],
        *,
        region: str,
        known: str,
        read: datetime.date,
        factor: Decimal = Decimal(1),
    ) -> None:
        self._prices, self.allowances = dict(prices), dict(allowances)
        self.region, self.known, self.read, self.factor = region, known, read, factor

    @classmethod
    def load(cls, region: str = "us-east-1", path: Path = TABLE) -> Prices:
        """Read a table; ``path`` is for one with another region's own numbers."""
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        prices = {key: _price(key, row) for key, row in table["prices"].items()}
        allowances = {key: _allowance(key, row) for key, row in table["free_tier"].items()}
        exact = region == table["region"]
        return cls(
            prices,
            allowances,
            region=region,
            known=table["region"],
            read=datetime.date.fromisoformat(table["read"]),
            factor=Decimal(1) if exact else Decimal(table["elsewhere"]["factor"]),
        )

    def price(self, key: str) -> Price:
        """One row of the table; raises CloudError for a name that is not there."""
        try:
            return self._prices[key]
        except KeyError:
            raise CloudError(
                f"There is no price '{key}' in {TABLE.name}. There are: "
                + ", ".join(sorted(self._prices))
            ) from None

    def names(self) -> list[str]:
        """The names of all prices, in the table's order."""
        return list(self._prices)

    def cost(self, key: str, quantity: Decimal | float) -> Decimal:
        """What so many units cost, in US dollars, before any free tier."""
        price = self.price(key)
        amount = quantity if isinstance(quantity, Decimal) else Decimal(str(quantity))
        return amount * price.usd / price.per * self.factor


def _price(key: str, row: Mapping[str, Any]) -> Price:
    return Price(
        key,
        row["service"],
        row["what"],
        Decimal(row["usd"]),
        Decimal(row["per"]),
        row["unit"],
        row["source"],
        datetime.date.fromisoformat(row["read"]),
        row["evidence"],
        row.get("note", ""),
    )


def _allowance(key: str, row: Mapping[str, Any]) -> Allowance:
    return Allowance(
        key,
        Decimal(row["amount"]),
        tuple(row.get("prices", [key])),
        row["source"],
        row.get("only", ""),
    )
