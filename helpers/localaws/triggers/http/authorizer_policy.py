"""The policy that a Lambda authoriser returns, and what it says about one method.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.permission import arn_like, like

ACTION = "execute-api:Invoke"


class BadPolicy(Exception):
    """It is no policy document."""


def decide(document: Any, method_arn: str) -> str:
    """``Allow``, ``Deny`` (a statement denies it) or ``""`` (none allows it).

    Raises BadPolicy.
    """
    if not isinstance(document, dict):
        raise BadPolicy
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise BadPolicy
    effects = {_effect(one) for one in statements if _fits(one, method_arn)}
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else ""


def _effect(statement: dict[str, Any]) -> str:
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise BadPolicy
    return str(effect)


def _fits(statement: dict[str, Any], method_arn: str) -> bool:
    actions, resources = _texts(statement, "Action"), _texts(statement, "Resource")
    return any(like(ACTION.lower(), one.lower()) for one in actions) and any(
        arn_like(method_arn, one) for one in resources
    )


def _texts(statement: dict[str, Any], member: str) -> list[str]:
    given = statement.get(member)
    texts: list[str] = given if isinstance(given, list) else [str(given)]
    if given is None or not all(isinstance(one, str) for one in texts):
        raise BadPolicy
    return texts
