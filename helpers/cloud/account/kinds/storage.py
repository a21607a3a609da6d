"""Buckets, tables, parameters and secrets."""

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
from helpers.cloud.account.tags import RUN, with_tags


def _buckets(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "Bucket")


def _look_at_bucket(place: Place, name: str) -> Look | None:
    s3 = place.client("s3")

    def find() -> Tags:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=place.number)
        try:
            return pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"])
        except ClientError as problem:
            if problem.response["Error"]["Code"] == "NoSuchTagSet":
                return {}
            raise

    try:
        return looked(find)
    except ClientError as problem:
        # Names are everybody's: another account's bucket answers 403, and so may one of ours.
        if problem.response["Error"]["Code"] == "403" and name not in _bucket_names(place):
            return Look({RUN: "(another account's)"})
        raise


def _delete_bucket(place: Place, name: str) -> None:
    """With what is in it: every version, every delete marker, every unfinished upload."""
    s3 = place.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = page.get("Versions", []) + page.get("DeleteMarkers", [])
        if found:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    for one in pages(s3, "list_multipart_uploads", "Uploads", Bucket=name):
        s3.abort_multipart_upload(Bucket=name, Key=one["Key"], UploadId=one["UploadId"])
    s3.delete_bucket(Bucket=name)


def _tag_bucket(place: Place, name: str, tags: dict[str, str]) -> None:
    """Once more after the creation: older S3-compatible servers ignore tags in CreateBucket."""
    tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
    place.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_set})


def _bucket_names(place: Place) -> Iterator[str]:
    yield from (one["Name"] for one in place.client("s3").list_buckets()["Buckets"])


BUCKET = Kind(
    name="bucket",
    service="s3",
    made_by={"CreateBucket": lambda _, sent, __: str(sent["Bucket"])},
    named=_buckets,
    look=_look_at_bucket,
    delete=_delete_bucket,
    listing=_bucket_names,
    by_hand="aws s3 rb s3://{id} --force",
    tag_in="CreateBucketConfiguration.Tags",
    tag_after=_tag_bucket,
    upserts=True,  # in us-east-1 CreateBucket succeeds on a bucket of one's own
)


def table_name(given: str) -> str:
    """The bare name, from a name or an ARN (also that of an index or a stream)."""
    return given.partition(":table/")[2].partition("/")[0] if ":table/" in given else given


def _tables(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "TableName", "ResourceArn"):
        yield table_name(given)
    yield from map(table_name, parameters.get("RequestItems", {}))  # BatchWriteItem
    for item in parameters.get("TransactItems", []):
        for action in item.values():
            yield table_name(action["TableName"])


def _look_at_table(place: Place, name: str) -> Look | None:
    """A table that is being made may show no tags yet."""
    dynamodb = place.client("dynamodb")
    settled = True

    def find() -> Tags:
        nonlocal settled
        table = dynamodb.describe_table(TableName=name)["Table"]
        settled = table["TableStatus"] not in ("CREATING", "DELETING")
        arn = table["TableArn"]
        return pairs(dynamodb.list_tags_of_resource(ResourceArn=arn).get("Tags", []))

    found = looked(find)
    return found and Look(found.tags, settled)


def _delete_table(place: Place, name: str) -> None:
    dynamodb = place.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    if table["TableStatus"] == "DELETING":
        return
    if table.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)


TABLE = Kind(
    name="table",
    service="dynamodb",
    made_by={"CreateTable": lambda _, sent, __: table_name(sent["TableName"])},
    named=_tables,
    look=_look_at_table,
    delete=_delete_table,
    listing=lambda place: pages(place.client("dynamodb"), "list_tables", "TableNames"),
    by_hand="aws dynamodb delete-table --table-name {id}",
    tag_in="Tags",
)


def _parameters(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "Name", "ResourceId")
    yield from parameters.get("Names", [])


def _look_at_parameter(place: Place, name: str) -> Look | None:
    ssm = place.client("ssm")

    def find() -> Tags:
        ssm.get_parameter(Name=name)
        told: Any = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        return pairs(told.get("TagList", []))

    return looked(find)


def _only_new(sent: Parameters, tags: dict[str, str]) -> Parameters:
    """Nothing was there: then Overwrite says nothing, but for who comes in between and is kept.

    AWS refuses tags together with Overwrite=True.
    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    """
    return {"Overwrite": False, "Tags": with_tags(sent.get("Tags"), tags, ("Key", "Value"))}


PARAMETER = Kind(
    name="parameter",
    service="ssm",
    made_by={"PutParameter": lambda _, sent, __: str(sent["Name"])},
    named=_parameters,
    look=_look_at_parameter,
    delete=lambda place, name: place.client("ssm").delete_parameter(Name=name),
    listing=lambda place: (
        one["Name"] for one in pages(place.client("ssm"), "describe_parameters", "Parameters")
    ),
    by_hand="aws ssm delete-parameter --name {id}",
    only_new=_only_new,
    upserts=True,  # Overwrite=True changes a parameter that is there
)


def _secret_name(given: str) -> str:
    """The name, from a name or an ARN, which ends in six characters of AWS's own."""
    return given.partition(":secret:")[2][:-7] if ":secret:" in given else given


def _secrets(_: Place, parameters: Parameters) -> Iterator[str]:
    for given in values(parameters, "SecretId"):
        yield _secret_name(given)


def _look_at_secret(place: Place, name: str) -> Look | None:
    """Also one that waits for its deletion: until then nobody can use its name again."""

    def find() -> Tags:
        told = place.client("secretsmanager").describe_secret(SecretId=name)
        return pairs(told.get("Tags", []))

    return looked(find)


SECRET = Kind(
    name="secret",
    service="secretsmanager",
    made_by={"CreateSecret": lambda _, sent, __: str(sent["Name"])},
    named=_secrets,
    look=_look_at_secret,
    delete=lambda place, name: place.client("secretsmanager").delete_secret(
        SecretId=name, ForceDeleteWithoutRecovery=True
    ),
    listing=lambda place: (
        one["Name"] for one in pages(place.client("secretsmanager"), "list_secrets", "SecretList")
    ),
    by_hand="aws secretsmanager delete-secret --secret-id {id} --force-delete-without-recovery",
    tag_in="Tags",
)
