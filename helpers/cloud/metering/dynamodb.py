"""Read and write request units of tables on demand.

A write costs one unit for each started KB of the item, a read half a unit for each started 4 KB (a
strongly consistent one a whole unit); twice that in a transaction. The size of an item that is only
updated or deleted is not in the request: at least one unit is counted. Where the learner asked for
``ReturnConsumedCapacity``, AWS's own number is taken.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from helpers.cloud.metering.sizes import KB, chunks, item_size

Asked = Mapping[str, Any]
HALF = Decimal("0.5")


def used(operation: str, asked: Asked, reply: Asked) -> dict[str, Decimal]:
    """Units by price."""
    kind = "dynamodb.writes" if operation in _WRITES else "dynamodb.reads"
    told = _told(reply.get("ConsumedCapacity"))
    if told is not None and operation in (*_WRITES, *_READS):
        return {kind: told}
    if operation in _WRITES:
        return {kind: _written(operation, asked)}
    if operation in _READS:
        return {kind: _read(operation, asked, reply)}
    return {}  # the management of tables is free


def streams_used(operation: str, asked: Asked, reply: Asked) -> dict[str, Decimal]:
    """Source: https://aws.amazon.com/dynamodb/pricing/on-demand/ (GetRecords is what is billed)"""
    return {"dynamodb.streams": Decimal(1)} if operation == "GetRecords" else {}


_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_READS = ("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems")


def _told(capacity: Any) -> Decimal | None:
    every = capacity if isinstance(capacity, list) else [capacity]
    units = [one["CapacityUnits"] for one in every if one and "CapacityUnits" in one]
    return sum((Decimal(str(one)) for one in units), Decimal(0)) if units else None


def _written(operation: str, asked: Asked) -> Decimal:
    if operation == "BatchWriteItem":
        requests = [one for each in asked.get("RequestItems", {}).values() for one in each]
        items = [one.get("PutRequest", {}).get("Item") for one in requests]
        return Decimal(sum(_units(item) for item in items))
    if operation == "TransactWriteItems":
        items = [one.get("Put", {}).get("Item") for one in asked.get("TransactItems", ())]
        return Decimal(2 * sum(_units(item) for item in items))
    return Decimal(_units(asked.get("Item")))


def _units(item: Any) -> int:
    return chunks(item_size(item), KB) if item else 1


def _read(operation: str, asked: Asked, reply: Asked) -> Decimal:
    if operation == "BatchGetItem":
        wanted = asked.get("RequestItems", {})
        found = reply.get("Responses", {})
        units = Decimal(0)
        for table, request in wanted.items():
            items = found.get(table, [])
            each = [chunks(item_size(one), 4 * KB) for one in items]
            missing = max(0, len(request.get("Keys", ())) - len(items))
            units += (sum(each) + missing) * _per_read(request)
        return units
    if operation == "TransactGetItems":
        found_items = [one.get("Item") for one in reply.get("Responses", ())]
        sizes = [chunks(item_size(one), 4 * KB) for one in found_items if one]
        return Decimal(2 * (sum(sizes) + len(asked.get("TransactItems", ())) - len(sizes)))
    if operation == "GetItem":
        return chunks(item_size(reply.get("Item") or {}), 4 * KB) * _per_read(asked)
    # Query and Scan are billed for what they read, before a filter: in proportion to that.
    size = sum(item_size(one) for one in reply.get("Items", ()))
    shown, seen = reply.get("Count", 0), reply.get("ScannedCount", 0)
    if shown and seen > shown:
        size = size * seen // shown
    return chunks(size, 4 * KB) * _per_read(asked)


def _per_read(asked: Asked) -> Decimal:
    return Decimal(1) if asked.get("ConsistentRead") else HALF
