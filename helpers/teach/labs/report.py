"""What a lab's check says: each requirement with its points, what was seen, and what to do."""

from __future__ import annotations

from helpers.teach.checking import Outcome, Result
from helpers.teach.checking.result import SIGNS
from helpers.teach.output import wrap


def report(result: Result, hidden: bool = True) -> str:
    """Plain lines. `hidden=False` says of a hidden case no more than its requirement and advice."""
    if result.outcome is Outcome.NOT_ATTEMPTED:
        start = f"{SIGNS[result.outcome]} {result.key}, {result.outcome.value}: "
        return wrap(start + result.reason, rest="  ")
    so_far = "" if result.outcome is Outcome.RIGHT else " so far"
    lines = [f"{result.key}: {result.points} of {result.of} points{so_far}"]
    said: set[str] = set()
    for finding in result.findings:
        slip = finding.slip
        points = f"{finding.points if finding.met else 0} of {finding.points}"
        if finding.met:
            lines.append(f"✓ {points}  {finding.requirement}")
        elif slip is None:
            lines.append(f"○ {points}  {finding.requirement}: not judged yet, see above")
        else:
            show = hidden or not finding.hidden
            seen = slip.seen if show else "a further case did not hold."
            if slip.seen in said:
                lines.append(f"✗ {points}  {finding.requirement}: for the same reason")
                continue
            said.add(slip.seen)
            lines.append(wrap(f"✗ {points}  {finding.requirement}: {seen}", rest="    "))
            lines.append(wrap(slip.advice, "    → ", "      "))
    met, number = sum(finding.met for finding in result.findings), len(result.findings)
    if met == number:
        lines.append(wrap(f"Visible checks passed, all {number}. {result.praise}".rstrip()))
    else:
        lines.append(f"Visible checks passed: {met} of {number}. lab.hint() says more.")
    return "\n".join(lines)
