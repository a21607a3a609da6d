"""Some records of one lane on their way to the function, and what has become of them so far."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.localaws.compute.invocation import Outcome
from helpers.localaws.triggers.streams.records import Record


@dataclass
class Batch:
    """``final``: no records, but the end of a tumbling window."""

    records: list[Record]
    final: bool = False
    retries: int = 0  #: that count against MaximumRetryAttempts
    invoked: int = 0  #: how often the function has run with these records
    request_id: str = ""  #: of the last invocation
    outcome: Outcome | None = None  #: of the last invocation

    def part(self, begin: int, end: int | None = None) -> Batch:
        """A batch of some of the records, with the same past."""
        return Batch(
            self.records[begin:end],
            retries=self.retries,
            invoked=self.invoked,
            request_id=self.request_id,
            outcome=self.outcome,
        )

    def halves(self) -> tuple[Batch, Batch]:
        """Splitting does not use up a retry."""
        middle = (len(self.records) + 1) // 2
        return self.part(0, middle), self.part(middle)

    def payload(self, more: str = "") -> bytes:
        """The event; ``more`` are further members, as JSON that begins with a comma."""
        return f'{{"Records":[{",".join(one.text for one in self.records)}]{more}}}'.encode()
