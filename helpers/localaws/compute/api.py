"""Lambda's REST API: from an HTTP request to one of the operations, and back.

Which path is which operation, and how parameters and results travel, is read from botocore's
service model with moto's parsers, so that it is the same model that boto3 itself works from.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from helpers.localaws.compute import encryption
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.compute.function import Functions
from helpers.localaws.compute.layers import Layers

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.gateway.call import Call


@dataclass
class Asked:
    """One request: the operation's parameters by the API's names, and who asks where."""

    service: LambdaService
    functions: Functions  #: those of the caller's account in the region that was called
    layers: Layers
    parameters: dict[str, Any]
    request_id: str
    headers: Any
    body: bytes

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.parameters.get(name, default)


Operation = Callable[[Asked], Any]
_operations: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Register the operation of this name: ``get_function`` answers ``GetFunction``."""
    _operations["".join(word.capitalize() for word in function.__name__.split("_"))] = function
    return function


class LambdaApi:
    """Answers the requests whose signature names the service ``lambda``."""

    def __init__(self, service: LambdaService) -> None:
        from helpers.localaws.compute import operations

        operations.load()
        self._service = service

    def __call__(self, call: Call) -> Response:
        request = call.request()
        try:
            model, uri = get_service_router("lambda").match(request)
        except HTTPException:
            raise NotImplementedError from None
        perform = _operations.get(model.name)
        if perform is None:
            raise NotImplementedError
        try:
            asked = Asked(
                self._service,
                self._service.functions(call.caller.account_id, call.region),
                self._service.layers(call.caller.account_id, call.region),
                _parse(model, request, uri),
                call.request_id,
                request.headers,
                call.body,
            )
            answer = perform(asked)
            encryption.show(self._service, answer)
        except LambdaError as problem:
            return _error(problem, call.request_id)
        if isinstance(answer, Response):
            answer.headers["x-amzn-RequestId"] = call.request_id
            return answer
        return _serialize(model, answer, call.request_id)

    def warm_up(self) -> None:
        """Read the service model before anybody waits for it."""
        get_service_router("lambda")


def _parse(model: OperationModel, request: Request, uri: dict[str, Any]) -> dict[str, Any]:
    if model.name == "Invoke":  # the hot path, and its payload is no JSON document of the API
        return {**uri, **request.args}
    parser = PROTOCOL_PARSERS["rest-json"](model)
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": uri,
        }
    )
    return parsed


def _serialize(model: OperationModel, answer: Any, request_id: str) -> Response:
    serializer = get_serializer_class("lambda", "rest-json")(model)
    parts = serializer.serialize(answer or {})
    parts["headers"]["x-amzn-RequestId"] = request_id
    return Response(parts["body"], parts["status_code"], parts["headers"])


def _error(problem: LambdaError, request_id: str) -> Response:
    """boto3 reads the code from the header and the message from the body."""
    model = get_service_model("lambda")
    members = model.shape_for(problem.code).members if problem.code in model.shape_names else {}
    spelling = "message" if "message" in members else "Message"
    body = {"Type": "User", spelling: problem.message, **problem.more}
    headers = {"x-amzn-ErrorType": problem.code, "x-amzn-RequestId": request_id}
    return Response(json.dumps(body), problem.status, headers, content_type="application/json")
