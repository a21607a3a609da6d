"""The meter: what it counts, when it warns, what it stops. Nothing is sent anywhere.

Each client's requests are answered before they leave (``before-send``), by a made-up AWS that
writes down what would have been sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from helpers.cloud import CloudError
from helpers.cloud.metering import BudgetReached, Limits, Meter

REPORT = (
    "REPORT RequestId: 1\tDuration: 900.00 ms\tBilled Duration: 1000 ms\tMemory Size: 1024 MB\t"
    "Max Memory Used: 40 MB\t\n"
)
MINUTE = timedelta(minutes=1)


class Raw:
    """A body as urllib3 hands it out."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content


class Account:
    """Answers by operation; ``sent`` lists the operations that came this far."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers: dict[str, Any] = {}
        self.status: dict[str, int] = {}
        self.session = boto3.session.Session(
            aws_access_key_id="AKIA", aws_secret_access_key="s", region_name="us-east-1"
        )

    def client(self, service: str) -> Any:
        made = self.session.client(service)
        made.meta.events.register_last("before-send", self._send)
        return made

    def _send(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        self.sent.append(operation)
        answer = self.answers.get(operation, {})
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return AWSResponse(request.url, self.status.get(operation, 200), {}, Raw(content))

    def times(self, operation: str) -> int:
        return self.sent.count(operation)


@pytest.fixture
def account() -> Account:
    return Account()


def metered(account: Account, budget: Any = None, **options: Any) -> Meter:
    meter = Meter(budget_usd=budget, **options)
    meter.attach(account.session)
    return meter


def test_what_passes_is_counted_and_what_is_refused_is_not(account: Account) -> None:
    meter = metered(account)
    sqs, table = account.client("sqs"), account.client("dynamodb")
    for _ in range(3):
        sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
    table.put_item(TableName="t", Item={"id": {"S": "a"}})
    account.status["PutItem"] = 400
    with pytest.raises(table.exceptions.ClientError):
        table.put_item(TableName="t", Item={"id": {"S": "a"}})
    account.answers["PutItem"] = {"__type": "ConditionalCheckFailedException"}
    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(TableName="t", Item={"id": {"S": "a"}})
    used = {line.key: line.quantity for line in meter.bill().lines}
    assert used == {"sqs.standard": 3, "dynamodb.writes": 2}  # a failed condition is billed too
    assert meter.spent == Decimal("0.0000012") + Decimal("0.00000125")


def test_an_invocation_is_priced_by_its_own_report(account: Account) -> None:
    meter = metered(account)
    client = account.client("lambda")
    account.answers["Invoke"] = b"1"
    reply = {"LogResult": base64.b64encode(REPORT.encode()).decode()}
    assert meter._invoked({"FunctionName": "f"}, reply, 5.0)["lambda.duration.x86_64"] == 1
    client.invoke(FunctionName="f", InvocationType="Event")
    assert {line.key: line.quantity for line in meter.bill().lines} == {"lambda.requests": 1}


def test_it_warns_once_at_half_and_stops_before_the_limit(account: Account) -> None:
    """A budget of ten messages' price: warned at the fifth, and the eleventh is not sent."""
    said: list[str] = []
    meter = metered(account, "0.0000040", warn=said.append)
    sqs = account.client("sqs")
    for _ in range(10):
        sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
        assert len(said) == (account.times("SendMessage") >= 5)
    with pytest.raises(BudgetReached) as caught:
        sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
    assert account.times("SendMessage") == 10
    assert meter.spent == meter.budget
    assert isinstance(caught.value, CloudError)
    text = str(caught.value)
    assert text.startswith("SQS SendMessage was not sent: it could take this run past its budget")
    assert "cloud.teardown()" in text
    assert "budget_usd=" in text
    assert said[0].startswith("Half of this run's budget")


def test_cleaning_up_and_looking_pass_when_nothing_is_left(account: Account) -> None:
    meter = metered(account, "0.0000003", warn=lambda _: None)
    sqs = account.client("sqs")
    with pytest.raises(BudgetReached):
        sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
    sqs.delete_queue(QueueUrl="https://sqs/1/q")
    sqs.get_queue_attributes(QueueUrl="https://sqs/1/q")
    with pytest.raises(BudgetReached):  # free itself, but what it makes would spend on
        account.client("lambda").create_function(
            FunctionName="f", Role="arn:aws:iam::1:role/r", Code={"ZipFile": b""}
        )
    with meter.paused():
        sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
    assert account.sent == ["DeleteQueue", "GetQueueAttributes", "SendMessage"]


def test_what_costs_at_once_is_known_before_it_is_made(account: Account) -> None:
    """A secret's first hour, and the longest that an invocation may take."""
    metered(account, "0.0005", warn=lambda _: None)
    with pytest.raises(BudgetReached, match="Secrets Manager CreateSecret was not sent"):
        account.client("secretsmanager").create_secret(Name="s", SecretString="x")
    client = account.client("lambda")
    account.answers["CreateFunction"] = {"MemorySize": 10240, "Timeout": 900}
    client.create_function(FunctionName="f", Role="arn:aws:iam::1:role/r", Code={"ZipFile": b""})
    with pytest.raises(BudgetReached, match="Lambda Invoke"):
        client.invoke(FunctionName="f")
    client.invoke(FunctionName="another")  # 3 s at 128 MB
    assert account.sent == ["CreateFunction", "Invoke"]


