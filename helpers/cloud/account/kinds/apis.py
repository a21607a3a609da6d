"""API Gateway: HTTP APIs and REST APIs. What is in an API goes with it."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    values,
)


def _http_apis(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "ApiId")
    for arn in values(parameters, "ResourceArn"):
        yield arn.partition("/apis/")[2].partition("/")[0]


def _look_at_http_api(place: Place, api: str) -> Look | None:
    def find() -> Tags:
        return dict(place.client("apigatewayv2").get_api(ApiId=api).get("Tags", {}))

    return looked(find)


HTTP_API = Kind(
    name="HTTP API",
    service="apigatewayv2",
    made_by={"CreateApi": lambda _, __, told: str(told.get("ApiId", ""))},
    named=_http_apis,
    look=_look_at_http_api,
    delete=lambda place, api: place.client("apigatewayv2").delete_api(ApiId=api),
    listing=lambda place: (
        one["ApiId"] for one in pages(place.client("apigatewayv2"), "get_apis", "Items")
    ),
    by_hand="aws apigatewayv2 delete-api --api-id {id}",
    tag_in="Tags",
    tag_keys=None,
)


def _rest_apis(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "restApiId")
    for arn in values(parameters, "resourceArn"):
        yield arn.partition("/restapis/")[2].partition("/")[0]


def _look_at_rest_api(place: Place, api: str) -> Look | None:
    def find() -> Tags:
        return dict(place.client("apigateway").get_rest_api(restApiId=api).get("tags", {}))

    return looked(find)


REST_API = Kind(
    name="REST API",
    service="apigateway",
    made_by={"CreateRestApi": lambda _, __, told: str(told.get("id", ""))},
    named=_rest_apis,
    look=_look_at_rest_api,
    # AWS deletes one REST API in 30 seconds and throttles the next: teardown tries again.
    # Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    delete=lambda place, api: place.client("apigateway").delete_rest_api(restApiId=api),
    listing=lambda place: (
        one["id"] for one in pages(place.client("apigateway"), "get_rest_apis", "items")
    ),
    by_hand="aws apigateway delete-rest-api --rest-api-id {id}",
    tag_in="tags",
    tag_keys=None,
)
