"""`06.pattern`: a pattern that lets exactly the right orders through."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.words import short

FILE = "call.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
AGAIN = "Then run the %%writefile cell and this one again."
#: Events that EventBridge takes in one call.
MOST_ENTRIES = 10


@dataclass(frozen=True)
class Order:
    """One event that is sent: an order, and whether the pattern shall let it through."""

    what: str  #: which order it is, as the learner reads it
    wanted: bool
    total: float = 129.0
    ship_to: str = "DE"
    customer: str = "FR"
    kind: str = "Order Paid"
    source: str = "shop.web"

    @property
    def detail(self) -> dict[str, Any]:
        return {
            "order": self.what,
            "total": self.total,
            "prints": 86,
            "customer": {"name": "Ada", "country": self.customer},
            "ship_to": {"country": self.ship_to},
        }


GERMAN = Order("129 € to Germany", True)
AUSTRIAN = Order("250.50 € to Austria", True, total=250.5, ship_to="AT")
BARELY = Order("100.01 € to Germany", True, total=100.01, customer="DE")
EXACTLY = Order("exactly 100 € to Germany", False, total=100)
SMALL = Order("19.90 € to Germany", False, total=19.9)
NINE = Order("99 € to Austria", False, total=99, ship_to="AT")
FRENCH = Order("500 € to France, customer in Germany", False, total=500, ship_to="FR",
               customer="DE")  # fmt: skip
SWISS = Order("300 € to Switzerland", False, total=300, ship_to="CH")
AMERICAN = Order("900 € to the United States, customer in Austria", False, total=900,
                 ship_to="US", customer="AT")  # fmt: skip
CANCELLED = Order("129 € to Germany, cancelled", False, kind="Order Cancelled")
REFUNDED = Order("250 € to Austria, refunded", False, total=250, ship_to="AT",
                 kind="Order Refunded")  # fmt: skip
STRANGE = Order("129 € to Germany, from shop.test", False, source="shop.test")

WANTED = (GERMAN, AUSTRIAN, BARELY)
AMOUNTS = (EXACTLY, SMALL, NINE)
COUNTRIES = (FRENCH, SWISS, AMERICAN)
OTHERS = (CANCELLED, REFUNDED, STRANGE)


@dataclass
class Sieve:
    """A bus of the check's own with the learner's pattern as a rule, and what came through."""

    cloud: Cloud
    text: str
    bus: str

    @cached_property
    def events(self) -> Any:
        return self.cloud.client("events")

    @cached_property
    def pattern(self) -> Any:
        return json.loads(self.text)

    def passes(self, order: Order) -> bool:
        """Whether EventBridge let it through. A grader's hidden order is sent by itself."""
        if order in self._all:
            return order in self._passed
        return bool(self._through([order]))

    @cached_property
    def _all(self) -> list[Order]:
        return [*WANTED, *AMOUNTS, *COUNTRIES, *OTHERS]

    @cached_property
    def _passed(self) -> list[Order]:
        return self._through(self._all)

    def _through(self, orders: list[Order]) -> list[Order]:
        """Send these orders; those that came through the learner's rule.

        A second rule takes everything: when its queue has all of them, the rules have been asked.
        """
        ids: dict[str, Order] = {}
        for start in range(0, len(orders), MOST_ENTRIES):
            some = orders[start : start + MOST_ENTRIES]
            answer = self.events.put_events(
                Entries=[
                    {
                        "EventBusName": self.bus,
                        "Source": order.source,
                        "DetailType": order.kind,
                        "Detail": json.dumps(order.detail),
                    }
                    for order in some
                ]
            )
            ids |= {
                told["EventId"]: order for told, order in zip(answer["Entries"], some, strict=True)
            }
        expected = {one for one, order in ids.items() if self._fits(one, order)}
        seen = {rule: set[str]() for rule in ("all", "learner")}

        def arrived() -> bool:
            for rule, found in seen.items():
                found |= self._received(rule)
            return set(ids) <= seen["all"] and expected <= seen["learner"]

        self.cloud.wait_until(arrived, seconds=60, what="all events of the check have arrived")
        return [ids[one] for one in seen["learner"] if one in ids]

    def _fits(self, identity: str, order: Order) -> bool:
        """What EventBridge itself says: only so many are waited for."""
        event = {
            "id": identity,
            "version": "0",
            "account": self.cloud.account_id,
            "region": self.cloud.region,
            "time": "2026-11-23T12:00:00Z",
            "resources": [],
            "source": order.source,
            "detail-type": order.kind,
            "detail": order.detail,
        }
        answer = self.events.test_event_pattern(EventPattern=self.text, Event=json.dumps(event))
        return bool(answer["Result"])

    @cached_property
    def sqs(self) -> Any:
        return self.cloud.client("sqs")

    def _received(self, rule: str) -> set[str]:
        """The ids of the events that a rule's queue holds now."""
        url = self.sqs.get_queue_url(QueueName=f"{self.bus}-{rule}")["QueueUrl"]
        found = set()
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.add(json.loads(message["Body"])["id"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    # -- making and taking away ------------------------------------------------------------------

    def build(self) -> None:
        """Raises Slip where EventBridge does not take the pattern."""
        self.events.create_event_bus(Name=self.bus)
        everything = json.dumps({"account": [self.cloud.account_id]})
        for name, pattern in (("all", everything), ("learner", self.text)):
            try:
                arn = self.events.put_rule(Name=name, EventBusName=self.bus, EventPattern=pattern)[
                    "RuleArn"
                ]
            except ClientError as error:
                raise _refused(error, self.pattern) from error
            self.events.put_targets(
                Rule=name,
                EventBusName=self.bus,
                Targets=[{"Id": "1", "Arn": self._queue(name, arn)}],
            )

    def _queue(self, name: str, rule: str) -> str:
        """A queue to which this rule may send; its ARN."""
        queue = f"{self.bus}-{name}"
        arn = f"arn:aws:sqs:{self.cloud.region}:{self.cloud.account_id}:{queue}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.create_queue(QueueName=queue, Attributes={"Policy": policy})
        return arn

    def take_away(self) -> None:
        for name in ("all", "learner"):
            with contextlib.suppress(ClientError):
                self.events.remove_targets(Rule=name, EventBusName=self.bus, Ids=["1"])
            with contextlib.suppress(ClientError):
                self.events.delete_rule(Name=name, EventBusName=self.bus)
            with contextlib.suppress(ClientError):
                url = self.sqs.get_queue_url(QueueName=f"{self.bus}-{name}")["QueueUrl"]
                self.sqs.delete_queue(QueueUrl=url)
        with contextlib.suppress(ClientError):
            self.events.delete_event_bus(Name=self.bus)


def _refused(error: ClientError, pattern: Any) -> Slip:
    said = error.response["Error"]
    advice = "Every value stands in a list, in square brackets, even a single one. " + AGAIN
    if "numeric" in json.dumps(pattern):
        advice = (
            'A comparison is written [{"numeric": [">", 5]}], and the number stands there without '
            "quotes. " + AGAIN
        )
    return Slip(
        "refused",
        f"EventBridge does not take the pattern: {said['Code']}, {short(said['Message'], 160)}",
        advice,
        final=True,
    )


@contextlib.contextmanager
def _sieve(context: Context) -> Iterator[Sieve]:
    path = attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        json.loads(text)
    except ValueError as error:
        raise Slip(
            "no JSON",
            f"{FILE} is no JSON: {error}.",
            "A comma too many or too few, or a quote that is missing? True and None are Python; "
            f"JSON has true and null, and no comments. {AGAIN}",
        ) from None
    sieve = Sieve(context.cloud, text, f"check-{uuid.uuid4().hex[:8]}")
    try:
        sieve.build()
        context.cloud.clock.advance(minutes=1)  # so long AWS may take until a rule is used
        yield sieve
    finally:
        sieve.take_away()


def _wanted(sieve: Sieve, case: Case) -> None:
    order: Order = case.given
    if sieve.passes(order):
        return
    raise _why_nothing(sieve, order) or Slip(
        "too narrow",
        f"an order that shall come through did not: {order.what}.",
        "All that stands in the pattern has to fit. Take one line out at a time, and ask "
        f"test_event_pattern. {AGAIN}",
    )


def _why_nothing(sieve: Sieve, order: Order) -> Slip | None:
    """The ways to write a pattern that nothing, or too little, fits."""
    pattern = sieve.pattern
    detail = pattern.get("detail") if isinstance(pattern, dict) else None
    outside = {"total", "ship_to", "country", "customer"} & set(pattern)
    if outside:
        return Slip(
            "outside detail",
            f"no order came through: the pattern looks for {short(sorted(outside)[0])} at the top "
            "of the event, where it is not.",
            f"The order lies in `detail`, and so must what you say about it. {AGAIN}",
            final=True,
        )
    if not isinstance(detail, dict):
        return None
    if _is_text(detail.get("total")):
        return Slip(
            "text for a number",
            f"{order.what} did not come through: total is compared with the text "
            f"{short(_first(detail['total']))}, and it is a number.",
            'Greater than is an operator: [{"numeric": [">", …]}], with a number that has no '
            f"quotes. {AGAIN}",
            final=True,
        )
    if "country" in detail or "ship_to.country" in detail:
        return Slip(
            "wrong path",
            f"{order.what} did not come through: an order has no country of its own.",
            "Look at the example: the country is inside of ship_to. A pattern repeats that, with "
            f"an object inside of an object. {AGAIN}",
            final=True,
        )
    if "customer" in detail:
        return _customer(order)
    if not sieve.passes(AUSTRIAN) and sieve.passes(GERMAN):
        return Slip(
            "one country",
            f"{AUSTRIAN.what} did not come through, and Germany does.",
            f"A list may hold several values; any of them may fit. {AGAIN}",
        )
    return None


def _customer(order: Order) -> Slip:
    return Slip(
        "customer",
        f"the pattern asks for the customer's country: {order.what} is judged wrongly.",
        "The order is shipped to somebody else, perhaps as a present. Ask for the country in "
        f"ship_to. {AGAIN}",
    )


def _amount(sieve: Sieve, case: Case) -> None:
    _not_through(sieve, case, "amount")


def _country(sieve: Sieve, case: Case) -> None:
    _not_through(sieve, case, "country")


def _kind(sieve: Sieve, case: Case) -> None:
    _not_through(sieve, case, "kind")


def _not_through(sieve: Sieve, case: Case, about: str) -> None:
    order: Order = case.given
    if not sieve.passes(order):
        return
    if all(sieve.passes(one) for one in sieve._all):
        raise Slip(
            "everything",
            "all orders came through, whatever they are.",
            f"What the pattern does not name, it does not look at. {AGAIN}",
            final=True,
        )
    detail = sieve.pattern.get("detail", {})
    if "$or" in json.dumps(sieve.pattern) and about in ("amount", "country"):
        raise Slip(
            "or",
            f"an order came through that shall not: {order.what}.",
            "$or asks for one of its parts. Here the total and the country must both fit, and "
            f"that is what two names beside each other mean. {AGAIN}",
        )
    if about == "amount":
        if order is EXACTLY and not sieve.passes(SMALL):
            raise Slip(
                "exactly 100",
                "100 € came through, and it shall be more than 100.",
                f'">=" takes 100 as well, ">" does not. {AGAIN}',
            )
        raise Slip(
            "amount",
            f"an order came through that shall not: {order.what}.",
            f'The total has to be compared as a number: [{{"numeric": [">", 100]}}]. {AGAIN}',
        )
    if about == "country":
        if "customer" in detail:
            raise _customer(order)
        if "anything-but" in json.dumps(detail):
            raise Slip(
                "anything-but",
                f"an order came through that shall not: {order.what}.",
                "anything-but names what is not wanted, and the world has more countries than you "
                f"can list. Name the two that are wanted. {AGAIN}",
            )
        raise Slip(
            "country",
            f"an order came through that shall not: {order.what}.",
            f"Only what is shipped to DE or AT gets a call. {AGAIN}",
        )
    what = "source" if order is STRANGE else "detail-type"
    raise Slip(
        "kind",
        f"an event came through that shall not: {order.what}.",
        f"A pattern that does not name the {what} takes any. {AGAIN}",
    )


PATTERN = Check(
    key="06.pattern",
    prepare=_sieve,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("large orders come through", _wanted, tuple(map(Case, WANTED)), points=2),
        Requirement("by the amount", _amount, tuple(map(Case, AMOUNTS))),
        Requirement("by the country", _country, tuple(map(Case, COUNTRIES))),
        Requirement("paid, from the web shop", _kind, tuple(map(Case, OTHERS))),
    ),
    hints=(
        "The pattern has the shape of the event. Take the example, and for each thing that "
        "matters write down in a list what is wanted. Leave out what does not matter.",
        "At the top stand source and detail-type. What is said about the order stands inside of "
        '"detail", and the country inside of "ship_to" in there.',
        'Greater than 100 is [{"numeric": [">", 100]}]. One of two countries is a list of two.',
        'A frame to fill in: {"source": […], "detail-type": […], "detail": {"total": […], '
        '"ship_to": {"country": […]}}}',
    ),
    praise="Who is called, and who is not, is decided before any function runs.",
)


def _is_text(wanted: Any) -> bool:
    return isinstance(_first(wanted), str)


def _first(wanted: Any) -> Any:
    return wanted[0] if isinstance(wanted, list) and wanted else wanted
