"""Secrets Manager: rotation by a real function, and what happens when a step fails."""

from __future__ import annotations

from typing import Any

import pytest

ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_how.html"
API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"

pytestmark = pytest.mark.aws_source(ROTATION, API)

#: As AWS's own templates do it.
ROTATE = """
    import boto3
    secrets = boto3.client("secretsmanager")
    def handler(event, context):
        print(event["Step"], event["SecretId"])
        name, token = event["SecretId"], event["ClientRequestToken"]
        stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
        assert "AWSPENDING" in stages[token]
        if event["Step"] == "createSecret":
            try:
                secrets.get_secret_value(SecretId=name, VersionId=token, VersionStage="AWSPENDING")
            except secrets.exceptions.ResourceNotFoundException:
                old = secrets.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
                secrets.put_secret_value(
                    SecretId=name, ClientRequestToken=token, VersionStages=["AWSPENDING"],
                    SecretString=old["SecretString"] + "+",
                )
        if event["Step"] == "testSecret":
            tags = secrets.describe_secret(SecretId=name).get("Tags", [])
            assert not any(tag["Key"] == "broken" for tag in tags), "the new password is refused"
        if event["Step"] == "finishSecret":
            old = next(v for v, labels in stages.items() if "AWSCURRENT" in labels)
            secrets.update_secret_version_stage(
                SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=token,
                RemoveFromVersionId=old,
            )
"""


@pytest.fixture(scope="module")
def rotator(make: Any) -> Any:
    function = make(ROTATE, Timeout=20)
    function.client.add_permission(
        FunctionName=function.name, StatementId="rotation", Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )  # fmt: skip
    return function


def test_rotation(aws: Any, rotator: Any) -> None:
    """Four steps in order; the old value stays under AWSPREVIOUS; again when the days are over."""
    secrets = aws.client("secretsmanager")
    arn = secrets.create_secret(Name="till", SecretString="one")["ARN"]
    began = secrets.rotate_secret(
        SecretId="till", RotationLambdaARN=rotator.arn, RotationRules={"AutomaticallyAfterDays": 7}
    )

    def value(stage: str = "AWSCURRENT") -> str:
        return str(secrets.get_secret_value(SecretId="till", VersionStage=stage)["SecretString"])

    def rotated(to: str) -> Any:
        return aws.wait_until(lambda: value() == to and secrets.describe_secret(SecretId="till"))

    shown = rotated("one+")
    assert secrets.get_secret_value(SecretId="till")["VersionId"] == began["VersionId"]
    assert value("AWSPREVIOUS") == "one"
    assert shown["RotationEnabled"] is True
    log = "".join(rotator.wait_for_log("finishSecret"))
    positions = [log.index(f"{step}Secret {arn}") for step in ("create", "set", "test", "finish")]
    assert positions == sorted(positions)
    aws.wait_until(lambda: secrets.describe_secret(SecretId="till").get("LastRotatedDate"))
    aws.clock.advance(days=6)
    assert value() == "one+"
    aws.clock.advance(days=1, minutes=1)
    rotated("one++")
    secrets.cancel_rotate_secret(SecretId="till")
    aws.clock.advance(days=8)
    assert value() == "one++"


def test_a_failed_step(aws: Any, rotator: Any, refused: Any) -> None:
    """The old value stays current, the new version pending, and the next call tries it again."""
    secrets = aws.client("secretsmanager")
    broken = [{"Key": "broken", "Value": "yes"}]
    secrets.create_secret(Name="door", SecretString="one", Tags=broken)
    token = secrets.rotate_secret(
        SecretId="door", RotationLambdaARN=rotator.arn, RotationRules={"AutomaticallyAfterDays": 30}
    )["VersionId"]
    rotator.wait_for_log("the new password is refused")
    shown = secrets.describe_secret(SecretId="door")
    assert shown["VersionIdsToStages"][token] == ["AWSPENDING"]
    assert secrets.get_secret_value(SecretId="door")["SecretString"] == "one"
    secrets.untag_resource(SecretId="door", TagKeys=["broken"])
    code, text, status = refused(secrets.rotate_secret, SecretId="door")
    assert (code, status) == ("InvalidRequestException", 400)
    assert text == "A previous rotation isn't complete. That rotation will be reattempted."
    aws.wait_until(
        lambda: secrets.get_secret_value(SecretId="door")["SecretString"] == "one+",
        what="the unfinished rotation goes through",
    )


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html"
)
def test_refusals(aws: Any, make: Any, refused: Any) -> None:
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name="box", SecretString="one")
    assert refused(secrets.rotate_secret, SecretId="box")[:2] == (
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
    )
    stranger = make("def handler(event, context): pass")
    for function in (stranger.arn, stranger.arn + "-that-is-not-there"):
        code, text, _ = refused(secrets.rotate_secret, SecretId="box", RotationLambdaARN=function)
        assert code == "AccessDeniedException"
        assert text.startswith("Secrets Manager cannot invoke the specified Lambda function.")
    assert refused(secrets.rotate_secret, SecretId="none")[0] == "ResourceNotFoundException"
