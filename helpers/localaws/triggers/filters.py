"""Filter criteria of event source mappings.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue

MAX_FILTERS = 5


def check(criteria: dict[str, Any]) -> None:
    """Raise InvalidParameterValue for a pattern that AWS refuses."""
    filters = criteria.get("Filters") or []
    if len(filters) > MAX_FILTERS:
        raise InvalidParameterValue(
            f"FilterCriteria must contain at most {MAX_FILTERS} filter patterns."
        )
    for one in filters:
        try:
            pattern = json.loads(one.get("Pattern") or "")
        except ValueError:
            pattern = None
        if not isinstance(pattern, dict) or not _is_pattern(pattern):
            raise InvalidParameterValue("Invalid filter pattern definition.")


def passes(criteria: dict[str, Any] | None, record: dict[str, Any], data_key: str) -> bool:
    """Whether a record matches one of the patterns.

    ``data_key`` names the member that holds text which a pattern may look into as JSON (``body``
    of an SQS message).
    """
    filters = (criteria or {}).get("Filters") or []
    return not filters or any(
        _matches(json.loads(one["Pattern"]), record, data_key) for one in filters
    )


def _matches(pattern: dict[str, Any], record: dict[str, Any], data_key: str) -> bool:
    from moto.events.models import EventPattern

    seen = dict(record)
    if isinstance(pattern.get(data_key), dict):  # the pattern looks into the data
        try:
            seen[data_key] = json.loads(record[data_key])
        except (ValueError, KeyError, TypeError):
            return False
        if not isinstance(seen[data_key], dict):
            return False
    return bool(EventPattern(None, pattern).matches_event(seen))  # type: ignore[arg-type]


def _is_pattern(node: Any) -> bool:
    """Objects down to lists of values: ``{"body": {"size": ["A4"]}}``."""
    if isinstance(node, dict):
        return bool(node) and all(key == "$or" or _is_pattern(value) for key, value in node.items())
    return isinstance(node, list) and bool(node)
