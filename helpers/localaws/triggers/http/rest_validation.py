"""Request validation of a REST API: required parameters, and the body against a model.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-method-request-validation.html; the messages were recorded from AWS:
https://github.com/localstack/localstack/blob/main/tests/aws/services/apigateway/
test_apigateway_common.snapshot.json (test_api_gateway_request_validator)
"""

from __future__ import annotations

import json
from typing import Any

from helpers.localaws.triggers.http.deployments import RestPicture
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import RestError

_EMPTY = "Empty"  # the model that takes everything


def check(
    method: dict[str, Any],
    picture: RestPicture,
    request: HttpRequest,
    path_parameters: dict[str, str],
) -> None:
    """Raise RestError where the method's validator refuses the request."""
    validator = picture.validators.get(method.get("requestValidatorId") or "")
    if validator is None:
        return
    if validator.get("validateRequestParameters"):
        missing = _missing(method.get("requestParameters") or {}, request, path_parameters)
        if missing:
            raise RestError(
                "BAD_REQUEST_PARAMETERS",
                400,
                f"Missing required request parameters: [{', '.join(missing)}]",
                "BadRequestException",
            )
    if validator.get("validateRequestBody") and not _fits(method, picture, request):
        raise RestError("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException")


def _missing(
    wanted: dict[str, Any], request: HttpRequest, path_parameters: dict[str, str]
) -> list[str]:
    """The names that are required and not there (or empty)."""
    query = dict(request.parameters)
    missing = []
    for expression, required in wanted.items():
        place, _, name = expression.removeprefix("method.request.").partition(".")
        value = {
            "path": path_parameters.get(name),
            "querystring": query.get(name),
            "header": request.header(name),
        }.get(place)
        if required in (True, "true") and not value:
            missing.append(name)
    return missing


def _fits(method: dict[str, Any], picture: RestPicture, request: HttpRequest) -> bool:
    """Whether the body fits the model of its type; a type without a model is not looked at."""
    from jsonschema import Draft4Validator  # type: ignore[import-untyped]

    models = method.get("requestModels") or {}
    name = models.get(request.media_type or "application/json")
    if name is None or name == _EMPTY:
        return True
    try:
        schema = json.loads(picture.schemas.get(name) or "{}")
        body = json.loads(request.body or b"{}")
    except ValueError:
        return False
    return bool(Draft4Validator(schema).is_valid(body))
