"""Deploy, invoke one or many at once, and say of each what became of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers import cloud
from helpers.deploy import FunctionFailed, deploy

WAITING = """
import time

def handler(event, context):
    time.sleep(event["seconds"])
    return context.log_stream_name
"""
FAILING = """
def handler(event, context):
    if event == "exit":
        raise SystemExit(3)
    return 1 / event
"""

File = Callable[[str], Path]


def test_the_same_call_creates_and_updates(aws: cloud.Cloud, file: File) -> None:
    first = deploy("twice", file("def handler(event, context): return 1"))
    assert first.invoke() == 1
    second = deploy("twice", file("def handler(event, context): return 2"), memory=256)
    assert (second.arn, second.invoke()) == (first.arn, 2)
    assert repr(second) == "<function twice>"


def test_size_of_tmp_is_set_and_goes_back(aws: cloud.Cloud, file: File) -> None:
    source = file("def handler(event, context): return 1")

    def size() -> Any:
        config = aws.client("lambda").get_function_configuration(FunctionName="roomy")
        return config["EphemeralStorage"]["Size"]

    deploy("roomy", source, storage=1024)
    assert size() == 1024
    deploy("roomy", source)
    assert size() == 512


def test_layers(aws: cloud.Cloud, file: File) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("python/paper.py", "SIZE = '10x15'")
    layer = aws.client("lambda").publish_layer_version(
        LayerName="paper", Content={"ZipFile": package.getvalue()}
    )["LayerVersionArn"]
    text = "import paper\ndef handler(event, context): return paper.SIZE"
    assert deploy("layered", file(text), layers=[layer]).invoke() == "10x15"
    with pytest.raises(FunctionFailed, match="No module named 'paper'"):
        deploy("layered", file(text)).invoke()


def test_the_cloud_that_is_given_is_used(
    aws: cloud.Cloud, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = file("def handler(event, context): return 1")
    monkeypatch.setattr("helpers.deploy.current", lambda: pytest.fail("not the one given"))
    assert deploy("given", source, cloud=aws).invoke() == 1


def test_replies_come_in_the_order_of_the_events(aws: cloud.Cloud, file: File) -> None:
    echo = deploy("echo", file("def handler(event, context): return event"))
    assert echo.invoke_at_once([1, 2, 3]) == [1, 2, 3]
    assert echo.invoke_at_once([]) == []


def test_a_reservation_is_a_limit_until_it_is_taken_away(aws: cloud.Cloud, file: File) -> None:
    waiting = deploy("waiting", file(WAITING))
    waiting.reserve(1)
    outcomes = waiting.invoke_at_once([{"seconds": 0.5}] * 3, on_error="collect")
    assert sorted(outcome["status"] for outcome in outcomes) == [200, 429, 429]
    for outcome in outcomes:
        served = outcome["status"] == 200
        assert (outcome["reply"] is not None) == served
        assert outcome["reason"] == (
            "" if served else "ReservedFunctionConcurrentInvocationLimitExceeded"
        )
    with pytest.raises(aws.client("lambda").exceptions.TooManyRequestsException):
        waiting.invoke_at_once([{"seconds": 0.5}] * 3)
    waiting.unreserve()
    outcomes = waiting.invoke_at_once([{"seconds": 0.5}] * 3, on_error="collect")
    assert [outcome["status"] for outcome in outcomes] == [200, 200, 200]


def test_failures_are_collected_too(aws: cloud.Cloud, file: File) -> None:
    failing = deploy("failing", file(FAILING))
    outcomes = failing.invoke_at_once([1, 0, "exit"], on_error="collect")
    assert [outcome["status"] for outcome in outcomes] == [200, "error", "error"]
    assert [outcome["reason"] for outcome in outcomes] == [
        "",
        "ZeroDivisionError",
        "Runtime.ExitError",
    ]
    assert outcomes[1]["reply"]["errorMessage"] == "division by zero"
    with pytest.raises(FunctionFailed) as caught:
        failing.invoke(0)
    assert caught.value.document == failing.invoke(0, on_error="return") | {
        "requestId": caught.value.document["requestId"]
    }
    aws.client("lambda").delete_function(FunctionName="failing")
    (gone,) = failing.invoke_at_once([1], on_error="collect")
    assert (gone["status"], gone["reason"]) == (404, "ResourceNotFoundException")


def test_a_source_that_is_not_there(aws: cloud.Cloud, tmp_path: Path) -> None:
    with pytest.raises(cloud.CloudError, match="Did the cell that writes it run"):
        deploy("nothing", tmp_path / "nothing.py")
