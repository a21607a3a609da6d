"""What came out of a check, and the plain lines that say so."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from helpers.teach.checking.model import Slip
from helpers.teach.output import wrap


class Outcome(enum.Enum):
    """The three things a check can say."""

    RIGHT = "right"
    WRONG = "not yet"
    NOT_ATTEMPTED = "not attempted"


SIGNS = {Outcome.RIGHT: "✓", Outcome.WRONG: "✗", Outcome.NOT_ATTEMPTED: "○"}


@dataclass(frozen=True)
class Finding:
    """One requirement: met, or the slip that stood in its way, or (neither) not judged."""

    requirement: str
    points: int
    met: bool
    slip: Slip | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Result:
    """One run of one check.

    `reason` belongs to NOT_ATTEMPTED. `fault` is set when the check could not do its work (the
    cloud was gone, the check itself stumbled): then nothing has been judged.
    """

    key: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    fault: str = ""
    praise: str = ""
    hints: int = 0
    points: int = field(init=False)
    of: int = field(init=False)

    def __post_init__(self) -> None:
        met = sum(finding.points for finding in self.findings if finding.met)
        object.__setattr__(self, "points", met)
        object.__setattr__(self, "of", sum(finding.points for finding in self.findings))

    def text(self, hidden: bool = False) -> str:
        """One or a few plain lines. `hidden=True` also shows what hidden cases saw."""
        start = f"{SIGNS[self.outcome]} {self.key}, {self.outcome.value}: "
        if self.outcome is Outcome.NOT_ATTEMPTED:
            return wrap(start + self.reason, rest="  ")
        if self.outcome is Outcome.RIGHT:
            number = len(self.findings)
            met = "the requirement is met" if number == 1 else f"all {number} requirements are met"
            return wrap(f"{start}{met}. {self.praise}".rstrip(), rest="  ")
        finding = next(finding for finding in self.findings if finding.slip)
        slip = finding.slip
        assert slip is not None
        show = hidden or not finding.hidden
        seen = slip.seen if show else f"a further case of “{finding.requirement}”."
        more = f' (hint("{self.key}") says more)' if self.hints else ""
        lines = [wrap(start + seen, rest="  "), wrap(slip.advice + more, "  ", "  ")]
        met_names = [finding.requirement for finding in self.findings if finding.met]
        if met_names:
            met = f"Met so far, {len(met_names)} of {len(self.findings)}: {', '.join(met_names)}."
            lines.append(wrap(met, "  ", "  "))
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """The result as JSON-ready data, for a grader."""
        return {
            "key": self.key,
            "outcome": self.outcome.value,
            "points": self.points,
            "of": self.of,
            "reason": self.reason,
            "fault": self.fault,
            "requirements": [
                {
                    "name": finding.requirement,
                    "points": finding.points,
                    "met": finding.met,
                    "slip": finding.slip.name if finding.slip else None,
                    "seen": finding.slip.seen if finding.slip else None,
                    "advice": finding.slip.advice if finding.slip else None,
                    "hidden": finding.hidden,
                }
                for finding in self.findings
            ],
        }
