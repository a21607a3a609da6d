"""Ways past the ledger, the tags and the teardown, tried one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import cloud
from helpers.cloud.account import ledger
from tests.account.proxy import Proxy, json_error, on, xml_error
from tests.account.standin import NUMBER, Standin

COMMAND = (
    "import sys; from helpers.cloud.account import command; sys.exit(command.main(sys.argv[1:]))"
)


def test_a_client_does_not_outlive_its_run(account: Any, standin: Standin) -> None:
    opened = account()
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName="orders")
    opened.close()
    for again in (False, True):
        if again:
            opened = account()
        with pytest.raises(cloud.CloudError, match="which is over"):
            sqs.create_queue(QueueName="late")
        with pytest.raises(cloud.CloudError, match="which is over"):
            sqs.list_queues()
    boto3.client("sqs").create_queue(QueueName="orders")
    opened.close()
    assert "QueueUrls" not in standin.client("sqs").list_queues()


def test_a_call_that_comes_after_the_end_opens_the_ledger_again(account: Any) -> None:
    opened = account()
    opened.close()
    assert ledger.read(opened.ledger).finished
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateQueue", kind="queue", id="late", absent=True
    )
    assert not ledger.read(opened.ledger).finished


def test_no_url_is_signed_that_makes_something(account: Any) -> None:
    opened = account()
    s3 = boto3.client("s3")
    with pytest.raises(cloud.CloudError, match="No URL was signed"):
        s3.generate_presigned_url("create_bucket", {"Bucket": "past-the-ledger"})
    s3.create_bucket(Bucket="shop-escapes-1")
    assert s3.generate_presigned_url("put_object", {"Bucket": "shop-escapes-1", "Key": "a"})
    opened.close()


def test_an_open_account_is_not_closed_by_a_slip(account: Any, standin: Standin) -> None:
    opened = account()
    boto3.client("sqs").create_queue(QueueName="orders")
    for slip in ({"number": "1234"}, {"region": "mars-1"}, {"region": "eu-west-1"}):
        with pytest.raises(cloud.CloudError):
            account(**slip)
        assert opened.is_open
    dashed = f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}"
    assert account(number=dashed) is opened
    assert standin.client("sqs").list_queues()["QueueUrls"]
    # Nor does the command reach under a notebook that is at work, by naming its run.
    words = ["--number", NUMBER, "--endpoint", standin.url, "--run", opened.run]
    assert standin.run(COMMAND, *words).returncode == 1
    assert standin.client("sqs").list_queues()["QueueUrls"]
    opened.close()


def test_who_cannot_look_proves_nothing(account: Any, standin: Standin) -> None:
    door = Proxy(standin.url)
    opened = account(endpoint=door.url)
    expired = xml_error(403, "ExpiredToken", "The security token included is expired")
    expired_json = json_error(400, "ExpiredTokenException", "The security token is expired")
    # Nothing was made, but a call's answer was lost whose id AWS had made up.
    opened.pace.patience = 600  # an expired login is not waited for
    for answer in (expired, expired_json):
        door.rules[:] = [on(".", answer)]
        outcome = opened.teardown()
        assert not outcome.is_clean
        assert "expired" in str(outcome)
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateApi", kind="HTTP API", id="", absent=None
    )
    door.rules[:] = [on("GET /v2/apis", json_error(403, "AccessDeniedException", "no"))]
    outcome = opened.teardown()
    assert not outcome.is_clean
    assert "does not let us list HTTP API" in outcome.unproven
    door.rules.clear()
    assert opened.teardown().is_clean
    # A look that fails while the rest is looked through.
    api = standin.client("sqs").create_queue(QueueName="a-neighbours")["QueueUrl"]
    door.rules[:] = [on("ListQueueTags", json_error(400, "KmsThrottled", "later"))]
    assert "a-neighbours" in opened.teardown().unproven
    door.rules.clear()
    opened.close()
    door.close()
    standin.client("sqs").delete_queue(QueueUrl=api)


def test_a_ledger_that_a_crash_or_another_version_has_left(tmp_path: Path) -> None:
    book = ledger.Ledger(tmp_path / "1a2b3c4d.jsonl")
    book.write("run", run="1a2b3c4d", account=NUMBER)
    book.write("intent", n="1", operation="CreateQueue", kind="queue", id="a", absent=True)
    book.write("intent", n="2")
    with book.path.open("ab") as file:
        file.write(b'\xff\x00[1]\n{"what":"made","n":"1","i')
    book.write("gone", kind="queue", id="a")
    story = ledger.read(book.path)
    assert [one.id for one in story.entries] == ["a"]
    assert story.remaining() == []  # the line after the one that was cut off counts


def test_a_kind_that_nobody_knows_is_said(account: Any) -> None:
    opened = account()
    ledger.Ledger(opened.ledger).write(
        "intent", n="1-1", operation="CreateComet", kind="comet", id="halley", absent=True
    )
    assert "comet 'halley'" in opened.teardown().unproven
    opened.close()
    assert not ledger.read(opened.ledger).finished
