"""Desk 5: note what was asked and what came of it, for the audit trail."""

from __future__ import annotations

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.calls import Calls
from helpers.localaws.telemetry.trail.delivery import Deliveries, wants_data
from helpers.localaws.telemetry.trail.journal import Journal
from helpers.localaws.triggers.timetable import Timetable


class Record:
    """Keeps the journal, and the deliveries of trails that are made from it."""

    def __init__(self, timetable: Timetable) -> None:
        self.journal = Journal(wants_data)
        self.deliveries = Deliveries(self.journal, timetable)
        self._calls = Calls()

    def __call__(self, call: Call, response: Response) -> None:
        """Note who did what, with which outcome."""
        self.journal.note(call, response)
        self._calls.note(call, response)

    def clear(self) -> None:
        """Forget everything (the cloud is being emptied)."""
        self.journal.clear()
        self.deliveries.clear()
