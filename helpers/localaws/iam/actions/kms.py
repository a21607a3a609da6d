"""AWS KMS.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import encryption_context
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values


def key_arn(asked: Asked, given: str | None) -> list[str]:
    """From a key's id or ARN, or from an alias, which only the account's state can follow."""
    if not given:
        return []
    if "alias/" in given:
        return [asked.find("kms-alias", given) or asked.arn(given)]
    return [asked.arn(given if given.startswith("arn:") else f"key/{given}")]


def _named_key(asked: Asked) -> list[str]:
    for parameter in ("KeyId", "TargetKeyId", "SourceKeyId"):
        if found := key_arn(asked, asked.first(parameter)):
            return found
    return []


def _of_ciphertext(asked: Asked) -> list[str]:
    """What was encrypted with a symmetric key names its key."""
    blob = asked.get("CiphertextBlob")
    if blob is None:
        return []
    text = base64.b64encode(blob).decode() if isinstance(blob, bytes) else str(blob)
    return [asked.find("kms-ciphertext", text) or asked.arn("key/*")]


def _of_alias(asked: Asked) -> list[str]:
    """DeleteAlias does not say which key the alias means."""
    name = asked.first("AliasName")
    return key_arn(asked, name) if name and not asked.get("TargetKeyId") else []


def _of_token(asked: Asked) -> list[str]:
    token = asked.first("GrantToken")
    return [asked.find("kms-grant-token", token) or asked.arn("key/*")] if token else []


def _keys(asked: Asked) -> Mapping[str, Values]:
    constraints = asked.get("Constraints") or {}
    keys: dict[str, Values] = {
        "kms:EncryptionAlgorithm": asked.get("EncryptionAlgorithm"),
        "kms:SigningAlgorithm": asked.get("SigningAlgorithm"),
        "kms:MessageType": asked.get("MessageType"),
        "kms:MacAlgorithm": asked.get("MacAlgorithm"),
        "kms:DataKeyPairSpec": asked.get("KeyPairSpec"),
        "kms:GranteePrincipal": asked.get("GranteePrincipal"),
        "kms:RetiringPrincipal": asked.get("RetiringPrincipal"),
        "kms:GrantOperations": asked.get("Operations"),
        "kms:GrantConstraintType": list(constraints) or None,
        "kms:RotationPeriodInDays": asked.get("RotationPeriodInDays"),
        "kms:ScheduleKeyDeletionPendingWindowInDays": asked.get("PendingWindowInDays"),
    }
    if "BypassPolicyLockoutSafetyCheck" in asked.parameters:
        keys["kms:BypassPolicyLockoutSafetyCheck"] = bool(
            asked.parameters["BypassPolicyLockoutSafetyCheck"]
        )
    given = asked.first("KeyId") or ""
    if "alias/" in given:
        keys["kms:RequestAlias"] = f"alias/{given.partition('alias/')[2]}"
    if asked.operation == "CreateKey":
        keys |= {
            "kms:KeySpec": asked.first("KeySpec", "CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT",
            "kms:KeyUsage": asked.first("KeyUsage") or "ENCRYPT_DECRYPT",
            "kms:KeyOrigin": asked.first("Origin") or "AWS_KMS",
            "kms:MultiRegion": bool(asked.get("MultiRegion")),
        }
    return keys | encryption_context(asked.get("EncryptionContext") or {})


def _re_encrypt(asked: Asked) -> Iterable[Needed]:
    """From one key to another: one action for each."""
    sources = key_arn(asked, asked.first("SourceKeyId")) or _of_ciphertext(asked)
    targets = key_arn(asked, asked.first("DestinationKeyId"))
    same = sources == targets
    for action, keys, side in (
        ("ReEncryptFrom", sources, "Source"),
        ("ReEncryptTo", targets, "Destination"),
    ):
        context = encryption_context(asked.get(f"{side}EncryptionContext") or {})
        for arn in keys:
            yield Needed(f"kms:{action}", arn, {**context, "kms:ReEncryptOnSameKey": same})


def _tagged(asked: Asked) -> Iterable[Needed]:
    if asked.get("Tags"):
        yield Needed("kms:TagResource", "*", tag_keys(asked))


SPEC = Spec(
    "kms",
    types={
        "alias": named("{}", "AliasName"),
        "key": either(_named_key, _of_ciphertext, _of_alias, _of_token),
    },
    special={"ReEncrypt": _re_encrypt},
    also={"CreateKey": _tagged},
    keys=_keys,
)
