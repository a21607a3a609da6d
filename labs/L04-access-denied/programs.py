"""The two releases of the function, and how they are packed."""

from __future__ import annotations

import io
import zipfile

RELEASE_1 = """\
def handler(event, context):
    print(f"order {event['order']}: contact sheets come with release 2")
"""

RELEASE_2 = """\
import json
import os

import boto3

s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")


def handler(event, context):
    order = event["order"]
    found = s3.get_object(Bucket=os.environ["PHOTOS"], Key=f"orders/{order}.json")
    photos = json.load(found["Body"])["photos"]
    item = {"order": {"S": order}, "photos": {"N": str(photos)}}
    dynamodb.put_item(TableName=os.environ["TABLE"], Item=item)
    return {"order": order, "photos": photos}
"""


def package(source: str) -> bytes:
    """A .zip with contact_sheet.py in it, the same bytes for the same source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("contact_sheet.py", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, source)
    return buffer.getvalue()
