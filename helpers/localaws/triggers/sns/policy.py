"""Filter policies: which messages of a topic a subscription wants.

They are patterns of the same kind as EventBridge's, over a message's attributes or its body.
Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html,
https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html and answers of
AWS that another project's tests recorded (May 2024):
https://github.com/localstack/localstack/blob/main/tests/aws/services/sns/test_sns_filter_policy.snapshot.json
"""

from __future__ import annotations

import json
from typing import Any

from helpers.localaws.triggers.eventbridge.patterns import InvalidPattern, compile_pattern

ATTRIBUTES, BODY = "MessageAttributes", "MessageBody"
MAX_KEYS, MAX_COMBINATIONS = 5, 150


class InvalidPolicy(Exception):
    """AWS's reason why a policy is refused."""


def check(policy: str, scope: str) -> None:
    """Raise InvalidPolicy for a policy that SNS refuses."""
    try:
        document = json.loads(policy)
    except ValueError as problem:
        raise InvalidPolicy(f"FilterPolicy: failed to parse JSON. {problem}") from None
    try:
        compile_pattern(_compact(document))
    except InvalidPattern as problem:
        raise InvalidPolicy(f"FilterPolicy: {problem}") from None
    nested = any(isinstance(value, dict) for value in document.values())
    if scope == ATTRIBUTES and nested:
        raise InvalidPolicy(
            "Filter policy scope MessageAttributes does not support nested filter policy"
        )
    if _keys(document) > MAX_KEYS:
        raise InvalidPolicy(f"FilterPolicy: Filter policy can not have more than {MAX_KEYS} keys")
    if _combinations(document) > MAX_COMBINATIONS:
        raise InvalidPolicy("FilterPolicy: Filter policy is too complex")


def _keys(document: dict[str, Any]) -> int:
    """Keys with a list of values; those that only hold others do not count."""
    count = 0
    for key, value in document.items():
        if key == "$or" and isinstance(value, list):
            count += sum(_keys(choice) for choice in value)
        else:
            count += _keys(value) if isinstance(value, dict) else 1
    return count


def _combinations(document: dict[str, Any], depth: int = 1) -> int:
    """Values of all keys multiplied, each with the level that it lies at; choices are added."""
    product = 1
    for key, value in document.items():
        if key == "$or" and isinstance(value, list):
            product *= sum(_combinations(choice, depth) for choice in value)
        elif isinstance(value, dict):
            product *= _combinations(value, depth + 1)
        else:
            product *= len(value) * depth
    return product


def wants(policy: str | None, scope: str, message: str, attributes: dict[str, Any] | None) -> bool:
    """Whether the message passes.

    ``attributes`` has the shape ``{"size": {"Type": "String", "Value": "A4"}}``.
    """
    if not policy:
        return True
    document = json.loads(policy)
    if not document:
        return True
    pattern = compile_pattern(_compact(document))
    if scope == ATTRIBUTES:
        # Without any attribute not even {"exists": false} fits.
        return bool(attributes) and pattern.matches(_values(attributes or {}))
    try:
        return pattern.matches(json.loads(message))
    except (ValueError, RecursionError):
        return False


def _values(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes' values as JSON; binary ones are for no policy."""
    values: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, value = attribute["Type"].split(".")[0], attribute["Value"]
        if attribute["Type"] == "String.Array":
            try:
                values[name] = json.loads(value)
            except ValueError:
                values[name] = value
        elif kind == "Number":
            values[name] = float(value)
        elif kind == "String":
            values[name] = value
    return values


def _compact(document: Any) -> str:
    """The policy as SNS writes it before it reads it: its refusals quote this form."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
