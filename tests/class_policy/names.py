"""Which of AWS's operations a notebook names: how drift is noticed without running it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

from tests.notebooks import stored

#: The services that the course uses; a new one is drift as well (``clients``).
SERVICES = (
    "apigateway", "apigatewayv2", "cloudformation", "cloudtrail", "cloudwatch", "dynamodb",
    "dynamodbstreams", "events", "iam", "kinesis", "kms", "lambda", "logs", "pipes",
    "resourcegroupstaggingapi", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm",
    "stepfunctions", "sts", "xray", "ec2", "accessanalyzer",
)  # fmt: skip
_METHOD = re.compile(r"\.([a-z][a-z0-9_]+)\(|get_(?:paginator|waiter)\(\s*[\"']([a-z0-9_]+)")
_CLIENT = re.compile(r"(?:client|resource)\(\s*[\"']([a-z0-9-]+)[\"']")
_COMMAND = re.compile(r"\baws\s+([a-z0-9-]+)\s+([a-z][a-z0-9-]+)")


def named_in(notebook: Path) -> list[str]:
    """Operations (``send_message``), services (``client sqs``) and commands (``aws sqs …``)."""
    code = "\n".join(cell.source for cell in stored.code_cells(stored.read(notebook)))
    found = {name for pair in _METHOD.findall(code) for name in pair if name in _operations()}
    found |= {f"client {name}" for name in _CLIENT.findall(code)}
    found |= {
        f"aws {service} {command}"
        for service, command in _COMMAND.findall(code)
        if service in botocore.session.Session().get_available_services() or service == "s3api"
    }
    return sorted(found)


@cache
def _operations() -> frozenset[str]:
    """boto3's names of all operations of the services; a dictionary's methods are none of them."""
    session = botocore.session.Session()
    names = {
        xform_name(operation)
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    }
    return frozenset(names)
