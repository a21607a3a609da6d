"""Why a statement is not about a request: every element that does not fit, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.localaws.iam.conditions import Condition
from helpers.localaws.iam.policy import Statement
from helpers.localaws.iam.request import Request

#: What a reader should look at first: a condition is a smaller thing to mend than an action.
_WEIGHTS = {"Condition": 0, "Resource": 1, "Principal": 2, "Action": 3}


@dataclass(frozen=True)
class Mismatch:
    """One element of a statement that keeps it from being about the request."""

    element: str
    text: str
    remedy: str

    @property
    def weight(self) -> int:
        """How far it is from fitting."""
        return _WEIGHTS[self.element]


def mismatches(statement: Statement, request: Request) -> list[Mismatch]:
    """Everything that does not fit, the furthest first; empty: the statement applies."""
    found = []
    if not statement.is_about_action(request.action):
        found.append(
            Mismatch(
                "Action",
                f"it is about {_list(statement.actions)}, the request for {request.action}",
                f"add {request.action} to its Action",
            )
        )
    if statement.names(request.caller.principal, request.caller.boundary is not None) is None:
        listed = statement.principal.texts() if statement.principal else []
        found.append(
            Mismatch(
                "Principal",
                f"it is for {_list(listed)}, the request comes from {request.caller.principal.arn}",
                f"add {request.caller.principal.arn} to its Principal",
            )
        )
    if not statement.is_about_resource(request.target.arn, request.context):
        found.append(_resource(statement, request))
    found += [
        Mismatch(
            "Condition",
            f"its condition {_shown(one)} does not hold: {_given(one, request)}",
            "make the request meet that condition, or change the condition",
        )
        for one in statement.conditions
        if not one.holds(request.context)
    ]
    return found


def _resource(statement: Statement, request: Request) -> Mismatch:
    arn = request.target.arn
    text = f"its resource is {_list(statement.resources)}, the request is for {arn}"
    if arn == "*":
        text += ' (this action knows no resource, so that only "*" fits)'
    elif any(f"{one}/" in arn and arn.startswith(f"{one}/") for one in statement.resources):
        text += " (a bucket's ARN does not include its objects: those need /*)"
    return Mismatch("Resource", text, f"add {arn} to its Resource")


def _shown(condition: Condition) -> str:
    return f"{condition.written} {condition.key} = {_list(condition.values)}"


def _given(condition: Condition, request: Request) -> str:
    given = request.context.get(condition.key.lower())
    if given is None:
        return f"the request has no {condition.key}"
    return f"the request has {_list(given)}"


def _list(texts: Sequence[str]) -> str:
    shown = [one if len(one) <= 200 else f"{one[:200]}…" for one in texts[:5]]
    return (", ".join(shown) or "nothing") + (", …" if len(texts) > 5 else "")
