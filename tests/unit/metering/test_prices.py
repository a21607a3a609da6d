"""The price table, and bills that can be worked out by hand."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal

import pytest

from helpers.cloud import CloudError
from helpers.cloud import bill as bills
from helpers.cloud.prices import TABLE, Prices


@pytest.fixture
def prices() -> Prices:
    return Prices.load()


def priced(prices: Prices, **usage: str | int) -> bills.Bill:
    quantities = {key.replace("__", "."): Decimal(value) for key, value in usage.items()}
    return bills.make(quantities, prices, real=True)


def test_every_price_names_its_page_its_date_and_its_evidence(prices: Prices) -> None:
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    for row in (*table["prices"].values(), *table["free_tier"].values()):
        assert row["source"].startswith("https://aws.amazon.com/")
        assert "pricing" in row["source"]
        assert datetime.date.fromisoformat(row["read"]) <= datetime.date.today()
        assert row["evidence"] in ("page", "list", "repeated")
    for name in prices.names():
        price = prices.price(name)
        assert price.usd > 0
        assert price.per > 0
    assert re.search("check it before a class", table["about"])


def test_the_free_tier_stands_apart_and_is_about_prices_of_the_table(prices: Prices) -> None:
    for allowance in prices.allowances.values():
        assert allowance.amount > 0
        assert set(allowance.prices) <= set(prices.names())


def test_a_price_that_is_not_there_is_named(prices: Prices) -> None:
    with pytest.raises(CloudError, match=r"no price 'lambda\.dreams'.*lambda\.requests"):
        prices.cost("lambda.dreams", 1)


@pytest.mark.aws_source("https://aws.amazon.com/lambda/pricing/")
def test_the_mobile_backend_of_lambdas_page(prices: Prices) -> None:
    """3 million requests of 120 ms at 1,536 MB: 540,000 GB-seconds; with free tier $2.73."""
    bill = priced(prices, lambda__requests=3_000_000, lambda__duration__x86_64=540_000)
    assert bill.total == Decimal("0.60") + Decimal("540000") * Decimal("0.0000166667")
    assert round(bill.after_free_tier, 2) == Decimal("2.73")  # 2 million requests, 140,000 GB-s


@pytest.mark.aws_source("https://aws.amazon.com/xray/pricing/")
def test_the_traces_of_xrays_page(prices: Prices) -> None:
    """148,800 traces recorded, 775,000 retrieved or scanned: $0.24 beyond the free tier."""
    bill = priced(prices, xray__recorded=148_800, xray__read=775_000)
    assert round(bill.after_free_tier, 2) == Decimal("0.24")
    assert bill.total == Decimal("0.744") + Decimal("0.3875")


@pytest.mark.aws_source("https://aws.amazon.com/eventbridge/pricing/")
def test_the_events_of_eventbridges_page(prices: Prices) -> None:
    """Five million events of at most 64 KB: $5.00, and nothing of that is free."""
    bill = priced(prices, events__custom=5_000_000)
    assert bill.total == bill.after_free_tier == Decimal("5.00")


@pytest.mark.aws_source("https://aws.amazon.com/kms/pricing/")
def test_a_key_with_a_hundred_thousand_requests(prices: Prices) -> None:
    """$1.00 for the key, and 80,000 requests at $0.03 for 10,000 beyond the 20,000 free ones."""
    bill = priced(prices, kms__keys=1, kms__requests=100_000)
    assert bill.after_free_tier == Decimal("1.24")
    assert bill.total == Decimal("1.30")


@pytest.mark.aws_source("https://aws.amazon.com/step-functions/pricing/")
def test_transitions_beyond_the_four_thousand(prices: Prices) -> None:
    """100,000 executions of four steps: 396,000 transitions at $0.025 for 1,000."""
    assert priced(prices, states__transitions=400_000).after_free_tier == Decimal("9.90")


def test_one_allowance_for_two_prices_is_given_once(prices: Prices) -> None:
    """Lambda's 400,000 GB-seconds are for both architectures together."""
    bill = priced(prices, lambda__duration__x86_64=300_000, lambda__duration__arm64=300_000)
    assert [line.free for line in bill.lines] == [300_000, 100_000]


def test_what_only_new_accounts_get_is_not_taken_off(prices: Prices) -> None:
    bill = priced(prices, apigateway__http=1000)
    assert bill.after_free_tier == bill.total > 0


def test_another_region_is_counted_too_high_and_says_so() -> None:
    there = Prices.load("sa-east-1")
    assert there.cost("lambda.requests", 1_000_000) == Decimal("0.40")
    bill = bills.make({"lambda.requests": Decimal(10**6)}, there, real=True)
    assert "Prices of us-east-1" in str(bill)
    assert "doubled for sa-east-1" in str(bill)


def test_the_table_in_text_is_the_same_for_the_same_usage(prices: Prices) -> None:
    bill = priced(prices, sqs__standard=12, kms__keys="0.5", lambda__requests=3)
    assert str(bill).splitlines()[:8] == [
        "service  what                                 used  list price  after free tier",
        "-" * 79,
        "KMS      customer managed keys      0.5 key-months   $0.500000        $0.500000",
        "SQS      requests, standard queues     12 requests   $0.000005               $0",
        "Lambda   requests                       3 requests  <$0.000001               $0",
        "-" * 79,
        "total                                                $0.500005        $0.500000",
        "",
    ]
    assert list(bill.by_service()) == ["KMS", "SQS", "Lambda"]
    assert (bill.cents(), bill.in_words()) == (51, "at most 51 cents")


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        ("0", "nothing"),
        ("0.0000001", "at most one cent"),
        ("0.01", "at most one cent"),
        ("0.010001", "at most 2 cents"),
        ("1234.5", "at most $1,234.50"),
    ],
)
def test_amounts_in_words_are_rounded_up(usd: str, words: str) -> None:
    assert bills.amount_in_words(Decimal(usd)) == words


def test_the_html_escapes_and_totals(prices: Prices) -> None:
    shown = priced(prices, lambda__requests=1)._repr_html_()
    assert "<th scope='row'>total</th>" in shown
    assert "&lt;$0.000001" in shown


def test_an_empty_bill_is_nothing(prices: Prices) -> None:
    bill = bills.make({}, prices, real=False)
    assert bill.total == 0
    assert "would have cost nothing" in str(bill)
