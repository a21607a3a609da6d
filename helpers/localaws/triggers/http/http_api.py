"""HTTP APIs (API Gateway version 2): from a request to a route's integration and back.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http import (
    access_log,
    answers,
    deployments,
    event_v1,
    event_v2,
    front,
    http_authorizer,
    invoking,
    mapping,
    metrics,
    reply_v1,
    reply_v2,
    routes,
    state,
    uris,
)
from helpers.localaws.triggers.http import http_api_management as management
from helpers.localaws.triggers.http.cors import Cors, is_preflight
from helpers.localaws.triggers.http.request import HttpRequest

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

MAX_BYTES = 10 * 1024 * 1024
DEFAULT = "$default"
_TEXT = "text/plain; charset=utf-8"


@dataclass
class Refusal(Exception):
    """An answer of the API's own; ``reason`` is for the access log."""

    status: int
    message: str
    reason: str = ""


@dataclass
class Served:
    """One request on its way through an HTTP API. ``api`` and ``stage`` are moto's."""

    api: Any
    stage: Any
    request: HttpRequest
    raw_path: str  #: decoded, with the stage's name in front unless it is $default
    account: str
    region: str
    route_key: str | None = None
    message: str | None = None  #: of an answer of the API's own
    reason: str = ""  #: why it gave one


def find(api_id: str) -> tuple[Any, str, str] | None:
    """moto's ``Api`` (v2) of that id, with its account and region; None: there is none."""
    if "moto.apigatewayv2.models" not in sys.modules:  # then nobody has made one
        return None
    from moto.apigatewayv2.models import apigatewayv2_backends

    for account, backends in list(apigatewayv2_backends.items()):
        for region, backend in list(backends.items()):
            if api_id in backend.apis:
                return backend.apis[api_id], account, region
    return None


def serve(
    lambdas: LambdaService,
    found: tuple[Any, str, str],
    environ: dict[str, Any],
    path: str,
    body: bytes,
) -> Response:
    """Answer a request; ``path`` may begin with a stage's name."""
    api, account, region = found
    if api.protocol_type != "HTTP":
        return answers.not_here("WebSocket APIs")
    stage, rest = _stage(api, path)
    domain = front.domain(front.EXECUTE_API, api.api_id, region)
    request = HttpRequest.read(environ, rest, body, domain)
    request.id = answers.short_id()
    if stage is None or api.disable_execute_api_endpoint:
        return _finish(answers.error(404, "Not Found"), request)
    # An HTTP API decodes the path, and what was a question mark then ends it. Source: captures of
    # https://github.com/hotsock/voker/pull/8, told in https://github.com/middleapi/standard-server/pull/93
    decoded = unquote(rest).partition("?")[0]
    raw_path = decoded if stage.name == DEFAULT else f"/{stage.name}{decoded}"
    served = Served(api, stage, request, raw_path, account, region)
    began = time.perf_counter()
    answer = _answer(lambdas, served)
    _log(lambdas, served, answer)
    place, named = (account, region), ("ApiId", api.api_id)
    metrics.count(lambdas, place, named, stage.name, answer, began, metrics.HTTP)
    return _finish(answer, request)


def _answer(lambdas: LambdaService, served: Served) -> Response:
    cors = Cors.read(served.api.cors_configuration)
    if cors is not None and is_preflight(served.request):
        return cors.preflight(served.request, 204)
    try:
        answer = _run(lambdas, served)
    except Refusal as problem:
        served.message, served.reason = problem.message, problem.reason
        answer = answers.error(problem.status, problem.message)
    except http_authorizer.Refused as refused:
        served.message, served.reason = http_authorizer.message(refused), str(refused)
        answer = refused.answer
    except mapping.NotHere as problem:
        answer = answers.not_here(str(problem))
    if cors is not None:
        cors.add_to(answer, served.request)
    return answer


def _stage(api: Any, path: str) -> tuple[Any, str]:
    """The stage that a path begins with and what follows, else $default and all of it."""
    name, slash, rest = path[1:].partition("/")
    if name in api.stages and name != DEFAULT:
        return api.stages[name], slash + rest or "/"
    return api.stages.get(DEFAULT), path


def _run(lambdas: LambdaService, served: Served) -> Response:
    picture = _picture(served)
    route, path_parameters = _route(picture, served)
    served.route_key = key = route["routeKey"]
    settings = dict(served.stage.default_route_settings or {})
    settings |= (served.stage.route_settings or {}).get(key) or {}
    limits = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if not state.of(served.api).throttles.admit((served.stage.name, key), *limits):
        raise Refusal(429, "Too Many Requests")
    if len(served.request.body) > MAX_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    asked = http_authorizer.Asked(
        served.request,
        route,
        picture.authorizers.get(route.get("authorizerId") or ""),
        served.raw_path,
        served.stage.name,
        served.stage.stage_variables or {},
        path_parameters,
        served.account,
        served.region,
        served.api.api_id,
    )
    authorizer = http_authorizer.authorize(lambdas, state.of(served.api), asked)
    identifier = (route.get("target") or "").removeprefix("integrations/")
    integration = picture.integrations.get(identifier)
    if integration is None:
        raise Refusal(500, "Internal Server Error", "No integration is attached to the route")
    return _integrate(lambdas, served, asked, integration, authorizer)


