"""The bill of a run: what it cost, or on a local cloud would have cost, by service.

bill = aws.bill()
print(bill)             # a table
bill.total              # Decimal, US dollars at list price
bill.in_words()         # "at most one cent"
"""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from html import escape

from helpers.cloud.prices import Prices

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One row: so many units of one price.

    ``usd`` is the amount at list price, ``after_free`` what is left of it where the account's free
    tier covers ``free`` of the units.
    """

    key: str
    service: str
    what: str
    quantity: Decimal
    unit: str
    usd: Decimal
    free: Decimal
    after_free: Decimal


@dataclass(frozen=True)
class Bill:
    """What a run used, and what AWS asks for that."""

    lines: tuple[Line, ...]
    region: str
    known_region: str
    priced: datetime.date  #: when the prices were read
    real: bool  #: whether anybody has to pay it
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    left_out: tuple[str, ...] = ()  #: what costs something and is not in here

    @property
    def total(self) -> Decimal:
        """US dollars at list price, as if nothing were free."""
        return sum((line.usd for line in self.lines), Decimal(0))

    @property
    def after_free_tier(self) -> Decimal:
        """US dollars where nothing else in the account has used the month's free tier."""
        return sum((line.after_free for line in self.lines), Decimal(0))

    def by_service(self) -> dict[str, Decimal]:
        """US dollars at list price by service, the dearest first."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            sums[line.service] = sums.get(line.service, Decimal(0)) + line.usd
        return dict(sorted(sums.items(), key=lambda one: (-one[1], one[0])))

    def cents(self) -> int:
        """The total in cents, a started one as a whole one."""
        return int((self.total / CENT).to_integral_value(ROUND_CEILING))

    def in_words(self) -> str:
        """Rounded up to cents: "nothing", "at most one cent", "at most 3 cents"."""
        return amount_in_words(self.total)

    def __str__(self) -> str:
        rows = [("service", "what", "used", "list price", "after free tier")]
        for service in self.by_service():
            for line in self.lines:
                if line.service == service:
                    rows.append(
                        (
                            line.service,
                            line.what,
                            f"{_plain(line.quantity)} {line.unit}",
                            _dollars(line.usd),
                            _dollars(line.after_free),
                        )
                    )
        rows.append(("total", "", "", _dollars(self.total), _dollars(self.after_free_tier)))
        said = (line for one in self.remarks() for line in textwrap.wrap(one, 96))
        return "\n".join([*_table(rows), "", *said])

    def remarks(self) -> list[str]:
        """What a reader has to know about the numbers, one sentence each."""
        word = "cost" if self.real else "would have cost"
        said = [
            f"This run {word} {self.in_words()} at list price, and "
            f"{amount_in_words(self.after_free_tier)} where the account's free tier is still "
            "untouched this month.",
            f"Prices of {self.known_region}, read on {self.priced}"
            + (
                "."
                if self.region == self.known_region
                else f", doubled for {self.region}: too much rather than too little."
            ),
        ]
        if self.left_out:
            said.append("Not in it: " + "; ".join(self.left_out) + ".")
        return said

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th scope='col'>{name}</th>"
            for name in ("service", "what", "used", "list price", "after free tier")
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td>{escape(text)}</td>"
                for text in (
                    line.service,
                    line.what,
                    f"{_plain(line.quantity)} {line.unit}",
                    _dollars(line.usd),
                    _dollars(line.after_free),
                )
            )
            + "</tr>"
            for line in self.lines
        )
        total = (
            f"<tr><th scope='row'>total</th><td></td><td></td><td>{_dollars(self.total)}</td>"
            f"<td>{_dollars(self.after_free_tier)}</td></tr>"
        )
        remarks = "".join(f"<p>{escape(one)}</p>" for one in self.remarks())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{total}</tbody></table>{remarks}"


def make(
    usage: Mapping[str, Decimal],
    prices: Prices,
    *,
    real: bool,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    left_out: Sequence[str] = (),
) -> Bill:
    """The bill of ``usage`` (quantities by the keys of the price table)."""
    free = _free(usage, prices)
    lines = []
    for key in prices.names():
        quantity = usage.get(key, Decimal(0))
        if not quantity:
            continue
        price = prices.price(key)
        covered = free.get(key, Decimal(0))
        lines.append(
            Line(
                key,
                price.service,
                price.what,
                quantity,
                price.unit,
                prices.cost(key, quantity),
                covered,
                prices.cost(key, quantity - covered),
            )
        )
    return Bill(
        tuple(lines),
        prices.region,
        prices.known,
        prices.read,
        real,
        since,
        until,
        tuple(left_out),
    )


def _free(usage: Mapping[str, Decimal], prices: Prices) -> dict[str, Decimal]:
    """How much of each quantity the free tier covers; what only some accounts get is not used."""
    covered: dict[str, Decimal] = {}
    for allowance in prices.allowances.values():
        if allowance.only:
            continue
        left = allowance.amount
        for key in allowance.prices:
            taken = min(left, usage.get(key, Decimal(0)))
            covered[key] = covered.get(key, Decimal(0)) + taken
            left -= taken
    return covered


def amount_in_words(usd: Decimal) -> str:
    """An amount so rounded up that small differences between runs do not show."""
    if usd <= 0:
        return "nothing"
    cents = int((usd / CENT).to_integral_value(ROUND_CEILING))
    if cents == 1:
        return "at most one cent"
    if cents < 100:
        return f"at most {cents} cents"
    return f"at most ${Decimal(cents) * CENT:,.2f}"


def _dollars(usd: Decimal) -> str:
    """Six places, because a notebook's amounts are small; ``$0`` is really nothing."""
    if not usd:
        return "$0"
    if usd < Decimal("0.000001"):
        return "<$0.000001"
    return f"${usd:,.6f}"


def _plain(quantity: Decimal) -> str:
    if quantity == quantity.to_integral_value():
        return f"{int(quantity):,}"
    return f"{quantity:,.6f}".rstrip("0").rstrip(".") or "0"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Text columns: words to the left, amounts to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if column >= 2 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]
