"""Whom a resource's policy names, and what follows for the one who asks.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.teach.decision.asking import ACCOUNT, SERVICE, Question
from helpers.teach.decision.statements import Statement, as_list

#: How directly somebody is named: the account (somebody in it has to allow as well), the role
#: behind a session (its boundary still holds), or the very one who asks.
BY_ACCOUNT, BY_ROLE, DIRECTLY = 1, 2, 3


def named(one: Statement, asked: Question) -> int:
    """How directly the statement's Principal names who asks; 0: not at all."""
    principal, who = one.body.get("Principal"), asked.who
    if principal == "*":
        return DIRECTLY
    if not isinstance(principal, Mapping):
        return 0
    listed = as_list(principal.get("AWS"))
    if "*" in listed:
        return DIRECTLY
    if who.kind == SERVICE:
        return DIRECTLY if who.name in as_list(principal.get("Service")) else 0
    if who.session and who.session in listed:
        return DIRECTLY
    if who.arn in listed and who.kind != ACCOUNT:
        return BY_ROLE if who.kind == "role" else DIRECTLY
    if {who.account, f"arn:aws:iam::{who.account}:root"} & set(listed):
        return DIRECTLY if who.kind == ACCOUNT else BY_ACCOUNT
    return 0


def whom(one: Statement) -> str:
    """The Principal in words."""
    for element in ("Principal", "NotPrincipal"):
        value = one.body.get(element)
        if isinstance(value, Mapping):
            texts = [text for names in value.values() for text in as_list(names)]
            return f"its {element} is {', '.join(texts)}"
        if value is not None:
            return f"its {element} is {value}"
    return "it has no Principal"
