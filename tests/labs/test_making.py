"""What seeds are made of: the same each time, over whatever an earlier try left."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.teach.labs import clearing, documents, making

SOURCE = "def handler(event, context):\n    return event\n"


def make(cloud: Any) -> None:
    """One thing of each kind, named the same each time."""
    clearing.no_function(cloud, "echo")
    clearing.no_role(cloud, "echo-role")
    clearing.no_bucket(cloud, "echo-photos")
    clearing.no_table(cloud, "echo-orders")
    clearing.no_queue(cloud, "echo-queue")
    inline = {"own": documents.document(documents.allow("Own", ["s3:GetObject"], "*"))}
    role = making.role(cloud, "echo-role", inline=inline, attached=[documents.MAY_TAKE_MESSAGES])
    making.function(cloud, "echo", {"echo.py": SOURCE}, Role=role, Handler="echo.handler")
    making.bucket(cloud, "echo-photos", {"a.txt": "one"})
    making.table(cloud, "echo-orders", key="order")
    queue = cloud.client("sqs").create_queue(QueueName="echo-queue")["QueueUrl"]
    making.ready(cloud, "echo")
    arn = f"arn:aws:sqs:{cloud.region}:{cloud.account_id}:{queue.rpartition('/')[2]}"
    cloud.client("lambda").create_event_source_mapping(FunctionName="echo", EventSourceArn=arn)


def there(cloud: Any) -> dict[str, Any]:
    """What a seed's names lead to."""
    s3, iam, lambda_ = (cloud.client(name) for name in ("s3", "iam", "lambda"))
    table = cloud.client("dynamodb").scan(TableName="echo-orders")
    mappings = lambda_.list_event_source_mappings(FunctionName="echo")["EventSourceMappings"]
    return {
        "objects": [one["Key"] for one in s3.list_objects_v2(Bucket="echo-photos")["Contents"]],
        "inline": iam.list_role_policies(RoleName="echo-role")["PolicyNames"],
        "attached": len(iam.list_attached_role_policies(RoleName="echo-role")["AttachedPolicies"]),
        "timeout": lambda_.get_function_configuration(FunctionName="echo")["Timeout"],
        "mappings": len(mappings),
        "items": table["Count"],
    }


def test_a_second_seed_replaces_the_first_and_what_was_done_to_it(local_aws: Any) -> None:
    local_aws.reset()
    make(local_aws)
    first = there(local_aws)
    s3, iam, lambda_ = (local_aws.client(name) for name in ("s3", "iam", "lambda"))
    s3.put_bucket_versioning(Bucket="echo-photos", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"two", b"three"):
        s3.put_object(Bucket="echo-photos", Key="a.txt", Body=body)
    s3.delete_object(Bucket="echo-photos", Key="a.txt")
    more = json.dumps(documents.document(documents.allow("More", ["s3:*"], "*")))
    iam.put_role_policy(RoleName="echo-role", PolicyName="more", PolicyDocument=more)
    lambda_.update_function_configuration(FunctionName="echo", Timeout=20)
    item = {"order": {"S": "A-1"}}
    local_aws.client("dynamodb").put_item(TableName="echo-orders", Item=item)
    make(local_aws)
    assert there(local_aws) == first
    assert first["objects"] == ["a.txt"]
    assert first["mappings"] == 1
    reply = lambda_.invoke(FunctionName="echo", Payload=b'"hello"')
    assert json.load(reply["Payload"]) == "hello"


def test_the_same_files_make_the_same_archive() -> None:
    files: dict[str, str | bytes] = {"a.py": SOURCE, "data/b.bin": b"\0"}
    assert making.package(files) == making.package(files)
    with zipfile.ZipFile(io.BytesIO(making.package(files))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.py": SOURCE.encode(),
            "data/b.bin": b"\0",
        }


def test_a_role_that_lambda_may_not_assume_is_told_at_once(local_aws: Any) -> None:
    local_aws.reset()
    role = making.role(local_aws, "nobodys", documents.trust(Service="ec2.amazonaws.com"))
    began = time.monotonic()
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        making.function(local_aws, "echo", {"echo.py": SOURCE}, Role=role, Handler="echo.handler")
    assert time.monotonic() - began < making.PATIENCE / 2


def test_on_an_account_a_new_role_is_waited_for(
    local_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What AWS says of a role that is too new comes from its own API here, and then stops."""
    local_aws.reset()
    refusals: list[str] = []
    role = making.role(local_aws, "late", documents.trust(Service="ec2.amazonaws.com"))

    def known_later(seconds: float) -> None:
        refusals.append("not yet")
        local_aws.client("iam").update_assume_role_policy(
            RoleName="late", PolicyDocument=json.dumps(documents.TRUST_LAMBDA)
        )

    monkeypatch.setattr(local_aws, "kind", "account", raising=False)
    monkeypatch.setattr(time, "sleep", known_later)
    making.function(local_aws, "echo", {"echo.py": SOURCE}, Role=role, Handler="echo.handler")
    assert refusals == ["not yet"]
