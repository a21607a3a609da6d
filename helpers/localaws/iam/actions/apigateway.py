"""Amazon API Gateway: its actions are HTTP methods, its resources the paths of its API.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import quote

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import pass_role
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.errors import UnmappedOperation


def management(asked: Asked, model: str) -> list[Needed]:
    """``model``: botocore's name of the service, apigateway or apigatewayv2."""
    try:
        operation = _model(model).operation_model(asked.operation)
    except Exception as problem:  # botocore's own error, which has no name to catch
        raise UnmappedOperation("apigateway", asked.operation, str(problem)) from None
    path = operation.http["requestUri"].partition("?")[0].removeprefix("/v2")
    for name, shape in operation.input_shape.members.items():
        if shape.serialization.get("location") == "uri":
            label = shape.serialization.get("name", name)
            value = quote(str(asked.get(name) or "*"), safe="*")
            path = path.replace(f"{{{label}}}", value).replace(f"{{{label}+}}", value)
    arn = asked.arn(path, region=asked.region, account="")
    needed = [Needed(f"apigateway:{operation.http['method']}", arn, tag_keys(asked))]
    return needed + list(_roles(asked))


@cache
def _model(name: str) -> Any:
    import botocore.session  # half of this room's own import time, for one service

    return botocore.session.Session().get_service_model(name)


_pass = pass_role(
    "apigateway",
    "credentials",
    "CredentialsArn",
    "authorizerCredentials",
    "AuthorizerCredentialsArn",
)


def _roles(asked: Asked) -> Iterable[Needed]:
    """A role with which API Gateway calls a backend; ``arn:aws:iam::*:user/*`` is the caller's."""
    return (one for one in _pass(asked) if ":role/" in one.resource)


def invoke_api(
    account: str, region: str, api: str, stage: str, method: str, path: str
) -> list[Needed]:
    """What it takes to call an API with AWS_IAM; ``path`` begins with a slash."""
    resource = f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}{path}"
    return [Needed("execute-api:Invoke", resource)]