def test_many_at_once_cannot_pass_the_limit_together(account: Account) -> None:
    """Each call under way holds back what it may cost."""
    metered(account, "0.0000040", warn=lambda _: None)
    sqs = account.client("sqs")

    def send(_: int) -> bool:
        try:
            sqs.send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
        except BudgetReached:
            return False
        return True

    with ThreadPoolExecutor(16) as many:
        sent = list(many.map(send, range(40)))
    assert sent.count(True) == account.times("SendMessage") == 10


class Shown:
    """What AWS shows, in the place of an Observer."""

    def __init__(self, used: dict[str, Any]) -> None:
        self.used, self.looks = used, 0
        self.asked_metrics = self.asked_requests = 0

    def read(self, now: datetime) -> dict[str, Decimal]:
        self.looks += 1
        return {key: Decimal(str(value)) for key, value in self.used.items()}


def test_what_triggers_spend_is_asked_for_and_stops_the_functions(account: Account) -> None:
    """A function sets itself off: no request of this process tells of that, its metrics do."""
    meter = metered(account, "1.00", client=account.client, every=0.0, warn=lambda _: None)
    account.answers["CreateFunction"] = {"MemorySize": 128, "Timeout": 3}
    account.client("lambda").create_function(
        FunctionName="loop", Role="arn:aws:iam::1:role/r", Code={"ZipFile": b""}
    )
    shown = Shown({"lambda.requests": 1_000_000, "lambda.duration.x86_64": 100_000})
    meter._observer = shown  # type: ignore[assignment]
    with pytest.raises(BudgetReached, match=r"The functions of this run were stopped") as caught:
        account.client("sqs").send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
    assert caught.value.spent > Decimal("1.86")
    assert account.sent == ["CreateFunction", "PutFunctionConcurrency"]
    assert shown.looks == 1
    for again in (
        lambda one: one.delete_function_concurrency(FunctionName="loop"),
        lambda one: one.put_function_concurrency(
            FunctionName="loop", ReservedConcurrentExecutions=9
        ),
    ):
        with pytest.raises(BudgetReached):
            again(account.client("lambda"))
    account.client("lambda").delete_function(FunctionName="loop")


def test_a_function_that_could_not_be_stopped_is_stopped_later(account: Account) -> None:
    meter = metered(account, "1.00", client=account.client, every=3600, warn=lambda _: None)
    create(account, "loop")
    meter._observed = {"lambda.duration.x86_64": Decimal(100_000)}
    for status, stopped in ((429, False), (200, True)):
        account.status["PutFunctionConcurrency"] = status
        with pytest.raises(BudgetReached) as caught:
            account.client("sqs").send_message(QueueUrl="https://sqs/1/q", MessageBody="x")
        assert ("were stopped" in str(caught.value)) is stopped


def test_aws_is_asked_at_most_so_often(account: Account) -> None:
    meter = metered(account, "1.00", client=account.client, every=3600, warn=lambda _: None)
    shown = Shown({})
    meter._observer = shown  # type: ignore[assignment]
    for _ in range(20):
        account.client("sqs").list_queues()
    assert shown.looks == 0
    meter.bill()
    assert shown.looks == 1


def test_what_was_counted_here_and_shown_by_aws_is_not_counted_twice(account: Account) -> None:
    meter = metered(account)
    account.answers["Publish"] = b"<PublishResponse><PublishResult/></PublishResponse>"
    for _ in range(4):
        account.client("sns").publish(TopicArn="arn:aws:sns:us-east-1:1:t", Message="x")
    meter._observed = {"sns.requests": Decimal(3)}
    assert {line.key: line.quantity for line in meter.bill().lines} == {"sns.requests": 4}
    meter._observed = {"sns.requests": Decimal(30)}  # handlers have published, too
    assert {line.key: line.quantity for line in meter.bill().lines} == {"sns.requests": 30}


@pytest.mark.parametrize("budget", [0, -1, "much", float("nan"), float("inf")])
def test_a_budget_is_an_amount(budget: Any) -> None:
    with pytest.raises(CloudError, match="budget_usd=1"):
        Meter(budget_usd=budget)


# -- limits ----------------------------------------------------------------------------------------


@pytest.fixture
def limited(account: Account) -> Callable[..., Limits]:
    def make(**options: Any) -> Limits:
        limits = Limits(account.client, **options)
        limits.attach(account.session)
        return limits

    return make


def create(account: Account, name: str = "f") -> Any:
    client = account.client("lambda")
    client.create_function(FunctionName=name, Role="arn:aws:iam::1:role/r", Code={"ZipFile": b""})
    return client


def test_every_function_is_limited_and_limited_again(account: Account, limited: Any) -> None:
    limited()
    client = create(account)
    assert account.sent == ["CreateFunction", "PutFunctionConcurrency"]
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    assert account.times("PutFunctionConcurrency") == 2  # the learner's own limit stays
    client.delete_function_concurrency(FunctionName="f")
    assert account.sent[-2:] == ["DeleteFunctionConcurrency", "PutFunctionConcurrency"]


def test_an_account_that_cannot_reserve_is_told(account: Account, limited: Any) -> None:
    """A new account's ten environments cannot be reserved; they are a limit themselves."""
    limits = limited()
    account.status["PutFunctionConcurrency"] = 400
    account.answers["PutFunctionConcurrency"] = {"Message": "below its minimum value of [10]."}
    create(account)
    assert "minimum value" in limits.unlimited["f"]


def test_time_is_the_clouds() -> None:
    moments = iter([datetime(2026, 1, 1, tzinfo=UTC)] + [datetime(2026, 1, 8, tzinfo=UTC)] * 9)
    account = Account()
    meter = metered(account, now=lambda: next(moments))
    assert meter.bill().until - meter._since == 7 * 24 * 60 * MINUTE  # type: ignore[operator]
