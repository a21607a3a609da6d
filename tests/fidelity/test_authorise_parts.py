"""Answers that depend on a second permission, and requests of which a part is refused."""

from __future__ import annotations

import urllib.request
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.fidelity.roles import Role, allow, deny, document, outcome

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/"


def may_not(who: Role, action: str, resource: str) -> str:
    session = f"arn:aws:sts::{who.aws.account_id}:assumed-role/{who.name}/anna"
    return (
        f"User: {session} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


@pytest.mark.aws_source(f"{S3}API/API_DeleteObjects.html")
def test_some_keys_are_deleted_and_some_are_not(aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="mixed")
    for key in ("mine/a", "mine/b", "theirs/a"):
        s3.put_object(Bucket="mixed", Key=key, Body=b"1")
    who = Role(aws, allow("s3:DeleteObject", "arn:aws:s3:::mixed/mine/*"))
    client = who.client("s3")

    def delete(*keys: str) -> tuple[list[str], list[dict[str, str]]]:
        answer = client.delete_objects(
            Bucket="mixed", Delete={"Objects": [{"Key": key} for key in keys]}
        )
        return [one["Key"] for one in answer.get("Deleted", [])], answer.get("Errors", [])

    deleted, errors = delete("mine/a", "theirs/a", "mine/b")
    text = may_not(who, "s3:DeleteObject", '"arn:aws:s3:::mixed/theirs/a"')
    refused = {"Key": "theirs/a", "Code": "AccessDenied", "Message": text}
    assert (sorted(deleted), errors) == (["mine/a", "mine/b"], [refused])
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="mixed")["Contents"]] == ["theirs/a"]
    assert delete("theirs/a") == ([], [refused])
    # A policy that denies one key to everybody denies it to an administrator as well.
    statement = deny("s3:DeleteObject", "arn:aws:s3:::mixed/theirs/*", Principal="*")
    s3.put_bucket_policy(Bucket="mixed", Policy=document(statement))
    s3.put_object(Bucket="mixed", Key="more", Body=b"1")
    answer = s3.delete_objects(
        Bucket="mixed", Delete={"Objects": [{"Key": "theirs/a"}, {"Key": "more"}]}
    )
    assert [one["Key"] for one in answer["Deleted"]] == ["more"]
    assert "with an explicit deny in a resource-based policy" in answer["Errors"][0]["Message"]


@pytest.mark.aws_source(f"{SECRETS}apireference/API_BatchGetSecretValue.html")
def test_some_secrets_are_read_and_some_are_not(aws: Any) -> None:
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    mine, theirs, locked = (
        secrets.create_secret(Name=name, SecretString="x", **more)["ARN"]
        for name, more in (("mine", {}), ("theirs", {}), ("locked", {"KmsKeyId": key}))
    )
    who = Role(
        aws,
        allow(["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"]),
        allow("secretsmanager:GetSecretValue", [mine, locked]),
    )
    client = who.client("secretsmanager")
    denied, action = "AccessDeniedException", "secretsmanager:GetSecretValue"
    answer = client.batch_get_secret_value(SecretIdList=["mine", theirs, "locked"])
    assert [one["Name"] for one in answer["SecretValues"]] == ["mine"]
    assert answer["Errors"] == [
        {"SecretId": theirs, "ErrorCode": denied, "Message": may_not(who, action, theirs)},
        {"SecretId": "locked", "ErrorCode": denied, "Message": "Access to KMS is not allowed"},
    ]
    answer = client.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["mine", "theirs"]}])
    assert [one["Name"] for one in answer["SecretValues"]] == ["mine"]
    assert [one["SecretId"] for one in answer["Errors"]] == [theirs]
    who.may(allow(action, "*"))
    code, text = outcome(client.batch_get_secret_value, SecretIdList=["mine"])
    assert (code, "secretsmanager:BatchGetSecretValue" in text) == (denied, True)


