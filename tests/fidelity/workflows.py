"""What the Step Functions tests share: state machines and their executions in a few lines."""

from __future__ import annotations

import itertools
import json
from typing import Any

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
API = "https://docs.aws.amazon.com/step-functions/latest/apireference/"
LANGUAGE = "https://states-language.net/"
#: Executions and errors recorded from real AWS (2023 to 2025) by another project's test suite.
RECORDED = "https://github.com/localstack/localstack/blob/main/tests/aws/services/stepfunctions/v2/"

INVOKE = "arn:aws:states:::lambda:invoke"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
#: Does what the event says; what it returns says what it got.
PROGRAM = """
import json, os, time
import boto3

class OutOfStock(Exception):
    pass

calls = 0

def handler(event, context):
    global calls
    do = event if isinstance(event, dict) else {}
    time.sleep(do.get("sleep", 0))
    if "fail" in do:
        raise OutOfStock("no " + do["fail"])
    if "flaky" in do:
        calls += 1
        if calls <= do["flaky"]:
            raise OutOfStock(f"call {calls}")
    if "exit" in do:
        os._exit(3)
    if "big" in do:
        return "x" * do["big"]
    return {"got": event}
"""
_numbers = itertools.count(1)


def one(kind: str, **fields: Any) -> dict[str, Any]:
    """A state machine of a single state."""
    return {"StartAt": "S", "States": {"S": {"Type": kind, "End": True, **fields}}}


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return one("Task", Resource=resource, **fields)


def chain(**states: dict[str, Any]) -> dict[str, Any]:
    """A state machine of these states, each followed by the next one."""
    names = list(states)
    for name, following in itertools.zip_longest(names, names[1:]):
        if states[name]["Type"] not in ("Choice", "Succeed", "Fail"):
            states[name].setdefault(*(("Next", following) if following else ("End", True)))
    return {"StartAt": names[0], "States": states}


class Workflows:
    """State machines of one cloud, all with one role.

    It may do everything; one of another name may do what it is granted.
    """

    def __init__(self, aws: Any, role: str = "workflows") -> None:
        self.aws, self.client = aws, aws.client("stepfunctions")
        self.role = self.make_role(role)
        if role == "workflows":
            self.grant(role, "*", "*")

    def grant(self, role: str, action: str | list[str], resource: str) -> None:
        """Let a role do it."""
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        self.aws.client("iam").put_role_policy(
            RoleName=role,
            PolicyName="granted",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def make_role(self, name: str, trust: Any = TRUST) -> str:
        answer = self.aws.client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps(trust)
        )
        return str(answer["Role"]["Arn"])

    def make(self, definition: Any, **config: Any) -> str:
        """The ARN of a new state machine."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        given = {"name": f"flow{next(_numbers)}", "roleArn": self.role, **config}
        return str(self.client.create_state_machine(definition=text, **given)["stateMachineArn"])

    def start(self, definition: Any, given: Any = None, **config: Any) -> str:
        """The ARN of a new execution, of a state machine (its ARN) or of a definition."""
        arn = definition if isinstance(definition, str) else self.make(definition)
        text = given if isinstance(given, str) else json.dumps({} if given is None else given)
        answer = self.client.start_execution(stateMachineArn=arn, input=text, **config)
        return str(answer["executionArn"])

    def status(self, execution: str) -> str:
        return str(self.client.describe_execution(executionArn=execution)["status"])

    def end(self, execution: str) -> Any:
        """How it has ended, as DescribeExecution tells."""
        self.aws.wait_until(lambda: self.status(execution) != "RUNNING", what=f"end of {execution}")
        return self.client.describe_execution(executionArn=execution)

    def run(self, definition: Any, given: Any = None, **config: Any) -> Any:
        return self.end(self.start(definition, given, **config))

    def output(self, definition: Any, given: Any = None) -> Any:
        """What an express workflow returns; it must succeed."""
        answer = self.sync(definition, given)
        assert answer["status"] == "SUCCEEDED", (answer.get("error"), answer.get("cause"))
        return json.loads(answer["output"])

    def sync(self, definition: Any, given: Any = None, **config: Any) -> Any:
        """The answer of StartSyncExecution of a new express workflow."""
        text = given if isinstance(given, str) else json.dumps({} if given is None else given)
        return self.client.start_sync_execution(
            stateMachineArn=self.make(definition, type="EXPRESS", **config), input=text
        )

    def events(self, execution: str) -> list[Any]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def types(self, execution: str) -> list[str]:
        return [event["type"] for event in self.events(execution)]

    def wait_for(self, execution: str, kind: str, times: int = 1) -> None:
        """Wait until an event of this type has happened."""
        self.aws.wait_until(
            lambda: self.types(execution).count(kind) >= times, what=f"{kind} in {execution}"
        )


def details(event: Any) -> Any:
    """The details of an event, whatever they are called for its type."""
    return next(value for name, value in event.items() if name.endswith("EventDetails"))
