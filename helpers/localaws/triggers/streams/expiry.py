"""Time to live: deletes items whose time has come, on the course clock.

AWS deletes them within a few days; here it happens within a minute. The deletion is written to the
table's stream as DynamoDB's own.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from helpers.localaws.triggers.streams.tables import one_write
from helpers.localaws.triggers.timetable import Timetable

#: The userIdentity of such a deletion, as a function sees it.
BY_DYNAMODB = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
#: Seconds of the course clock between looks at a table.
EVERY = 60.0
#: An item that should have gone more than five years ago is not deleted: its number is no time.
TOO_LONG_AGO = 5 * 365 * 24 * 3600


def watch(timetable: Timetable, backend: Any, table_name: str) -> None:
    """Delete the table's expired items every minute, as long as its time to live is enabled."""
    table = backend.get_table(table_name)
    enabled = table.ttl["TimeToLiveStatus"] == "ENABLED"
    watched = table.__dict__.get("expiry_watched", False)
    table.expiry_watched = enabled
    if not enabled or watched:
        return

    def look() -> None:
        now_there = backend.tables.get(table_name)  # a transaction may have put a copy there
        if now_there is None or not now_there.__dict__.get("expiry_watched"):
            return
        delete_expired(now_there)
        timetable.at(time.time() + EVERY, look)

    timetable.at(time.time() + EVERY, look)


def delete_expired(table: Any) -> None:
    name, now = table.ttl["AttributeName"], time.time()
    for item in table.all_items():
        value = item.attrs.get(name)
        if value is None or value.type != "N":
            continue
        if now - TOO_LONG_AGO < Decimal(value.value) <= now:
            with one_write(by=BY_DYNAMODB):
                if table.get_item(item.hash_key, item.range_key) is item:
                    table.delete_item(item.hash_key, item.range_key)
