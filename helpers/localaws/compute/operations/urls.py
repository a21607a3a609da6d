"""Function URLs. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html"""

from __future__ import annotations

import re
from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.errors import (
    NotHere,
    ResourceConflict,
    ResourceNotFound,
    ValidationError,
)
from helpers.localaws.compute.function import Function
from helpers.localaws.compute.operations.paging import page
from helpers.localaws.compute.urls import FunctionUrl, now

#: A URL belongs to a function or an alias, never to a version.
_QUALIFIER = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"
_ENUMS = {
    "AuthType": ("authType", ("NONE", "AWS_IAM")),
    "InvokeMode": ("invokeMode", ("RESPONSE_STREAM", "BUFFERED")),
}
#: The most entries of each list in Cors.
_LISTS = {
    "AllowHeaders": 100, "AllowMethods": 6, "AllowOrigins": 100, "ExposeHeaders": 100,
}  # fmt: skip


@operation
def create_function_url_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    _check(asked)
    if (qualifier or "") in function.urls:
        raise ResourceConflict(
            f"Failed to create function url config for [functionArn = {function.arn(qualifier)}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function"
        )
    url = FunctionUrl(qualifier, asked["AuthType"], asked.get("Cors"), asked.get("InvokeMode"))
    function.urls[qualifier or ""] = url
    shown = _shown(asked, function, url)
    del shown["LastModifiedTime"]
    if url.invoke_mode is None:
        del shown["InvokeMode"]
    return shown


@operation
def get_function_url_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    return _shown(asked, function, _existing(function, qualifier))


@operation
def update_function_url_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _find(asked)
    url = _existing(function, qualifier)
    _check(asked)
    url.auth_type = asked.get("AuthType") or url.auth_type
    url.invoke_mode = asked.get("InvokeMode") or url.invoke_mode
    if asked.get("Cors") is not None:
        url.cors = asked["Cors"]
    url.modified = now()
    return _shown(asked, function, url)


@operation
def delete_function_url_config(asked: Asked) -> None:
    function, qualifier = _find(asked)
    _existing(function, qualifier)
    del function.urls[qualifier or ""]


@operation
def list_function_url_configs(asked: Asked) -> dict[str, Any]:
    try:
        function = asked.functions.get(arn.parse(asked["FunctionName"]).name)
    except ResourceNotFound:
        raise ResourceNotFound("Function does not exist") from None
    urls = [_shown(asked, function, url) for _, url in sorted(function.urls.items())]
    return page(asked, "FunctionUrlConfigs", urls)


def _find(asked: Asked) -> tuple[Function, str | None]:
    qualifier = asked.get("Qualifier")
    if qualifier is not None and not re.fullmatch(_QUALIFIER, qualifier):
        raise ValidationError(
            f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_QUALIFIER}"
        )
    named = arn.parse(asked["FunctionName"], qualifier)
    try:
        function = asked.functions.get(named.name)
        function.version(named.qualifier)
    except ResourceNotFound:
        raise ResourceNotFound("Function does not exist") from None
    return function, named.qualifier


def _existing(function: Function, qualifier: str | None) -> FunctionUrl:
    url = function.urls.get(qualifier or "")
    if url is None:
        raise ResourceNotFound("The resource you requested does not exist.")
    return url


def _check(asked: Asked) -> None:
    """Refuse what AWS refuses, and response streaming, which is not here."""
    for name, (shown, values) in _ENUMS.items():
        given = asked.get(name)
        if given is not None and given not in values:
            raise ValidationError(
                f"1 validation error detected: Value '{given}' at '{shown}' failed to satisfy "
                f"constraint: Member must satisfy enum value set: [{', '.join(values)}]"
            )
    cors = asked.get("Cors") or {}
    for name, most in _LISTS.items():
        if len(cors.get(name) or ()) > most:
            shown = name[0].lower() + name[1:]
            raise ValidationError(
                f"1 validation error detected: Value '{cors[name]}' at 'cors.{shown}' failed to "
                f"satisfy constraint: Member must have length less than or equal to {most}"
            )
    age = cors.get("MaxAge")
    if age is not None and not 0 <= age <= 86_400:
        bound = "greater than or equal to 0" if age < 0 else "less than or equal to 86400"
        raise ValidationError(
            f"1 validation error detected: Value '{age}' at 'cors.maxAge' failed to satisfy "
            f"constraint: Member must have value {bound}"
        )
    if asked.get("InvokeMode") == "RESPONSE_STREAM":
        raise NotHere(
            "The local AWS does not stream responses. Use InvokeMode BUFFERED, or run this step "
            "on a real account."
        )


def _shown(asked: Asked, function: Function, url: FunctionUrl) -> dict[str, Any]:
    from helpers.localaws.triggers.http import front

    shown: dict[str, Any] = {
        "FunctionUrl": f"{front.url(asked.service.endpoint, front.LAMBDA_URL, url.id)}/",
        "FunctionArn": function.arn(url.qualifier),
        "AuthType": url.auth_type,
        "CreationTime": url.created,
        "LastModifiedTime": url.modified,
        "InvokeMode": url.invoke_mode or "BUFFERED",
    }
    return shown | ({"Cors": url.cors} if url.cors else {})
