"""Whether a function's resource policy lets a service invoke it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from helpers.localaws.compute.function import Function


def may_invoke(
    function: Function, qualifier: str | None, service: str, source_arn: str, account: str
) -> bool:
    """Whether a statement allows ``service`` (``s3.amazonaws.com``) to invoke for this source."""
    return any(
        _allows(statement, service, source_arn, account)
        for statement in function.policies.get(qualifier or "", [])
    )


def _allows(statement: dict[str, Any], service: str, source_arn: str, account: str) -> bool:
    principal = statement["Principal"]
    if principal != "*" and principal.get("Service") != service:
        return False
    if not fnmatchcase("lambda:InvokeFunction", statement["Action"]):
        return False
    conditions = statement.get("Condition", {})
    pattern = conditions.get("ArnLike", {}).get("AWS:SourceArn", "*")
    wanted = conditions.get("StringEquals", {}).get("AWS:SourceAccount", account)
    return fnmatchcase(source_arn, pattern) and wanted == account
