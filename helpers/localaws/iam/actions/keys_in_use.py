"""Services that use a KMS key with the caller's own permission.

Where a queue, topic, secret, parameter or bucket is encrypted with a customer managed key, who uses
it needs the key as well. Which key that is, only the account's state tells; for keys that AWS
manages nothing is needed.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Builder
from helpers.localaws.iam.context import Values


def uses_key(asked: Asked, kind: str, of: Builder, *actions: str) -> Iterable[Needed]:
    """The use of the key of each resource that ``of`` builds; ``kind`` is for ``asked.find``."""
    for name in of(asked):
        if key := asked.find(kind, name):
            yield from use(asked, key, *actions)


def use(
    asked: Asked, key: str, *actions: str, context: Mapping[str, str] | None = None
) -> Iterable[Needed]:
    """The use of one key through the service; ``context``: the encryption context it sends."""
    keys: dict[str, Values] = {
        "kms:ViaService": f"{asked.prefix}.{asked.region}.amazonaws.com",
        "aws:ViaAWSService": True,
    }
    keys |= encryption_context(context or {})
    for action in actions:
        yield Needed(action, key, keys)


def encryption_context(context: Mapping[str, str]) -> dict[str, Values]:
    """The condition keys of an encryption context."""
    keys: dict[str, Values] = {
        f"kms:EncryptionContext:{name}": str(value) for name, value in context.items()
    }
    if context:
        keys["kms:EncryptionContextKeys"] = list(context)
    return keys
