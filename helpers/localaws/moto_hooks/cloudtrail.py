"""AWS CloudTrail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from helpers.localaws.on_import import when_imported

if TYPE_CHECKING:
    from helpers.localaws.gateway.record import Record


def connect_audit(record: Record) -> None:
    """Reason: moto keeps trails and their settings, but no events: LookupEvents fails, and nothing
    is ever written to a trail's bucket."""

    def connect(_: Any) -> None:
        from moto.cloudtrail.models import CloudTrailBackend
        from moto.cloudtrail.responses import CloudTrailResponse
        from moto.core.exceptions import JsonRESTError

        from helpers.localaws.telemetry.trail import lookup

        start_logging = CloudTrailBackend.start_logging

        def lookup_events(self: Any) -> str:
            given = json.loads(self.body or "{}")
            try:
                found = lookup.lookup(record.journal, self.current_account, self.region, given)
            except lookup.BadLookup as problem:
                raise JsonRESTError(problem.code, str(problem)) from None
            return json.dumps(found)

        def start_delivering(self: Any, name: str) -> None:
            start_logging(self, name)
            record.deliveries.started(self.get_trail(name))

        CloudTrailResponse.lookup_events = lookup_events
        CloudTrailBackend.start_logging = start_delivering

    when_imported("moto.cloudtrail", connect)
