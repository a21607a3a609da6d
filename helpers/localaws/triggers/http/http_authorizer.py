"""Authorisers of HTTP APIs: Lambda (formats 1.0 and 2.0), JWT, and IAM.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
http-api-lambda-authorizer.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from helpers.localaws.iam.actions.asked import Needed
from helpers.localaws.triggers.http import (
    answers,
    authorizer_policy,
    event_v1,
    event_v2,
    iam,
    invoking,
    jwt,
    signature,
    uris,
)
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.state import ApiState

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

_SECONDS = 10.0


class Refused(Exception):
    """The request may not pass; ``answer`` is what its client gets."""

    def __init__(self, answer: Response, reason: str = "") -> None:
        super().__init__(reason)
        self.answer = answer


@dataclass
class Asked:
    """What is to be authorised. ``route`` and ``authorizer`` are moto's JSON."""

    request: HttpRequest
    route: dict[str, Any]
    authorizer: dict[str, Any] | None
    raw_path: str
    stage: str
    stage_variables: dict[str, str]
    path_parameters: dict[str, str]
    account: str
    region: str
    api_id: str

    def arn(self, rest: str) -> str:
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}/{rest}"

    @property
    def route_arn(self) -> str:
        """``…:API/STAGE/GET/orders``, or ``…:API/STAGE/$default``"""
        key = self.route["routeKey"]
        if key == "$default":
            return self.arn(f"{self.stage}/$default")
        return self.arn(f"{self.stage}/{self.request.method}{key.partition(' ')[2]}")


def authorize(lambdas: LambdaService, state: ApiState, asked: Asked) -> dict[str, Any] | None:
    """``requestContext.authorizer``, None: there is nothing to say. Raises Refused, NotHere."""
    kind = asked.route.get("authorizationType") or "NONE"
    if kind == "NONE":
        return None
    if kind == "AWS_IAM":
        return _iam(lambdas, asked)
    if asked.authorizer is None:
        raise Refused(failed(), "The route's authorizer does not exist")
    if kind == "JWT":
        return _jwt(state, asked)
    return _lambda(lambdas, state, asked)


def _iam(lambdas: LambdaService, asked: Asked) -> dict[str, Any]:
    try:
        signer = signature.verify(asked.request, "execute-api")
    except (signature.NotSigned, signature.BadSignature) as problem:
        raise Refused(forbidden(), str(problem)) from None
    path = f"{asked.stage}/{asked.request.method}{asked.request.path}"
    if text := iam.refusal(lambdas, [Needed("execute-api:Invoke", asked.arn(path))]):
        raise Refused(forbidden(), text)
    return {"iam": iam_member(signer)}


def iam_member(signer: signature.Signer) -> dict[str, Any]:
    """``requestContext.authorizer.iam``"""
    return {
        "accessKey": signer.access_key,
        "accountId": signer.account_id,
        "callerId": signer.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": signer.arn,
        "userId": signer.user_id,
    }


def _jwt(state: ApiState, asked: Asked) -> dict[str, Any]:
    assert asked.authorizer
    sources = _sources(asked.authorizer) or ["$request.header.Authorization"]
    token = (_value(sources[0], asked) or "").strip()
    token = token[7:].strip() if token.lower().startswith("bearer ") else token
    if not token:
        raise Refused(unauthorized())
    config = asked.authorizer.get("jwtConfiguration") or {}
    scopes = asked.route.get("authorizationScopes") or []
    try:
        issuer, audience = config.get("issuer") or "", config.get("audience") or []
        found = jwt.check(token, issuer, audience, scopes, state)
    except jwt.BadToken as problem:
        detail = f'Bearer scope="" error="invalid_token" error_description="{problem}"'
        raise Refused(unauthorized({"www-authenticate": detail}), str(problem)) from None
    except jwt.MissingScope as problem:
        detail = f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope"'
        detail += f' error_description="{problem}"'
        raise Refused(forbidden({"www-authenticate": detail}), str(problem)) from None
    return {"jwt": found}


def _lambda(lambdas: LambdaService, state: ApiState, asked: Asked) -> dict[str, Any]:
    authorizer = asked.authorizer
    assert authorizer
    identity = [_value(source, asked) for source in _sources(authorizer)]
    if not all(identity):
        raise Refused(unauthorized())
    ttl = int(authorizer.get("authorizerResultTtlInSeconds") or 0)
    key = (authorizer["authorizerId"], asked.stage, *identity)
    answer = state.decision(key) if ttl > 0 else None
    if answer is None:
        answer = _ask(lambdas, asked, [one or "" for one in identity])
        state.remember(key, answer, ttl)
    allowed, context = _decide(answer, asked)
    if not allowed:
        raise Refused(forbidden())
    return {"lambda": context, "principalId": answer.get("principalId")}


