"""The Condition element: operators, and what they make of missing keys and of many values.

All operators and all keys must hold. The values of one key are alternatives; for a negated operator
none of them may match.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.localaws.iam.comparisons import OPERATORS, Comparison
from helpers.localaws.iam.context import Context, as_text

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}

FOR_ALL, FOR_ANY, IF_EXISTS = "ForAllValues:", "ForAnyValue:", "IfExists"


@dataclass(frozen=True)
class Operator:
    """``ForAnyValue:StringNotLikeIfExists``, taken apart."""

    name: str  #: of the plain, positive comparison: ``StringLike``; or ``Null``
    negated: bool
    qualifier: str  #: FOR_ALL, FOR_ANY or ""
    if_exists: bool


def operator(text: str) -> Operator | None:
    """The operator that is written so; None: there is none."""
    qualifier = next((one for one in (FOR_ALL, FOR_ANY) if text.startswith(one)), "")
    name = text.removeprefix(qualifier)
    if_exists = name.endswith(IF_EXISTS)
    name = name.removesuffix(IF_EXISTS)
    if name == "Null":
        return None if if_exists else Operator(name, False, qualifier, False)
    positive = NEGATED.get(name, name)
    if positive not in OPERATORS:
        return None
    return Operator(positive, name in NEGATED, qualifier, if_exists)


class Condition:
    """One operator on one key."""

    def __init__(
        self, written: str, parsed: Operator, key: str, values: Any, variables: bool
    ) -> None:
        self.written, self.key = written, key
        self.values = tuple(
            as_text(one) for one in (values if isinstance(values, list) else [values])
        )
        self._operator = parsed
        self._lower = key.lower()
        self._comparison: Comparison | None = None
        if parsed.name != "Null":
            self._comparison = OPERATORS[parsed.name](self.values, variables)
        # What most conditions are: a plain operator on a key with one value.
        needs_value = parsed.negated and self._comparison and self._comparison.variables
        self._plain = None if parsed.qualifier or needs_value else self._comparison

    def holds(self, context: Context) -> bool:
        """Whether the request meets it."""
        given = context.get(self._lower)
        asks = self._operator
        if self._plain is not None and given is not None and len(given) == 1:
            return self._plain.matches(given[0], context) != asks.negated
        if self._comparison is None:
            absent = "false" if given else "true"
            return any(value.lower() == absent for value in self.values)
        if asks.qualifier:  # to a set operator, empty values are none
            given = tuple(one for one in given if one) if given else None
        if not given:
            if asks.if_exists or asks.qualifier == FOR_ALL:
                return True
            return asks.negated and asks.qualifier != FOR_ANY
        if asks.negated and any(one.value(context) is None for one in self._comparison.variables):
            return False  # a variable without a value makes the statement invalid
        matches = self._comparison.matches
        if asks.qualifier == FOR_ALL:
            return all(matches(one, context) != asks.negated for one in given)
        if asks.qualifier == FOR_ANY:
            return any(matches(one, context) != asks.negated for one in given)
        # A key with several values needs a set operator.
        return len(given) == 1 and matches(given[0], context) != asks.negated


def conditions_of(element: dict[str, Any], variables: bool) -> tuple[Condition, ...]:
    """The conditions of a statement, which has been validated."""
    found = []
    for written, keys in element.items():
        if parsed := operator(written):
            found += [
                Condition(written, parsed, key, values, variables) for key, values in keys.items()
            ]
    return tuple(found)
