"""Sends what a target receives to it, once. Who may not, or is not there, is said by an error.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html and, for the error
codes, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.gateway.policies.service import may_send
from helpers.localaws.triggers.delivery import NotAllowed, hand_over
from helpers.localaws.triggers.roles import RoleNotAssumable, client

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.eventbridge.delivery import Delivery

SERVICE = "events.amazonaws.com"
#: What may be the target of a rule here, by the service in its ARN.
KINDS = ("lambda", "sqs", "sns", "logs", "states", "kinesis", "events")
#: Those that EventBridge reaches with a role and not by the target's own policy.
WITH_ROLE = ("states", "kinesis")


class Failed(Exception):
    """A delivery that did not arrive. ``code`` is EventBridge's; some are worth another try."""

    def __init__(self, code: str, message: str, again: bool = False) -> None:
        super().__init__(message)
        self.code, self.again = code, again


def send(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    """Send ``text`` to the delivery's target. Raises Failed."""
    _SENDERS[delivery.target["Arn"].split(":")[2]](lambdas, delivery, text)


def _to_function(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    rule = delivery.rule
    payload = _json(text).encode()
    try:
        hand_over(lambdas, delivery.target["Arn"], payload, SERVICE, rule.arn, rule.account_id)
    except NotAllowed as problem:
        raise Failed("NO_PERMISSIONS", str(problem)) from None
    except LambdaError as problem:
        raise Failed("NO_RESOURCE", problem.message) from None


def _to_queue(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    group = delivery.target.get("SqsParameters", {}).get("MessageGroupId")
    send_to_queue(lambdas, delivery.rule, delivery.target["Arn"], text, group)


def send_to_queue(
    lambdas: LambdaService,
    rule: Any,
    arn: str,
    body: str,
    group: str | None = None,
    attributes: dict[str, str] | None = None,
) -> None:
    """Put a message of a (moto) rule into a queue.

    Raises Failed where there is none, or it does not take it.
    """
    from moto.core.exceptions import ServiceException
    from moto.sqs.exceptions import QueueDoesNotExist
    from moto.sqs.models import sqs_backends

    _, _, _, region, account, name = arn.split(":", 5)
    if name in sqs_backends[account][region].queues:
        _check_policy(lambdas, rule, arn)
    try:
        sqs_backends[account][region].send_message(
            name,
            body,
            message_attributes={
                key: {"DataType": "String", "StringValue": value}
                for key, value in (attributes or {}).items()
            },
            group_id=group,
        )
    except QueueDoesNotExist:
        raise Failed("NO_RESOURCE", "The specified queue does not exist.") from None
    except ServiceException as problem:
        raise Failed("INVALID_PARAMETER", problem.message) from None


def _check_policy(lambdas: LambdaService, rule: Any, arn: str) -> None:
    """Raise Failed unless the queue or topic lets this rule send to it."""
    if not may_send(lambdas, SERVICE, arn, rule.arn, rule.account_id):
        raise Failed("NO_PERMISSIONS", f"{SERVICE} may not send to {arn} for {rule.arn}")


def _to_topic(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    from moto.sns.exceptions import TopicNotFound
    from moto.sns.models import sns_backends

    arn = delivery.target["Arn"]
    _, _, _, region, account, _ = arn.split(":", 5)
    if arn in sns_backends[account][region].topics:
        _check_policy(lambdas, delivery.rule, arn)
    try:
        sns_backends[account][region].publish(text, arn=arn)
    except TopicNotFound:
        raise Failed("NO_RESOURCE", "Topic does not exist") from None


def _to_log_group(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    """One event in a stream of its own; a transformer may set its timestamp and message."""
    from moto.logs.models import logs_backends

    _, _, _, region, account, _, *name = delivery.target["Arn"].split(":")
    group = logs_backends[account][region].groups.get(name[0])
    if group is None:
        raise Failed("NO_RESOURCE", "The specified log group does not exist.")
    timestamp, message = int(time.time() * 1000), text
    if delivery.target.get("InputTransformer"):
        document = json.loads(_json(text))
        if not isinstance(document, dict) or not {"timestamp", "message"} <= set(document):
            raise Failed("INVALID_PARAMETER", "The template must have timestamp and message.")
        message = str(document["message"])
    stream = str(uuid4())
    group.create_log_stream(stream)
    group.put_log_events(stream, [{"timestamp": timestamp, "message": message}])


def _to_state_machine(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    arn = delivery.target["Arn"]
    _call(
        lambdas, delivery, "stepfunctions", "start_execution",
        stateMachineArn=arn, input=_json(text),
    )  # fmt: skip


def _to_stream(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    from helpers.localaws.triggers.eventbridge.transform import at_path

    path = delivery.target.get("KinesisParameters", {}).get("PartitionKeyPath", "$.id")
    key = at_path(delivery.event, path)
    _call(
        lambdas, delivery, "kinesis", "put_record",
        StreamARN=delivery.target["Arn"], Data=text.encode(), PartitionKey=str(key),
    )  # fmt: skip


def _to_bus(lambdas: LambdaService, delivery: Delivery, text: str) -> None:
    from moto.events.models import events_backends

    from helpers.localaws.triggers.eventbridge import events

    _, _, _, region, account, name = delivery.target["Arn"].split(":", 5)
    bus = events_backends[account][region].event_buses.get(name.partition("/")[2])
    if bus is None:
        raise Failed("NO_RESOURCE", f"Event bus {name} does not exist.")
    event = json.loads(_json(text))
    if not isinstance(event, dict) or "detail-type" not in event:
        raise Failed("INVALID_PARAMETER", "An event bus takes whole events only.")
    if delivery.hops >= events.MAX_HOPS:
        raise Failed("INVALID_PARAMETER", "The event has come past too many event buses.")
    events.match(lambdas, bus, event, delivery.ingested, delivery.hops + 1)


_SENDERS = {
    "lambda": _to_function,
    "sqs": _to_queue,
    "sns": _to_topic,
    "logs": _to_log_group,
    "states": _to_state_machine,
    "kinesis": _to_stream,
    "events": _to_bus,
}


def _json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError as problem:
        raise Failed("INVALID_JSON", f"The target takes JSON only: {problem}") from None
    return text


#: What other services' errors are for EventBridge; whatever is not here is the caller's fault.
_CODES = {
    "AccessDeniedException": "NO_PERMISSIONS",
    "StateMachineDoesNotExist": "NO_RESOURCE",
    "ResourceNotFoundException": "NO_RESOURCE",
    "ExecutionLimitExceeded": "THROTTLING",
    "ThrottlingException": "THROTTLING",
    "ProvisionedThroughputExceededException": "THROTTLING",
}


def _call(
    lambdas: LambdaService, delivery: Delivery, service: str, action: str, **given: Any
) -> None:
    """Call another service with the target's role."""
    rule = delivery.rule
    try:
        caller = client(
            lambdas.endpoint, service, delivery.target.get("RoleArn", ""), SERVICE,
            rule.account_id, delivery.target["Arn"].split(":")[3],
        )  # fmt: skip
        getattr(caller, action)(**given)
    except RoleNotAssumable as problem:
        raise Failed("FAILED_TO_ASSUME_ROLE", str(problem)) from None
    except ClientError as problem:
        error = problem.response["Error"]
        code = _CODES.get(error["Code"], "SDK_CLIENT_ERROR")
        status = problem.response["ResponseMetadata"].get("HTTPStatusCode", 400)
        again = status >= 500 or status == 429 or code == "THROTTLING"
        raise Failed("INTERNAL_ERROR" if status >= 500 else code, error["Message"], again) from None
    except BotoCoreError as problem:
        raise Failed("CONNECTION_FAILURE", str(problem), again=True) from None
