"""A decision as text and as HTML that say the same."""

from __future__ import annotations

import html
from dataclasses import dataclass

from helpers.teach.decision.asking import Question
from helpers.teach.decision.steps import Step
from helpers.teach.decision.verdict import Verdict
from helpers.teach.output import wrap


@dataclass(frozen=True)
class Decision:
    """What was asked, the six steps, what follows, and what the simulator could not know."""

    asked: Question
    steps: list[Step]
    verdict: Verdict
    notes: list[str]

    @property
    def outcome(self) -> str:
        """The verdict in one sentence."""
        return f"{self.verdict.word}: {self.verdict.because}"


def as_text(decision: Decision) -> str:
    """The same on every run: no ids, no times."""
    lines = [wrap(str(decision.asked))]
    for number, step in enumerate(decision.steps, 1):
        lines.append(wrap(step.why, first=f"  {number} {step.name}: {step.word} – ", rest="      "))
    lines.append(wrap(decision.outcome))
    lines += [wrap(one, first="  → ", rest="    ") for one in decision.verdict.missing]
    lines += [wrap(one, first="  Note: ", rest="    ") for one in decision.notes]
    return "\n".join(lines)


def as_html(decision: Decision) -> str:
    """A table with a caption and headings for screen readers, and the verdict under it."""
    left = ' style="text-align: left; vertical-align: top"'
    rows = "".join(
        f'<tr><th scope="row"{left}>{number} {html.escape(step.name)}</th>'
        f"<td{left}><b>{html.escape(step.word)}</b></td><td{left}>{html.escape(step.why)}</td></tr>"
        for number, step in enumerate(decision.steps, 1)
    )
    heads = "".join(f'<th scope="col"{left}>{one}</th>' for one in ("step", "says", "why"))
    after = [*decision.verdict.missing, *(f"Note: {one}" for one in decision.notes)]
    listed = "".join(f"<li>{html.escape(one)}</li>" for one in after)
    return (
        f"<table><caption{left}>{html.escape(str(decision.asked))}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p><b>{html.escape(decision.outcome)}</b></p>" + (f"<ul>{listed}</ul>" if listed else "")
    )
