"""Which messages of a batch shall be tried again, as the handler reported them.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from __future__ import annotations

import json
from typing import Any

REPORTS = "ReportBatchItemFailures"


def failed(payload: bytes, ids: set[str]) -> set[str]:
    """The ids of a batch's messages that failed, from the handler's result.

    Nothing, ``null``, ``{}`` and an empty or null list mean success. What cannot be understood
    means that all failed: no JSON, no list, an identifier that is empty, null, under another name
    or of no message in the batch.
    """
    try:
        reply = json.loads(payload or b"null")
    except ValueError:
        return ids
    if reply is None:
        return set()
    if not isinstance(reply, dict):
        return ids
    reported = reply.get("batchItemFailures")
    if reported is None:
        return set()
    if not isinstance(reported, list):
        return ids
    named = [_identifier(one) for one in reported]
    return {one for one in named if one} if all(one in ids for one in named) else ids


def _identifier(one: Any) -> str | None:
    identifier = one.get("itemIdentifier") if isinstance(one, dict) else None
    return identifier if isinstance(identifier, str) else None
