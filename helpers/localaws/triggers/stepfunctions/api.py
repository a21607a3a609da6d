"""The Step Functions API: from a request to one of the operations, and back.

It speaks JSON 1.0: the operation is named in the header ``X-Amz-Target``, times are seconds since
the epoch. Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from helpers.localaws.triggers.stepfunctions import constraints
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError

if TYPE_CHECKING:
    from helpers.localaws.gateway.call import Call
    from helpers.localaws.triggers.stepfunctions.service import StepFunctions, Store


@dataclass
class Asked:
    """One request: the operation's parameters, and where it was asked."""

    service: StepFunctions
    store: Store  #: of the caller's account in the region that was called
    parameters: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        value = self.parameters.get(name)
        return default if value is None else value


Operation = Callable[[Asked], dict[str, Any] | None]
_operations: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Register the operation of this name: ``start_execution`` answers ``StartExecution``."""
    _operations["".join(word.capitalize() for word in function.__name__.split("_"))] = function
    return function


class StepFunctionsApi:
    """Answers the requests whose signature names the service ``states``."""

    def __init__(self, service: StepFunctions) -> None:
        from helpers.localaws.triggers.stepfunctions import operations

        operations.load()
        self._service = service

    def __call__(self, call: Call) -> Response:
        name = call.operation or ""
        perform = _operations.get(name)
        if perform is None:
            raise NotImplementedError
        try:
            store = self._service.store(call.caller.account_id, call.region)
            given = _parse(call.body)
            model = get_service_model("stepfunctions").operation_model(name)
            constraints.check(model.input_shape, given)
            answer = perform(Asked(self._service, store, given)) or {}
        except StepFunctionsError as problem:
            content = {"__type": problem.code, "message": problem.message}
            return _answer(content, problem.status, call.request_id)
        present = {key: value for key, value in answer.items() if value is not None}
        return _answer(present, 200, call.request_id)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise StepFunctionsError("SerializationException", "The request body is no JSON object")
    return given


def _answer(content: dict[str, Any], status: int, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id}
    kind = "application/x-amz-json-1.0"
    return Response(json.dumps(content), status, headers, content_type=kind)
