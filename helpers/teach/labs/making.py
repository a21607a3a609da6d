"""What seeds make: roles, functions, buckets, tables, and the waiting that belongs to each.

A seed takes away what is there (`clearing`), and then makes its own, one call for one thing:

    bucket(cloud, "porto-photos-1", {"orders/P-1.json": '{"photos": 4}'})
    arn = role(cloud, "porto-printer-role", attached=[MAY_LOG])
    function(cloud, "porto-printer", {"printer.py": SOURCE}, Role=arn, Handler="printer.handler")
    …                                                  what needs no function
    ready(cloud, "porto-printer")
    …                                                  versions, aliases, mappings

A judge seeds for each submission: nothing here asks AWS more often than it has to.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from helpers import RUNTIME
from helpers.cloud import Cloud
from helpers.teach.labs.documents import TRUST_LAMBDA, Document

Made = TypeVar("Made")
#: Files or objects: {path or key: content}.
Files = Mapping[str, str | bytes]

#: Seconds until the first look at a function that was made or changed. None is ready sooner, and a
#: look at it keeps the processor from making it.
FIRST_LOOK = 0.12
#: Seconds in which an account knows a new role everywhere.
PATIENCE = 60


def package(files: Files) -> bytes:
    """A .zip of these files; the same files always make the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def patiently(cloud: Cloud, create: Callable[[], Made]) -> Made:
    """What create() returns; on an account it is tried again while Lambda does not know its role.

    IAM tells a new role to all of AWS in a few seconds. Raises AWS's own ClientError where it
    refuses for another reason, or still refuses after a minute. (The local AWS knows each role at
    once, so what it refuses is refused.)

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (eventual
    consistency)
    """
    deadline = time.monotonic() + (0 if cloud.kind == "local" else PATIENCE)
    while True:
        try:
            return create()
        except ClientError as refused:
            if "cannot be assumed" not in str(refused) or time.monotonic() >= deadline:
                raise
        time.sleep(1)


def function(cloud: Cloud, name: str, files: Files | bytes, **settings: Any) -> None:
    """Make a function of these files, or of a .zip.

    `settings` are create_function's own: Role, Handler, Timeout… It is Pending when this returns;
    `ready` waits for it.
    """
    lambda_ = cloud.client("lambda")
    archive = files if isinstance(files, bytes) else package(files)
    given = {"Runtime": RUNTIME, "Code": {"ZipFile": archive}} | settings
    patiently(cloud, lambda: lambda_.create_function(FunctionName=name, **given))


def ready(cloud: Cloud, name: str, lambda_: Any = None, first_look: float = FIRST_LOOK) -> None:
    """Wait until a function is active and has taken its last change.

    `lambda_` is the client to look with, where that has to be somebody else's; `first_look=0` is
    for a function that most likely is ready.
    """
    client = lambda_ or cloud.client("lambda")

    def is_ready() -> bool:
        found = client.get_function_configuration(FunctionName=name)
        return bool(found["State"] == "Active" and found["LastUpdateStatus"] == "Successful")

    time.sleep(first_look)
    cloud.wait_until(is_ready, seconds=60, what=f"the function {name} is ready")


def role(
    cloud: Cloud,
    name: str,
    trusts: Document = TRUST_LAMBDA,
    inline: Mapping[str, Document] | None = None,
    attached: Sequence[str] = (),
) -> str:
    """Make a role and return its ARN. `inline` is {policy's name: document}, `attached` ARNs."""
    iam = cloud.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusts))
    for policy, document in (inline or {}).items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    for arn in attached:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return str(made["Role"]["Arn"])


def bucket(cloud: Cloud, name: str, objects: Files | None = None) -> None:
    """Make a bucket in the cloud's region, with these objects.

    Names of buckets are shared by all accounts of the world: put a number of the student's into it.
    """
    s3 = cloud.client("s3")
    place: dict[str, Any] = {}
    if cloud.region != "us-east-1":
        place["CreateBucketConfiguration"] = {"LocationConstraint": cloud.region}
    s3.create_bucket(Bucket=name, **place)
    for key, content in (objects or {}).items():
        s3.put_object(Bucket=name, Key=key, Body=content)


def table(cloud: Cloud, name: str, key: str) -> None:
    """Make a table with one key, a text, and wait until it is there."""
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.wait_until(
        lambda: dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE",
        seconds=60,
        what=f"the table {name} is ready",
    )
