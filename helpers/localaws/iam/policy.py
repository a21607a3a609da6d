"""A policy document, ready to be asked.

Parsing costs a thousand times what asking costs, so a document is parsed once for each text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from helpers.localaws.iam import document, grammar
from helpers.localaws.iam.arns import ResourcePattern
from helpers.localaws.iam.conditions import Condition, conditions_of
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.patterns import compiled, expression, pieces_of
from helpers.localaws.iam.principal import Named, Principal, PrincipalElement

#: The only version whose policies have variables.
VARIABLES_SINCE = "2012-10-17"
#: Answers that a document keeps: more actions than a course asks for.
MAX_KEPT = 2000


class Kind(Enum):
    """What a policy is attached to; the values are AWS's words in messages."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"


class Statement:
    """One statement. It has been validated: see ``grammar``."""

    def __init__(self, element: dict[str, Any], index: int, variables: bool) -> None:
        self.element, self.index = element, index
        self.sid: str = element.get("Sid") or ""
        self.allows = element["Effect"] == "Allow"
        self.actions = _texts(element.get("Action", element.get("NotAction")))
        self._not_action = "NotAction" in element
        self._action = compiled((expression(pieces_of(a)) for a in self.actions), ignore_case=True)
        self.resources = _texts(element.get("Resource", element.get("NotResource")))
        self._not_resource = "NotResource" in element
        self._any_resource = not self.resources or "*" in self.resources
        patterns = [ResourcePattern(one, variables) for one in self.resources]
        fixed = [one.fixed_expression() for one in patterns if one.is_fixed]
        self._fixed = compiled(fixed) if fixed else None
        self._changing = [one for one in patterns if not one.is_fixed]
        self.conditions: tuple[Condition, ...] = conditions_of(
            element.get("Condition") or {}, variables
        )
        self.principal: PrincipalElement | None = None
        for name in ("Principal", "NotPrincipal"):
            if name in element:
                self.principal = PrincipalElement(element[name], name == "NotPrincipal")

    def is_about_action(self, action: str) -> bool:
        """Whether its Action or NotAction element covers ``action``."""
        return (self._action.fullmatch(action) is not None) != self._not_action

    def is_about_resource(self, arn: str, context: Context) -> bool:
        """Whether its Resource or NotResource element covers ``arn``."""
        if self._any_resource:
            return not self._not_resource
        listed = self._fixed is not None and self._fixed.fullmatch(arn) is not None
        if self._changing and not listed:
            listed = any(one.matches(arn, context) for one in self._changing)
        if not self._not_resource:
            return listed
        if any(one.is_unknown(arn, context) for one in self._changing):
            return False  # a variable without a value makes the statement invalid
        return not listed

    def holds(self, context: Context) -> bool:
        """Whether the request meets all its conditions."""
        return all(one.holds(context) for one in self.conditions)

    def names(self, principal: Principal, has_boundary: bool) -> Named | None:
        """How directly it names ``principal``; None: it is not about them."""
        if self.principal is None:
            return Named.DIRECTLY
        if not self.principal.negated:
            return self.principal.names(principal)
        if self.allows:
            spared = self.principal.names(principal) is not None
        else:
            spared = self.principal.excepts(principal, has_boundary)
        return None if spared else Named.DIRECTLY


class Document:
    """A policy document: its statements, sorted by what they may say about an action."""

    def __init__(self, text: str, content: dict[str, Any]) -> None:
        self.text = text
        listed = content["Statement"]
        variables = content.get("Version") == VARIABLES_SINCE
        self.statements = tuple(
            Statement(element, index, variables)
            for index, element in enumerate(listed if isinstance(listed, list) else [listed])
        )
        self._about: dict[str, tuple[tuple[Statement, ...], tuple[Statement, ...]]] = {}

    def about(self, action: str) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
        """The Deny and the Allow statements that cover ``action``."""
        found = self._about.get(action)
        if found is None:
            about = [one for one in self.statements if one.is_about_action(action)]
            denies = tuple(one for one in about if not one.allows)
            found = denies, tuple(one for one in about if one.allows)
            if len(self._about) >= MAX_KEPT:
                self._about.clear()
            self._about[action] = found
        return found

    def span_of(self, statement: Statement) -> document.Span:
        """Where the statement stands in the text."""
        return document.statement_spans(self.text)[statement.index]


@dataclass(frozen=True)
class Policy:
    """A document, attached to something.

    ``name`` is what a person calls it, ``arn`` what AWS calls it where it has an ARN of its own (a
    managed policy, a service control policy). ``source`` is the simulator's word for where it comes
    from: user, group, role, aws-managed, user-managed, resource, none.
    """

    document: Document
    kind: Kind
    name: str = ""
    arn: str = ""
    source: str = "none"


def parse(
    text: str | Mapping[str, Any],
    kind: Kind = Kind.IDENTITY,
    *,
    name: str = "",
    arn: str = "",
    source: str = "none",
) -> Policy:
    """Read a policy that is stored already; raises MalformedPolicy where it cannot be asked.

    Whether AWS would have taken it in the first place, ``grammar.check`` says.
    """
    if not isinstance(text, str):
        text = json.dumps(text)
    return Policy(_document(text), kind, name, arn, source)


@lru_cache(maxsize=2000)
def _document(text: str) -> Document:
    try:
        content = document.read(text)
    except ValueError as problem:
        raise MalformedPolicy(f"Syntax errors in policy. ({problem})") from None
    if fault := grammar.syntax_fault(content):
        raise MalformedPolicy(f"Syntax errors in policy. ({fault})")
    return Document(text, content)


def _texts(element: Any) -> tuple[str, ...]:
    if isinstance(element, list):
        return tuple(str(one) for one in element if one is not None)
    return () if element is None else (str(element),)
