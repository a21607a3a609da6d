"""What is missing: statements that would allow, if one element of them were another.

The simulator is asked again, with that element opened wide. What is allowed then was stopped by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpers.teach.decision.arns import difference
from helpers.teach.decision.asking import Question
from helpers.teach.decision.statements import ALLOWED, Statement, as_list, judge

#: A policy with more statements is not searched: each search asks AWS.
MOST = 60


def misses(iam: Any, asked: Question, statements: Sequence[Statement]) -> list[str]:
    """One sentence for each statement that comes close, the closest first."""
    allowing = [one for one in statements if one.allows][:MOST]
    found: list[str] = []
    told: set[int] = set()
    openings: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("Condition", {"Condition": None}),
        ("Resource", {"Resource": "*"}),
        ("Resource and Condition", {"Resource": "*", "Condition": None}),
        ("Action", {"Action": "*"}),
    )
    for element, opened in openings:
        if element == "Action" and found:
            break  # the action is somewhere, so nobody has to write it once more
        answer = judge(iam, asked, allowing, **opened)
        if answer.decision != ALLOWED:
            continue
        for one in answer.statements:
            if id(one) not in told and (element != "Action" or _same_service(one, asked)):
                told.add(id(one))
                found += _sentences(element, one, asked)
    return found


def _same_service(one: Statement, asked: Question) -> bool:
    """A statement for all resources, about another service, is not near."""
    prefixes = {given.partition(":")[0].lower() for given in one.listed("Action")}
    return asked.service in prefixes


def _sentences(element: str, one: Statement, asked: Question) -> Iterator[str]:
    if element == "Action":
        listed = _listed(one, "Action")
        yield (
            f"{one.label} is about this resource, but {listed}. "
            f"{asked.action} is missing there, or belongs into a statement of its own."
        )
        return
    text = f"{one.label} has the action, but "
    if "Resource" in element:
        yield f"{text}{_listed(one, 'Resource')}. {_advice(one, asked)}"
    if "Condition" in element:
        for reason in unmet(one, asked):
            yield text + reason


def _advice(one: Statement, asked: Question) -> str:
    told = [difference(given, asked.resource) for given in one.listed("Resource")]
    return next((text for text in told if text), f"{asked.resource} does not fit it.")


def unmet(one: Statement, asked: Question) -> Iterator[str]:
    """The conditions of a statement, each beside what the context says about its key."""
    given = {key.lower(): value for key, value in asked.context.items()}
    for operator, pairs in (one.body.get("Condition") or {}).items():
        for key, wanted in pairs.items():
            has = given.get(key.lower())
            beside = (
                f"the context says {', '.join(_values(has))}"
                if has is not None
                else "the context that you gave does not say"
            )
            yield f"it has a Condition: {operator} {key} {', '.join(as_list(wanted))}; {beside}."


def _values(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple, set)) else [str(value)]


def _listed(one: Statement, element: str) -> str:
    """`its Resource is …`, whichever way the statement says it."""
    for name in (element, f"Not{element}"):
        values = one.listed(name)
        if values:
            shown = ", ".join(values[:4]) + (", …" if len(values) > 4 else "")
            return f"its {name} is {shown}"
    return f"it has no {element}"
