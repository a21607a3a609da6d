"""Deployments: what a stage serves is the API as it was when it was deployed.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

#: Where a deployment's picture of its API is kept, on moto's object.
_PICTURE = "localaws_picture"


@dataclass(frozen=True)
class RestResource:
    """A resource with its methods (moto's JSON, by HTTP method)."""

    id: str
    path: str
    methods: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class RestPicture:
    """A REST API at one moment."""

    resources: tuple[RestResource, ...]
    authorizers: dict[str, dict[str, Any]]
    gateway_responses: dict[str, dict[str, Any]]
    validators: dict[str, dict[str, Any]]
    schemas: dict[str, str]
    binary_types: tuple[str, ...]


@dataclass(frozen=True)
class HttpPicture:
    """An HTTP API at one moment: moto's JSON of everything that serving needs, by id."""

    routes: tuple[dict[str, Any], ...]
    integrations: dict[str, dict[str, Any]]
    authorizers: dict[str, dict[str, Any]]


def take_rest(api: Any) -> RestPicture:
    """A picture of moto's ``RestAPI`` as it is now."""
    return RestPicture(
        tuple(
            RestResource(
                one.id,
                one.get_path(),
                {name: copy.deepcopy(m.to_json()) for name, m in one.resource_methods.items()},
            )
            for one in list(api.resources.values())
        ),
        {name: one.to_json() for name, one in api.authorizers.items()},
        {name: copy.deepcopy(one.to_json()) for name, one in api.gateway_responses.items()},
        {name: one.to_dict() for name, one in api.request_validators.items()},
        {name: one.schema or "" for name, one in api.models.items()},
        tuple(api.binaryMediaTypes),
    )


def look_at_http(api: Any) -> HttpPicture:
    """moto's ``Api`` (v2) as it is now, to be read at once."""
    return HttpPicture(
        tuple(one.to_json() for one in list(api.routes.values())),
        {name: one.to_json() for name, one in list(api.integrations.items())},
        {name: one.to_json() for name, one in list(api.authorizers.items())},
    )


def take_http(api: Any) -> HttpPicture:
    """A picture of it that stays as it is."""
    return copy.deepcopy(look_at_http(api))


def keep(deployment: Any, picture: RestPicture) -> None:
    """Put a picture to the deployment that it was taken for."""
    setattr(deployment, _PICTURE, picture)


def kept(deployment: Any) -> RestPicture | None:
    """The picture that belongs to a deployment."""
    picture: RestPicture | None = getattr(deployment, _PICTURE, None)
    return picture
