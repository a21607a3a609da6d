"""API Gateway's own API for HTTP APIs: quick create, deployments, and what moto leaves out.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/resources.html
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from helpers.localaws.triggers.http import deployments, front, state, uris
from helpers.localaws.triggers.http.answers import short_id
from helpers.localaws.triggers.http.checks import BadRequest, Check, Conflict, Invalid, NotFound

DEFAULT = "$default"
_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_LEAST_MS, _MOST_MS = 50, 30_000
#: Further paths of the API, for moto's router.
PATHS = (
    r"{0}/v2/apis/(?P<api_id>[^/]+)/deployments$",
    r"{0}/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$",
)


@dataclass
class Deployment:
    """A deployment of an HTTP API."""

    picture: deployments.HttpPicture
    description: str | None
    id: str = field(default_factory=lambda: short_id(6).strip("=").lower()[:6])
    created: float = field(default_factory=time.time)

    def to_json(self) -> dict[str, Any]:
        shown = {
            "autoDeployed": False,
            "createdDate": datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "deploymentId": self.id,
            "deploymentStatus": "DEPLOYED",
        }
        return shown | ({"description": self.description} if self.description else {})


# Checks, by the name of moto's method.


def _create_integration(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_api(given["api_id"])
    if api.protocol_type != "HTTP":
        return
    kind, uri = given["integration_type"], given["integration_uri"] or ""
    if kind not in ("AWS_PROXY", "HTTP_PROXY"):
        raise BadRequest(
            f"Integration type {kind} is not supported for HTTP APIs. Use AWS_PROXY or HTTP_PROXY"
        )
    _check_timeout(given)
    if kind == "AWS_PROXY" and not given["integration_subtype"]:
        _check_format(given["payload_format_version"], required=True)
        if not uris.names_a_function(uri, plain=True):
            raise BadRequest(f"Invalid integration URI specified: {uri}")


def _update_integration(backend: Any, given: dict[str, Any]) -> None:
    integration = backend.get_api(given["api_id"]).get_integration(given["integration_id"])
    _check_timeout(given)
    _check_format(given["payload_format_version"], required=False)
    uri, kind = given["integration_uri"], given["integration_type"] or integration.integration_type
    if uri is not None and kind == "AWS_PROXY" and not uris.names_a_function(uri, plain=True):
        raise BadRequest(f"Invalid integration URI specified: {uri}")


def _create_route(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_api(given["api_id"])
    if api.protocol_type == "HTTP":
        _check_route(api, given, own_id=None)


def _update_route(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_api(given["api_id"])
    api.get_route(given["route_id"])
    if api.protocol_type == "HTTP":
        _check_route(api, given, own_id=given["route_id"])


def _create_authorizer(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_api(given["api_id"])
    if api.protocol_type == "HTTP":
        _check_authorizer(given)


def _update_authorizer(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_api(given["api_id"])
    api.get_authorizer(given["authorizer_id"])
    state.of(api).forget()


def _create_stage(backend: Any, given: dict[str, Any]) -> None:
    api, config = backend.get_api(given["api_id"]), given["config"]
    name = config.get("stageName") or ""
    if name != DEFAULT and not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", name):
        raise BadRequest("Stage name only allows a-zA-Z0-9_- or $default")
    if name in api.stages:
        raise Conflict("Stage already exists")
    _check_deployment(api, config)


def _existing(kind: str, message: str) -> Check:
    """The check that what is to be deleted is there: one of ``api.routes``, for example."""

    def check(backend: Any, given: dict[str, Any]) -> None:
        api = backend.get_api(given["api_id"])
        identifier = given[f"{kind}_name" if kind == "stage" else f"{kind}_id"]
        if identifier not in getattr(api, f"{kind}s"):
            raise NotFound(f"Invalid {message} identifier specified")
        if kind == "authorizer":
            state.of(api).forget()

    return check


CHECKS: dict[str, Check] = {
    "delete_api": lambda backend, given: backend.get_api(given["api_id"]),
    "delete_integration": _existing("integration", "Integration"),
    "delete_route": _existing("route", "Route"),
    "delete_stage": _existing("stage", "stage"),
    "delete_authorizer": _existing("authorizer", "Authorizer"),
    "create_integration": _create_integration,
    "update_integration": _update_integration,
    "create_route": _create_route,
    "update_route": _update_route,
    "create_authorizer": _create_authorizer,
    "update_authorizer": _update_authorizer,
    "create_stage": _create_stage,
}


def _check_timeout(given: dict[str, Any]) -> None:
    milliseconds = given["timeout_in_millis"]
    if milliseconds is not None and not _LEAST_MS <= int(milliseconds) <= _MOST_MS:
        raise BadRequest(f"Timeout should be between {_LEAST_MS} ms and {_MOST_MS} ms")


def _check_format(version: str | None, *, required: bool) -> None:
    if version is None and required:
        raise BadRequest("PayloadFormatVersion is a required parameter for integration")
    if version not in (None, "1.0", "2.0"):
        raise BadRequest(f"Invalid payload format version specified: {version}")


def _check_route(api: Any, given: dict[str, Any], own_id: str | None) -> None:
    key, target = given["route_key"], given["target"]
    if key is not None or own_id is None:
        check_route_key(key)
        for identifier, route in api.routes.items():
            if identifier != own_id and route.route_key == key:
                raise Conflict(f"Route with key {key} already exists for this API")
    if target:
        kind, _, identifier = target.partition("/")
        if kind != "integrations" or identifier not in api.integrations:
            raise NotFound(f"Invalid Integration identifier specified {identifier or target}")
    kind = given["authorization_type"]
    if kind not in (None, "NONE", "AWS_IAM", "CUSTOM", "JWT"):
        raise BadRequest(f"Invalid authorization type specified: {kind}")
    if kind in ("CUSTOM", "JWT"):
        authorizer = api.authorizers.get(given["authorizer_id"] or "")
        wanted = "JWT" if kind == "JWT" else "REQUEST"
        if authorizer is None or authorizer.authorizer_type != wanted:
            raise BadRequest(
                "Invalid authorizer ID specified. Setting the authorization type to "
                f"{kind} requires a valid authorizer."
            )


def check_route_key(key: str | None) -> None:
    """``GET /orders/{id}`` or ``$default``; raises BadRequest."""
    if key == DEFAULT:
        return
    method, _, path = (key or "").partition(" ")
    if method not in _METHODS or not path.startswith("/") or " " in path:
        raise BadRequest(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            '"<HTTP METHOD> /<RESOURCE PATH>" or "$default"'
        )
    parts = path[1:].split("/")
    variables = [part for part in parts if part.startswith("{") and part.endswith("}")]
    if any(part.endswith("+}") for part in parts[:-1]) or len(set(variables)) != len(variables):
        raise BadRequest(f"Invalid route key: {key}")


def _check_authorizer(given: dict[str, Any]) -> None:
    kind, uri = given["authorizer_type"], given["authorizer_uri"]
    if kind not in ("REQUEST", "JWT"):
        raise Invalid(kind, "authorizerType", "REQUEST, JWT")
    if kind == "JWT":
        config = given["jwt_config"] or {}
        if not config.get("issuer") or not config.get("audience"):
            raise BadRequest("JwtConfiguration with Audience and Issuer is required for JWT")
        return
    if not uris.names_a_function(uri or "", plain=False):
        raise BadRequest(
            f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that "
            "represents a Lambda function invocation."
        )
    version, simple = given["auth_payload_format_version"], given["enable_simple_response"]
    if version not in (None, "1.0", "2.0"):
        raise BadRequest(f"Invalid AuthorizerPayloadFormatVersion specified: {version}")
    if simple and version == "1.0":
        raise BadRequest("EnableSimpleResponses needs AuthorizerPayloadFormatVersion 2.0")
    if int(given["auth_result_ttl"] or 0) > 0 and not given["identity_source"]:
        raise BadRequest("IdentitySource is required when results of the authorizer are cached")


def _check_deployment(api: Any, config: dict[str, Any]) -> None:
    identifier = config.get("deploymentId")
    if identifier is not None and identifier not in all_deployments(api):
        raise NotFound("Invalid deployment identifier specified")


# What moto does not have, as methods of its ApiGatewayV2Response.


def all_deployments(api: Any) -> dict[str, Deployment]:
    """The API's deployments, which live on moto's object."""
    if not hasattr(api, "localaws_deployments"):
        api.localaws_deployments = {}
    kept: dict[str, Deployment] = api.localaws_deployments
    return kept


def create_deployment(self: Any) -> Any:
    api, given = _api(self), json.loads(self.body or "{}")
    if not api.routes:
        raise BadRequest("Unable to deploy API because no routes exist in this API")
    stage = api.get_stage(given["stageName"]) if given.get("stageName") else None
    deployment = Deployment(deployments.take_http(api), given.get("description"))
    all_deployments(api)[deployment.id] = deployment
    if stage is not None:
        stage.deployment_id = deployment.id
    return 201, {}, json.dumps(deployment.to_json())


def get_deployments(self: Any) -> Any:
    items = [one.to_json() for one in all_deployments(_api(self)).values()]
    return 200, {}, json.dumps({"items": items})


def get_deployment(self: Any) -> Any:
    return 200, {}, json.dumps(_deployment(self).to_json())


def delete_deployment(self: Any) -> Any:
    deployment, api = _deployment(self), _api(self)
    if any(getattr(one, "deployment_id", None) == deployment.id for one in api.stages.values()):
        raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    del all_deployments(api)[deployment.id]
    return 204, {}, ""


def update_stage(self: Any) -> Any:
    api, given = _api(self), json.loads(self.body or "{}")
    stage = api.get_stage(unquote(self.path.split("/")[-1]))
    _check_deployment(api, given)
    for member, attribute in (
        ("defaultRouteSettings", "default_route_settings"),
        ("routeSettings", "route_settings"),
        ("stageVariables", "stage_variables"),
        ("accessLogSettings", "access_log_settings"),
        ("autoDeploy", "auto_deploy"),
        ("description", "description"),
        ("deploymentId", "deployment_id"),
    ):
        if member in given:
            setattr(stage, attribute, given[member])
    return 200, {}, json.dumps(stage.to_json())


def get_authorizers(self: Any) -> Any:
    items = [one.to_json() for one in _api(self).authorizers.values()]
    return 200, {}, json.dumps({"items": items})


#: By the operation's name, as moto spells it.
OPERATIONS = {
    function.__name__: function
    for function in (
        create_deployment,
        get_deployments,
        get_deployment,
        delete_deployment,
        update_stage,
        get_authorizers,
    )
}


def _api(self: Any) -> Any:
    found = re.search(r"/v2/apis/([^/]+)", self.path)
    return self.apigatewayv2_backend.get_api(found[1] if found else "")


def _deployment(self: Any) -> Deployment:
    deployment = all_deployments(_api(self)).get(self.path.split("/")[-1])
    if deployment is None:
        raise NotFound("Invalid deployment identifier specified")
    return deployment


def quick_create(self: Any, create: Any) -> Any:
    """CreateApi with a Target: integration, route and stage come with it.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
    """
    given = json.loads(self.body or "{}")
    if not given.get("name"):
        raise BadRequest("Name must be between 1 and 128 characters")
    target, key = given.get("target"), given.get("routeKey") or DEFAULT
    if target:
        is_url = target.startswith(("http://", "https://"))
        if not is_url and not uris.names_a_function(target, plain=True):
            raise BadRequest(f"Invalid integration URI specified: {target}")
        check_route_key(key)
    answer = create(self)
    if target:
        api = self.apigatewayv2_backend.get_api(json.loads(answer[2])["apiId"])
        integration = api.create_integration(
            connection_type="INTERNET",
            description=None,
            integration_method="ANY" if is_url else "POST",
            integration_type="HTTP_PROXY" if is_url else "AWS_PROXY",
            integration_uri=target,
            credentials_arn=given.get("credentialsArn"),
            payload_format_version="1.0" if is_url else "2.0",
        )
        api.create_route(
            api_key_required=False,
            authorization_scopes=[],
            route_key=key,
            target=f"integrations/{integration.id}",
            authorization_type="NONE",
        )
        api.create_stage({"stageName": DEFAULT, "autoDeploy": True})
    return answer


def shown_api(api: Any, shown: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """The API as its own API shows it, with a URL that can be reached."""
    return shown | {"apiEndpoint": front.url(endpoint, front.EXECUTE_API, api.api_id)}


def deployment_of(stage: Any) -> str | None:
    """The id of the deployment that a stage serves, if it does not deploy by itself."""
    identifier: str | None = getattr(stage, "deployment_id", None)
    return identifier or stage.config.get("deploymentId")


def shown_stage(stage: Any, shown: dict[str, Any]) -> dict[str, Any]:
    """A stage, with the deployment that it serves."""
    identifier = deployment_of(stage)
    return shown | ({"deploymentId": identifier} if identifier else {})
