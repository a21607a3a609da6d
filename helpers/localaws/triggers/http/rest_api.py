"""REST APIs (API Gateway version 1): from a request below a stage to the integration and back.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from helpers.localaws.iam.actions.asked import Needed
from helpers.localaws.triggers.http import (
    answers,
    deployments,
    event_v1,
    front,
    iam,
    invoking,
    mapping,
    metrics,
    mock,
    reply_v1,
    rest_authorizer,
    rest_errors,
    rest_log,
    rest_validation,
    routes,
    signature,
    state,
    uris,
)
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import RestError

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

MAX_BYTES = 10 * 1024 * 1024
_JSON = "application/json"


@dataclass
class Served:
    """One request on its way through a REST API. ``api`` and ``stage`` are moto's."""

    api: Any
    stage: Any
    picture: deployments.RestPicture
    request: HttpRequest
    resource: deployments.RestResource | None = None
    method: dict[str, Any] = field(default_factory=dict)
    path_parameters: dict[str, str] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        variables: dict[str, str] = self.stage.variables or {}
        return variables

    def arn(self, path: str) -> str:
        """``arn:aws:execute-api:us-east-1:123456789012:API/STAGE/GET/orders``"""
        start = f"arn:aws:execute-api:{self.api.region_name}:{self.api.account_id}:{self.api.id}"
        return f"{start}/{self.stage.name}/{self.request.method}{path}"


def find(api_id: str) -> Any:
    """moto's ``RestAPI`` of that id, in whichever account and region; None: there is none."""
    if "moto.apigateway.models" not in sys.modules:  # it takes long to import, and nobody has
        return None
    from moto.apigateway.models import apigateway_backends

    for account in list(apigateway_backends.values()):
        for backend in list(account.values()):
            if api_id in backend.apis:
                return backend.apis[api_id]
    return None


def serve(
    lambdas: LambdaService, api: Any, environ: dict[str, Any], path: str, body: bytes
) -> Response:
    """Answer a request; ``path`` begins with the stage."""
    name, slash, rest = path[1:].partition("/")
    domain = front.domain(front.EXECUTE_API, api.id, api.region_name)
    request = HttpRequest.read(environ, slash + rest or "/", body, domain)
    stage = api.stages.get(name)
    deployment = api.deployments.get(stage.deployment_id) if stage else None
    picture = deployments.kept(deployment) if deployment else None
    if picture is None or api.disableExecuteApiEndpoint:
        return rest_errors.respond(rest_errors.forbidden(), None, request, {})
    served = Served(api, stage, picture, request)
    served.context = _context(served, path)
    log = rest_log.RestLog(lambdas, served.api, served.stage, request)
    began = time.perf_counter()
    try:
        answer = _run(lambdas, served)
    except RestError as problem:
        log.failed(problem)
        answer = rest_errors.respond(problem, picture, request, served.context)
    except mapping.NotHere as problem:
        answer = answers.not_here(str(problem))
    answer.headers["x-amzn-RequestId"] = request.id
    answer.headers["x-amz-apigw-id"] = served.context["extendedRequestId"]
    log.access(served.context, served.resource, answer)
    place, named = (api.account_id, api.region_name), ("ApiName", api.name)
    metrics.count(lambdas, place, named, name, answer, began, metrics.REST)
    return answer


def _run(lambdas: LambdaService, served: Served) -> Response:
    _route(served)
    settings = _throttling(served)
    key = (served.stage.name, served.resource.path if served.resource else "", *settings[0])
    if not state.of(served.api).throttles.admit(key, *settings[1]):
        raise rest_errors.throttled()
    if len(served.request.body) > MAX_BYTES:
        raise rest_errors.too_large()
    event = _event(served)
    _authorize(lambdas, served, event)
    if served.method.get("apiKeyRequired"):
        _check_api_key(served)
    rest_validation.check(served.method, served.picture, served.request, served.path_parameters)
    return _integrate(lambdas, served, event)


def _route(served: Served) -> None:
    """Find resource and method; a resource without the method does not count."""
    wanted = served.request.method
    # A slash at the end of a path means nothing to a REST API.
    path = served.request.path.rstrip("/") or "/"
    candidates = [
        (one.path, one)
        for one in served.picture.resources
        if wanted in one.methods or "ANY" in one.methods
    ]
    found = routes.best(candidates, path, decode=False)
    if found is None:
        raise rest_errors.missing_token()
    served.resource, served.path_parameters = found
    served.method = served.resource.methods.get(wanted) or served.resource.methods["ANY"]
    served.context |= {"resourceId": served.resource.id, "resourcePath": served.resource.path}


def _context(served: Served, path: str) -> dict[str, Any]:
    """``requestContext``, in AWS's order of members."""
    request, api = served.request, served.api
    return {
        "resourceId": None,
        "resourcePath": None,
        "httpMethod": request.method,
        "extendedRequestId": answers.short_id(),
        "requestTime": request.clock_time,
        "path": path,
        "accountId": api.account_id,
        "protocol": request.protocol,
        "stage": served.stage.name,
        "domainPrefix": api.id,
        "requestTimeEpoch": request.epoch_milliseconds,
        "requestId": request.id,
        "identity": event_v1.identity(request),
        "domainName": request.domain,
        "deploymentId": served.stage.deployment_id,
        "apiId": api.id,
    }


def _event(served: Served) -> dict[str, Any]:
    assert served.resource
    return event_v1.event(
        served.request,
        resource=served.resource.path,
        path=served.request.path,
        given_headers=event_v1.headers(served.request),
        path_parameters=served.path_parameters,
        stage_variables=served.variables,
        context=served.context,
        body=event_v1.rest_body(served.request, served.picture.binary_types),
    )


