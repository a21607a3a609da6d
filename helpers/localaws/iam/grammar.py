"""The grammar that all policy documents share.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.iam.conditions import operator

VERSIONS = ("2008-10-17", "2012-10-17")
TOP_ELEMENTS = ("Version", "Id", "Statement")
ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
EFFECTS = ("Allow", "Deny")
PRINCIPAL_TYPES = ("AWS", "Federated", "Service", "CanonicalUser")


def syntax_fault(content: Any) -> str | None:
    """What is wrong with the shape of a document, in our words; None: nothing.

    IAM's own answer is the same for all of it: "Syntax errors in policy."
    """
    if not isinstance(content, dict):
        return "a policy is a JSON object"
    for name in content:
        if name not in TOP_ELEMENTS:
            return f"a policy has no element {name}"
    if "Version" in content and content["Version"] not in VERSIONS:
        return f"Version is one of {' and '.join(VERSIONS)}"
    if not isinstance(content.get("Id", ""), str):
        return "Id is a text"
    statements = statements_of(content)
    if not statements:
        return "a policy needs a statement"
    for statement in statements:
        if fault := _statement_fault(statement):
            return fault
    return None


def statements_of(content: dict[str, Any]) -> list[Any]:
    """The statements, whether they stand in a list or alone."""
    found = content.get("Statement", [])
    return found if isinstance(found, list) else [found]


def _statement_fault(statement: Any) -> str | None:
    if not isinstance(statement, dict):
        return "a statement is a JSON object"
    for name in statement:
        if name not in ELEMENTS:
            return f"a statement has no element {name}"
    for name in ("Principal", "Action", "Resource"):
        if name in statement and f"Not{name}" in statement:
            return f"a statement has {name} or Not{name}, not both"
    effect = statement.get("Effect")
    if not isinstance(effect, str) or effect.capitalize() not in EFFECTS:
        return "Effect is Allow or Deny"
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement and not _are_texts(statement[name]):
            return f"{name} is a text or a list of texts"
    if not isinstance(statement.get("Sid", ""), str):
        return "Sid is a text"
    for name in ("Principal", "NotPrincipal"):
        if name in statement and not _is_principal(statement[name]):
            return f'{name} is "*" or an object like {{"AWS": …}}'
    return _condition_fault(statement["Condition"]) if "Condition" in statement else None


def _condition_fault(condition: Any) -> str | None:
    if not isinstance(condition, dict):
        return "Condition is a JSON object"
    for name, keys in condition.items():
        if not isinstance(keys, dict):
            return f"{name} holds condition keys with their values"
        if keys and operator(name) is None:
            return f"there is no condition operator {name}"
        if not all(_is_value(value) for value in keys.values()):
            return f"the values of {name} are texts, numbers, true or false"
    return None


def _are_texts(element: Any) -> bool:
    if isinstance(element, list):
        return all(one is None or isinstance(one, str) for one in element)
    return isinstance(element, str)


def _is_principal(element: Any) -> bool:
    if not isinstance(element, dict):
        return bool(element == "*")
    return all(
        kind in PRINCIPAL_TYPES
        and (
            isinstance(names, str)
            or (isinstance(names, list) and all(isinstance(name, str) for name in names))
        )
        for kind, names in element.items()
    )


def _is_value(value: Any) -> bool:
    listed = value if isinstance(value, list) else [value]
    return all(isinstance(one, (str, bool, int, float)) for one in listed)
