"""The event in payload format 1.0: what a REST API sends, and an HTTP API that was asked to.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
set-up-lambda-proxy-integrations.html (input format) and, for HTTP APIs,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
Details recorded from AWS: https://github.com/localstack/localstack/blob/main/tests/aws/services/
apigateway/test_apigateway_lambda.snapshot.json
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from helpers.localaws.triggers.http.request import HttpRequest

#: Headers that AWS's front door keeps for itself or writes anew.
_OWN = (
    "connection", "content-length", "transfer-encoding", "expect", "host", "x-amzn-trace-id",
    "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
)  # fmt: skip
#: Headers that arrive in this spelling, however the client spelled them.
_SPELLED = {"authorization": "Authorization", "user-agent": "User-Agent"}


def headers(request: HttpRequest) -> list[tuple[str, str]]:
    """The headers as a REST API passes them on."""
    kept = [
        (_SPELLED.get(name.lower(), name), value)
        for name, value in request.headers
        if name.lower() not in _OWN
    ]
    return [*kept, ("Host", request.domain), *request.forwarded_headers()]


def http_api_headers(request: HttpRequest) -> list[tuple[str, str]]:
    """The headers as an HTTP API passes them on in this format; the length is one of them."""
    return [*headers(request), ("Content-Length", str(len(request.body)))]


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """The last value for each name; None where there is nothing."""
    return dict(pairs) or None


def multiple(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    """Every value for each name."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found or None


def event(
    request: HttpRequest,
    *,
    resource: str,
    path: str,
    given_headers: list[tuple[str, str]],
    path_parameters: dict[str, str],
    stage_variables: dict[str, str],
    context: dict[str, Any],
    body: tuple[str | None, bool],
) -> dict[str, Any]:
    """The whole event; ``body`` is its text and whether that is base64."""
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": single(given_headers),
        "multiValueHeaders": multiple(given_headers),
        "queryStringParameters": single(request.parameters),
        "multiValueQueryStringParameters": multiple(request.parameters),
        "pathParameters": path_parameters or None,
        "stageVariables": stage_variables or None,
        "requestContext": context,
        "body": body[0],
        "isBase64Encoded": body[1],
    }


def identity(request: HttpRequest) -> dict[str, Any]:
    """``requestContext.identity`` of a caller who did not sign."""
    return {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": request.source_ip,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": request.header("user-agent"),
        "user": None,
    }


def rest_body(request: HttpRequest, binary_types: Iterable[str]) -> tuple[str | None, bool]:
    """The body as text; as base64 where the API's binaryMediaTypes name the Content-Type.

    A body of another type is read as UTF-8, and what is not UTF-8 in it is lost, as on AWS.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
    api-gateway-payload-encodings.html
    """
    if not request.body:
        return None, False
    if is_binary(request.media_type, binary_types):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode(errors="replace"), False


def is_binary(media_type: str, binary_types: Iterable[str]) -> bool:
    """Whether a type is one of the API's binaryMediaTypes: ``image/png``, ``image/*``, ``*/*``."""
    main = media_type.partition("/")[0]
    return any(
        wanted.lower() in ("*/*", media_type, f"{main}/*" if main else None)
        for wanted in binary_types
    )
