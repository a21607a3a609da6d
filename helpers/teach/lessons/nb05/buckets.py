"""Buckets, pictures and events for the checks of notebook 05."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from botocore.exceptions import ClientError
from PIL import Image, UnidentifiedImageError

from helpers.cloud import Cloud
from helpers.deploy import ROLE_NAME, ensure_role

#: What every function of this notebook needs, and the notebook publishes under this name.
LAYER, PACKAGES = "shop-imaging", ["pillow"]


def encoded(key: str) -> str:
    """A key as it stands in an event.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return quote_plus(key, safe="/")


def event(bucket: str, key: str) -> dict[str, Any]:
    """What S3 sends when an object was put, with the members that a handler needs."""
    s3 = {
        "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
        "object": {"key": encoded(key)},
    }
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3}]}


def jpeg(width: int, height: int) -> bytes:
    """A picture of that size: a coloured gradient, so that it cannot be taken for an empty one."""
    column = Image.linear_gradient("L").resize((width, height))
    content = io.BytesIO()
    Image.merge("RGB", (column, column.rotate(180), column)).save(content, "JPEG")
    return content.getvalue()


def size_of(content: bytes) -> tuple[str, tuple[int, int]] | None:
    """("JPEG", (width, height)) of a picture; None where the bytes are none."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return str(picture.format), picture.size
    except UnidentifiedImageError:
        return None


def keys(s3: Any, bucket: str, holding: str = "") -> list[str]:
    """The keys in a bucket that hold a text, in order."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [one["Key"] for page in pages for one in page.get("Contents", [])]
    return [key for key in found if holding in key]


def empty(s3: Any, bucket: str, holding: str = "") -> None:
    """Delete the objects whose key holds a text; what is in the way is left where it is."""
    with contextlib.suppress(ClientError):
        for key in keys(s3, bucket, holding):
            s3.delete_object(Bucket=bucket, Key=key)


@contextlib.contextmanager
def own(cloud: Cloud, *names: str) -> Iterator[None]:
    """Buckets of the check's own, which its functions may use, for as long as the check runs."""
    s3, iam = cloud.client("s3"), cloud.client("iam")
    ensure_role(cloud)
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{name}{below}" for name in names for below in ("", "/*")],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    grant = {"RoleName": ROLE_NAME, "PolicyName": names[0]}
    iam.put_role_policy(**grant, PolicyDocument=policy)
    try:
        for name in names:
            s3.create_bucket(Bucket=name)
        yield
    finally:
        for name in names:
            empty(s3, name)
            with contextlib.suppress(ClientError):
                s3.delete_bucket(Bucket=name)
        with contextlib.suppress(ClientError):
            iam.delete_role_policy(**grant)
