"""IAM's JSON documents, in the few forms that labs put into a cloud."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]

#: Managed policies that execution roles mostly have: write the log; and take messages as well.
MAY_LOG = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
MAY_TAKE_MESSAGES = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"


def document(*statements: dict[str, Any]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: Iterable[str], resource: str) -> dict[str, Any]:
    """A statement that allows these actions on one resource."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def trust(**principal: str) -> Document:
    """A trust policy that lets one principal assume a role: trust(AWS="arn:aws:iam::…:root")."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


#: The trust policy of every execution role.
TRUST_LAMBDA = trust(Service="lambda.amazonaws.com")
