"""The face of an open cloud: clients, waiting, the clock, emptying, closing, and its errors."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from helpers import RUNTIME, cloud
from helpers.cloud import opening
from helpers.cloud.local import LocalServer


def test_what_it_says_about_itself(aws: cloud.Cloud) -> None:
    assert (aws.kind, aws.region, aws.account_id) == ("local", "us-east-1", "123456789012")
    assert aws.url.startswith("http://localhost:")
    assert cloud.current() is aws
    assert repr(aws) == "<local cloud, open, region us-east-1>"
    assert cloud.open() is aws


def test_clients_and_resources(aws: cloud.Cloud) -> None:
    """Ours and boto3's own reach the same cloud; options are passed on."""
    aws.resource("dynamodb").meta.client.list_tables()
    queue = boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    assert aws.client("sqs").list_queues()["QueueUrls"] == [queue]
    far = aws.client("sqs", region_name="eu-west-1", config=Config(connect_timeout=7))
    assert (far.meta.region_name, far.meta.config.connect_timeout) == ("eu-west-1", 7)
    assert far.meta.config.read_timeout > 900  # longer than any handler may run
    assert "QueueUrls" not in far.list_queues()
    with ThreadPoolExecutor(16) as many:  # boto3's sessions cannot do this by themselves
        made = list(many.map(aws.client, ["sqs", "s3", "sns", "lambda"] * 8))
    assert len(made) == 32


def test_wait_until(aws: cloud.Cloud) -> None:
    answers: Iterator[Any] = iter([None, [], 0, "found"])
    assert aws.wait_until(lambda: next(answers)) == "found"
    began = time.monotonic()
    with pytest.raises(cloud.WaitedTooLong) as caught:
        aws.wait_until(lambda: False, seconds=0.1, what="the parcel arrives")
    assert time.monotonic() - began < 5
    assert str(caught.value).startswith("Waited 0.1 seconds until the parcel arrives, and it never")
    assert isinstance(caught.value, TimeoutError)
    with pytest.raises(ZeroDivisionError):  # the learner's own mistake is shown as it is
        aws.wait_until(lambda: 1 / 0)


@pytest.fixture
def clock(aws: cloud.Cloud) -> Iterator[Any]:
    yield aws.clock
    aws.reset()


def test_the_clock_moves_for_all_of_aws(aws: cloud.Cloud, clock: Any) -> None:
    """moto's timestamps follow, and `now` says the same."""
    before = clock.now()
    assert abs(before - datetime.now(UTC)) < timedelta(seconds=10)
    reached = clock.advance(hours=1, minutes=30)
    assert timedelta(minutes=90) <= reached - before < timedelta(minutes=91)
    assert abs(clock.now() - reached) < timedelta(seconds=10)
    queue = aws.client("sqs").create_queue(QueueName="later")["QueueUrl"]
    made = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["CreatedTimestamp"]
    )["Attributes"]["CreatedTimestamp"]
    assert abs(float(made) - reached.timestamp()) < 60
    assert clock.advance(seconds=0) >= reached


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, "Say how far to move the clock"),
        ({"minutes": -1}, "Time only moves forward"),
        ({"minutes": 5, "seconds": -301}, "Time only moves forward"),
        ({"minuets": 5}, "The clock cannot move by minuets=5"),
        ({"minutes": "5"}, "The clock cannot move by minutes='5'"),
        ({"minutes": float("nan")}, "The clock cannot move by minutes=nan"),
        ({"days": float("inf")}, "The clock cannot move by days=inf"),
        ({"days": 10**12}, "The clock cannot move by days=1000000000000"),
        ({"days": 365 * 200}, "The clock goes at most 95 years ahead"),
    ],
)
def test_the_clock_refuses(clock: Any, asked: dict[str, Any], answer: str) -> None:
    before = clock.now()
    with pytest.raises(cloud.CloudError) as caught:
        clock.advance(**asked)
    assert str(caught.value).startswith(answer)
    assert "aws." in str(caught.value)  # what to do instead
    assert clock.now() - before < timedelta(seconds=30)


def test_a_moved_clock_still_refuses_to_go_too_far(clock: Any) -> None:
    clock.advance(days=365 * 60)
    with pytest.raises(cloud.CloudError, match="at most 95 years"):
        clock.advance(days=365 * 60)


