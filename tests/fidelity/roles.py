"""Callers under test: roles and users with few permissions, and clients signed with their keys."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.exceptions import ClientError

_numbers = itertools.count(1)


def document(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """One statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """One statement that denies."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def lets_in(service: str | list[str], target: str, *sources: str) -> str:
    """The policy of the queue or topic ``target`` (its ARN): a service, or some, may send to it.

    ``sources``: only for these buckets, topics or rules (ARNs, with wildcards).
    """
    action = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}[target.split(":")[2]]
    names = [service] if isinstance(service, str) else service
    principal = {"Principal": {"Service": [f"{name}.amazonaws.com" for name in names]}}
    limit = {"Condition": {"ArnLike": {"aws:SourceArn": list(sources)}}} if sources else {}
    return document(allow(action, target, **principal, **limit))


class Role:
    """A role that this account's identities may assume, and its sessions."""

    def __init__(self, aws: Any, *statements: dict[str, Any], **more: Any) -> None:
        self.aws, self.name = aws, f"clerk{next(_numbers)}"
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{aws.account_id}:root"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        }
        given = {"AssumeRolePolicyDocument": document(trust), **more}
        self.arn = aws.client("iam").create_role(RoleName=self.name, **given)["Role"]["Arn"]
        if statements:
            self.may(*statements)

    def may(self, *statements: dict[str, Any]) -> None:
        """From now on these statements, and no others, are its inline policy."""
        self.aws.client("iam").put_role_policy(
            RoleName=self.name, PolicyName="may", PolicyDocument=document(*statements)
        )

    def session(self, **more: Any) -> Session:
        """A new session; ``more`` as AssumeRole takes it."""
        return assume(self.aws, self.arn, **more)

    def client(self, service: str, **more: Any) -> Any:
        return self.session(**more).client(service)


class Session:
    """Credentials, and clients that sign with them."""

    def __init__(self, aws: Any, credentials: dict[str, Any]) -> None:
        self.aws, self.credentials = aws, credentials

    def client(self, service: str) -> Any:
        return boto3.session.Session().client(
            service,
            region_name=self.aws.region,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials.get("SecretAccessKey"),
            aws_session_token=self.credentials.get("SessionToken"),
        )


def assume(aws: Any, arn: str, by: Any = None, **more: Any) -> Session:
    """A session of a role, assumed by the learner or by the client ``by`` of STS."""
    sts = by or aws.client("sts")
    given = {"RoleSessionName": "anna", **more}
    return Session(aws, sts.assume_role(RoleArn=arn, **given)["Credentials"])


def outcome(operation: Any, **parameters: Any) -> tuple[str, str]:
    """The error's code and text; ``("", "")`` where the call was let through and done."""
    try:
        operation(**parameters)
    except ClientError as problem:
        return problem.response["Error"]["Code"], problem.response["Error"]["Message"]
    return "", ""


def is_denied(code: str) -> bool:
    """Whether it is one of the codes with which services say that a permission is missing."""
    denials: Iterable[str] = ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    return code in denials
