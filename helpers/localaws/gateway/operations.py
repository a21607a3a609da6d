"""From a request to the API's own name for it, with botocore's service models (through moto)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from helpers.localaws.gateway.call import Call

#: Names in signatures that differ from botocore's name of the service.
_BOTOCORE_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "execute-api": "apigatewaymanagementapi",
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "elasticmapreduce": "emr",
    "cognito-identity": "cognito-identity",
}


def botocore_name(call: Call) -> str | None:
    """botocore's name of the service asked, for example ``stepfunctions`` for ``states``."""
    if call.service == "dynamodb" and "DynamoDBStreams" in _target(call):
        return "dynamodbstreams"
    if call.service == "apigateway" and call.environ["PATH_INFO"].startswith("/v2/"):
        return "apigatewayv2"
    if call.service == "ses" and call.environ["PATH_INFO"].startswith("/v2/"):
        return "sesv2"
    return _BOTOCORE_NAMES.get(call.service or "", call.service)


def name_of(call: Call) -> str | None:
    """The operation's name, for example ``SendMessage``; None where it cannot be told."""
    if target := _target(call):
        return target.rpartition(".")[2]
    service = botocore_name(call)
    if service is None:
        return None
    request = call.request()
    if action := request.values.get("Action"):
        return str(action)
    try:
        operation, _ = get_service_router(service).match(request)
    except (HTTPException, NotImplementedError, LookupError):
        return None
    except Exception:  # botocore: there is no service of that name
        return None
    return str(operation.name)


def _target(call: Call) -> str:
    return str(call.environ.get("HTTP_X_AMZ_TARGET", ""))