def _ask(lambdas: LambdaService, asked: Asked, identity: list[str]) -> dict[str, Any]:
    authorizer = asked.authorizer
    assert authorizer
    event = _event(asked, identity)
    source = asked.arn(f"authorizers/{authorizer['authorizerId']}")
    try:
        outcome = invoking.invoke(
            lambdas,
            uris.function_arn(authorizer.get("authorizerUri") or "", asked.stage_variables),
            event,
            invoking.Source(asked.account, asked.region, source),
            _SECONDS,
            asked.request.trace_id,
            by_role=bool(authorizer.get("authorizerCredentialsArn")),
        )
        answer = json.loads(outcome.payload)
    except (invoking.Rejected, invoking.GaveUp, ValueError) as problem:
        raise Refused(failed(), str(problem) or "The authorizer timed out") from None
    if outcome.error:
        if isinstance(answer, dict) and answer.get("errorMessage") == "Unauthorized":
            raise Refused(unauthorized())
        raise Refused(failed(), f"The authorizer failed: {outcome.payload.decode()}")
    if not isinstance(answer, dict):
        raise Refused(failed(), "The authorizer's answer is not an object")
    return answer


def _decide(answer: dict[str, Any], asked: Asked) -> tuple[bool, dict[str, Any]]:
    """Whether the answer, simple or a policy, lets the request pass; and its context."""
    assert asked.authorizer
    context = answer.get("context") or {}
    if not isinstance(context, dict):
        raise Refused(failed(), "The authorizer's context is not an object")
    if asked.authorizer.get("enableSimpleResponses"):
        if not isinstance(answer.get("isAuthorized"), bool):
            raise Refused(failed(), "The authorizer's answer has no isAuthorized")
        return answer["isAuthorized"], context
    try:
        effect = authorizer_policy.decide(answer.get("policyDocument"), asked.route_arn)
    except authorizer_policy.BadPolicy:
        raise Refused(failed(), "The authorizer's answer has no policyDocument") from None
    return effect == "Allow", context


def _event(asked: Asked, identity: list[str]) -> dict[str, Any]:
    assert asked.authorizer
    request = asked.request
    if asked.authorizer.get("authorizerPayloadFormatVersion") == "2.0":
        event = {
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": asked.route_arn,
            "identitySource": identity,
            **event_v2.base(request, asked.route["routeKey"], asked.raw_path),
        }
        event["requestContext"] = event_v2.context(
            request, asked.route["routeKey"], asked.raw_path, asked.stage, asked.account,
            asked.api_id, None,
        )  # fmt: skip
        if asked.path_parameters:
            event["pathParameters"] = asked.path_parameters
        if asked.stage_variables:
            event["stageVariables"] = asked.stage_variables
        return event
    return {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": asked.route_arn,
        "identitySource": ",".join(identity),
        "authorizationToken": ",".join(identity),
        "resource": asked.route["routeKey"].partition(" ")[2] or "$default",
        "path": asked.raw_path,
        "httpMethod": request.method,
        "headers": event_v1.single(event_v1.http_api_headers(request)),
        "queryStringParameters": event_v1.single(request.parameters) or {},
        "pathParameters": asked.path_parameters,
        "stageVariables": asked.stage_variables,
        "requestContext": http_context_v1(asked),
    }


def http_context_v1(asked: Asked) -> dict[str, Any]:
    """``requestContext`` of an HTTP API's event in format 1.0."""
    request = asked.request
    key = asked.route["routeKey"]
    return {
        "accountId": asked.account,
        "apiId": asked.api_id,
        "domainName": request.domain,
        "domainPrefix": asked.api_id,
        "extendedRequestId": request.id,
        "httpMethod": request.method,
        "identity": event_v1.identity(request),
        "path": asked.raw_path,
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": request.clock_time,
        "requestTimeEpoch": request.epoch_milliseconds,
        "resourceId": key,
        "resourcePath": key.partition(" ")[2] or "$default",
        "stage": asked.stage,
    }


def _sources(authorizer: dict[str, Any]) -> list[str]:
    given = authorizer.get("identitySource") or []
    texts = given if isinstance(given, list) else str(given).split(",")
    return [one.strip() for one in texts if one.strip()]


def _value(source: str, asked: Asked) -> str | None:
    """``$request.header.Authorization``, ``$request.querystring.token``, ``$context.…``"""
    start, _, rest = source.removeprefix("$").partition(".")
    if start == "request":
        place, _, name = rest.partition(".")
        if place == "header":
            return ",".join(asked.request.values(name)) or None
        if place == "querystring":
            return dict(asked.request.parameters).get(name)
    if start == "stageVariables":
        return asked.stage_variables.get(rest)
    if start == "context":
        context = event_v2.context(
            asked.request, asked.route["routeKey"], asked.raw_path, asked.stage, asked.account,
            asked.api_id, None,
        )  # fmt: skip
        value: Any = context | {"identity": {"sourceIp": asked.request.source_ip}}
        for name in rest.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return str(value) if value is not None else None
    return None


def unauthorized(headers: dict[str, str] | None = None) -> Response:
    return answers.error(401, "Unauthorized", headers=headers)


def forbidden(headers: dict[str, str] | None = None) -> Response:
    return answers.error(403, "Forbidden", headers=headers)


def failed() -> Response:
    return answers.error(500, "Internal Server Error")


def message(refused: Refused) -> str:
    """The text that the client gets."""
    return str(json.loads(refused.answer.get_data())["message"])
