"""Trails: every five minutes of the course clock, what happened goes to the trail's bucket.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.telemetry.trail import event
from helpers.localaws.telemetry.trail.journal import Entry, Journal

if TYPE_CHECKING:
    from helpers.localaws.triggers.timetable import Timetable

EVERY = 300


def trails() -> list[Any]:
    """moto's trails of all accounts and regions that are switched on."""
    models = sys.modules.get("moto.cloudtrail.models")
    if models is None:  # nobody has asked for CloudTrail yet
        return []
    return [
        trail
        for account in list(models.cloudtrail_backends.values())
        for backend in list(account.values())
        for trail in list(backend.trails.values())
        if trail.status.is_logging
    ]


def wants_data() -> bool:
    """Whether any trail asks for data events."""
    return any(_data_selectors(trail) or trail.advanced_event_selectors for trail in trails())


class Deliveries:
    """Writes to the buckets, for as long as there is a trail that is switched on."""

    def __init__(self, journal: Journal, timetable: Timetable) -> None:
        self._journal, self._timetable = journal, timetable
        self._delivered: dict[str, int] = {}  # by the trail's ARN: the last entry that it has
        self._running = False

    def started(self, trail: Any) -> None:
        """Logging was switched on: from now on this trail gets what happens."""
        newest = self._journal.after(0)
        self._delivered[trail.arn] = newest[-1].number if newest else 0
        if not self._running:
            self._running = True
            self._timetable.at(time.time() + EVERY, self._deliver)

    def clear(self) -> None:
        """Forget every trail (the cloud is being emptied)."""
        self._delivered.clear()
        self._running = False

    def _deliver(self) -> None:
        active = trails()
        if not active:
            self._running = False
            return
        self._timetable.at(time.time() + EVERY, self._deliver)
        for trail in active:
            entries = self._journal.after(self._delivered.get(trail.arn, 0))
            if entries:
                self._delivered[trail.arn] = entries[-1].number
            records = [record for entry in entries if (record := _wanted(trail, entry))]
            if records:
                _write(trail, records)


def _wanted(trail: Any, entry: Entry) -> dict[str, Any] | None:
    """The record, if the trail's selectors ask for this event."""
    if entry.call.caller.account_id != trail.account_id:
        return None
    if entry.is_data and not (_data_selectors(trail) or trail.advanced_event_selectors):
        return None
    record = event.record(entry)
    here = record["awsRegion"] == trail.region_name
    if not (here or trail.is_multi_region or trail.include_global_service_events):
        return None
    if trail.advanced_event_selectors:
        chosen = any(_advanced(one, record) for one in trail.advanced_event_selectors)
    else:
        selectors = trail.event_selectors or [{"IncludeManagementEvents": True}]
        chosen = any(_selected(one, record) for one in selectors)
    return record if chosen else None


def _selected(selector: dict[str, Any], record: dict[str, Any]) -> bool:
    """Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html"""
    which = selector.get("ReadWriteType", "All")
    if which == "ReadOnly" and not record["readOnly"]:
        return False
    if which == "WriteOnly" and record["readOnly"]:
        return False
    if record["managementEvent"]:
        return bool(selector.get("IncludeManagementEvents", True))
    for wanted in selector.get("DataResources") or []:
        for resource in record["resources"]:
            if resource["type"] != wanted["Type"]:
                continue
            if any(_covers(value, resource["ARN"]) for value in wanted.get("Values", [])):
                return True
    return False


def _covers(value: str, arn: str) -> bool:
    """``arn:aws:s3`` and ``arn:aws:lambda`` mean all; a bucket's ARN ends in a slash."""
    if value.count(":") <= 2 or value.endswith("/"):
        return arn.startswith(value) or f"{arn}/" == value
    return arn == value


#: Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
_FIELDS = {
    "eventCategory": lambda record: [record["eventCategory"]],
    "eventName": lambda record: [record["eventName"]],
    "eventSource": lambda record: [record["eventSource"]],
    "readOnly": lambda record: [str(record["readOnly"]).lower()],
    "resources.type": lambda record: [one["type"] for one in record.get("resources", [])],
    "resources.ARN": lambda record: [one["ARN"] for one in record.get("resources", [])],
    "userIdentity.arn": lambda record: [record["userIdentity"].get("arn", "")],
}


def _advanced(selector: dict[str, Any], record: dict[str, Any]) -> bool:
    return all(_field(one, record) for one in selector.get("FieldSelectors", []))


def _field(wanted: dict[str, Any], record: dict[str, Any]) -> bool:
    read = _FIELDS.get(wanted["Field"])
    values = read(record) if read else []
    tests = {
        "Equals": lambda value, one: value == one,
        "StartsWith": lambda value, one: value.startswith(one),
        "EndsWith": lambda value, one: value.endswith(one),
    }
    for name, test in tests.items():
        if name in wanted and not any(test(v, one) for v in values for one in wanted[name]):
            return False
        negated = wanted.get(f"Not{name}")
        if negated and any(test(v, one) for v in values for one in negated):
            return False
    return True


def _data_selectors(trail: Any) -> bool:
    return any(one.get("DataResources") for one in trail.event_selectors or [])


def _write(trail: Any, records: list[dict[str, Any]]) -> None:
    from moto.s3.models import s3_backends

    now = datetime.fromtimestamp(time.time(), UTC)
    name = f"{trail.account_id}_CloudTrail_{trail.region_name}_{now:%Y%m%dT%H%MZ}"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    key = (
        f"{prefix}AWSLogs/{trail.account_id}/CloudTrail/{trail.region_name}/{now:%Y/%m/%d}/"
        f"{name}_{uuid4().hex[:16]}.json.gz"
    )
    content = gzip.compress(json.dumps({"Records": records}).encode())
    backend = s3_backends[trail.account_id]["aws"]
    if trail.bucket_name in backend.buckets:  # else it was deleted, and the events are lost
        backend.put_object(trail.bucket_name, key, content)
        trail.status.latest_delivery_time = int(time.time())