def _throttling(served: Served) -> tuple[tuple[str, ...], tuple[float | None, float | None]]:
    """The limits of the method, else of the stage; and whose bucket counts.

    A stage's limits hold for each method by itself.
    """
    assert served.resource
    settings: dict[str, Any] = served.stage.method_settings or {}
    encoded = served.resource.path.replace("/", "~1")
    for key in (f"{encoded}/{served.request.method}", "*/*"):
        if key in settings:
            one = settings[key]
            limits = one.get("throttlingRateLimit"), one.get("throttlingBurstLimit")
            return (served.request.method,), limits
    return (served.request.method,), (None, None)


def _authorize(lambdas: LambdaService, served: Served, event: dict[str, Any]) -> None:
    kind = (served.method.get("authorizationType") or "NONE").upper()
    if kind == "AWS_IAM":
        caller = signature.of_rest(served.request, served.api)
        need = Needed("execute-api:Invoke", served.arn(served.request.path))
        if text := iam.refusal(lambdas, [need]):
            raise rest_errors.not_allowed(text, served.api.account_id)
        served.context["identity"] |= {
            "accessKey": caller.access_key,
            "accountId": caller.account_id,
            "caller": caller.user_id,
            "user": caller.user_id,
            "userArn": caller.arn,
        }
    elif kind == "CUSTOM":
        authorizer = served.picture.authorizers.get(served.method.get("authorizerId") or "")
        if authorizer is None:
            raise rest_errors.authorizer_failed("Invalid authorizer ID specified")
        api = served.api
        source = f"arn:aws:execute-api:{api.region_name}:{api.account_id}:{api.id}"
        asked = rest_authorizer.Asked(
            served.request,
            event,
            served.arn(served.request.path),
            authorizer,
            invoking.Source(
                api.account_id, api.region_name, f"{source}/authorizers/{authorizer['id']}"
            ),
            served.stage.name,
            served.variables,
        )
        served.context["authorizer"] = rest_authorizer.authorize(lambdas, state.of(api), asked)
    elif kind != "NONE":
        raise mapping.NotHere(f"authorization of the type {kind}")


def _check_api_key(served: Served) -> None:
    """An enabled key of a usage plan that holds for this stage."""
    from moto.apigateway.models import apigateway_backends

    backend = apigateway_backends[served.api.account_id][served.api.region_name]
    given = served.request.header("x-api-key")
    here = {"apiId": served.api.id, "stage": served.stage.name}
    for plan in backend.usage_plans.values():
        covered = any(here.items() <= stage.items() for stage in plan.api_stages)
        for key in backend.usage_plan_keys.get(plan.id, {}).values() if covered else ():
            full = backend.keys.get(key.id)
            if full is not None and full.enabled and full.value == given:
                return
    raise rest_errors.forbidden()


def _integrate(lambdas: LambdaService, served: Served, event: dict[str, Any]) -> Response:
    integration = served.method.get("methodIntegration")
    if not integration:
        raise rest_errors.integration_failed("No integration defined for method")
    kind = integration["type"]
    if kind == "MOCK":
        values = {"context": served.context, "stageVariables": served.variables}
        return mock.respond(served.method, served.request, served.path_parameters, values)
    if kind != "AWS_PROXY":
        raise mapping.NotHere(
            f"REST API integrations of the type {kind}; it has AWS_PROXY (Lambda) and MOCK"
        )
    if integration.get("httpMethod") != "POST":
        # Lambda's Invoke is a POST; API Gateway calls it with whatever was configured.
        raise rest_errors.integration_failed(
            "Execution failed due to configuration error: Lambda is invoked with POST only"
        )
    assert served.resource
    source = invoking.Source(
        served.api.account_id, served.api.region_name, served.arn(served.resource.path)
    )
    target = uris.function_arn(integration.get("uri") or "", served.variables)
    seconds = int(integration.get("timeoutInMillis") or 29_000) / 1000
    by_role = bool(integration.get("credentials"))
    try:
        outcome = invoking.invoke(
            lambdas, target, event, source, seconds, served.request.trace_id, by_role=by_role
        )
    except invoking.TooLarge:
        raise rest_errors.too_large() from None
    except invoking.GaveUp:
        raise rest_errors.timed_out() from None
    except invoking.Rejected as problem:
        raise rest_errors.integration_failed(str(problem)) from None
    if outcome.error:
        raise rest_errors.integration_failed(
            f"Lambda execution failed with status 200 due to customer function error: "
            f"{outcome.payload.decode(errors='replace')}",
            502,
        )
    return _reply(served, outcome.payload)


def _reply(served: Served, payload: bytes) -> Response:
    """The handler's answer as HTTP.

    A base64 body is decoded where the first type of Accept is one of the API's binaryMediaTypes.
    """
    try:
        answer = reply_v1.read(payload)
        body = (answer.get("body") or "").encode(errors="replace")
        accept = served.request.header("accept") or _JSON
        wanted = accept.partition(",")[0].partition(";")[0].strip().lower()
        binary = event_v1.is_binary(wanted, served.picture.binary_types)
    except reply_v1.Malformed as problem:
        raise rest_errors.integration_failed(
            f"Execution failed due to configuration error: {problem}", 502
        ) from None
    if answer.get("isBase64Encoded") and binary:
        try:
            body = reply_v1.decoded(answer)
        except reply_v1.Malformed as problem:
            raise rest_errors.integration_failed(
                f"Execution failed due to configuration error: {problem}"
            ) from None
    headers = reply_v1.remapped(reply_v1.headers(answer))
    response = answers.response(reply_v1.status(answer), headers, body, _JSON)
    response.headers.setdefault("X-Amzn-Trace-Id", served.request.trace_id)
    return response
