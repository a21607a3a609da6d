"""Answers requests to APIs and function URLs: the gateway's way into this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http import answers, function_url, http_api, rest_api
from helpers.localaws.triggers.http.front import LAMBDA_URL, Front

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.gateway.call import Call


def serve(lambdas: LambdaService, call: Call, front: Front) -> Response:
    """The answer of the API or function URL that a request is for."""
    if front.kind == LAMBDA_URL:
        return function_url.serve(lambdas, front.id, call.environ, front.path, call.body)
    found = http_api.find(front.id)
    if found is not None:
        return http_api.serve(lambdas, found, call.environ, front.path, call.body)
    api = rest_api.find(front.id)
    if api is not None:
        return rest_api.serve(lambdas, api, call.environ, front.path, call.body)
    return answers.error(403, "Forbidden", kind="ForbiddenException")
