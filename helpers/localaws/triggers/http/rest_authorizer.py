"""Lambda authorisers of REST APIs: TOKEN and REQUEST.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-use-lambda-authorizer.html and, for what each failure answers,
https://dev.to/marcogrcr/api-gateway-lambda-authorizer-lambda-proxy-integration-failure-modes-52bc
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.http import authorizer_policy, invoking, uris
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import (
    access_denied,
    authorizer_failed,
    unauthorized,
)
from helpers.localaws.triggers.http.state import ApiState

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Seconds that API Gateway waits for an authoriser.
_SECONDS = 29.0
_DEFAULT_TTL = 300


@dataclass
class Asked:
    """What an authoriser is asked about."""

    request: HttpRequest
    event: dict[str, Any]  #: the event of format 1.0 that the integration would get
    method_arn: str  #: with the path that was really called
    authorizer: dict[str, Any]  #: moto's JSON
    source: invoking.Source  #: ``…:API/authorizers/ID``
    stage: str
    stage_variables: dict[str, str]


def authorize(lambdas: LambdaService, state: ApiState, asked: Asked) -> dict[str, Any]:
    """``requestContext.authorizer`` for the integration; raises RestError where it may not pass."""
    authorizer = asked.authorizer
    kind = authorizer["type"]
    if kind not in ("TOKEN", "REQUEST"):
        raise authorizer_failed(f"The local AWS does not have authorizers of the type {kind}")
    sources = _sources(authorizer)
    ttl = _ttl(authorizer)
    identity = tuple(_value(one, asked) for one in sources)
    if (kind == "TOKEN" or ttl > 0) and (not sources or not all(identity)):
        raise unauthorized()
    expression = authorizer.get("identityValidationExpression")
    if kind == "TOKEN" and expression and not re.fullmatch(expression, identity[0] or ""):
        raise unauthorized()
    key = (authorizer["id"], asked.stage, *identity)
    answer, took = state.decision(key) if ttl > 0 else None, 0
    if answer is None:
        began = time.monotonic()
        answer = _ask(lambdas, asked, kind, identity)
        took = int((time.monotonic() - began) * 1000)
        state.remember(key, answer, ttl)
    try:
        effect = authorizer_policy.decide(answer["policyDocument"], asked.method_arn)
    except authorizer_policy.BadPolicy:
        raise authorizer_failed(
            "Execution failed due to configuration error: Invalid JSON in response: "
            "policyDocument is no policy"
        ) from None
    if effect != "Allow":
        raise access_denied(explicitly=effect == "Deny")
    context = {name: _text(value) for name, value in (answer.get("context") or {}).items()}
    return {"principalId": answer.get("principalId"), "integrationLatency": took, **context}


def _ask(
    lambdas: LambdaService, asked: Asked, kind: str, identity: tuple[str | None, ...]
) -> dict[str, Any]:
    """Invoke the authoriser's function; raises RestError."""
    event: dict[str, Any] = {"type": kind, "methodArn": asked.method_arn}
    if kind == "TOKEN":
        event["authorizationToken"] = identity[0]
    else:
        left_out = ("body", "isBase64Encoded")
        event |= {name: value for name, value in asked.event.items() if name not in left_out}
    try:
        outcome = invoking.invoke(
            lambdas,
            uris.function_arn(asked.authorizer.get("authorizerUri") or "", asked.stage_variables),
            event,
            asked.source,
            _SECONDS,
            asked.request.trace_id,
            by_role=bool(asked.authorizer.get("authorizerCredentials")),
        )
        answer = json.loads(outcome.payload)
    except (invoking.Rejected, invoking.GaveUp, ValueError) as problem:
        raise authorizer_failed(str(problem) or "Authorizer timed out") from None
    if outcome.error:
        # A handler says 401 by raising an exception with exactly this text.
        if isinstance(answer, dict) and answer.get("errorMessage") == "Unauthorized":
            raise unauthorized()
        raise authorizer_failed("Execution failed due to configuration error: Authorizer error")
    if not isinstance(answer, dict) or not _well_formed(answer):
        raise authorizer_failed(
            "Execution failed due to configuration error: Invalid JSON in response"
        )
    return answer


def _well_formed(answer: dict[str, Any]) -> bool:
    """A policy, and a context of plain values: objects and lists are not taken."""
    context = answer.get("context") or {}
    return (
        isinstance(answer.get("policyDocument"), dict)
        and isinstance(context, dict)
        and not any(isinstance(value, dict | list) for value in context.values())
    )


def _sources(authorizer: dict[str, Any]) -> list[str]:
    given = authorizer.get("identitySource") or ""
    if authorizer["type"] == "TOKEN":
        given = given or "method.request.header.Authorization"
    return [one.strip() for one in given.split(",") if one.strip()]


def _value(source: str, asked: Asked) -> str | None:
    """The value of one identity source: ``method.request.header.Authorization``."""
    place, _, name = source.removeprefix("method.request.").partition(".")
    if place == "header":
        return asked.request.header(name)
    if place == "querystring":
        return dict(asked.request.parameters).get(name)
    start, _, name = source.partition(".")
    if start == "stageVariables":
        return asked.stage_variables.get(name)
    if start == "context":
        value: Any = asked.event["requestContext"]
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return str(value) if value is not None else None
    return None


def _ttl(authorizer: dict[str, Any]) -> int:
    given = authorizer.get("authorizerResultTtlInSeconds")
    return _DEFAULT_TTL if given is None else int(given)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
