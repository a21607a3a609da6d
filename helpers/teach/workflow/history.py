"""What an execution did, read from its history: one row for each state that it came to.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

from helpers.teach.checking.words import short

#: What AWS makes up anew for every call, and nobody wants to read in a table.
_NOISE = {"SdkHttpMetadata", "SdkResponseMetadata", "ResponseMetadata", "ExecutedVersion"}
_BRANCHES = ("Parallel", "Map")


@dataclass
class Visit:
    """An execution in one of its states. `came_out` is None while it is there, or for ever."""

    name: str
    kind: str  #: "Task", "Choice", …
    went_in: Any
    came_out: Any = None
    left: bool = False
    caught: bool = False  #: whether it was left because of an error
    failures: list[str] = field(default_factory=list)
    branches: dict[int, list[Visit]] = field(default_factory=dict)  #: by the event that began them

    def in_order(self) -> list[list[Visit]]:
        """The branches, each with its states, in an order that does not depend on chance."""
        return [self.branches[key] for key in sorted(self.branches, key=self._rank)]

    def _rank(self, key: int) -> tuple[str, int]:
        visits = self.branches[key]
        return (visits[0].name if self.kind == "Parallel" and visits else "", key)


def visits(events: Sequence[dict[str, Any]]) -> list[Visit]:
    """The states that an execution came to, in order, from the events of its history.

    Branches run side by side, so their events lie mixed up; which event led to which is told by
    `previousEventId`.
    """
    top: list[Visit] = []
    every: list[Visit] = []
    at: dict[int, Visit | None] = {0: None}  # event → the visit that it belongs to
    within: dict[int, tuple[Visit, int] | None] = {0: None}  # event → (Parallel, its branch)
    for event in events:
        kind, number, before = event["type"], event["id"], event.get("previousEventId", 0)
        visit, place = at.get(before), within.get(before)
        details = _details(event)
        if kind.endswith("StateEntered"):
            if visit is not None and visit.kind in _BRANCHES and not visit.left:
                place = (visit, number if visit.kind == "Parallel" else before)
            visit = Visit(
                details["name"], kind.removesuffix("StateEntered"), _read(details.get("input"))
            )
            every.append(visit)
            (top if place is None else place[0].branches.setdefault(place[1], [])).append(visit)
        elif kind.endswith("StateExited"):
            visit = _latest(every, details["name"])
            visit.came_out, visit.left = _read(details.get("output")), True
            # A Task that was left after an error was caught; its last failure stands before.
            visit.caught = bool(visit.failures) and _failed(events, before)
            place = _place_of(visit, top, every)
        elif "error" in details and visit is not None and not kind.startswith("Execution"):
            visit.failures.append(str(details["error"]))
        at[number], within[number] = visit, place
    return top


def path(found: Sequence[Visit]) -> list[tuple[str, str]]:
    """The step and the name of each state, as the rows have them: ("5a", "Publish")."""
    return [(row["step"], row["state"]) for row in rows(found, "")]


def rows(found: Sequence[Visit], status: str) -> list[dict[str, str]]:
    """A row for each visit: its step, the state, what happened, what went in and came out."""
    return list(_rows(found, status, ""))


def _rows(found: Sequence[Visit], status: str, before: str) -> Iterator[dict[str, str]]:
    for number, visit in enumerate(found, 1):
        step = f"{before}{number}" if not before or len(found) > 1 else before
        following = found[number].name if number < len(found) else ""
        yield {
            "step": step,
            "state": visit.name,
            "what happened": _happened(visit, following, status),
            "what went in": short(tidy(visit.went_in), 160),
            "what came out": _change(tidy(visit.went_in), tidy(visit.came_out), visit.left),
        }
        for letter, branch in zip(ascii_lowercase, visit.in_order(), strict=False):
            yield from _rows(branch, status, f"{step}{letter}")


def _happened(visit: Visit, following: str, status: str) -> str:
    failed = _counted(visit.failures)
    if visit.kind == "Fail":
        return "failed, as it is told to"
    if not visit.left:
        here = "is here now" if status == "RUNNING" else "ended here"
        if visit.kind == "Wait" and status == "RUNNING":
            here = "is waiting here"
        return f"{failed}; {here}" if failed else here
    if visit.caught:
        return f"{failed}: caught"
    if failed:
        return f"{failed}, then done"
    if visit.kind == "Choice" and following:
        return f"chose {following}"
    if visit.branches:
        return f"{len(visit.branches)} branches"
    return "waited" if visit.kind == "Wait" else "done"


def _counted(failures: Sequence[str]) -> str:
    """Errors in the order in which they came: "BankBusy twice"."""
    said = []
    for name in dict.fromkeys(failures):
        times = failures.count(name)
        said.append(name + {1: "", 2: " twice"}.get(times, f" {times} times"))
    return ", ".join(said)


def _change(before: Any, after: Any, left: bool) -> str:
    if not left:
        return ""
    if after == before:
        return "the same"
    if isinstance(before, dict) and isinstance(after, dict):
        new = {key: value for key, value in after.items() if key not in before}
        if new and {**before, **new} == after:
            return f"the same and {short(new, 140)}"
    return short(after, 160)


def tidy(value: Any) -> Any:
    """A value without what is different at every run: metadata of calls, stack traces."""
    if isinstance(value, list):
        return [tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: tidy(one) for key, one in value.items() if key not in _NOISE}
    cause = _read(kept.get("Cause"))
    if isinstance(cause, dict) and "errorMessage" in cause:  # what a handler raised
        kept["Cause"] = cause["errorMessage"]
    return kept


def _details(event: dict[str, Any]) -> dict[str, Any]:
    found = (value for name, value in event.items() if name.endswith("EventDetails"))
    return next(found, {})


def _read(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _latest(every: Sequence[Visit], name: str) -> Visit:
    return next(visit for visit in reversed(every) if visit.name == name and not visit.left)


def _failed(events: Sequence[dict[str, Any]], number: int) -> bool:
    kind = next(event["type"] for event in events if event["id"] == number)
    return bool(kind.endswith(("Failed", "TimedOut", "Aborted")))


def _place_of(
    visit: Visit, top: Sequence[Visit], every: Sequence[Visit]
) -> tuple[Visit, int] | None:
    if any(visit is one for one in top):
        return None
    for outer in every:
        for key, branch in outer.branches.items():
            if any(visit is one for one in branch):
                return (outer, key)
    return None
