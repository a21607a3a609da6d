"""Which call a schedule makes: templated targets by their ARN, universal ones by their name.

Sources: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

#: Templated targets that this local AWS reaches; the input of some has to be JSON.
SERVICES = ("lambda", "sqs", "sns", "events", "states", "kinesis")
JSON_ONLY = ("lambda", "states", "events")
_UNIVERSAL = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:(\w+):(\w+)")
#: Names of services in universal targets that boto3 calls otherwise.
_BOTO3_NAMES = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}


@dataclass(frozen=True)
class Call:
    """One call of an AWS API, by boto3's name of the service and the API's names of the rest."""

    service: str
    operation: str
    parameters: dict[str, Any]


def is_universal(arn: str) -> bool:
    return _UNIVERSAL.fullmatch(arn) is not None


def service_of(target: dict[str, Any]) -> str:
    """The service that the target's call goes to. Raises NotImplementedError for others."""
    if found := _UNIVERSAL.fullmatch(target["Arn"]):
        return _BOTO3_NAMES.get(found[1], found[1])
    service = str(target["Arn"].split(":")[2])
    if service not in SERVICES:
        raise NotImplementedError
    return service


def call_for(
    target: dict[str, Any], schedule_arn: str, when: str, execution: str, attempt: int
) -> Call:
    """The call that invokes ``target`` for the time ``when`` (``2026-11-23T09:30:00Z``)."""
    text = target.get("Input") or _notification(schedule_arn, when)
    for name, value in {
        "schedule-arn": schedule_arn,
        "scheduled-time": when,
        "execution-id": execution,
        "attempt-number": str(attempt),
    }.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    if found := _UNIVERSAL.fullmatch(target["Arn"]):
        operation = found[2][0].upper() + found[2][1:]
        return Call(service_of(target), operation, json.loads(text))
    return _TEMPLATES[service_of(target)](target, text)


def _notification(schedule_arn: str, when: str) -> str:
    """What a target receives that was given no input."""
    _, _, _, region, account, _ = schedule_arn.split(":", 5)
    document = {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": account,
        "time": when,
        "region": region,
        "resources": [schedule_arn],
        "detail": "{}",
    }
    return json.dumps(document)


def _function(target: dict[str, Any], text: str) -> Call:
    given = {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": text}
    return Call("lambda", "Invoke", given)


def _queue(target: dict[str, Any], text: str) -> Call:
    _, _, _, region, account, name = target["Arn"].split(":", 5)
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    given = {"QueueUrl": url, "MessageBody": text}
    if group := (target.get("SqsParameters") or {}).get("MessageGroupId"):
        given["MessageGroupId"] = group
    return Call("sqs", "SendMessage", given)


def _topic(target: dict[str, Any], text: str) -> Call:
    return Call("sns", "Publish", {"TopicArn": target["Arn"], "Message": text})


def _bus(target: dict[str, Any], text: str) -> Call:
    entry = {**target["EventBridgeParameters"], "Detail": text, "EventBusName": target["Arn"]}
    return Call("events", "PutEvents", {"Entries": [entry]})


def _state_machine(target: dict[str, Any], text: str) -> Call:
    given = {"stateMachineArn": target["Arn"], "input": text}
    return Call("stepfunctions", "StartExecution", given)


def _stream(target: dict[str, Any], text: str) -> Call:
    given = {"StreamARN": target["Arn"], "Data": text, **target["KinesisParameters"]}
    return Call("kinesis", "PutRecord", given)


_TEMPLATES = {
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
    "states": _state_machine,
    "kinesis": _stream,
}


def make(client: Any, call: Call) -> None:
    """Make the call with a boto3 client of its service; raises what boto3 raises."""
    methods = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}
    if call.operation not in methods:
        raise NotImplementedError(f"{call.service} has no operation {call.operation}")
    shape = client.meta.service_model.operation_model(call.operation).input_shape
    names = {name.lower(): name for name in shape.members}
    given = {names.get(key.lower(), key): value for key, value in call.parameters.items()}
    answer = getattr(client, methods[call.operation])(**given)
    if call.operation == "PutEvents" and answer.get("FailedEntryCount"):
        entry = next(one for one in answer["Entries"] if "ErrorCode" in one)
        raise EntryRefused(entry["ErrorCode"], entry["ErrorMessage"])


class EntryRefused(Exception):
    """PutEvents has answered, but not taken the event."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
