"""AWS Secrets Manager: a secret's ARN ends in six characters that nobody can guess.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import use
from helpers.localaws.iam.actions.rule import Spec
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values


def secret_arn(asked: Asked) -> list[str]:
    """The secret's ARN; of one that is about to be made, or is not there, with ``??????``."""
    given = asked.first("SecretId") or (
        asked.first("Name") if asked.operation == "CreateSecret" else None
    )
    return [_arn(asked, given)] if given else []


def _arn(asked: Asked, given: str) -> str:
    return asked.find("secret", given) or asked.arn(
        given if given.startswith("arn:") else f"secret:{given}-??????"
    )


def _keys(asked: Asked) -> Mapping[str, Values]:
    keys: dict[str, Values] = {
        f"secretsmanager:{name}": asked.get(name)
        for name in (
            "Description",
            "KmsKeyId",
            "Name",
            "RecoveryWindowInDays",
            "RotationLambdaARN",
            "VersionId",
            "VersionStage",
        )
    }
    for name in ("BlockPublicPolicy", "ForceDeleteWithoutRecovery", "RotateImmediately"):
        if name in asked.parameters:
            keys[f"secretsmanager:{name}"] = bool(asked.parameters[name])
    if arns := secret_arn(asked):
        keys["secretsmanager:SecretId"] = arns[0]
    return keys


def _read(asked: Asked) -> Iterable[Needed]:
    return _use(asked, "kms:Decrypt")


def _write(asked: Asked) -> Iterable[Needed]:
    yield from _use(asked, "kms:GenerateDataKey", "kms:Decrypt")
    if asked.operation == "CreateSecret" and asked.get("Tags"):
        yield Needed("secretsmanager:TagResource", secret_arn(asked)[0], tag_keys(asked))


def _use(asked: Asked, *actions: str) -> Iterable[Needed]:
    """A customer managed key that encrypts the secret is used in the caller's name."""
    for arn in secret_arn(asked):
        given = asked.first("KmsKeyId")
        key = asked.find("kms-key", given) if given else asked.find("secret-key", arn)
        if key:
            yield from use(asked, key, *actions, context={"SecretARN": arn})


def _batch(asked: Asked) -> Iterable[Needed]:
    """BatchGetSecretValue, and GetSecretValue for each secret that is named."""
    yield Needed("secretsmanager:BatchGetSecretValue", "*")
    if asked.get("Filters"):
        yield Needed("secretsmanager:ListSecrets", "*")
    for given in asked.texts("SecretIdList"):
        arn = _arn(asked, given)
        yield Needed(
            "secretsmanager:GetSecretValue", arn, {"secretsmanager:SecretId": arn}, item=given
        )
        if key := asked.find("secret-key", arn):
            for need in use(asked, key, "kms:Decrypt", context={"SecretARN": arn}):
                yield replace(need, item=given)


SPEC = Spec(
    "secretsmanager",
    types={"Secret": secret_arn},
    special={"BatchGetSecretValue": _batch},
    also={
        "CreateSecret": _write,
        "GetSecretValue": _read,
        "PutSecretValue": _write,
        "UpdateSecret": _write,
    },
    keys=_keys,
    whole={"ValidateResourcePolicy": "secret:*"},
)
