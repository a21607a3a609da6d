"""API Gateway: REST and HTTP APIs."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from helpers.localaws.on_import import when_imported

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_rest_apis() -> None:
    """Reasons: moto serves no requests below a stage, so a deployment keeps nothing of the API; a
    deployment to a stage that is there throws the stage's settings away; an authoriser loses its
    validation expression, a new API its binaryMediaTypes, an integration its defaults; duplicates,
    other methods and URIs that name nothing are accepted.

    When moto's API Gateway is first used: it takes long to import.
    """
    from helpers.localaws.triggers.http import checks, rest_checks

    def leave_out_a_grammar() -> None:
        # Where this package is installed (JupyterLab brings it), jsonschema compiles a grammar of
        # international URLs for a second or two, which API Gateway's models do not need.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

    def change(models: ModuleType) -> None:
        if sys.modules["rfc3987_syntax"] is None:
            del sys.modules["rfc3987_syntax"]
        backend, api = models.APIGatewayBackend, models.RestAPI
        for name, check in rest_checks.CHECKS.items():
            setattr(backend, name, checks.checked(getattr(backend, name), check))
        api.create_deployment = rest_checks.with_picture(api.create_deployment)
        api.create_authorizer = rest_checks.with_expression(api.create_authorizer)
        resource = models.Resource
        resource.add_integration = rest_checks.with_defaults(resource.add_integration)

    def change_responses(responses: ModuleType) -> None:
        handler = responses.APIGatewayResponse
        handler.create_rest_api = rest_checks.with_binary_types(handler.create_rest_api)

    when_imported("moto.apigateway.models", change, before=leave_out_a_grammar)
    when_imported("moto.apigateway.responses", change_responses)


def connect_http_apis(service: LambdaService) -> None:
    """Reasons: moto ignores CreateApi's Target, has no deployments of HTTP APIs, no UpdateStage and
    no GetAuthorizers, shows a URL that nobody can reach, and accepts what AWS refuses."""
    from helpers.localaws.triggers.http import checks
    from helpers.localaws.triggers.http import http_api_management as management

    def change_models(models: ModuleType) -> None:
        backend = models.ApiGatewayV2Backend
        for name, check in management.CHECKS.items():
            setattr(backend, name, checks.checked(getattr(backend, name), check))
        show_api, show_stage = models.Api.to_json, models.Stage.to_json
        models.Api.to_json = lambda self: management.shown_api(
            self, show_api(self), service.endpoint
        )
        models.Stage.to_json = lambda self: management.shown_stage(self, show_stage(self))

    def change_responses(responses: ModuleType) -> None:
        handler = responses.ApiGatewayV2Response
        create_api = handler.create_api
        handler.create_api = lambda self: management.quick_create(self, create_api)
        for name, operation in management.OPERATIONS.items():
            setattr(handler, name, operation)

    def change_urls(urls: ModuleType) -> None:
        from moto.apigatewayv2.responses import ApiGatewayV2Response

        for path in management.PATHS:
            urls.url_paths[path] = ApiGatewayV2Response.dispatch

    when_imported("moto.apigatewayv2.models", change_models)
    when_imported("moto.apigatewayv2.responses", change_responses)
    when_imported("moto.apigateway.urls", change_urls)
