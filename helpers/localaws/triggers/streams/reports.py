"""What a handler reports of a batch with ReportBatchItemFailures.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import json
from typing import Any


def first_failure(payload: bytes, sequence_numbers: list[str]) -> int | None:
    """Where in the batch to go on: at the reported record with the lowest number.

    None: all is done. 0: nothing is, also where the report cannot be understood.
    """
    try:
        reply = json.loads(payload)
    except ValueError:
        return 0
    if reply in (None, "", [], {}):
        return None
    if not isinstance(reply, dict):
        return 0
    failures = reply.get("batchItemFailures")
    if failures is None or failures == []:
        return None
    if not isinstance(failures, list):
        return 0
    return min(_place(failure, sequence_numbers) for failure in failures)


def _place(failure: Any, sequence_numbers: list[str]) -> int:
    """The reported record's place; the first one's for what names no record of the batch."""
    name = failure.get("itemIdentifier") if isinstance(failure, dict) else None
    return sequence_numbers.index(name) if name in sequence_numbers else 0
