"""Whom a resource's policy lets in: a trust policy, or a bucket's.

``"Principal": "*"`` under a condition lets in whoever can meet the condition. Few conditions speak
of who somebody is in a way that nobody else can arrange; here aws:PrincipalArn is one, and any
other (an address, a referrer, a name of one's own choice) counts as none.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
(aws:PrincipalArn: of a role's session it is the role's ARN)
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

#: Operators that a caller without the key does not meet: no ...IfExists, no ForAllValues, no Not.
EXACT = ("stringequals", "stringlike", "arnequals", "arnlike")
EVERYBODY = "*"


def let_in(document: Mapping[str, Any]) -> set[str]:
    """Everybody whom a policy's Allow statements let in; see `named`."""
    return {
        one
        for statement in statements(document)
        if statement.get("Effect") == "Allow"
        for one in named(statement)
    }


def statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A policy's statements, copied; AWS takes a single one without a list as well."""
    found = document.get("Statement", [])
    return [dict(one) for one in (found if isinstance(found, list) else [found])]


def named(statement: Mapping[str, Any]) -> set[str]:
    """Whom a statement is about: ARNs (patterns too), accounts, services, or "*" for everybody."""
    if "NotPrincipal" in statement:
        found = {EVERYBODY}
    else:
        principal = statement.get("Principal", {})
        lists = principal.values() if isinstance(principal, dict) else [principal]
        found = {one for values in lists for one in _list(values)}
    if EVERYBODY in found:
        return _arns(statement.get("Condition", {})) or {EVERYBODY}
    return found


def means(principal: str, role: str) -> bool:
    """Whether one of `named` is this role (its ARN), a session of it, its account, or everybody."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/"
    if principal in (account, f"arn:aws:iam::{account}:root") or principal.startswith(session):
        return True
    return fnmatchcase(role, principal)


def _arns(condition: Mapping[str, Any]) -> set[str]:
    """The principals that a condition asks for; none where it does not ask who somebody is."""
    for operator, keys in condition.items():
        for key, values in keys.items():
            if operator.lower() in EXACT and key.lower() == "aws:principalarn":
                return set(_list(values))
    return set()


def _list(values: Any) -> list[str]:
    return [str(one) for one in values] if isinstance(values, list) else [str(values)]
