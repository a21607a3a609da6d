"""In a class's account every role gets the class's boundary, with no cell changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from helpers.cloud.account import binding
from tests.class_policy import policies

ARN = "arn:aws:iam::123456789012:policy/serverless-class-boundary"
MADE = b"<CreateRoleResponse><CreateRoleResult/></CreateRoleResponse>"


class Raw:
    def stream(self, *_: Any, **__: Any) -> Any:
        yield MADE


def create(arn: str | None, **options: Any) -> dict[str, list[str]]:
    """What CreateRole would send."""
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(request.body)
        return AWSResponse(request.url, 200, {}, Raw())

    session = boto3.session.Session(aws_access_key_id="A", aws_secret_access_key="s")
    binding.attach(session.events, arn)
    client = session.client("iam")
    client.meta.events.register("before-send", answer)
    client.create_role(RoleName="r", AssumeRolePolicyDocument="{}", **options)
    body = sent[0]
    return parse_qs(body.decode() if isinstance(body, bytes) else body)


def test_a_role_that_names_none_gets_it() -> None:
    assert create(ARN)["PermissionsBoundary"] == [ARN]


def test_a_boundary_of_the_learners_own_stays() -> None:
    """Whether the account takes it, the account says."""
    assert create(ARN, PermissionsBoundary="arn:own" + "x" * 20)["PermissionsBoundary"] != [ARN]


def test_elsewhere_nothing_is_added() -> None:
    assert "PermissionsBoundary" not in create(None)


class Place:
    number, region = "123456789012", "us-east-1"

    def __init__(self, error: str = "") -> None:
        self._error, self.asked = error, ""

    def client(self, service: str) -> Any:
        return self

    def get_policy(self, PolicyArn: str) -> Any:
        from botocore.exceptions import ClientError

        self.asked = PolicyArn
        if self._error:
            raise ClientError({"Error": {"Code": self._error}}, "GetPolicy")
        return {}


@pytest.mark.parametrize(("error", "found"), [("", ARN), ("NoSuchEntity", None), ("Denied", None)])
def test_it_is_looked_for_by_its_name(error: str, found: str | None) -> None:
    place = Place(error)
    assert binding.boundary_of(place) == found
    assert place.asked == ARN
    assert binding.NAME == policies.BOUNDARY
