"""Whether a KMS key can be used in the state it is in.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import time
from typing import Any


def used(backend: Any, answer: tuple[Any, ...]) -> list[Any]:
    """The keys (moto's) that an answer of moto's KMS names, by ARN or by id."""
    ids = [part.rpartition("/")[2] for part in answer if isinstance(part, str)]
    return [backend.keys[one] for one in ids if one in backend.keys]


def problem(key: Any) -> tuple[str, str] | None:
    """The code and text of KMS's refusal; None: the key can be used."""
    if key.deletion_date is not None and key.deletion_date.timestamp() <= time.time():
        return "NotFoundException", f"Key '{key.arn}' does not exist"
    if key.key_state == "Disabled":
        return "DisabledException", f"{key.arn} is disabled."
    if key.key_state == "PendingDeletion":
        return "KMSInvalidStateException", f"{key.arn} is pending deletion."
    return None
