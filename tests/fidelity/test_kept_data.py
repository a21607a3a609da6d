"""What data is kept for how long, and under which key."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from tests.fidelity.roles import Role, allow, outcome

LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/"

pytestmark = pytest.mark.aws_source(f"{LOGS}API_PutRetentionPolicy.html")


def written(aws: Any, group: str) -> list[str]:
    found = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in found]


@pytest.mark.aws_source("https://github.com/aws/aws-cdk/issues/1343")
def test_a_retention_is_one_of_some_lengths(aws: Any, refused: Any) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="lengths")
    code, text, status = refused(
        logs.put_retention_policy, logGroupName="lengths", retentionInDays=8
    )
    assert (code, status) == ("InvalidParameterException", 400)
    assert text.startswith("Invalid retention value. Valid values are: [1, 3, 5, 7, 14, 30,")
    (shown,) = logs.describe_log_groups(logGroupNamePrefix="lengths")["logGroups"]
    assert "retentionInDays" not in shown


def test_log_events_expire(aws: Any) -> None:
    """By the time of each event; a group without a policy keeps everything."""
    logs = aws.client("logs")
    begun = time.time()
    for group in ("short", "forever"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    logs.put_retention_policy(logGroupName="short", retentionInDays=3)

    def write(message: str, days: int) -> None:
        for group in ("short", "forever"):
            logs.put_log_events(
                logGroupName=group, logStreamName="s",
                logEvents=[{"timestamp": int((begun + days * 86_400) * 1000), "message": message}],
            )  # fmt: skip

    write("one", 0)
    aws.clock.advance(days=2)
    write("two", 2)
    assert written(aws, "short") == ["one", "two"]
    aws.clock.advance(days=1, minutes=1)
    assert written(aws, "short") == ["two"]
    events = logs.get_log_events(logGroupName="short", logStreamName="s")["events"]
    assert [event["message"] for event in events] == ["two"]
    logs.delete_retention_policy(logGroupName="short")
    aws.clock.advance(days=30)
    assert written(aws, "short") == ["two"]
    assert written(aws, "forever") == ["one", "two"]


@pytest.mark.aws_source(
    f"{SECRETS}userguide/security-encryption.html",
    f"{SECRETS}apireference/API_GetSecretValue.html",
    "https://github.com/external-secrets/external-secrets/issues/390",
)
def test_a_secret_is_opened_with_its_key(aws: Any) -> None:
    """Both permissions are asked for, in the words of Secrets Manager; the key must be enabled."""
    kms, secrets = aws.client("kms"), aws.client("secretsmanager")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    arn = secrets.create_secret(Name="bank", SecretString="x", KmsKeyId=key)["ARN"]
    read = allow("secretsmanager:GetSecretValue", arn)
    role = Role(aws, read)
    client = role.client("secretsmanager")
    denied = ("AccessDeniedException", "Access to KMS is not allowed")
    assert outcome(client.get_secret_value, SecretId=arn) == denied
    context = {"StringEquals": {"kms:EncryptionContext:SecretARN": arn}}
    role.may(read, allow("kms:Decrypt", key, Condition=context))
    assert outcome(client.get_secret_value, SecretId=arn) == ("", "")
    kms.disable_key(KeyId=key)
    assert outcome(client.get_secret_value, SecretId=arn) == (
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    )
    kms.enable_key(KeyId=key)
    assert outcome(client.get_secret_value, SecretId=arn) == ("", "")


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html",
    "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html",
)
def test_a_secure_string_is_shown_encrypted(aws: Any) -> None:
    """KMS itself opens what is shown, with the parameter's ARN as encryption context."""
    kms, ssm = aws.client("kms"), aws.client("ssm")
    for name, key in (("/till/own", kms.create_key()["KeyMetadata"]["Arn"]), ("/till/aws", "")):
        more = {"KeyId": key} if key else {}
        ssm.put_parameter(Name=name, Value="four", Type="SecureString", **more)
        shown = ssm.get_parameter(Name=name)["Parameter"]
        opened = kms.decrypt(
            CiphertextBlob=base64.b64decode(shown["Value"]),
            EncryptionContext={"PARAMETER_ARN": shown["ARN"]},
        )
        assert opened["Plaintext"] == b"four"
        assert not key or opened["KeyId"] == key
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == shown["Value"]
        plain = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        assert plain == "four"


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html"
)
def test_a_bucket_encrypts_by_default(aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="kept-data")

    def rule() -> Any:
        found = s3.get_bucket_encryption(Bucket="kept-data")
        (one,) = found["ServerSideEncryptionConfiguration"]["Rules"]
        return one["ApplyServerSideEncryptionByDefault"]

    assert rule() == {"SSEAlgorithm": "AES256"}
    by_kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(
        Bucket="kept-data", ServerSideEncryptionConfiguration={"Rules": [by_kms]}
    )
    assert rule() == {"SSEAlgorithm": "aws:kms"}
    s3.delete_bucket_encryption(Bucket="kept-data")
    assert rule() == {"SSEAlgorithm": "AES256"}
