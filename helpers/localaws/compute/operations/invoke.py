"""Invoke. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

from __future__ import annotations

import base64
import binascii
import json

from werkzeug.wrappers import Response

from helpers.localaws.compute import arn, lineage
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    InvalidRequestContent,
    RecursiveInvocation,
    RequestTooLarge,
    ResourceConflict,
    ValidationError,
)
from helpers.localaws.compute.events import QueuedEvent
from helpers.localaws.compute.function import LATEST, Function, Version
from helpers.localaws.compute.invocation import Invocation
from helpers.localaws.compute.payload import check_json

#: Bytes. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_SYNC_BYTES, MAX_ASYNC_BYTES = 6_291_456, 1_048_576


@operation
def invoke(asked: Asked) -> Response:
    kind = asked.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    if kind not in ("RequestResponse", "Event", "DryRun"):
        raise ValidationError(
            f"1 validation error detected: Value '{kind}' at 'invocationType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
        )
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    functions = asked.functions
    function = functions.get(named.name, named.qualifier or LATEST)
    version = function.route(named.qualifier)
    if version.state == "Pending":
        raise ResourceConflict(
            "The operation cannot be performed at this time. The function is currently in the "
            "following state: Pending"
        )
    payload = _payload(asked, kind)
    if kind == "DryRun":
        return Response(status=204)
    invocation = Invocation(
        payload,
        arn.function_arn(functions.region, functions.account, named.name, named.qualifier),
        asked.request_id,
        _trace_id(asked),
        _client_context(asked),
    )
    if kind == "Event":
        event = QueuedEvent(
            functions.account, functions.region, named.name, named.qualifier, invocation
        )
        asked.service.events.put(event)
        return Response(status=202)
    invocation.trace_id, count = lineage.extend(invocation.trace_id, function.latest.arn)
    if count > lineage.LIMIT and function.recursive_loop == "Terminate":
        asked.service.metrics.count(function, "RecursiveInvocationsDropped")
        raise RecursiveInvocation(
            "Recursive invocation detected: the function was stopped because it invoked itself "
            f"{lineage.LIMIT} times in one chain of requests."
        )
    return _run(asked, function, version, invocation)


def _run(asked: Asked, function: Function, version: Version, invocation: Invocation) -> Response:
    outcome = asked.service.invoke(function, version, invocation)
    headers = {
        "X-Amz-Executed-Version": outcome.executed_version,
        "X-Amzn-Trace-Id": invocation.trace_id,
    }
    if outcome.error:
        headers["X-Amz-Function-Error"] = outcome.error
    if asked.headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log).decode()
    return Response(outcome.payload, 200, headers, content_type="application/json")


def _payload(asked: Asked, kind: str) -> bytes:
    limit = MAX_ASYNC_BYTES if kind == "Event" else MAX_SYNC_BYTES
    if len(asked.body) > limit:
        raise RequestTooLarge(
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        )
    if not asked.body:
        return b"{}"
    problem = check_json(asked.body)
    if problem:
        raise InvalidRequestContent(
            f"Could not parse request body into json: Could not parse payload into json: {problem}"
        )
    return asked.body


def _client_context(asked: Asked) -> str | None:
    given = asked.headers.get("X-Amz-Client-Context")
    if not given:
        return None
    try:
        decoded = base64.b64decode(given, validate=True).decode()
        json.loads(decoded)
    except (binascii.Error, ValueError):
        raise InvalidRequestContent(
            "Client context must be a valid Base64-encoded JSON object."
        ) from None
    if len(given) > 3583:
        raise InvalidRequestContent("Client context must be at most 3583 bytes long.")
    return " ".join(decoded.split("\n"))  # it travels in a header


def _trace_id(asked: Asked) -> str:
    given = asked.headers.get("X-Amzn-Trace-Id")
    if given:
        return str(given)
    digits = asked.request_id.replace("-", "")
    return f"Root=1-{digits[:8]}-{digits[8:]};Parent={digits[16:]};Sampled=0"
