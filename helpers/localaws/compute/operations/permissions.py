"""The resource-based policy of a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    PreconditionFailed,
    ResourceConflict,
    ResourceNotFound,
)
from helpers.localaws.compute.function import LATEST, Function


@operation
def add_permission(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    if qualifier == LATEST:
        raise InvalidParameterValue("We currently do not support adding policies for $LATEST.")
    statements = function.policies.setdefault(qualifier, [])
    _check_revision(asked, statements)
    sid = asked["StatementId"]
    if any(one["Sid"] == sid for one in statements):
        raise ResourceConflict(
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(asked["Principal"]),
        "Action": asked["Action"],
        "Resource": function.arn(qualifier or None),
    }
    if conditions := _conditions(asked):
        statement["Condition"] = conditions
    statements.append(statement)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


@operation
def remove_permission(asked: Asked) -> None:
    function, qualifier = _find(asked)
    statements = function.policies.get(qualifier)
    if not statements:
        raise ResourceNotFound("No policy is associated with the given resource.")
    _check_revision(asked, statements)
    sid = asked["StatementId"]
    kept = [one for one in statements if one["Sid"] != sid]
    if len(kept) == len(statements):
        raise ResourceNotFound(f"Statement {sid} is not found in resource policy.")
    function.policies[qualifier] = kept


@operation
def get_policy(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    statements = function.policies.get(qualifier)
    if not statements:
        raise ResourceNotFound("The resource you requested does not exist.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return {
        "Policy": json.dumps(policy, separators=(",", ":")),
        "RevisionId": _revision(statements),
    }


def _find(asked: Asked) -> tuple[Function, str]:
    """The function and the qualifier whose policy is meant; "" for none."""
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    function = asked.functions.get(named.name)
    function.version(named.qualifier)
    return function, named.qualifier or ""


def _principal(given: str) -> Any:
    if given == "*":
        return "*"
    if given.isdigit():
        return {"AWS": f"arn:aws:iam::{given}:root"}
    return {"AWS": given} if given.startswith("arn:") else {"Service": given}


def _conditions(asked: Asked) -> dict[str, dict[str, str]]:
    conditions: dict[str, dict[str, str]] = {}
    for member, operator, key in (
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ):
        if asked.get(member):
            conditions.setdefault(operator, {})[key] = asked[member]
    if asked.get("InvokedViaFunctionUrl"):
        conditions.setdefault("Bool", {})["lambda:InvokedViaFunctionUrl"] = "true"
    return conditions


def _revision(statements: list[dict[str, Any]]) -> str:
    """Changes with the policy, in the form of a UUID."""
    digits = hashlib.sha256(json.dumps(statements).encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def _check_revision(asked: Asked, statements: list[dict[str, Any]]) -> None:
    if asked.get("RevisionId") and asked["RevisionId"] != _revision(statements):
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy "
            "API to retrieve the latest Revision Id"
        )
