"""Single statements, put before the policy simulator one by one.

The simulator tells by its ``SourcePolicyId`` which of several policies decided. So each statement
is handed to it as a policy of its own, and its answer names the statement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.teach.decision.asking import Question

ALLOWED, DENIED, SILENT = "allowed", "explicitDeny", "implicitDeny"
_VERSION = "2012-10-17"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. ``policy`` says which, in words; ``body`` is its JSON."""

    policy: str
    number: int
    body: Mapping[str, Any]
    version: str = _VERSION

    @property
    def label(self) -> str:
        """Its Sid, or its number, counted from 1."""
        sid = self.body.get("Sid")
        name = f'statement "{sid}"' if sid else f"statement {self.number}"
        return f"{name} of {self.policy}"

    @property
    def allows(self) -> bool:
        return self.body.get("Effect") == "Allow"

    def keys(self) -> set[str]:
        """The context keys of its conditions, in small letters."""
        tested = (self.body.get("Condition") or {}).values()
        return {key.lower() for pairs in tested for key in pairs}

    def listed(self, element: str) -> list[str]:
        """What stands in Action, Resource, …: a list, also where the policy has one text."""
        return as_list(self.body.get(element))


@dataclass(frozen=True)
class Finding:
    """What some statements together decide, and which of them did."""

    decision: str
    statements: Sequence[Statement] = ()
    told: str = ""  #: what stands in for a label where no statement was named

    @property
    def label(self) -> str:
        """The statements in words, in the order of their policies."""
        return " and ".join(one.label for one in self.statements) or self.told or "the policies"


NOTHING = Finding(SILENT)


def split(document: Any, policy: str) -> list[Statement]:
    """A policy document (a dictionary, or JSON text) as single statements."""
    parsed = json.loads(document) if isinstance(document, str) else document
    bodies = parsed.get("Statement", [])
    bodies = [bodies] if isinstance(bodies, Mapping) else bodies
    version = parsed.get("Version", "2008-10-17")
    return [Statement(policy, number, body, version) for number, body in enumerate(bodies, 1)]


def judge(iam: Any, asked: Question, statements: Sequence[Statement], **changed: Any) -> Finding:
    """What the statements say to the question. ``changed`` replaces elements; None drops one.

    ``Principal`` is dropped always: the simulator judges identity-based policies, which have none.
    """
    if not statements:
        return Finding(SILENT)
    answer = iam.simulate_custom_policy(
        PolicyInputList=[_alone(one, changed) for one in statements],
        ActionNames=[asked.action],
        ResourceArns=[asked.resource],
        ContextEntries=asked.entries(),
    )["EvaluationResults"][0]
    names = {one["SourcePolicyId"] for one in answer["MatchedStatements"]}
    matched = [
        one
        for number, one in enumerate(statements, 1)
        if f"PolicyInputList.{number}" in names
        and one.allows == (answer["EvalDecision"] == ALLOWED)
    ]
    return Finding(answer["EvalDecision"], matched)


def unset_keys(
    iam: Any, asked: Question, statements: Sequence[Statement], missing: Sequence[str]
) -> list[str]:
    """Of the keys that the simulator misses (in all policies), those that matter here.

    They stand in a condition of a statement that is about the action and the resource.
    """
    if not missing:
        return []
    found = set()
    for allows in (True, False):
        of_one_kind = [one for one in statements if one.allows is allows and one.keys()]
        for one in judge(iam, asked, of_one_kind, Condition=None).statements:
            found |= one.keys()
    return sorted(key for key in missing if key.lower() in found)


def _alone(statement: Statement, changed: Mapping[str, Any]) -> str:
    body = {
        key: value
        for key, value in statement.body.items()
        if key not in ("Principal", "NotPrincipal", "Sid")
    }
    for element, value in changed.items():
        body.pop(element, None)
        body.pop(f"Not{element}", None)
        if value is not None:
            body[element] = value
    return json.dumps({"Version": statement.version, "Statement": [body]})


def as_list(value: Any) -> list[str]:
    """IAM's "a text or a list of texts" as a list."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)]
