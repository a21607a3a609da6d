"""API Gateway's own API for REST APIs: what it refuses, and what a deployment keeps.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html; the messages are
those that AWS was seen to give: https://github.com/localstack/localstack/blob/main/localstack-core/
localstack/services/apigateway/legacy/provider.py
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

from helpers.localaws.gateway.call import current_call
from helpers.localaws.triggers.http import deployments, state, uris
from helpers.localaws.triggers.http.checks import BadRequest, Check, Conflict, Invalid, NotFound

_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_AUTHORIZATIONS = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
_TYPES = ("HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS")
_LEAST_MS, _MOST_MS = 50, 29_000


def _create_resource(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_rest_api(given["function_id"])
    part, parent_id = given["path_part"], given["parent_resource_id"]
    parent = api.resources.get(parent_id)
    if parent is None:
        raise NotFound("Invalid Resource identifier specified")
    if parent.path_part.endswith("+}"):
        raise BadRequest(
            f"Cannot create a child of a resource with a greedy path variable: {parent.path_part}"
        )
    for sibling in api.resources.values():
        if sibling.parent_id != parent_id:
            continue
        if sibling.path_part == part:
            raise Conflict(f"Another resource with the same parent already has this name: {part}")
        if sibling.path_part.startswith("{") and (part or "").startswith("{"):
            raise BadRequest(
                f"A sibling ({sibling.path_part}) of this resource already has a variable path "
                "part -- only one is allowed"
            )


def _put_method(backend: Any, given: dict[str, Any]) -> None:
    resource = _resource(backend, given)
    name = given["method_type"]
    if name not in _METHODS:
        raise BadRequest(f"Invalid HttpMethod specified. Valid options are {','.join(_METHODS)}")
    call = current_call()  # an import may put a method anew
    if name in resource.resource_methods and call and call.operation == "PutMethod":
        raise Conflict("Method already exists for this resource")
    kind = given["authorization_type"]
    if kind is not None and kind not in _AUTHORIZATIONS:
        raise BadRequest(
            f"Invalid authorization type specified. Must be one of {', '.join(_AUTHORIZATIONS)}"
        )
    authorizers = backend.get_rest_api(given["function_id"]).authorizers
    if kind in ("CUSTOM", "COGNITO_USER_POOLS") and given["authorizer_id"] not in authorizers:
        raise BadRequest(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer."
        )


def _put_integration(backend: Any, given: dict[str, Any]) -> None:
    resource = _resource(backend, given)
    if given["method_type"] not in resource.resource_methods:
        raise NotFound("Invalid Method identifier specified")
    kind, uri = given["integration_type"], given["uri"] or ""
    if kind not in _TYPES:
        raise Invalid(kind, "putIntegrationInput.type", ", ".join(_TYPES))
    milliseconds = given["timeout_in_millis"]
    if milliseconds is not None and not _LEAST_MS <= int(milliseconds) <= _MOST_MS:
        raise BadRequest(f"Timeout should be between {_LEAST_MS} ms and {_MOST_MS} ms")
    if kind in ("AWS", "AWS_PROXY") and not uri.startswith("arn:"):
        raise BadRequest("Invalid ARN specified in the request")
    if kind == "AWS_PROXY":
        if not re.match(r"arn:aws[a-z-]*:apigateway:[a-z0-9-]*:(lambda|firehose):", uri):
            raise BadRequest(
                "Integrations of type 'AWS_PROXY' currently only supports Lambda function and "
                "Firehose stream invocations."
            )
        if ":lambda:path/" in uri and not uris.names_a_function(uri, plain=False):
            raise BadRequest("Invalid function ARN or invalid uri")


def _create_deployment(backend: Any, given: dict[str, Any]) -> None:
    if given["name"]:
        _check_stage_name(given["name"])


def _create_stage(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_rest_api(given["function_id"])
    _check_stage_name(given["stage_name"])
    if given["deploymentId"] not in api.deployments:
        raise BadRequest("Deployment id does not exist")


def _update_stage(backend: Any, given: dict[str, Any]) -> None:
    api = backend.get_rest_api(given["function_id"])
    for change in given["patch_operations"] or []:
        path, value = change.get("path") or "", change.get("value")
        if path == "/deploymentId" and value not in api.deployments:
            raise BadRequest("Deployment id does not exist")
        if "/throttling/" in path and change.get("op") == "replace":
            try:
                float(value)
            except (TypeError, ValueError):
                raise BadRequest(f"Invalid patch value '{value}' specified for {path}") from None


def _create_authorizer(backend: Any, given: dict[str, Any]) -> None:
    backend.get_rest_api(given["restapi_id"])
    uri = given.get("authorizer_uri")
    is_lambda = given["authorizer_type"] in ("TOKEN", "REQUEST")
    if is_lambda and not uris.names_a_function(uri or "", plain=False):
        raise BadRequest(
            f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that "
            "represents a Lambda function invocation."
        )
    ttl = given.get("authorizer_result_ttl")
    if ttl is not None and not 0 <= int(ttl) <= 3600:
        raise BadRequest("Authorizer result TTL should be between 0 and 3600 seconds")


def _update_authorizer(backend: Any, given: dict[str, Any]) -> None:
    state.of(backend.get_rest_api(given["restapi_id"])).forget()


def _update_rest_api(backend: Any, given: dict[str, Any]) -> None:
    """A media type stands in the patch's path, ``/binaryMediaTypes/image~1png``; moto wants it as
    the value."""
    for change in given["patch_operations"] or []:
        start, _, kind = (change.get("path") or "").rpartition("/binaryMediaTypes/")
        if kind and not start:
            change["value"] = kind.replace("~1", "/").replace("~0", "~")


def _delete_rest_api(backend: Any, given: dict[str, Any]) -> None:
    backend.get_rest_api(given["function_id"])


def _delete_resource(backend: Any, given: dict[str, Any]) -> None:
    """With a resource everything below it goes."""
    api = backend.get_rest_api(given["function_id"])
    _resource(backend, given)
    below = [one for one in api.resources.values() if one.parent_id == given["resource_id"]]
    for child in below:
        _delete_resource(backend, {**given, "resource_id": child.id})
        del api.resources[child.id]


def _existing_integration(backend: Any, given: dict[str, Any]) -> None:
    method = _existing_method(backend, given)
    if method.method_integration is None:
        raise NotFound("Invalid Integration identifier specified")


def _existing_method(backend: Any, given: dict[str, Any]) -> Any:
    method = _resource(backend, given).resource_methods.get(given["method_type"])
    if method is None:
        raise NotFound("Invalid Method identifier specified")
    return method


def _existing_deployment(backend: Any, given: dict[str, Any]) -> None:
    if given["deployment_id"] not in backend.get_rest_api(given["function_id"]).deployments:
        raise NotFound("Invalid Deployment identifier specified")


def _delete_authorizer(backend: Any, given: dict[str, Any]) -> None:
    backend.get_authorizer(given["restapi_id"], given["authorizer_id"])
    _update_authorizer(backend, given)


#: By the name of moto's method.
CHECKS: dict[str, Check] = {
    "create_resource": _create_resource,
    "delete_resource": _delete_resource,
    "put_method": _put_method,
    "delete_method": _existing_method,
    "put_integration": _put_integration,
    "get_integration": _existing_integration,
    "delete_integration": _existing_integration,
    "get_deployment": _existing_deployment,
    "create_deployment": _create_deployment,
    "create_stage": _create_stage,
    "update_stage": _update_stage,
    "create_authorizer": _create_authorizer,
    "update_authorizer": _update_authorizer,
    "delete_authorizer": _delete_authorizer,
    "update_rest_api": _update_rest_api,
    "delete_rest_api": _delete_rest_api,
}


def with_picture(create: Callable[..., Any]) -> Callable[..., Any]:
    """``RestAPI.create_deployment``, which keeps a picture of the API, and a stage's settings."""

    @functools.wraps(create)
    def create_deployment(
        self: Any, name: str | None, description: str, stage_variables: Any = None
    ) -> Any:
        before = self.stages.get(name) if name else None
        deployment = create(self, name, description, stage_variables)
        deployments.keep(deployment, deployments.take_rest(self))
        if before is not None:
            before.deployment_id = deployment.id
            before.variables = {**before.variables, **(stage_variables or {})}
            self.stages[name] = before
        return deployment

    return create_deployment


