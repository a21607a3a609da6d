"""From a raw request to the operation's parameters, by the names that boto3 uses.

The parsers are moto's, which read botocore's service models; CBOR, which moto does not read, is
read with botocore's own reader of answers.
Source: https://smithy.io/2.0/aws/protocols/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.parsers import RpcV2CBORParser
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.operations import _candidates


@dataclass(frozen=True)
class Parsed:
    """An operation with its parameters; ``service`` is botocore's name of the service."""

    service: str
    operation: str
    parameters: dict[str, Any]


class UnreadableRequest(ValueError):
    """A request that its service's model cannot read: the service will refuse it."""


def parse(call: Call) -> Parsed | None:
    """What is asked for; None: no operation of any service is known by this request.

    Raises UnreadableRequest where the body or a parameter is malformed.
    """
    request = call.request()
    if cbor := _cbor(call, request):
        return cbor
    for service in _candidates(call, request.path):
        try:
            model, uri = get_service_router(service).match(request)
        except (HTTPException, NotImplementedError, LookupError):
            continue
        except Exception:  # botocore: there is no service of that name
            continue
        return Parsed(service, str(model.name), _parameters(service, model, call, uri))
    return None


def _parameters(
    service: str, model: OperationModel, call: Call, uri: dict[str, Any]
) -> dict[str, Any]:
    request = call.request()
    body = _body(call, model)
    protocol = determine_request_protocol(get_service_model(service), request.content_type)
    try:
        if protocol in ("json", "rest-json") and body:
            json.loads(body)  # moto takes what is no JSON for an empty request
        parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](model).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": body,
                "url_path": request.path,
                "url_params": uri,
            }
        )
    except (RequestParserError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise UnreadableRequest(str(problem)) from problem
    return parsed


def _body(call: Call, model: OperationModel) -> bytes:
    """The body; a payload that is the learner's own data (an event, an object) is not looked at."""
    shape = model.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload and shape.members[payload].type_name in ("blob", "string"):
        return b""
    return call.body


def _cbor(call: Call, request: Request) -> Parsed | None:
    """Smithy's RPC: ``POST /service/NAME/operation/OPERATION`` with a map in CBOR."""
    path = request.path.strip("/").split("/")
    if len(path) != 4 or (path[0], path[2]) != ("service", "operation"):
        return None
    service = next(iter(_candidates(call, request.path)), call.service or "")
    if not call.body:
        return Parsed(service, path[3], {})
    reader = RpcV2CBORParser()
    try:
        content = reader.parse_data_item(reader.get_peekable_stream_from_bytes(call.body))
    except Exception as problem:  # botocore's reader raises whatever it stumbles over
        raise UnreadableRequest(str(problem)) from problem
    return Parsed(service, path[3], content if isinstance(content, dict) else {})
