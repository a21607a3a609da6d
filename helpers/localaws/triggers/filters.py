"""Filter criteria of event source mappings: patterns of the same language as EventBridge's.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html and, for
queues, https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue
from helpers.localaws.triggers.eventbridge.patterns import (
    InvalidPattern,
    Pattern,
    compile_pattern,
)

#: The default quota; AWS raises it to 10 on request, here LOCALAWS_FILTERS does.
MAX_FILTERS = min(int(os.environ.get("LOCALAWS_FILTERS", "5")), 10)
MAX_PATTERN = 4096


def check(criteria: dict[str, Any]) -> None:
    """Raise InvalidParameterValue for a pattern that AWS refuses."""
    filters = criteria.get("Filters") or []
    if len(filters) > MAX_FILTERS:
        raise InvalidParameterValue(
            f"FilterCriteria must contain at most {MAX_FILTERS} filter patterns."
        )
    for one in filters:
        source = one.get("Pattern") or ""
        try:
            if len(source) > MAX_PATTERN:
                raise InvalidPattern
            compile_pattern(source)
        except InvalidPattern:
            raise InvalidParameterValue("Invalid filter pattern definition.") from None


def passes(criteria: dict[str, Any] | None, record: dict[str, Any], data_key: str) -> bool:
    """Whether a record matches one of the patterns; without any every record does.

    ``data_key`` names the member that may be text with JSON in it (``body`` of a message). A
    pattern with an object there looks into that JSON, and plain text never matches it. A pattern
    with a list there is about plain text, and a JSON document (an object or a list) never matches.
    """
    filters = (criteria or {}).get("Filters") or []
    return not filters or any(_matches(one["Pattern"], record, data_key) for one in filters)


def _matches(source: str, record: dict[str, Any], data_key: str) -> bool:
    pattern, asks = _read(source)
    data = record.get(data_key)
    if data_key in asks and isinstance(data, str):
        document = _document(data)
        looks_inside = isinstance(asks[data_key], dict)
        if looks_inside is not isinstance(document, dict | list):
            return False
        if looks_inside:
            record = {**record, data_key: document}
    return pattern.matches(record)


@lru_cache(maxsize=1024)
def _read(source: str) -> tuple[Pattern, dict[str, Any]]:
    return compile_pattern(source), json.loads(source)


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
