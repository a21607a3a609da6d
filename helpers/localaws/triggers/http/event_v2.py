"""The event in payload format 2.0: what an HTTP API and a function URL send.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
http-api-develop-integrations-lambda.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
from typing import Any

from helpers.localaws.triggers.http.request import HttpRequest

#: Types whose bodies arrive as text. Source: https://aws.amazon.com/blogs/compute/
#: handling-binary-data-using-amazon-api-gateway-http-apis/
_TEXT = ("application/json", "application/javascript", "application/xml")
#: Headers that the front door keeps for itself or writes anew; cookies have a member of their own.
_OWN = (
    "connection", "transfer-encoding", "expect", "host", "cookie", "content-length",
    "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
)  # fmt: skip


def event(
    request: HttpRequest,
    *,
    route_key: str,
    raw_path: str,
    stage: str,
    account: str,
    api_id: str,
    path_parameters: dict[str, str] | None = None,
    stage_variables: dict[str, str] | None = None,
    authorizer: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole event. Members without content are missing, as on AWS."""
    found = base(request, route_key, raw_path)
    found["requestContext"] = context(
        request, route_key, raw_path, stage, account, api_id, authorizer
    )
    if path_parameters:
        found["pathParameters"] = path_parameters
    if stage_variables:
        found["stageVariables"] = stage_variables
    text, encoded = body(request)
    if text is not None:
        found["body"] = text
    found["isBase64Encoded"] = encoded
    return found


def base(request: HttpRequest, route_key: str, raw_path: str) -> dict[str, Any]:
    """The members that a Lambda authorizer's event has as well."""
    found: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": raw_path,
        "rawQueryString": request.query,
    }
    if cookies := cookie_list(request):
        found["cookies"] = cookies
    found["headers"] = headers(request)
    if request.parameters:
        joined: dict[str, str] = {}
        for name, value in request.parameters:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        found["queryStringParameters"] = joined
    return found


def context(
    request: HttpRequest,
    route_key: str,
    raw_path: str,
    stage: str,
    account: str,
    api_id: str,
    authorizer: dict[str, Any] | None,
) -> dict[str, Any]:
    """``requestContext``"""
    found: dict[str, Any] = {"accountId": account, "apiId": api_id}
    if authorizer:
        found["authorizer"] = authorizer
    return found | {
        "domainName": request.domain,
        "domainPrefix": api_id,
        "http": {
            "method": request.method,
            "path": raw_path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request.id,
        "routeKey": route_key,
        "stage": stage,
        "time": request.clock_time,
        "timeEpoch": request.epoch_milliseconds,
    }


def headers(request: HttpRequest) -> dict[str, str]:
    """Lower-case names; repeated headers are joined with commas."""
    found: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in _OWN:
            found[lower] = f"{found[lower]},{value}" if lower in found else value
    found["content-length"] = str(len(request.body))
    found["host"] = request.domain
    return found | {name.lower(): value for name, value in request.forwarded_headers()}


def cookie_list(request: HttpRequest) -> list[str]:
    """Each cookie by itself: ``["a=1", "b=2"]``."""
    return [
        cookie.strip()
        for sent in request.values("cookie")
        for cookie in sent.split(";")
        if cookie.strip()
    ]


def body(request: HttpRequest) -> tuple[str | None, bool]:
    """The body and whether it is base64, which the Content-Type decides.

    A form, a file and a body without a type arrive as base64.
    """
    if not request.body:
        return None, False
    kind = request.media_type
    if kind.startswith("text/") or kind in _TEXT or kind.endswith(("+json", "+xml")):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True
