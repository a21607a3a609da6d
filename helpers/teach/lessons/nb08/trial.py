"""A role at work: real calls with it, its log, and what the simulator says of other calls."""

from __future__ import annotations

import contextlib
import json
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong
from helpers.deploy import Function, deploy
from helpers.teach import decision
from helpers.teach.checking import Slip

#: Seconds that AWS may need until a changed policy holds everywhere.
SPREADING = 15
#: What the function does whose log is looked for.
SAYS = "def handler(event, context):\n    print('here I am')\n"


@dataclass(frozen=True)
class Call:
    """A call with boto3's names, and as which action on which resource IAM sees it."""

    name: str
    service: str
    operation: str
    arguments: dict[str, Any]
    action: str
    resource: str


@dataclass
class Trial:
    """A role that is looked at: ``role`` is its ARN."""

    cloud: Cloud
    role: str

    @cached_property
    def iam(self) -> Any:
        return self.cloud.client("iam")

    @cached_property
    def session(self) -> dict[str, str]:
        """Credentials of the role, as boto3's clients take them."""
        sts = self.cloud.client("sts")
        given = sts.assume_role(RoleArn=self.role, RoleSessionName="check")["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    def attempt(self, call: Call) -> str:
        """Make the call for real: "" where it was done, or what AWS said."""
        client = self.cloud.client(call.service, **self.session)
        try:
            getattr(client, call.operation)(**call.arguments)
        except ClientError as refused:
            return str(refused.response["Error"]["Message"])
        return ""

    def must(self, call: Call) -> None:
        """Raise Slip where the call is refused, with what the policies lack."""
        said = self.attempt(call)
        if said:
            raise refused(call, said, self.lacks(call))

    def lacks(self, call: Call) -> str:
        """What to look at: the decision's own advice."""
        decided = decision.decide(self.role, call.action, call.resource, on=self.cloud)
        return " ".join(decided.verdict.missing[:1])

    def allowed(self, actions: Sequence[str], resource: str) -> list[str]:
        """Those of the actions that the role may do, as the policy simulator says.

        Nothing is done: some of them delete.
        """
        found = self.iam.simulate_principal_policy(
            PolicySourceArn=self.role, ActionNames=list(actions), ResourceArns=[resource]
        )["EvaluationResults"]
        return [one["EvalActionName"] for one in found if one["EvalDecision"] == "allowed"]

    def must_not(self, actions: Sequence[str], resource: str) -> None:
        """Raise Slip where one of the actions is allowed."""
        allowed = self.allowed(actions, resource)
        if allowed:
            raise too_much(allowed, resource)


def must_log(cloud: Cloud, function: Function) -> None:
    """Raise Slip where nothing of an invocation is in the function's log."""
    with contextlib.suppress(WaitedTooLong):
        cloud.wait_until(
            lambda: any(line.startswith("REPORT RequestId") for line in function.logs()),
            seconds=2 if cloud.kind == "local" else 60,
        )
        return
    raise silent()


@contextlib.contextmanager
def saying(cloud: Cloud, role: str, name: str) -> Iterator[Function]:
    """Deploy a function with the role that prints a line, and take it away afterwards."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "says.py")
            source.write_text(SAYS, encoding="utf-8")
            function = deploy(name, source, role=role, cloud=cloud)
        yield function
    finally:
        with contextlib.suppress(ClientError):
            cloud.client("lambda").delete_function(FunctionName=name)
        with contextlib.suppress(ClientError):
            cloud.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{name}")


@contextlib.contextmanager
def role_with(cloud: Cloud, policy: str) -> Iterator[str]:
    """A role of its own with this policy, for Lambda and for the check; its ARN.

    AWS's refusal of the policy is raised as it is.
    """
    iam, name = cloud.client("iam"), f"check-desk-{uuid.uuid4().hex[:6]}"
    who = {
        "Service": "lambda.amazonaws.com",
        "AWS": f"arn:aws:iam::{cloud.account_id}:root",
    }
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    try:
        iam.put_role_policy(RoleName=name, PolicyName="desk", PolicyDocument=policy)
        cloud.clock.advance(seconds=SPREADING)
        yield str(arn)
    finally:
        with contextlib.suppress(ClientError):
            iam.delete_role_policy(RoleName=name, PolicyName="desk")
        iam.delete_role(RoleName=name)


def refused(call: Call, said: str, lacks: str) -> Slip:
    return Slip(f"cannot {call.name}", f"the desk cannot {call.name}. AWS says: {said}", lacks)


def too_much(actions: Sequence[str], resource: str) -> Slip:
    return Slip(
        "too much",
        f"the role may also do {', '.join(actions)} on {resource}.",
        "Nobody asked for that. What is not needed today is what a thief uses tomorrow: take it "
        "out, or name the resource more exactly.",
    )


def silent() -> Slip:
    return Slip(
        "no log",
        "the function ran, and there is no line in its log.",
        "The streams of a log group are log-group:NAME:*, with a star at the end, and the role "
        "needs CreateLogGroup, CreateLogStream and PutLogEvents there.",
    )
