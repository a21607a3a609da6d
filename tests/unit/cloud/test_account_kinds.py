"""How an account's trails are made, named, looked at and deleted; whose role may be assumed."""

from __future__ import annotations

from typing import Any

from helpers import cloud
from helpers.cloud.account import allowed, owners
from helpers.cloud.account.kinds import kind_made_by
from helpers.cloud.account.kinds.trails import TRAIL


class Here:
    """A place, as a kind asks for it: an open local cloud."""

    def __init__(self, aws: Any) -> None:
        self.number, self.region, self.client = aws.account_id, aws.region, aws.client


def test_a_trail_is_made_with_tags_found_and_deleted() -> None:
    with cloud.open() as aws:
        here, cloudtrail = Here(aws), aws.client("cloudtrail")
        aws.client("s3").create_bucket(Bucket="audit")
        assert TRAIL.look(here, "shop") is None
        sent = {"Name": "shop", "S3BucketName": "audit", "TagsList": [{"Key": "a", "Value": "b"}]}
        made = cloudtrail.create_trail(**sent)
        assert TRAIL.made_by["CreateTrail"](here, sent, made) == "shop"
        found = TRAIL.look(here, "shop")
        assert found is not None
        assert found.tags == {"a": "b"}
        assert list(TRAIL.listing(here)) == ["shop"]
        TRAIL.delete(here, "shop")
        assert TRAIL.look(here, "shop") is None


def test_what_changes_a_trail_names_it_and_may_leave() -> None:
    arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/shop"
    for parameters in ({"Name": "shop"}, {"Name": arn}, {"TrailName": "shop"}, {"ResourceId": arn}):
        assert list(TRAIL.named(None, parameters)) == ["shop"]  # type: ignore[arg-type]
    for operation in ("CreateTrail", "StartLogging", "PutEventSelectors", "LookupEvents"):
        assert allowed.is_allowed("cloudtrail", operation)
    assert not allowed.is_allowed("cloudtrail", "CreateEventDataStore")
    assert kind_made_by("cloudtrail", "CreateTrail") is TRAIL


def test_assuming_a_role_names_that_role() -> None:
    asked = {"RoleArn": "arn:aws:iam::111122223333:role/shop-studio", "RoleSessionName": "hamburg"}
    place: Any = None
    assert list(owners.named(place, "sts", "AssumeRole", asked)) == [("role", "shop-studio")]
