"""The stream of a DynamoDB table: one record for each change of an item, kept for 24 hours.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from typing import Any
from uuid import uuid4

from helpers.localaws.triggers.streams import bells
from helpers.localaws.triggers.streams.images import Image, plain, same, size
from helpers.localaws.triggers.streams.records import Record

#: Seconds that a record can be read, also after its stream was disabled or its table deleted.
RETENTION = 24 * 60 * 60


class ChangeStream:
    """A stream with one shard. It outlives its table, and no copy of a table copies it."""

    def __init__(self, table: Any, view_type: str, label: str) -> None:
        self.arn = f"{table.table_arn}/stream/{label}"
        self.label, self.view_type = label, view_type
        self.table_name, self.key_schema = table.name, table.schema
        self.created = time.time()
        self.disabled: float | None = None  #: when, on the course clock
        self.shard_id = f"shardId-{int(self.created * 1000):020d}-{secrets.token_hex(4)}"
        #: Numbers of a later stream are higher, so that no number is ever given twice.
        self.first_sequence = int(self.created * 1000) * 10**9
        self._region = table.region_name
        self._key_names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._trimmed = 0  #: records that are older than the retention, and gone

    def __deepcopy__(self, _: Any) -> ChangeStream:
        return self

    def add(self, old: Any, new: Any) -> None:
        """moto has changed an item (of its class Item; None: there is none)."""
        from helpers.localaws.triggers.streams.tables import note

        note(self, old, new)

    def keys(self, item: Any) -> Image:
        """The key attributes of one of moto's items."""
        return {name: plain(item.attrs[name]) for name in self._key_names}

    def append(
        self, keys: Image, old: Image | None, new: Image | None, by: dict[str, str] | None
    ) -> None:
        """Add the record of a change, unless nothing changed. ``by``: its userIdentity."""
        if same(old, new):
            return
        change = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        images: dict[str, Image] = {}
        if new is not None and self.view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            images["NewImage"] = new
        if old is not None and self.view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            images["OldImage"] = old
        now = time.time()
        with self._lock:
            self._trim(now)
            sequence = self.first_sequence + self._trimmed + len(self._records)
            event = {
                "eventID": uuid4().hex,
                "eventName": change,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": self._region,
                "dynamodb": {
                    "ApproximateCreationDateTime": float(int(now)),
                    "Keys": keys,
                    **images,
                    "SequenceNumber": str(sequence),
                    "SizeBytes": size(keys) + sum(size(one) for one in images.values()),
                    "StreamViewType": self.view_type,
                },
                **({"userIdentity": by} if by else {}),
                "eventSourceARN": self.arn,
            }
            self._records.append(Record(sequence, now, json.dumps(keys), event))
        bells.ring(self.arn)

    def disable(self) -> None:
        """No record will be added any more; those that are there can still be read."""
        self.disabled = time.time()
        bells.ring(self.arn)

    @property
    def gone(self) -> bool:
        """Whether it was disabled so long ago that nothing is left of it."""
        return self.disabled is not None and time.time() - self.disabled > RETENTION

    def read(self, after: int, most: int) -> list[Record]:
        """Up to ``most`` records with a sequence number above ``after``, oldest first."""
        with self._lock:
            self._trim(time.time())
            begin = max(after + 1 - self.first_sequence - self._trimmed, 0)
            return self._records[begin : begin + most]

    def oldest(self) -> int:
        """The lowest sequence number that can still be read, or will be given."""
        with self._lock:
            self._trim(time.time())
            return self.first_sequence + self._trimmed

    def latest(self) -> int:
        """The highest sequence number that was given."""
        with self._lock:
            return self.first_sequence + self._trimmed + len(self._records) - 1

    def _trim(self, now: float) -> None:
        old = 0
        while old < len(self._records) and now - self._records[old].arrived > RETENTION:
            old += 1
        del self._records[:old]
        self._trimmed += old
