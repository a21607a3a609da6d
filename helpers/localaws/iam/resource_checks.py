"""What services refuse in the policy of a resource.

S3 says precisely what is wrong (texts as recorded in the tests of
https://github.com/versity/versitygw and in the issues of Terraform's AWS provider), the others
have one sentence for everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from helpers.localaws.iam import document
from helpers.localaws.iam.conditions import operator
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.grammar import ELEMENTS, VERSIONS, statements_of, syntax_fault
from helpers.localaws.iam.patterns import like

_ONE_OR_MORE = "One or more parameter values were invalid: "
#: What a service answers where it says nothing more precise: the error's code and text.
GENERAL = {
    # https://github.com/hashicorp/terraform-provider-aws/issues/42933 and
    # https://github.com/aws-controllers-k8s/dynamodb-controller/pull/176
    "dynamodb": ("ValidationException", f"{_ONE_OR_MORE}Invalid policy document"),
    "events": ("ValidationException", "This policy contains invalid Json"),
    "kms": (
        "MalformedPolicyDocumentException",
        "The request was rejected because the specified policy is not syntactically or "
        "semantically correct.",
    ),
    "secretsmanager": (
        "MalformedPolicyDocumentException",
        "This resource policy contains a syntax error.",
    ),
    "sns": ("InvalidParameter", "Invalid parameter: Policy Error: null"),
    "sqs": ("InvalidAttributeValue", "Invalid value for the parameter Policy."),
}
#: What it answers for a principal that does not exist.
INVALID_PRINCIPAL = {
    "dynamodb": f"{_ONE_OR_MORE}Invalid principal in policy document.",
    "kms": "Policy contains a statement with one or more invalid principals.",
    "secretsmanager": "This resource policy contains an unsupported principal.",
}
MAX_BUCKET_POLICY = 20_480

_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(
    r"arn:[\w-]+:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)/[^*?]+)"
)
#: The id by which AWS remembers a user or role that was deleted.
_UNIQUE_ID = re.compile(r"A(IDA|ROA|GPA|NPA)[A-Z0-9]{12,}")


def check_resource(
    text: str, service: str, resource: str, known: Callable[[str], bool] | None
) -> None:
    """Raise MalformedPolicy where the service refuses the document."""
    if service == "s3":
        _check_bucket(text, resource, known)
        return
    code, message = GENERAL.get(service, ("MalformedPolicyDocument", "Syntax errors in policy."))
    refusal = MalformedPolicy(message, code)
    try:
        content = document.read(text)
    except ValueError:
        raise refusal from None
    if syntax_fault(content):
        raise refusal
    for statement in statements_of(content):
        try:
            check_fields(statement, required=("Effect", "Principal", "Action"))
        except MalformedPolicy:
            raise refusal from None
        if invalid_principal(statement, known):
            raise MalformedPolicy(INVALID_PRINCIPAL.get(service, message), code)
        if service == "dynamodb" and (wrong := unknown_actions("dynamodb", statement)):
            names = ", ".join(f'"{one}"' for one in wrong)
            raise MalformedPolicy(
                f"{message}: The following action names are invalid: {names}", code
            )


def check_fields(
    statement: dict[str, Any], required: Sequence[str], prohibited: Sequence[str] = ()
) -> None:
    """Raise with the name of the first field that is unknown, missing or prohibited."""
    for name in statement:
        if name not in ELEMENTS:
            raise MalformedPolicy(f"Unknown field {name}")
    for name in required:
        if name not in statement and f"Not{name}" not in statement:
            raise MalformedPolicy(f"Missing required field {name}")
    for name in prohibited:
        if name in statement or f"Not{name}" in statement:
            raise MalformedPolicy(f"Has prohibited field {name}")


def unknown_actions(service: str, statement: dict[str, Any]) -> list[str]:
    """The actions in a statement that mean nothing in this service."""
    from helpers.localaws.iam.actions.reference import actions_like

    return [
        one for one in _listed(statement, "Action") if one != "*" and not actions_like(service, one)
    ]


def invalid_principal(
    statement: dict[str, Any], known: Callable[[str], bool] | None = None
) -> str | None:
    """The first principal that AWS does not take, as it shows it: ``"AWS":"arn:…"``."""
    element = statement.get("Principal", statement.get("NotPrincipal"))
    if element is None or element == "*":
        return None
    for kind, names in element.items():
        for name in names if isinstance(names, list) else [names]:
            if not _is_valid(kind, name) or (known and kind == "AWS" and not known(name)):
                return f'"{kind}":"{name}"'
    return None


def _is_valid(kind: str, name: str) -> bool:
    if kind == "AWS":
        return name == "*" or any(
            form.fullmatch(name) for form in (_ACCOUNT, _PRINCIPAL_ARN, _UNIQUE_ID)
        )
    if kind == "Service":
        return "." in name and "*" not in name
    return bool(name)


def _check_bucket(text: str, resource: str, known: Callable[[str], bool] | None) -> None:
    try:
        _check_bucket_rules(text, resource, known)
    except MalformedPolicy as problem:
        raise MalformedPolicy(problem.message, "MalformedPolicy") from None


def _check_bucket_rules(text: str, resource: str, known: Callable[[str], bool] | None) -> None:
    if not text.lstrip().startswith("{"):
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
    try:
        content = document.read(text)
    except ValueError:
        raise MalformedPolicy("This policy contains invalid Json") from None
    if len("".join(text.split())) > MAX_BUCKET_POLICY:
        raise MalformedPolicy(
            f"Normalized policy document exceeds the maximum allowed size of "
            f"{MAX_BUCKET_POLICY} bytes"
        )
    if content.get("Version", VERSIONS[0]) not in VERSIONS:
        raise MalformedPolicy("The policy must contain a valid version string")
    if "Statement" not in content:
        raise MalformedPolicy("Missing required field Statement")
    statements = statements_of(content)
    if not statements:
        raise MalformedPolicy("Could not parse the policy: Statement is empty!")
    for statement in statements:
        if not isinstance(statement, dict):
            raise MalformedPolicy("Invalid policy syntax.")
        _check_bucket_statement(statement, resource, known)
    if syntax_fault(content):
        raise MalformedPolicy("Invalid policy syntax.")


def _check_bucket_statement(
    statement: dict[str, Any], bucket: str, known: Callable[[str], bool] | None
) -> None:
    check_fields(statement, required=("Effect",))
    if statement["Effect"] not in ("Allow", "Deny"):
        raise MalformedPolicy(f"Invalid effect: {statement['Effect']}")
    check_fields(statement, required=("Principal", "Action", "Resource"))
    if syntax_fault({"Statement": {k: v for k, v in statement.items() if k != "Condition"}}):
        raise MalformedPolicy("Invalid policy syntax.")
    if invalid_principal(statement, known):
        raise MalformedPolicy("Invalid principal in policy")
    actions, resources = _listed(statement, "Action"), _listed(statement, "Resource")
    if not all(one == "*" or one.lower().startswith("s3:") for one in actions):
        raise MalformedPolicy("Policy has invalid action")
    if bucket and not all(_is_in_bucket(one, bucket) for one in resources):
        raise MalformedPolicy("Policy has invalid resource")
    if "Action" in statement and "Resource" in statement:
        for action in actions:
            if not any(_applies(action, one) for one in resources):
                raise MalformedPolicy("Action does not apply to any resource(s) in statement")
    condition = statement.get("Condition", {})
    for name in condition if isinstance(condition, dict) else ():
        if operator(name) is None:
            raise MalformedPolicy(f"Invalid Condition type : {name}")


def _is_in_bucket(resource: str, bucket: str) -> bool:
    """``bucket`` is the ARN of the bucket that the policy is for."""
    return like(resource.partition("/")[0], bucket)


def _applies(action: str, resource: str) -> bool:
    """Whether an action, which may have wildcards, can mean this bucket or these objects."""
    from helpers.localaws.iam.actions.reference import actions_like

    of_object = "/" in resource or resource.endswith("*")
    of_bucket = "/" not in resource
    return any(
        ("object" in types and of_object) or ("bucket" in types and of_bucket)
        for types in actions_like("s3", action)
    )


def _listed(statement: dict[str, Any], element: str) -> list[str]:
    found = statement.get(element, statement.get(f"Not{element}"))
    return found if isinstance(found, list) else [str(found)]