def with_defaults(add: Callable[..., Any]) -> Callable[..., Any]:
    """``Resource.add_integration``, with what AWS fills in."""

    @functools.wraps(add)
    def add_integration(self: Any, *arguments: Any, **given: Any) -> Any:
        integration = add(self, *arguments, **given)
        integration.timeout_in_millis = integration.timeout_in_millis or _MOST_MS
        integration.passthrough_behaviour = integration.passthrough_behaviour or "WHEN_NO_MATCH"
        integration.cache_namespace = integration.cache_namespace or self.id
        return integration

    return add_integration


def with_expression(create: Callable[..., Any]) -> Callable[..., Any]:
    """``RestAPI.create_authorizer``, which does not lose identityValidationExpression."""

    @functools.wraps(create)
    def create_authorizer(self: Any, *arguments: Any, **given: Any) -> Any:
        authorizer = create(self, *arguments, **given)
        authorizer.identity_validation_expression = given.get("identiy_validation_expression")
        return authorizer

    return create_authorizer


def with_binary_types(create: Callable[..., Any]) -> Callable[..., Any]:
    """``APIGatewayResponse.create_rest_api``, which does not lose binaryMediaTypes."""

    @functools.wraps(create)
    def create_rest_api(self: Any) -> Any:
        answer = create(self)
        kinds = self._get_param("binaryMediaTypes")
        if not kinds or answer[0] != 200:
            return answer
        api = self.backend.get_rest_api(json.loads(answer[2])["id"])
        api.binaryMediaTypes = list(kinds)
        return answer[0], answer[1], json.dumps(api.to_dict())

    return create_rest_api


def _resource(backend: Any, given: dict[str, Any]) -> Any:
    api = backend.get_rest_api(given["function_id"])
    resource = api.resources.get(given["resource_id"])
    if resource is None:
        raise NotFound("Invalid Resource identifier specified")
    return resource


def _check_stage_name(name: str | None) -> None:
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name or ""):
        raise BadRequest("Stage name only allows a-zA-Z0-9_-")
