"""Where the record of an asynchronous invocation goes: destinations and dead-letter queues.

Everything is sent with a session of the function's own execution role, through the same door as
every other request.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from helpers.localaws.compute import role_clients
from helpers.localaws.compute.function import Function, Version
from helpers.localaws.compute.invocation import Invocation, Outcome


def record(
    function: Function,
    qualifier: str,
    invocation: Invocation,
    condition: str,
    attempts: int,
    outcome: Outcome | None,
) -> dict[str, Any]:
    """The document that a destination receives."""
    now = datetime.fromtimestamp(time.time(), UTC)
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": function.arn(qualifier),
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(invocation.payload),
    }
    if outcome is not None:
        context = {"statusCode": 200, "executedVersion": outcome.executed_version}
        if outcome.error:
            context["functionError"] = outcome.error
        document["responseContext"] = context
        document["responsePayload"] = _json(outcome.payload)
    return document


class Sender:
    """Sends records with the function's role. Each method returns whether it arrived."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def to_destination(
        self, version: Version, target: str, document: dict[str, Any], key: str | None = None
    ) -> bool:
        """Send the record to an SQS queue, SNS topic, Lambda function, event bus or S3 bucket.

        ``key`` names the object in a bucket; without it that of an asynchronous invocation.
        """
        service = target.split(":")[2]
        if service == "s3":
            return self._try(self._to_bucket, version, target, document, key)
        send = {
            "sqs": self._to_queue,
            "sns": self._to_topic,
            "lambda": self._to_function,
            "events": self._to_bus,
        }.get(service)
        return send is not None and self._try(send, version, target, document)

    def to_dead_letter_queue(
        self, version: Version, target: str, invocation: Invocation, outcome: Outcome | None
    ) -> bool:
        """Send the original event, with what went wrong in its attributes."""
        return self._try(self._to_dlq, version, target, invocation, outcome)

    def _try(self, send: Any, version: Version, *arguments: Any) -> bool:
        try:
            send(version, *arguments)
        except Exception as problem:  # the event is lost, as on AWS; a metric counts it
            print(f"{version.arn}: {arguments[0]}: {problem}", file=sys.stderr)
            return False
        return True

    def _to_queue(self, version: Version, target: str, document: dict[str, Any]) -> None:
        sqs = self._client(version, "sqs")
        sqs.send_message(
            QueueUrl=_queue_url(self._endpoint, target), MessageBody=json.dumps(document)
        )

    def _to_topic(self, version: Version, target: str, document: dict[str, Any]) -> None:
        self._client(version, "sns").publish(TopicArn=target, Message=json.dumps(document))

    def _to_function(self, version: Version, target: str, document: dict[str, Any]) -> None:
        self._client(version, "lambda").invoke(
            FunctionName=target, InvocationType="Event", Payload=json.dumps(document)
        )

    def _to_bus(self, version: Version, target: str, document: dict[str, Any]) -> None:
        context = document["requestContext"]
        result = "Success" if context["condition"] == "Success" else "Failure"
        self._client(version, "events").put_events(
            Entries=[
                {
                    "EventBusName": target,
                    "Source": "lambda",
                    "DetailType": f"Lambda Function Invocation Result - {result}",
                    "Resources": [target, context["functionArn"]],
                    "Detail": json.dumps(document),
                }
            ]
        )

    def _to_bucket(
        self, version: Version, target: str, document: dict[str, Any], key: str | None
    ) -> None:
        now = datetime.fromtimestamp(time.time(), UTC)
        key = key or f"aws/lambda/async/{version.name}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid4()}"
        bucket = target.rpartition(":")[2]
        self._client(version, "s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(document))

    def _to_dlq(
        self, version: Version, target: str, invocation: Invocation, outcome: Outcome | None
    ) -> None:
        message = ""
        if outcome is not None and isinstance(document := _json(outcome.payload), dict):
            message = str(document.get("errorMessage", ""))
        values = {
            "RequestID": ("String", invocation.request_id),
            "ErrorCode": ("Number", "200"),
            "ErrorMessage": ("String", message[:1024] or "unknown"),
        }
        attributes = {
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in values.items()
        }
        body = invocation.payload.decode()
        if target.split(":")[2] == "sqs":
            sqs = self._client(version, "sqs")
            sqs.send_message(
                QueueUrl=_queue_url(self._endpoint, target),
                MessageBody=body,
                MessageAttributes=attributes,
            )
        else:
            self._client(version, "sns").publish(
                TopicArn=target, Message=body, MessageAttributes=attributes
            )

    def _client(self, version: Version, service: str) -> Any:
        return role_clients.client(
            self._endpoint, service, version.config["Role"], version.name, version.account,
            version.region, attempts=2,
        )  # fmt: skip


def _queue_url(endpoint: str, arn: str) -> str:
    """From the ARN alone: GetQueueUrl needs a permission that AWS does not ask the role for."""
    account, name = arn.split(":")[4:6]
    return f"{endpoint}/{account}/{name}"


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
