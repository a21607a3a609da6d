"""`08.desk`: a policy with four mistakes, repaired denial by denial, and not made wider."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.lessons.nb08 import trial, wide
from helpers.teach.lessons.nb08.trial import Call, Trial

FILE = "desk-policy.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
KEY = "orders/A-17.json"


@dataclass
class Desk(Trial):
    """The learner's policy in a role. ``url`` is the queue's, ``name`` the function's."""

    url: str
    name: str

    def arn(self, service: str, rest: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.cloud.region}:{self.cloud.account_id}:{rest}"

    @property
    def bucket(self) -> str:
        return bucket(self.cloud)


def bucket(cloud: Cloud) -> str:
    """The bucket of orders: a bucket's name is nobody else's in the world."""
    return f"shop-orders-{cloud.account_id}"


def filled(text: str, cloud: Cloud, function: str) -> str:
    """The policy for this account, this region and the function that tries it."""
    text = text.replace("${AWS::AccountId}", cloud.account_id)
    text = text.replace("${AWS::Region}", cloud.region)
    return text.replace("/aws/lambda/shop-desk", f"/aws/lambda/{function}")


@contextlib.contextmanager
def _prepare(context: Context) -> Iterator[Desk]:
    path = attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    name = f"check-desk-{context.cloud.account_id[-4:]}"
    text = filled(path.read_text(encoding="utf-8"), context.cloud, name)
    wide.check_width(_read(text))
    with _places(context.cloud) as url, _role(context.cloud, text) as role:
        yield Desk(context.cloud, role, url, name)


def _read(text: str) -> dict[str, Any]:
    """Raises Slip for what is no JSON object."""
    try:
        policy = json.loads(text)
    except ValueError as problem:
        raise Slip(
            "no JSON",
            f"{FILE} is no JSON: {problem}.",
            "Look at that line and the one above it: a comma between two entries, none after the "
            "last one, and double quotes throughout.",
        ) from None
    if not isinstance(policy, dict):
        raise Slip("no JSON", f"{FILE} holds no object.", 'A policy begins with "{".')
    return policy


@contextlib.contextmanager
def _role(cloud: Cloud, policy: str) -> Iterator[str]:
    try:
        with trial.role_with(cloud, policy) as role:
            yield role
    except cloud.client("iam").exceptions.MalformedPolicyDocumentException as refused:
        raise Slip(
            "not accepted",
            f"IAM does not accept the policy: {refused.response['Error']['Message']}",
            "Compare it with the one that you were given: what has another form now? A role's "
            "policy has no Principal, and each statement has Effect, Action and Resource.",
        ) from None


@contextlib.contextmanager
def _places(cloud: Cloud) -> Iterator[str]:
    """Bucket, queue and table of the desk, as far as they are not there; the queue's URL."""
    with contextlib.ExitStack() as made:
        s3, sqs, tables = (cloud.client(name) for name in ("s3", "sqs", "dynamodb"))
        _bucket(cloud, s3, made)
        try:
            url = sqs.get_queue_url(QueueName="shop-labels")["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            url = sqs.create_queue(QueueName="shop-labels")["QueueUrl"]
            made.callback(sqs.delete_queue, QueueUrl=url)
        with contextlib.suppress(tables.exceptions.ResourceInUseException):
            tables.create_table(
                TableName="shop-notes",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            made.callback(tables.delete_table, TableName="shop-notes")
            tables.get_waiter("table_exists").wait(
                TableName="shop-notes", WaiterConfig={"Delay": 1}
            )
        yield str(url)


def _bucket(cloud: Cloud, s3: Any, made: contextlib.ExitStack) -> None:
    name = bucket(cloud)
    where = {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        s3.create_bucket(Bucket=name, **({} if cloud.region == "us-east-1" else where))
        made.callback(s3.delete_bucket, Bucket=name)
    try:
        s3.head_object(Bucket=name, Key=KEY)
    except ClientError:
        s3.put_object(Bucket=name, Key=KEY, Body=b'{"order": "A-17", "prints": 20}')
        made.callback(s3.delete_object, Bucket=name, Key=KEY)


def _reads(desk: Desk, case: Case) -> None:
    place = {"Bucket": desk.bucket, "Key": KEY}
    arn = f"arn:aws:s3:::{desk.bucket}/{KEY}"
    desk.must(Call("read the order", "s3", "get_object", place, "s3:GetObject", arn))


def _sends(desk: Desk, case: Case) -> None:
    message = {"QueueUrl": desk.url, "MessageBody": "A-17: 20 prints"}
    arn = desk.arn("sqs", "shop-labels")
    desk.must(Call("send the label", "sqs", "send_message", message, "sqs:SendMessage", arn))


def _notes(desk: Desk, case: Case) -> None:
    note = {"TableName": "shop-notes", "Item": {"id": {"S": "A-17"}}}
    arn = desk.arn("dynamodb", "table/shop-notes")
    desk.must(Call("note it", "dynamodb", "put_item", note, "dynamodb:PutItem", arn))


def _logs(desk: Desk, case: Case) -> None:
    with trial.saying(desk.cloud, desk.role, desk.name) as function:
        function.invoke()
        trial.must_log(desk.cloud, function)


def _nothing_else(desk: Desk, case: Case) -> None:
    inside, others = f"arn:aws:s3:::{desk.bucket}/{KEY}", f"{desk.bucket}-invoices"
    desk.must_not(["s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl"], inside)
    desk.must_not(["s3:ListBucket", "s3:DeleteBucket"], f"arn:aws:s3:::{desk.bucket}")
    desk.must_not(["s3:GetObject"], f"arn:aws:s3:::{others}/B-1.json")
    queue, payments = desk.arn("sqs", "shop-labels"), desk.arn("sqs", "shop-payments")
    desk.must_not(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"], queue)
    desk.must_not(["sqs:SendMessage"], payments)
    notes, customers = (desk.arn("dynamodb", f"table/shop-{n}") for n in ("notes", "customers"))
    desk.must_not(["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:DeleteItem"], notes)
    desk.must_not(["dynamodb:PutItem"], customers)
    log = desk.arn("logs", "log-group:/aws/lambda/shop-label:log-stream:x")
    desk.must_not(["logs:PutLogEvents"], log)
    desk.must_not(["logs:DeleteLogGroup"], desk.arn("logs", f"log-group:/aws/lambda/{desk.name}:*"))
    desk.must_not(["lambda:InvokeFunction"], desk.arn("lambda", "function:shop-label"))


DESK = Check(
    key="08.desk",
    prepare=_prepare,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("reads the order", _reads),
        Requirement("sends the label", _sends),
        Requirement("notes it", _notes),
        Requirement("writes its log", _logs),
        Requirement("nothing else", _nothing_else, points=2),
    ),
    hints=(
        "Run the desk's cell, take one denial, and lay its action and its resource beside the "
        "statement that was meant to allow it. Which of the two differs, and in which letters?",
        "Reading: the denial's resource has a / and a key after the bucket's name. Sending: look "
        "at the verb. Noting: compare the ARNs part by part, between the colons.",
        "The log makes no denial that anybody could read. What is written is a stream in the "
        "group, and a stream's ARN is longer than its group's.",
        "A star belongs at the end of two of the resources, behind a / and behind a :, and nowhere "
        "else.",
    ),
    praise="Four denials, four words changed, and not one permission more than the work needs.",
)
