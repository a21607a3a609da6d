"""Kinesis streams and KMS keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)


def _streams(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "StreamName")
    for arn in values(parameters, "StreamARN"):
        yield arn.partition(":stream/")[2].partition("/")[0]


def _look_at_stream(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        told = place.client("kinesis").list_tags_for_stream(StreamName=name)
        return pairs(told.get("Tags", []))

    return looked(find)


def _delete_stream(place: Place, name: str) -> None:
    kinesis = place.client("kinesis")
    told = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    if told["StreamStatus"] != "DELETING":
        kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


STREAM = Kind(
    name="stream",
    service="kinesis",
    made_by={"CreateStream": lambda _, sent, __: str(sent["StreamName"])},
    named=_streams,
    look=_look_at_stream,
    delete=_delete_stream,
    listing=lambda place: pages(place.client("kinesis"), "list_streams", "StreamNames"),
    by_hand="aws kinesis delete-stream --stream-name {id} --enforce-consumer-deletion",
    tag_in="Tags",
    tag_keys=None,
)


def _keys(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "KeyId", "TargetKeyId"):
        yield given.rpartition("/")[2] if ":key/" in given else given


def _look_at_key(place: Place, key: str) -> Look | None:
    kms = place.client("kms")

    def find() -> Tags:
        told: Any = kms.describe_key(KeyId=key)["KeyMetadata"]
        if told["KeyState"] == "PendingDeletion":
            return {"": "pending"}
        return pairs(kms.list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue")

    found = looked(find)
    return None if found and found.tags == {"": "pending"} else found


def _delete_key(place: Place, key: str) -> None:
    """AWS waits at least seven days; a key that waits costs nothing and cannot be used.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
    """
    kms = place.client("kms")
    for alias in pages(kms, "list_aliases", "Aliases", KeyId=key):
        kms.delete_alias(AliasName=alias["AliasName"])
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def _key_ids(place: Place) -> Iterator[str]:
    """Of the customer's own keys; AWS's are neither tagged nor deleted by anybody."""
    kms = place.client("kms")
    for one in pages(kms, "list_keys", "Keys"):
        try:
            told = kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]
        except ClientError as problem:  # one key that is closed to us hides no other
            if problem.response["Error"]["Code"] != "AccessDeniedException":
                raise
            continue
        if told["KeyManager"] == "CUSTOMER" and told["KeyState"] != "PendingDeletion":
            yield one["KeyId"]


KEY = Kind(
    name="key",
    service="kms",
    made_by={"CreateKey": lambda _, __, told: str(told.get("KeyMetadata", {}).get("KeyId", ""))},
    named=_keys,
    look=_look_at_key,
    delete=_delete_key,
    listing=_key_ids,
    by_hand="aws kms schedule-key-deletion --key-id {id} --pending-window-in-days 7",
    tag_in="Tags",
    tag_keys=("TagKey", "TagValue"),
)
