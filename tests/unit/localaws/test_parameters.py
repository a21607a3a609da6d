"""Reading the parameters of raw requests; tests/fidelity/test_policy_actions.py reads boto3's."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from helpers.localaws.gateway import parameters
from helpers.localaws.gateway.call import BODY, Call
from helpers.localaws.gateway.identify import identify


def call(service: str, body: bytes = b"", path: str = "/", **headers: str) -> Call:
    """A signed request as the gateway holds it."""
    scope = f"AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/{service}/aws4_request"
    sent = [("Authorization", scope), *headers.items()]
    environ: dict[str, Any] = EnvironBuilder(path, method="POST", headers=sent).get_environ()
    environ[BODY] = body
    environ["CONTENT_LENGTH"] = str(len(body))
    return identify(environ)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.0"}


def test_each_protocol() -> None:
    read = parameters.parse(call("sns", b"Action=Publish&TopicArn=t&Message=m", **FORM))
    assert read == parameters.Parsed("sns", "Publish", {"TopicArn": "t", "Message": "m"})
    target = {**JSON, "X-Amz-Target": "DynamoDB_20120810.GetItem"}
    read = parameters.parse(call("dynamodb", b'{"TableName": "t"}', **target))
    assert read == parameters.Parsed("dynamodb", "GetItem", {"TableName": "t"})
    body = b"\xbfiNamespacedshop\xff"  # {"Namespace": "shop"}
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    read = parameters.parse(call("monitoring", body, path))
    assert read == parameters.Parsed("cloudwatch", "PutMetricData", {"Namespace": "shop"})


def test_a_payload_is_not_looked_at() -> None:
    """What a learner sends to a function is no document of the API, and need not be JSON."""
    read = parameters.parse(call("lambda", b"{nothing", "/2015-03-31/functions/f/invocations"))
    assert read == parameters.Parsed("lambda", "Invoke", {"FunctionName": "f"})


def test_what_nobody_knows() -> None:
    assert parameters.parse(call("sns", b"Action=Nothing", **FORM)) is None
    assert parameters.parse(call("nothing")) is None
    assert parameters.parse(call("lambda", path="/nothing")) is None


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff"])
def test_what_cannot_be_read(body: bytes) -> None:
    target = {**JSON, "X-Amz-Target": "DynamoDB_20120810.GetItem"}
    with pytest.raises(parameters.UnreadableRequest):
        parameters.parse(call("dynamodb", body, **target))


def test_cbor_that_cannot_be_read() -> None:
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    with pytest.raises(parameters.UnreadableRequest):
        parameters.parse(call("monitoring", b"\xbf\x69Name", path))