@pytest.mark.aws_source(f"{S3}API/API_GetObject.html", f"{S3}API/API_HeadObject.html")
def test_only_who_may_list_learns_that_an_object_is_missing(aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="half-empty")
    s3.put_object(Bucket="half-empty", Key="there", Body=b"1")
    bucket = "arn:aws:s3:::half-empty"
    who = Role(aws, allow(["s3:GetObject", "s3:GetObjectTagging"], f"{bucket}/*"))
    client, gone = who.client("s3"), {"Bucket": "half-empty", "Key": "gone"}
    client.get_object(Bucket="half-empty", Key="there")
    text = may_not(who, "s3:ListBucket", f'"{bucket}"')
    assert outcome(client.get_object, **gone) == ("AccessDenied", text)
    assert outcome(client.get_object_tagging, **gone) == ("AccessDenied", text)
    assert outcome(client.head_object, **gone)[0] == "403"
    assert outcome(client.get_object, Bucket="no-such-bucket-at-all", Key="x")[0] == "AccessDenied"
    who.may(allow("s3:GetObject", f"{bucket}/*"), allow("s3:ListBucket", bucket))
    assert outcome(client.get_object, **gone)[0] == "NoSuchKey"
    assert outcome(client.head_object, **gone)[0] == "404"
    assert outcome(s3.get_object, **gone)[0] == "NoSuchKey"


@pytest.mark.aws_source(
    f"{S3}userguide/access-policy-language-overview.html", f"{S3}userguide/acl-overview.html"
)
def test_who_does_not_sign(aws: Any) -> None:
    """Nobody is let in but through a bucket's policy or a public grant in an ACL."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="shop-window")
    s3.put_object(Bucket="shop-window", Key="private", Body=b"1")
    s3.put_object(Bucket="shop-window", Key="public", Body=b"2", ACL="public-read")
    nobody = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    refused = ("AccessDenied", "Access Denied")

    def get(key: str) -> tuple[str, str]:
        return outcome(nobody.get_object, Bucket="shop-window", Key=key)

    assert get("public") == ("", "")
    assert get("private") == get("missing") == refused
    assert outcome(nobody.list_objects_v2, Bucket="shop-window") == refused
    assert outcome(nobody.put_object, Bucket="shop-window", Key="new") == refused
    assert outcome(nobody.list_buckets) == refused
    statement = allow("s3:GetObject", "arn:aws:s3:::shop-window/p*", Principal="*")
    s3.put_bucket_policy(Bucket="shop-window", Policy=document(statement))
    assert get("private") == ("", "")
    assert outcome(nobody.list_objects_v2, Bucket="shop-window") == refused
    s3.put_bucket_acl(Bucket="shop-window", ACL="public-read")
    assert outcome(nobody.list_objects_v2, Bucket="shop-window") == ("", "")
    # A link that somebody has signed is theirs, and counts as their request.
    link = s3.generate_presigned_url("get_object", {"Bucket": "shop-window", "Key": "private"})
    s3.delete_bucket_policy(Bucket="shop-window")
    assert get("private") == refused
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"1"
    # Other services take nothing unsigned.
    for service, operation, code in (
        ("sts", "get_caller_identity", "MissingAuthenticationToken"),
        ("sqs", "list_queues", "MissingAuthenticationTokenException"),
        ("dynamodb", "list_tables", "MissingAuthenticationTokenException"),
    ):
        client = boto3.client(service, config=Config(signature_version=UNSIGNED))
        assert outcome(getattr(client, operation))[0] == code


@pytest.mark.aws_source(f"{S3}userguide/access-control-block-public-access.html")
def test_public_acls_are_ignored_where_that_is_set(aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="was-public")
    s3.put_object(Bucket="was-public", Key="a", Body=b"1", ACL="public-read")
    nobody = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    assert outcome(nobody.get_object, Bucket="was-public", Key="a")[0] == ""
    s3.put_public_access_block(
        Bucket="was-public", PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    assert outcome(nobody.get_object, Bucket="was-public", Key="a")[0] == "AccessDenied"


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CommonErrors.html",
    "https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html",
)
def test_a_request_that_nobody_can_read_asks_for_nothing(aws: Any) -> None:
    """Without permission there is no answer, in whatever form it is asked."""
    aws.client("sqs").create_queue(QueueName="hidden")
    keys = Role(aws).session().credentials
    signer = SigV4Auth(
        Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]),
        "sqs",
        aws.region,
    )

    def ask(operation: str, body: bytes) -> tuple[int, str]:
        kind = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{operation}",
        }
        asked = AWSRequest("POST", f"{aws.url}/", data=body, headers=kind)
        signer.add_auth(asked)
        answer = requests.post(asked.url, data=body, headers=dict(asked.headers), timeout=20)
        assert "hidden" not in answer.text
        return answer.status_code, str(answer.json()["__type"])

    assert ask("ListQueues", b"{}") == (403, "AccessDenied")
    for body in (b"{", b"[]", b"1"):
        assert ask("ListQueues", body) == (400, "SerializationException")
    for name in ("List_Queues", "listqueues", "list_queues", "Nothing"):
        assert ask(name, b"{}")[1] == "NotImplemented"
