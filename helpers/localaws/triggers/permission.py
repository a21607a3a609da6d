"""Whether a function's resource policy lets a caller invoke it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from helpers.localaws.compute.function import Function

#: Who asks where no AWS service does: a function URL without authorisation.
ANYBODY = "*"


def may_invoke(
    function: Function, qualifier: str | None, service: str, source_arn: str, account: str
) -> bool:
    """Whether a statement allows ``service`` (``s3.amazonaws.com``) to invoke for this source."""
    context = {"AWS:SourceArn": source_arn, "AWS:SourceAccount": account}
    return allows(function, qualifier, "lambda:InvokeFunction", service, context)


def allows(
    function: Function, qualifier: str | None, action: str, caller: str, context: dict[str, str]
) -> bool:
    """Whether a statement of the function's (version's, alias's) policy allows ``action``.

    ``caller`` is a service's principal or ANYBODY; ``context`` holds what conditions can ask for,
    by their keys.
    """
    return any(
        _allows(statement, action, caller, context)
        for statement in function.policies.get(qualifier or "", [])
    )


def _allows(statement: dict[str, Any], action: str, caller: str, context: dict[str, str]) -> bool:
    principal = statement["Principal"]
    if principal != "*" and (caller == ANYBODY or principal.get("Service") != caller):
        return False
    if not like(action, statement["Action"]):
        return False
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, known.get(key.lower()), wanted)
        for operator, wants in statement.get("Condition", {}).items()
        for key, wanted in wants.items()
    )


def _holds(operator: str, value: str | None, wanted: str) -> bool:
    """One condition; a key that the request does not have makes it false."""
    if value is None:
        return False
    if operator == "ArnLike":
        return arn_like(value, wanted)
    if operator == "Bool":
        return value.lower() == wanted.lower()
    return value == wanted  # StringEquals; AddPermission writes no other operators


def arn_like(arn: str, pattern: str) -> bool:
    """ArnLike: the six parts of an ARN are compared one by one, ``*`` never reaches over a colon.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/
    reference_policies_elements_condition_operators.html (Amazon Resource Name condition operators)
    """
    if pattern == "*":
        return True
    parts, wanted = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) and all(map(like, parts, wanted))


def like(text: str, pattern: str) -> bool:
    """A policy's own wildcards: ``*`` for any characters, ``?`` for one."""
    return _pattern(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL
    )
