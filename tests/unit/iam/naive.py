"""A second evaluator, as slow and as plain as can be: for comparing, not for using.

It shares nothing with the room it checks: patterns are matched letter by letter, conditions are
read from the case each time, and the decision is one formula.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from fractions import Fraction
from typing import Any

Case = dict[str, Any]


def glob(pattern: str, text: str, inner: bool = False) -> bool:
    """``*`` any number of letters, ``?`` one; ``inner``: neither may be a colon."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(
            glob(pattern[1:], text[at:], inner)
            for at in range(len(text) + 1)
            if not (inner and ":" in text[:at])
        )
    if not text:
        return False
    fits = pattern[0] == text[0] or (pattern[0] == "?" and not (inner and text[0] == ":"))
    return fits and glob(pattern[1:], text[1:], inner)


def resource_fits(pattern: str, text: str, part: int = 0) -> bool:
    """A Resource entry without variables; ``part``: which of the six parts of the ARN it begins in.

    A ``*`` that ends one of the first five parts may go on behind the colon; the sixth is free.
    """
    if part == 5 or pattern == "*":
        return glob(pattern, text)
    head, colon, rest = pattern.partition(":")
    ends = [at for at, letter in enumerate(text) if letter == ":"] if colon else [len(text)]
    for end in ends:
        if head.endswith("*"):
            starts = range(end + 1)
            fits = any(glob(head[:-1], text[:stop], inner=True) for stop in starts)
        else:
            fits = glob(head, text[:end], inner=True)
        if fits and (not colon or resource_fits(rest, text[end + 1 :], part + 1)):
            return True
    return False


def filled(text: str, context: dict[str, Any]) -> str | None:
    """The text with its variables; None where one has no value. The cases use plain values."""

    def value(found: re.Match[str]) -> str:
        key, _, default = found[1].partition(", ")
        given = {k.lower(): v for k, v in context.items()}.get(key.lower())
        if isinstance(given, str):
            return given
        if default:
            return default.strip("'")
        raise LookupError

    try:
        return re.sub(r"\$\{([^}]*)\}", value, text)
    except LookupError:
        return None


def listed(element: Any) -> list[Any]:
    return element if isinstance(element, list) else [element]


def about(statement: dict[str, Any], action: str, arn: str, context: dict[str, Any]) -> bool:
    """Whether Action and Resource, or their Not forms, cover the request."""
    if "Action" in statement:
        if not any(glob(a.lower(), action.lower()) for a in listed(statement["Action"])):
            return False
    elif any(glob(a.lower(), action.lower()) for a in listed(statement["NotAction"])):
        return False
    negated = "NotResource" in statement
    hit = unknown = False
    for entry in listed(statement["NotResource" if negated else "Resource"]):
        text = filled(entry, context)
        if text is not None:
            hit = hit or resource_fits(text, arn)
        else:
            unknown = unknown or resource_fits(re.sub(r"(?<=:)[^:]*\$\{.*", "*", entry), arn)
    return (not hit and not unknown) if negated else hit


def holds(statement: dict[str, Any], context: dict[str, Any]) -> bool:
    """Whether every condition holds."""
    return all(
        one_holds(operator, key, listed(values), context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def one_holds(operator: str, key: str, values: list[Any], context: dict[str, Any]) -> bool:
    given = {k.lower(): v for k, v in context.items()}.get(key.lower())
    if operator == "Null":
        return (given is None) == (values[0] == "true")
    qualifier, _, name = operator.rpartition(":")
    exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    name = name.replace("Not", "")
    if given is None:
        if exists or qualifier == "ForAllValues":
            return True
        return negated and qualifier != "ForAnyValue"
    texts = [filled(str(value), context) for value in values]
    if negated and None in texts:
        return False

    def one(value: str) -> bool:
        return any(text is not None and compare(name, text, value) for text in texts) != negated

    many = given if isinstance(given, list) else [given]
    if qualifier == "ForAllValues":
        return all(one(value) for value in many)
    if qualifier == "ForAnyValue":
        return any(one(value) for value in many)
    return len(many) == 1 and one(many[0])


def compare(name: str, wanted: str, given: str) -> bool:
    """One value against one value."""
    if name == "StringEquals":
        return wanted == given
    if name in ("StringEqualsIgnoreCase", "Bool"):
        return wanted.lower() == given.lower()
    if name == "StringLike":
        return glob(wanted, given)
    if name.startswith("Arn"):
        one, other = wanted.split(":", 5), given.split(":", 5)
        return len(one) == len(other) == 6 and all(map(glob, one, other))
    if name == "IpAddress":
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted)
    if name.startswith("Date"):
        left, right = (Fraction(datetime.fromisoformat(one).timestamp()) for one in (given, wanted))
    else:
        left, right = Fraction(given), Fraction(wanted)
    return {
        "Equals": left == right,
        "LessThan": left < right,
        "LessThanEquals": left <= right,
        "GreaterThan": left > right,
        "GreaterThanEquals": left >= right,
    }[name.removeprefix("Date").removeprefix("Numeric")]


def decide(case: Case) -> str:
    """``Allowed``, ``ExplicitlyDenied`` or ``ImplicitlyDenied``."""
    asked = case["request"]
    arn, context = asked["principal"], asked["contextVariables"]
    account = arn.split(":")[4]
    role = f"arn:aws:iam::{account}:role/{arn.split('/')[1]}" if ":sts:" in arn else None

    def applying(policies: list[dict[str, Any]], effect: str) -> list[dict[str, Any]]:
        return [
            statement
            for policy in policies
            for statement in policy["Statement"]
            if statement["Effect"] == effect
            and about(statement, asked["action"], asked["resource"]["resource"], context)
            and holds(statement, context)
        ]

    def level(statement: dict[str, Any]) -> int:
        """3: names the caller or everybody, 2: the role behind the session, 1: the account."""
        element = statement["Principal"]
        names = listed(element.get("AWS", [])) if isinstance(element, dict) else [element]
        if "*" in names or arn in names:
            return 3
        if role and role in names:
            return 2
        return int(account in names or f"arn:aws:iam::{account}:root" in names)

    identity = [one["policy"] for one in case["identityPolicies"]]
    scps = [[one["policy"] for one in each["policies"]] for each in case["serviceControlPolicies"]]
    limits = [
        [one["policy"] for one in case[name]]
        for name in ("permissionBoundaryPolicies", "sessionPolicies")
        if name in case
    ]
    own = [case["resourcePolicy"]] if "resourcePolicy" in case else []

    if any(applying(policies, "Deny") for policies in (identity, *scps, *limits)):
        return "ExplicitlyDenied"
    if any(level(one) for one in applying(own, "Deny")):
        return "ExplicitlyDenied"
    granted = max((level(one) for one in applying(own, "Allow")), default=0)
    by_identity = bool(applying(identity, "Allow"))
    organization = all(applying(policies, "Allow") for policies in scps)
    limited = all(applying(policies, "Allow") for policies in limits)
    if account != asked["resource"]["accountId"]:
        allowed = granted > 0 and by_identity and limited
    elif granted == 3:
        allowed = True
    elif granted == 2:
        allowed = limited
    else:
        needs_own = asked["action"].startswith("kms:")
        allowed = by_identity and limited and (granted == 1 or not needs_own)
    return "Allowed" if organization and allowed else "ImplicitlyDenied"
