"""Keeps hidden cases out of everything that a student may read."""

from __future__ import annotations

import json
from typing import Any

from helpers.teach.checking import Case, Check

#: Shorter texts and numbers say nothing about a case, and would be found everywhere.
SHORTEST = 4
INSTEAD = "A further case did not hold."


class Withheld:
    """The values that stand in hidden cases and in no public one.

    A hidden case's own finding is cut down to its advice. A handler could still remember what it
    was sent, and say it when a public case asks; so texts about public cases are searched as well.
    """

    def __init__(self, check: Check, hidden: dict[str, tuple[Case, ...]]) -> None:
        known = [case for one in check.requirements for case in one.cases if not case.hidden]
        known_values = {value for case in known for value in _values(case.given, case.expected)}
        secret = [case for cases in hidden.values() for case in cases]
        secret += [case for one in check.requirements for case in one.cases if case.hidden]
        self._values = {
            value for case in secret for value in _values(case.given, case.expected)
        } - known_values

    def clean(self, finding: dict[str, Any]) -> dict[str, Any]:
        """A requirement's finding as it may be shown and stored."""
        finding = dict(finding)
        if finding.get("hidden"):
            finding["seen"] = INSTEAD if finding.get("slip") else None
        if self._tells(finding.get("seen")):
            finding |= {"seen": INSTEAD, "withheld": True}
        return finding

    def _tells(self, text: Any) -> bool:
        return isinstance(text, str) and any(value in text for value in self._values)


def _values(*things: Any) -> set[str]:
    """Every text and number inside, as it would be printed."""
    found: set[str] = set()
    left = list(things)
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list | tuple | set | frozenset):
            left += list(one)
        elif isinstance(one, str):
            found |= {one, json.dumps(one, ensure_ascii=False)[1:-1]}
        elif isinstance(one, int | float) and not isinstance(one, bool):
            found.add(str(one))
    return {value for value in found if len(value.strip()) >= SHORTEST}
