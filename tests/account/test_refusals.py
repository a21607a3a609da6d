"""Opening an account is refused, each time in its own words, and nothing is made or changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from helpers import cloud
from helpers.cloud import guard
from tests.account.proxy import Answer, Proxy, identity, json_error, on, xml_error
from tests.account.standin import ACCESS_KEY, NUMBER, ROOT, SECRET_KEY, Standin


@pytest.fixture(scope="module")
def door(standin: Standin) -> Iterator[Proxy]:
    proxy = Proxy(standin.url)
    yield proxy
    proxy.close()


@pytest.fixture
def refused(account: Any, door: Proxy, standin: Standin) -> Iterator[Any]:
    """Open with these options and rules; returns the message. Nothing may have changed."""

    def call(*rules: Any, ledgers: int = 0, **options: Any) -> str:
        environment, locked = dict(os.environ), guard.state()
        door.rules[:] = rules
        door.passed.clear()
        with pytest.raises(cloud.CloudError) as caught:
            account(**{"endpoint": door.url, **options})
        changing = ("Create", "Put", "Delete", "Tag", "PUT ", "DELETE ")
        assert not [one for one in door.passed if one.startswith(changing)]
        assert len(list(standin.ledgers.glob("*.jsonl"))) == ledgers
        with pytest.raises(cloud.NoCloudOpen):
            cloud.current()
        assert guard.state() == locked
        assert dict(os.environ) == environment
        return str(caught.value)

    yield call
    door.rules.clear()
    standin.credentials(course=(ACCESS_KEY, SECRET_KEY))


def test_only_a_number_opens_an_account(refused: Any, account: Any) -> None:
    assert "asked for by its number" in refused(number=None)
    assert "twelve digits" in refused(number="1234")
    assert "twelve digits" in refused(number=210987654321)  # 012… would have lost its zero
    assert "above 0" in refused(budget_usd=0)
    with pytest.raises(cloud.CloudError, match="only an account takes that"):
        cloud.open(number=NUMBER)
    with pytest.raises(cloud.CloudError, match="only an account takes that"):
        cloud.open(profile="course")


def test_variables_and_the_default_profile_open_nothing(
    refused: Any, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_PROFILE", "default")
    standin.credentials(default=(ACCESS_KEY, SECRET_KEY))
    said = refused()
    assert "no credentials under the profile 'course'" in said
    assert "configure sso --profile course" in said


def test_who_is_this(refused: Any, standin: Standin) -> None:
    other = identity("111122223333", "arn:aws:iam::111122223333:user/ada")
    said = refused(on("GetCallerIdentity", other))
    assert "leads to account 111122223333" in said
    assert NUMBER in said
    root = identity(NUMBER, f"arn:aws:iam::{NUMBER}:root")
    assert "root user" in refused(on("GetCallerIdentity", root))
    expired = xml_error(
        403, "ExpiredToken", "The security token included in the request is expired"
    )
    said = refused(on("GetCallerIdentity", expired))
    assert "has expired" in said
    assert "sso login --profile course" in said
    unknown = xml_error(403, "InvalidClientTokenId", "The security token is invalid")
    assert "does not know the keys" in refused(on("GetCallerIdentity", unknown))
    skewed = xml_error(403, "RequestTimeTooSkewed", "The difference is too large")
    assert "clock is wrong" in refused(on("GetCallerIdentity", skewed))
    assert "cannot be reached" in refused(endpoint="http://localhost:9")
    standin.credentials(course=(ACCESS_KEY,))
    assert "incomplete" in refused()


def test_a_management_account(refused: Any, account: Any, door: Proxy) -> None:
    body = b'{"Organization": {"Id": "o-1", "MasterAccountId": "%s"}}' % NUMBER.encode()
    assert "manages an organisation" in refused(on("DescribeOrganization", Answer(200, body)))
    # A member of an organisation may not ask who manages it, and is welcome.
    door.rules[:] = [on("DescribeOrganization", json_error(400, "AccessDeniedException", "no"))]
    account(endpoint=door.url).close()


def test_where(refused: Any) -> None:
    assert "'mars-north-1' is not one" in refused(region="mars-north-1")
    assert "'cn-north-1' is not one" in refused(region="cn-north-1")
    for elsewhere in (
        "https://sts.amazonaws.com",
        "http://10.0.0.1:80",
        "http://localhost.evil.com",
    ):
        assert "is not on this machine" in refused(endpoint=elsewhere)


def test_an_account_in_use_is_named_and_wants_a_second_word(
    refused: Any, account: Any, standin: Standin, capsys: pytest.CaptureFixture[str]
) -> None:
    standin.client("sqs").create_queue(QueueName="orders-prod")
    standin.client("dynamodb").create_table(
        TableName="customers", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    said = refused()
    assert "2 resources in us-east-1" in said
    assert "table customers, queue orders-prod" in said
    assert "in_use=True" in said
    opened = account(in_use=True)
    assert "Beside 2 resources that are not the course's" in capsys.readouterr().out
    # What the course did not make, it does not change: neither by mistake nor by name.
    url = f"{standin.url}/{NUMBER}/orders-prod"
    sqs = boto3.client("sqs")
    for call, parameters in (
        (sqs.purge_queue, {"QueueUrl": url}),
        (sqs.receive_message, {"QueueUrl": url}),
        (sqs.create_queue, {"QueueName": "orders-prod"}),
        (boto3.client("dynamodb").delete_table, {"TableName": "customers"}),
    ):
        with pytest.raises(cloud.CloudError, match=r"not made by this run|did not make it"):
            call(**parameters)
    opened.close()
    assert len(standin.client("sqs").list_queues()["QueueUrls"]) == 1


NEVER: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
    ("ec2", "create_nat_gateway", {"SubnetId": "subnet-1"}),
    ("ecs", "create_cluster", {}),
    ("rds", "create_db_instance",
     {"DBInstanceIdentifier": "d", "DBInstanceClass": "c", "Engine": "mysql"}),
    ("iam", "create_user", {"UserName": "u"}),
    ("iam", "create_access_key", {}),
    ("sns", "publish", {"PhoneNumber": "+491701234567", "Message": "costs money"}),
    ("sts", "get_session_token", {}),
]  # fmt: skip


def test_what_the_course_never_needs_is_not_sent(account: Any, door: Proxy) -> None:
    opened = account(endpoint=door.url)
    for service, operation, parameters in NEVER:
        call = getattr(boto3.client(service), operation)
        door.passed.clear()
        with pytest.raises(cloud.CloudError, match="was not sent"):
            call(**parameters)
        assert door.passed == []
    opened.close()


def test_one_notebook_at_a_time(refused: Any, standin: Standin) -> None:
    script = (
        "import os, time\nfrom helpers import cloud\n"
        f"cloud.open('account', number='{NUMBER}', endpoint=os.environ['STANDIN'], "
        "in_use=True, notebook_name='02-life')\nprint('open', flush=True)\ntime.sleep(100)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script], env=standin.environment, cwd=ROOT,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    while "open\n" not in other.stdout.readline():
        assert other.poll() is None
    try:
        said = refused(in_use=True, endpoint=standin.url, ledgers=1)
        assert "Open in another window" in said
        assert "notebook 02-life" in said
    finally:
        other.kill()
        other.wait()
        other.stdout.close()


def test_requests_past_the_course_are_refused(account: Any) -> None:
    before = boto3.session.Session(aws_access_key_id="AKIAOTHER", aws_secret_access_key="x")
    stray = before.client("sts", region_name="eu-west-1", endpoint_url=None)
    opened = account()
    with pytest.raises(cloud.RealAWSRefused, match="after it was opened"):
        stray.get_caller_identity()
    mine = boto3.client("sqs", aws_access_key_id="AKIAOTHER", aws_secret_access_key="x")
    opened._place.account_of = lambda keys: "999999999999"
    with pytest.raises(cloud.CloudError, match="belong to account"):
        mine.create_queue(QueueName="elsewhere")
    opened.close()
