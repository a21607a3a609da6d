"""What a REST API answers when it does not come to the integration: gateway responses.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http.deployments import RestPicture
from helpers.localaws.triggers.http.request import HttpRequest


@dataclass
class RestError(Exception):
    """One of API Gateway's own answers. ``type`` is the gateway response's, ``kind`` the header's.

    ``reason`` is for the execution log, not for the client.
    """

    type: str
    status: int
    message: str | None
    kind: str
    member: str = "message"
    reason: str = ""


def missing_token() -> RestError:
    """No such resource or method; or IAM asks for a signature and there is none."""
    return RestError(
        "MISSING_AUTHENTICATION_TOKEN",
        403,
        "Missing Authentication Token",
        "MissingAuthenticationTokenException",
    )


def forbidden() -> RestError:
    """No such API or stage, or no valid API key."""
    return RestError("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException")


def unauthorized() -> RestError:
    return RestError("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException")


def access_denied(explicitly: bool) -> RestError:
    """The authoriser's policy does not allow the method, or denies it."""
    message = "User is not authorized to access this resource"
    message += " with an explicit deny" if explicitly else ""
    return RestError("ACCESS_DENIED", 403, message, "AccessDeniedException", member="Message")


def not_allowed(text: str, account: str) -> RestError:
    """No policy allows whoever signed; AWS hides most of the account's number in the resource."""
    user, _, resource = text.partition(" on resource: ")
    shown = f"{user} on resource: {resource.replace(account, '********' + account[-4:], 1)}"
    return RestError("ACCESS_DENIED", 403, shown, "AccessDeniedException", member="Message")


def authorizer_failed(reason: str) -> RestError:
    """The authoriser could not be invoked, failed, or answered nonsense."""
    return RestError(
        "AUTHORIZER_CONFIGURATION_ERROR",
        500,
        None,
        "AuthorizerConfigurationException",
        reason=reason,
    )


def throttled() -> RestError:
    return RestError("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException")


def too_large() -> RestError:
    return RestError("REQUEST_TOO_LARGE", 413, "Request Too Long", "RequestTooLargeException")


def timed_out() -> RestError:
    return RestError(
        "INTEGRATION_TIMEOUT",
        504,
        "Endpoint request timed out",
        "InternalServerErrorException",
        reason="Execution failed due to a timeout error",
    )


def integration_failed(reason: str, status: int = 500) -> RestError:
    """500 where Lambda rejects the invocation, 502 where the function or its answer is wrong.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
    """
    return RestError(
        "API_CONFIGURATION_ERROR" if status == 500 else "INTEGRATION_FAILURE",
        status,
        "Internal server error",
        "InternalServerErrorException",
        reason=reason,
    )


def respond(
    problem: RestError, picture: RestPicture | None, request: HttpRequest, context: dict[str, Any]
) -> Response:
    """The response, in the form that the API's own gateway responses give it."""
    custom = _custom(problem, picture)
    headers = {"x-amzn-ErrorType": problem.kind, "x-amzn-RequestId": request.id}
    body = json.dumps({problem.member: problem.message}, separators=(",", ":"))
    kind = "application/json"
    for name, value in (custom.get("responseParameters") or {}).items():
        if name.startswith("gatewayresponse.header."):
            headers[name.removeprefix("gatewayresponse.header.")] = _parameter(value, request)
    if templates := custom.get("responseTemplates"):
        kind = min(templates)
        body = _fill(templates[kind] or "", problem, context)
    status = int(custom.get("statusCode") or problem.status)
    answer = Response(body, status, headers)
    answer.headers["Content-Type"] = kind
    return answer


def _custom(problem: RestError, picture: RestPicture | None) -> dict[str, Any]:
    """The API's own gateway response of that type, or its default for the class of status."""
    own = picture.gateway_responses if picture else {}
    default = "DEFAULT_4XX" if problem.status < 500 else "DEFAULT_5XX"
    return own.get(problem.type) or own.get(default) or {}


def _parameter(value: str, request: HttpRequest) -> str:
    """``'*'`` is a text; ``method.request.header.Origin`` comes from the request."""
    if value.startswith("'"):
        return value.strip("'")
    return request.header(value.removeprefix("method.request.header.")) or ""


def _fill(template: str, problem: RestError, context: dict[str, Any]) -> str:
    """A template's ``$context`` variables; the error's own are ``$context.error.…``."""
    error = {
        "error.messageString": json.dumps(problem.message),
        "error.message": problem.message or "",
        "error.responseType": problem.type,
    }

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return str(error.get(name, context.get(name, "")))

    return re.sub(r"\$(?:context\.([A-Za-z.]*[A-Za-z])|\{context\.([A-Za-z.]+)\})", value, template)
