"""From what a role did to a policy that allows just that: least privilege from the audit trail.

Notebook 09 shows these steps in full. What comes in are CloudTrail's records, from the files that a
trail writes (``{"Records": […]}``) or from ``CloudTrailEvent`` of LookupEvents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]

#: Events that are not called what the permission is called: by service, event and action.
#: Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
#: and https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
OTHER_NAMES = {
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "CopyObject"): "s3:PutObject",
    ("s3", "CreateMultipartUpload"): "s3:PutObject",
    ("s3", "UploadPart"): "s3:PutObject",
    ("s3", "CompleteMultipartUpload"): "s3:PutObject",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("lambda", "Invoke"): "lambda:InvokeFunction",
}
#: Lambda's events carry the version of its API: ``GetFunction20150331v2``.
_VERSION = re.compile(r"\d{8}(v\d)?$")
#: Services whose name before ``.amazonaws.com`` is not the one in actions.
_PREFIXES = {"monitoring": "cloudwatch"}
_DENIED = ("AccessDenied", "UnauthorizedOperation", "Client.UnauthorizedOperation")


def action(record: Record) -> str:
    """The permission behind an event: ``HeadObject`` needs ``s3:GetObject``."""
    service = str(record["eventSource"]).partition(".")[0]
    name = _VERSION.sub("", str(record["eventName"]))
    return OTHER_NAMES.get((service, name), f"{_PREFIXES.get(service, service)}:{name}")


def resources(record: Record) -> list[str]:
    """The ARNs that an event is about; ``["*"]`` where it names none, as management events do.

    Beside an object stands its bucket: then the object is meant.
    """
    arns = [str(one["ARN"]) for one in record.get("resources") or [] if one.get("ARN")]
    return [arn for arn in arns if "/" in arn] or arns or ["*"]


def role(record: Record) -> str:
    """The ARN of the role whose session made the call; empty: it was no role."""
    context = record["userIdentity"].get("sessionContext") or {}
    return str(context.get("sessionIssuer", {}).get("arn", ""))


def used(records: Iterable[Record], by: str, since: str = "") -> dict[str, list[str]]:
    """What the role with the ARN ``by`` used: each action with its resources, both in order.

    Calls that were denied do not count, nor what was before ``since``
    (``2026-11-23T14:00:00Z``, as CloudTrail writes times).
    """
    found: dict[str, set[str]] = {}
    for record in records:
        if role(record) != by or str(record["eventTime"]) < since:
            continue
        if record.get("errorCode") not in _DENIED:
            found.setdefault(action(record), set()).update(resources(record))
    return {name: sorted(found[name]) for name in sorted(found)}


def folder(arn: str) -> str:
    """An object's ARN as all objects of its folder: ``…/receipts/A-17.json`` as ``…/receipts/*``.

    A bucket's, a table's or any other ARN stays as it is: this is a decision that the trail cannot
    make, since nobody can tell from three orders what the fourth will be called.
    """
    if not arn.startswith("arn:aws:s3:::") or "/" not in arn:
        return arn
    return f"{arn.rpartition('/')[0]}/*"


def policy(found: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """A policy that allows what was ``used``, each action on its own resources."""
    statements = [
        {"Effect": "Allow", "Action": name, "Resource": sorted({folder(arn) for arn in arns})}
        for name, arns in found.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}