def _fill(aws: cloud.Cloud) -> None:
    """One of each, by the same names."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "lambda.amazonaws.com"}}]}  # fmt: skip
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))[
        "Role"
    ]["Arn"]
    aws.client("iam").attach_role_policy(
        RoleName="r",
        PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("app.py", "def handler(event, context): return 1")
    client = aws.client("lambda")
    client.create_function(
        FunctionName="f", Runtime=RUNTIME, Handler="app.handler", Role=role,
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip
    aws.wait_until(
        lambda: client.get_function(FunctionName="f")["Configuration"]["State"] == "Active"
    )
    client.invoke(FunctionName="f")
    groups = aws.client("logs").describe_log_groups
    aws.wait_until(lambda: groups()["logGroups"], what="the log group is there")
    aws.client("sqs").create_queue(QueueName="q")
    aws.client("s3").create_bucket(Bucket="bbb")
    aws.client("dynamodb").create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip
    aws.clock.advance(minutes=5)


def _holds(aws: cloud.Cloud) -> list[int]:
    return [
        len(aws.client("lambda").list_functions()["Functions"]),
        len(aws.client("iam").list_roles()["Roles"]),
        len(aws.client("logs").describe_log_groups()["logGroups"]),
        len(aws.client("sqs").list_queues().get("QueueUrls", [])),
        len(aws.client("s3").list_buckets()["Buckets"]),
        len(aws.client("dynamodb").list_tables()["TableNames"]),
        round((aws.clock.now() - datetime.now(UTC)).total_seconds() / 60),
    ]


@pytest.mark.usefixtures("closed")
def test_reset_empties_everything_each_time() -> None:
    """Functions, roles, logs, queues, buckets, tables, clock; and again under the same names."""
    with cloud.open() as aws:
        nothing = [0] * 7
        assert _holds(aws) == nothing
        for _ in range(2):
            _fill(aws)
            assert _holds(aws) == [1, 1, 1, 1, 1, 1, 5]
            began = time.monotonic()
            aws.reset()
            assert time.monotonic() - began < 10
            assert _holds(aws) == nothing
            time.sleep(0.2)  # a late log line must not bring its log group back
            assert _holds(aws) == nothing


@pytest.mark.usefixtures("closed")
def test_closing() -> None:
    """Twice does no harm, and what is closed says how to go on."""
    aws = cloud.open()
    aws.close()
    aws.close()
    assert repr(aws) == "<local cloud, closed, region us-east-1>"
    calls: list[Callable[[], Any]] = [
        lambda: aws.client("sqs"),
        aws.reset,
        lambda: aws.resource("s3"),
    ]
    for call in calls:
        with pytest.raises(cloud.CloudError, match=r"closed\. Open a new one: aws = cloud\.open"):
            call()
    with pytest.raises(cloud.NoCloudOpen, match=r"Open one first: aws = cloud\.open"):
        cloud.current()
    with pytest.raises(cloud.CloudError, match=r"Open it again: aws = cloud\.open"):
        aws.clock.now()
    with cloud.open() as again:
        assert again is not aws
        aws.close()  # an old one cannot close a new one
        assert again.is_open
        assert again.client("sqs").list_queues()


@pytest.mark.usefixtures("closed")
def test_another_region_is_another_cloud() -> None:
    first = cloud.open()
    second = cloud.open(region="eu-west-1")
    assert (first.is_open, second.region) == (False, "eu-west-1")
    assert boto3.client("sqs").meta.region_name == "eu-west-1"
    assert cloud.open(region="eu-west-1") is second
    second.close()


@pytest.mark.usefixtures("closed")
def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(cloud.CloudError) as caught:
        cloud.open()
    assert "The local AWS did not start. It said:\n" in str(caught.value)
    assert str(caught.value).endswith("it repairs a broken installation.")
    with pytest.raises(cloud.NoCloudOpen):
        cloud.current()
    assert opening._server is None


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("moon",), r"There is no cloud 'moon'.*cloud\.open\(\)"),
        (("endpoint",), r'cloud\.open\("endpoint", url='),
        (("endpoint", "localhost:4566"), r'cloud\.open\("endpoint", url='),
        (("endpoint", "ftp://localhost"), r'cloud\.open\("endpoint", url='),
        (("endpoint", "http://"), r'cloud\.open\("endpoint", url='),
        (("endpoint", "http://[::1"), r'cloud\.open\("endpoint", url='),
        (("endpoint", "https://sqs.us-east-1.amazonaws.com"), "is real AWS"),
        (("local", "http://localhost:1"), r'goes with cloud\.open\("endpoint"'),
    ],
)
def test_what_cannot_be_opened(aws: cloud.Cloud, arguments: tuple[str, ...], answer: str) -> None:
    """And what was open stays open."""
    kind, url = (*arguments, None)[:2]
    with pytest.raises(cloud.CloudError, match=answer):
        cloud.open(str(kind), url=url)
    assert cloud.current() is aws


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """Somebody else's AWS-compatible endpoint."""
    other = LocalServer()
    yield other
    other.stop()


@pytest.mark.usefixtures("closed")
def test_an_endpoint_has_the_same_face(server: LocalServer) -> None:
    """But it cannot be emptied, and its clock waits (test_real_clock.py)."""
    with cloud.open("endpoint", url=f"{server.url}/") as aws:
        assert (aws.kind, aws.url, aws.account_id) == ("endpoint", server.url, "123456789012")
        assert repr(aws) == "<endpoint cloud, open, region us-east-1>"
        assert cloud.current() is aws
        boto3.client("sqs").create_queue(QueueName="q")
        assert aws.wait_until(lambda: aws.client("sqs").list_queues().get("QueueUrls"))
        with pytest.raises(cloud.RealAWSRefused):
            boto3.client("sts", endpoint_url="https://sts.amazonaws.com").get_caller_identity()
        with pytest.raises(cloud.CloudError, match="Delete what you made here one by one"):
            aws.reset()
        with pytest.raises(cloud.CloudError, match="a real wait of 6 minutes"):
            aws.clock.advance(minutes=6)
        with pytest.raises(cloud.CloudError, match="Time only moves forward"):
            aws.clock.advance(minutes=-5)
        local = cloud.open()
        assert (aws.is_open, local.kind) == (False, "local")
        local.close()
    with urllib.request.urlopen(f"{server.url}/_localaws/health", timeout=20) as reply:
        assert reply.status == 200  # closing our side of it ended nothing


def test_errors_are_shown_without_our_own_files() -> None:
    """IPython shows these lines in place of a traceback."""
    for error in (cloud.CloudError("What to do."), cloud.NoCloudOpen(), cloud.WaitedTooLong("x")):
        assert error._render_traceback_() == [f"{type(error).__name__}: {error}"]


def test_something_else_at_the_address(aws: cloud.Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program may have taken the port of a cloud that was killed."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise urllib.error.HTTPError(aws.url, 418, "teapot", {}, io.BytesIO(b"<html>"))  # type: ignore[arg-type]

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    with pytest.raises(cloud.CloudError, match=r"is not a local cloud.*aws = cloud\.open"):
        aws.clock.now()
