"""The condition keys of fine-grained access to items and attributes.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.context import Values

_EXPRESSIONS = (
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
)
#: Words of the expressions that are no attribute's name.
_WORDS = frozenset(
    {
        *("set", "remove", "add", "delete", "and", "or", "not", "between", "in"),
        *("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with"),
        *("contains", "if_not_exists", "list_append", "size"),
    }
)
#: A name, an alias (#n) or a value (:v); of a path such as a.b[0] only the first part counts.
_TOKEN = re.compile(r"(?<![\w.\]])([#:]?[A-Za-z_]\w*)")


def item_keys(asked: Asked, table: str) -> dict[str, Values]:
    """The keys of a request about items; ``dynamodb:LeadingKeys`` needs the table's partition key.

    Its name comes from ``asked.find("dynamodb-partition-key", TABLE_ARN)``.
    """
    keys: dict[str, Values] = {
        "dynamodb:Select": asked.get("Select"),
        "dynamodb:ReturnValues": asked.get("ReturnValues"),
        "dynamodb:ReturnConsumedCapacity": asked.get("ReturnConsumedCapacity"),
    }
    if attributes := _attributes(asked):
        keys["dynamodb:Attributes"] = attributes
    partition = asked.find("dynamodb-partition-key", table)
    if partition and (leading := _leading(asked, partition)):
        keys["dynamodb:LeadingKeys"] = leading
    return keys


def _attributes(asked: Asked) -> list[str]:
    """The top-level attributes that the request names, each once."""
    names = asked.get("ExpressionAttributeNames") or {}
    found: list[str] = [*asked.texts("AttributesToGet")]
    for parameter in ("Key", "Item", "AttributeUpdates", "Expected", "KeyConditions"):
        found += list(asked.get(parameter) or {})
    for parameter in _EXPRESSIONS:
        for token in _TOKEN.findall(str(asked.get(parameter) or "")):
            if not token.startswith(":") and token.lower() not in _WORDS:
                found.append(names.get(token, token))
    return list(dict.fromkeys(found))


def _leading(asked: Asked, partition: str) -> list[str]:
    """The values of the partition key."""
    for parameter in ("Key", "Item"):
        if value := (asked.get(parameter) or {}).get(partition):
            return [_text(value)]
    condition = (asked.get("KeyConditions") or {}).get(partition)
    if condition:
        return [_text(one) for one in condition.get("AttributeValueList") or []]
    names = asked.get("ExpressionAttributeNames") or {}
    values = asked.get("ExpressionAttributeValues") or {}
    expression = str(asked.get("KeyConditionExpression") or "")
    for name, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", expression):
        if names.get(name, name) == partition and value in values:
            return [_text(values[value])]
    return []


def _text(value: Mapping[str, Any]) -> str:
    """``{"S": "alice"}`` → ``alice``."""
    return str(next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)
