"""From the audit trail to a policy."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.teach import evidence

ROLE = "arn:aws:iam::111122223333:role/shop-orders-role"
PRINTS = "arn:aws:s3:::shop-prints"


def record(name: str, *arns: str, service: str = "s3", by: str = ROLE, **more: Any) -> Any:
    """CloudTrail's record of one call, with the members that are read."""
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "eventTime": "2026-11-23T14:00:00Z",
        "userIdentity": {
            "type": "AssumedRole",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": by}},
        },
        "resources": [{"type": "AWS::S3::Object", "ARN": arn} for arn in arns],
        **more,
    }


@pytest.mark.parametrize(
    ("name", "service", "action"),
    [
        ("GetObject", "s3", "s3:GetObject"),
        ("HeadObject", "s3", "s3:GetObject"),
        ("ListObjects", "s3", "s3:ListBucket"),
        ("ListObjectsV2", "s3", "s3:ListBucket"),
        ("Invoke", "lambda", "lambda:InvokeFunction"),
        ("GetFunction20150331v2", "lambda", "lambda:GetFunction"),
        ("ListFunctions20150331", "lambda", "lambda:ListFunctions"),
        ("UpdateItem", "dynamodb", "dynamodb:UpdateItem"),
        ("PutMetricData", "monitoring", "cloudwatch:PutMetricData"),
    ],
)
def test_the_permission_behind_an_event(name: str, service: str, action: str) -> None:
    assert evidence.action(record(name, service=service)) == action


def test_an_object_is_meant_and_not_the_bucket_beside_it() -> None:
    both = record("GetObject", f"{PRINTS}/receipts/1.json", PRINTS)
    assert evidence.resources(both) == [f"{PRINTS}/receipts/1.json"]
    assert evidence.resources(record("ListObjects", PRINTS)) == [PRINTS]


def test_on_aws_a_listing_names_a_beginning_of_keys_without_an_arn() -> None:
    listing = record("ListObjects", resources=[
        {"type": "AWS::S3::Object", "ARNPrefix": f"{PRINTS}/"},
        {"type": "AWS::S3::Bucket", "ARN": PRINTS},
    ])  # fmt: skip
    assert evidence.resources(listing) == [PRINTS]


def test_a_management_event_names_no_resource() -> None:
    assert evidence.resources(record("CreateUser", service="iam")) == ["*"]
    assert evidence.resources(record("CreateUser", service="iam", resources=None)) == ["*"]


def test_only_this_role_since_then_and_only_what_was_not_denied() -> None:
    records = [
        record("GetObject", f"{PRINTS}/b.json", PRINTS),
        record("GetObject", f"{PRINTS}/a.json", PRINTS),
        record("HeadObject", f"{PRINTS}/a.json", PRINTS, errorCode="NoSuchKey"),
        record("PutObject", f"{PRINTS}/c.json", by=f"{ROLE}-other"),
        record("DeleteObject", f"{PRINTS}/c.json", errorCode="AccessDenied"),
        record("CreateUser", service="iam", eventTime="2026-11-23T13:59:59Z"),
        record("Invoke", service="lambda", userIdentity={"type": "IAMUser"}),
    ]
    assert evidence.used(records, ROLE, since="2026-11-23T14:00:00Z") == {
        "s3:GetObject": [f"{PRINTS}/a.json", f"{PRINTS}/b.json"]
    }
    assert "iam:CreateUser" in evidence.used(records, ROLE)
    assert evidence.used([], ROLE) == {}


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"{PRINTS}/receipts/A-17.json", f"{PRINTS}/receipts/*"),
        (f"{PRINTS}/a/b/c.jpg", f"{PRINTS}/a/b/*"),
        (f"{PRINTS}/top.json", f"{PRINTS}/*"),
        (PRINTS, PRINTS),
        ("arn:aws:dynamodb:us-east-1:1:table/orders", "arn:aws:dynamodb:us-east-1:1:table/orders"),
        ("*", "*"),
    ],
)
def test_an_object_stands_for_its_folder(arn: str, expected: str) -> None:
    assert evidence.folder(arn) == expected


def test_a_policy_allows_each_action_on_its_own_resources() -> None:
    found = {
        "dynamodb:PutItem": ["arn:aws:dynamodb:us-east-1:1:table/orders"],
        "s3:GetObject": [f"{PRINTS}/receipts/1.json", f"{PRINTS}/receipts/2.json"],
    }
    first, second = evidence.policy(found)["Statement"]
    assert first["Resource"] == ["arn:aws:dynamodb:us-east-1:1:table/orders"]
    assert (second["Action"], second["Resource"]) == ("s3:GetObject", [f"{PRINTS}/receipts/*"])
    assert {first["Effect"], second["Effect"]} == {"Allow"}
