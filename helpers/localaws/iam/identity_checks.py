"""What IAM refuses in a policy for users, groups and roles, in the order in which it looks.

The texts were recorded from IAM by the authors of moto:
https://github.com/getmoto/moto/blob/master/tests/test_iam/test_iam_policies.py
"""

from __future__ import annotations

import re
from typing import Any

from helpers.localaws.iam import document
from helpers.localaws.iam.comparisons import date
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.grammar import EFFECTS, statements_of, syntax_fault

PARTITIONS = (
    "*",
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
)
IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
#: Resources of S3 that belong to a region, and so may name it.
S3_REGIONAL = ("accesspoint/", "job/", "storage-lens", "access-grants/", "*")

_NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_VENDOR = re.compile(r"[a-zA-Z0-9\-.]*")


def check_identity(text: str) -> None:
    """Raise MalformedPolicy where IAM refuses the document."""
    try:
        content = document.read(text)
    except ValueError:
        content = None
    if syntax_fault(content):
        raise MalformedPolicy("Syntax errors in policy.")
    if content.get("Version") != "2012-10-17":
        raise MalformedPolicy("Policy document must be version 2012-10-17 or greater.")
    statements = statements_of(content)
    resource_fault = _legacy_parsing(statements)
    _check_sids(statements)
    for statement in statements:
        if not _listed(statement, "Action"):
            raise MalformedPolicy("Policy statement must contain actions.")
    if resource_fault:
        raise MalformedPolicy(resource_fault)
    for element in ("Action", "NotAction"):
        for statement in statements:
            for action in _texts(statement.get(element)):
                _check_action(action)
    for statement in statements:
        if "Principal" in statement or "NotPrincipal" in statement:
            raise MalformedPolicy("Policy document should not specify a principal.")
        if not _listed(statement, "Resource"):
            raise MalformedPolicy("Policy statement must contain resources.")


def _legacy_parsing(statements: list[dict[str, Any]]) -> str | None:
    """A fault in a resource (of several the last), which IAM reports after those found here."""
    refusal = MalformedPolicy("The policy failed legacy parsing")
    for statement in statements:
        if statement["Effect"] not in EFFECTS or not _dates_are_right(statement):
            raise refusal
    fault = None
    for element in ("Resource", "NotResource"):
        for statement in statements:
            for resource in sorted(_texts(statement.get(element)), reverse=True):
                fault = _resource_fault(resource) or fault
                if fault is None and not _legacy_resource(resource):
                    raise refusal
    return fault


def _dates_are_right(statement: dict[str, Any]) -> bool:
    for name, keys in statement.get("Condition", {}).items():
        if name.rpartition(":")[2].startswith("Date"):
            for values in keys.values():
                if any(date(str(one)) is None for one in _texts(values)):
                    return False
    return True


def _legacy_resource(resource: str) -> bool:
    if resource == "*":
        return True
    return (resource.count(":") >= 5 or "::" not in resource) and resource.split(":")[2] != ""


def _check_sids(statements: list[dict[str, Any]]) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if not all(re.fullmatch("[0-9A-Za-z]*", sid) for sid in sids):
        raise MalformedPolicy(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*"
        )
    if len(sids) != len(set(sids)):
        raise MalformedPolicy("Statement IDs (SID) in a single policy must be unique.")


def _check_action(action: str) -> None:
    if action == "*":
        return
    parts = action.split(":")
    if len(parts) == 1:
        raise MalformedPolicy(_NO_VENDOR)
    if len(parts) > 2:
        raise MalformedPolicy("Actions/Condition can contain only one colon.")
    if parts[0] != "*" and not _VENDOR.fullmatch(parts[0]):
        raise MalformedPolicy(f"Vendor {parts[0]} is not valid")


def _resource_fault(resource: str) -> str | None:
    if resource == "*":
        return None
    parts = resource.split(":", 5)
    if len(parts) == 1:
        return f'Resource {resource} must be in ARN format or "*".'
    if parts[1] not in PARTITIONS:
        rest = resource.split(":")[2:]
        # An empty rest is shown as * where nothing follows it.
        shown = [rest[at] if at < len(rest) and (rest[at] or at) else "*" for at in range(3)]
        if rest and not rest[0] and len(rest) > 1:
            shown[0] = ""
        last = ":".join(rest[3:]) if len(rest) > 3 else "*"
        return (
            f'Partition "{parts[1]}" is not valid for resource '
            f'"arn:{parts[1]}:{":".join(shown)}:{last}".'
        )
    service = parts[2] if len(parts) > 2 else "*"
    if "*" in service or "?" in service:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    region = parts[3] if len(parts) > 3 else None
    path = parts[5] if len(parts) > 5 else ""
    if service == "iam":
        if region != "" or len(parts) < 5:
            return f"IAM resource {resource} cannot contain region information."
        if not _is_iam_path(path):
            known = ", ".join(IAM_PATHS)
            return f'IAM resource path must either be "*" or start with {known}.'
    if service == "s3" and (region != "" or len(parts) < 5) and not path.startswith(S3_REGIONAL):
        return f"Resource {resource} can not contain region information."
    return None


def _is_iam_path(path: str) -> bool:
    first = path.partition("/")[0]
    return path.startswith(IAM_PATHS) or "*" in first or "?" in first


def _listed(statement: dict[str, Any], element: str) -> bool:
    """Whether the element, or its Not form, is there and not an empty list."""
    found = statement.get(element, statement.get(f"Not{element}"))
    return found is not None and found != []


def _texts(element: Any) -> list[str]:
    listed = element if isinstance(element, list) else [element]
    return [one for one in listed if one is not None]
