"""Amazon S3: filter rules of a notification, empty ones and ones that could both fit one event.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

#: Kinds of configurations, and the member that holds the destination's ARN.
_KINDS = {
    "CloudFunctionConfiguration": "CloudFunction",
    "QueueConfiguration": "Queue",
    "TopicConfiguration": "Topic",
}
_UNFILTERED = (
    "Configurations overlap. Configurations on the same bucket cannot share a common event type."
)
_FILTERED = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
    "prefixes are overlapping for the same event type."
)


_EMPTY_RULE = re.compile(
    rb"<FilterRule>\s*<Name>[^<]*</Name>\s*<Value\s*(/>|>\s*</Value>)\s*</FilterRule>"
)
_EMPTY_FILTER = re.compile(rb"<Filter>\s*<S3Key>\s*</S3Key>\s*</Filter>")


def without_empty_rules(body: bytes | str) -> bytes:
    """The notification's XML without rules of no value, which fit every key, as if left out."""
    body = body if isinstance(body, bytes) else body.encode()
    return _EMPTY_FILTER.sub(b"", _EMPTY_RULE.sub(b"", body))


@dataclass(frozen=True)
class _Rule:
    """What one configuration of a notification asks for."""

    events: tuple[str, ...]
    prefix: str
    suffix: str


def destinations(configuration: dict[str, Any]) -> list[str]:
    """The ARNs of the functions, queues and topics; ``configuration`` as ``ambiguous`` takes it."""
    return [
        str(one[member])
        for kind, member in _KINDS.items()
        for one in _listed(configuration.get(kind))
    ]


def ambiguous(configuration: dict[str, Any]) -> str | None:
    """AWS's words for two rules that one event could fit; None where there are no such rules.

    ``configuration`` is the notification's XML as moto reads it: one configuration is a
    dictionary, several are a list of them.
    """
    rules = [_rule(one) for kind in _KINDS for one in _listed(configuration.get(kind))]
    for one, other in itertools.combinations(rules, 2):
        if _share_event(one, other) and _overlap(one, other):
            filtered = any((one.prefix, one.suffix, other.prefix, other.suffix))
            return _FILTERED if filtered else _UNFILTERED
    return None


def _rule(configuration: dict[str, Any]) -> _Rule:
    filters = ((configuration.get("Filter") or {}).get("S3Key") or {}).get("FilterRule")
    parts = {str(one["Name"]).lower(): one["Value"] or "" for one in _listed(filters)}
    events = tuple(_listed(configuration.get("Event")))
    return _Rule(events, parts.get("prefix", ""), parts.get("suffix", ""))


def _share_event(one: _Rule, other: _Rule) -> bool:
    pairs = itertools.product(one.events, other.events)
    return any(fnmatchcase(a, b) or fnmatchcase(b, a) for a, b in pairs)


def _overlap(one: _Rule, other: _Rule) -> bool:
    prefixes = sorted((one.prefix, other.prefix), key=len)
    suffixes = sorted((one.suffix, other.suffix), key=len)
    return prefixes[1].startswith(prefixes[0]) and suffixes[1].endswith(suffixes[0])


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