def _picture(served: Served) -> deployments.HttpPicture:
    """What the stage serves: the API as it is, or as it was when it was deployed."""
    if served.stage.auto_deploy:
        return deployments.look_at_http(served.api)
    deployment = management.all_deployments(served.api).get(
        management.deployment_of(served.stage) or ""
    )
    if deployment is None:
        raise Refusal(404, "Not Found")
    return deployment.picture


def _route(
    picture: deployments.HttpPicture, served: Served
) -> tuple[dict[str, Any], dict[str, str]]:
    """The most specific route: by path, then by method, then $default."""
    method = served.request.method
    keyed = [(route["routeKey"].partition(" "), route) for route in picture.routes]
    candidates = [
        (path, (0 if name == method else 1, route))
        for (name, _, path), route in keyed
        if name in (method, "ANY") and path
    ]
    candidates.sort(key=lambda one: one[1][0])  # of two with one path, that with the method itself
    found = routes.best(candidates, served.request.path, decode=True)
    if found is not None:
        (_, route), variables = found
        return route, variables
    for route in picture.routes:
        if route["routeKey"] == DEFAULT:
            return route, {}
    raise Refusal(404, "Not Found")


def _integrate(
    lambdas: LambdaService,
    served: Served,
    asked: http_authorizer.Asked,
    integration: dict[str, Any],
    authorizer: dict[str, Any] | None,
) -> Response:
    if integration["integrationType"] != "AWS_PROXY" or integration.get("integrationSubtype"):
        raise mapping.NotHere("HTTP API integrations other than AWS_PROXY with a Lambda function")
    if integration.get("requestParameters") or integration.get("responseParameters"):
        raise mapping.NotHere("parameter mapping of HTTP APIs")
    version = integration.get("payloadFormatVersion") or "1.0"
    event = _event(served, asked, version, authorizer)
    source = invoking.Source(served.account, served.region, asked.route_arn)
    target = uris.function_arn(integration.get("integrationUri") or "", asked.stage_variables)
    seconds = int(integration.get("timeoutInMillis") or 30_000) / 1000
    by_role = bool(integration.get("credentialsArn"))
    trace = served.request.trace_id
    try:
        outcome = invoking.invoke(lambdas, target, event, source, seconds, trace, by_role=by_role)
    except invoking.TooLarge as problem:
        raise Refusal(413, "Request Entity Too Large", str(problem)) from None
    except (invoking.GaveUp, invoking.Throttled) as problem:
        reason = str(problem) or "Integration timeout"
        raise Refusal(503, "Service Unavailable", reason) from None
    except invoking.Rejected as problem:
        raise Refusal(500, "Internal Server Error", str(problem)) from None
    if outcome.error:
        reason = (
            f"The Lambda function returned an error: {outcome.payload.decode(errors='replace')}"
        )
        raise Refusal(500, "Internal Server Error", reason)
    try:
        if version == "1.0":
            return _reply_v1(outcome.payload)
        return reply_v2.respond(outcome.payload, default_type=_TEXT, objects=False)
    except reply_v1.Malformed as problem:
        reason = "The response from the Lambda function doesn't match the format that API Gateway "
        raise Refusal(500, "Internal Server Error", f"{reason}expects. {problem}") from None


def _event(
    served: Served,
    asked: http_authorizer.Asked,
    version: str,
    authorizer: dict[str, Any] | None,
) -> dict[str, Any]:
    shown = dict(authorizer or {})
    principal = shown.pop("principalId", None)
    if version == "2.0":
        return event_v2.event(
            served.request,
            route_key=asked.route["routeKey"],
            raw_path=served.raw_path,
            stage=served.stage.name,
            account=served.account,
            api_id=served.api.api_id,
            path_parameters=asked.path_parameters,
            stage_variables=asked.stage_variables,
            authorizer=shown or None,
        )
    context = http_authorizer.http_context_v1(asked)
    if "lambda" in shown:
        context["authorizer"] = {"principalId": principal, **shown["lambda"]}
    elif shown:
        context["authorizer"] = shown.get("jwt") or shown.get("iam")
    event = event_v1.event(
        served.request,
        resource=context["resourcePath"],
        path=served.raw_path,
        given_headers=event_v1.http_api_headers(served.request),
        path_parameters=asked.path_parameters,
        stage_variables=asked.stage_variables,
        context=context,
        body=event_v2.body(served.request),
    )
    return {"version": "1.0", **event}


def _reply_v1(payload: bytes) -> Response:
    answer = reply_v1.read(payload)
    body = (answer.get("body") or "").encode(errors="replace")
    if answer.get("isBase64Encoded"):
        body = reply_v1.decoded(answer)
    return answers.response(reply_v1.status(answer), reply_v1.headers(answer), body, _TEXT)


def _finish(answer: Response, request: HttpRequest) -> Response:
    answer.headers["Apigw-Requestid"] = request.id
    return answer


def _log(lambdas: LambdaService, served: Served, answer: Response) -> None:
    request = served.request
    values = {
        "accountId": served.account,
        "apiId": served.api.api_id,
        "domainName": request.domain,
        "error.message": served.message,
        "httpMethod": request.method,
        "identity": {"sourceIp": request.source_ip, "userAgent": request.header("user-agent")},
        "integrationErrorMessage": served.reason,
        "path": served.raw_path,
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": request.clock_time,
        "requestTimeEpoch": request.epoch_milliseconds,
        "responseLength": len(answer.get_data()),
        "routeKey": served.route_key,
        "stage": served.stage.name,
        "status": answer.status_code,
    }
    access_log.write(lambdas, served.stage.access_log_settings, values)
