"""Ways past the ledger, the tags and the teardown, tried one by one."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from helpers import cloud
from helpers.cloud.account import ledger
from tests.account.standin import Standin


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
