"""From a request to the API's own name for it, with botocore's service models (through moto)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import botocore.session
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from helpers.localaws.gateway.call import Call

#: Names in signatures that differ from botocore's name of the service.
_BOTOCORE_NAMES = {
    "airflow": "mwaa",
    "aoss": "opensearchserverless",
    "aps": "amp",
    "cassandra": "keyspaces",
    "cloudcontrolapi": "cloudcontrol",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "elasticmapreduce": "emr",
    "email": "ses",
    "es": "opensearch",
    "execute-api": "apigatewaymanagementapi",
    "geo": "location",
    "mobiletargeting": "pinpoint",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


def name_of(call: Call) -> str | None:
    """The operation's name, for example ``SendMessage``; None where it cannot be told."""
    if target := str(call.environ.get("HTTP_X_AMZ_TARGET", "")):
        return target.rpartition(".")[2]
    request = call.request()
    if action := request.values.get("Action"):
        return str(action)
    path = request.path.strip("/").split("/")
    if len(path) == 4 and (path[0], path[2]) == ("service", "operation"):  # Smithy's RPC
        return path[3]
    for service in _candidates(call, request.path):
        try:
            operation, _ = get_service_router(service).match(request)
            return str(operation.name)
        except (HTTPException, NotImplementedError, LookupError):
            continue
        except Exception:  # botocore: there is no service of that name
            continue
    return None


def _candidates(call: Call, path: str) -> Iterator[str]:
    """botocore's names of what may have been asked: several services share one signature."""
    signed = call.service
    if signed is None:
        return
    if signed == "s3" and path.startswith("/v20180820/"):
        yield "s3control"
    if signed in ("apigateway", "ses") and path.startswith("/v2/"):
        yield f"{signed}v2"
    yield _BOTOCORE_NAMES.get(signed, signed)
    plain = signed.replace("-", "")
    yield from (one for one in _services() if one != signed and one.replace("-", "") == plain)
    yield from (one for one in _services() if one != signed and one.startswith(signed))


@cache
def _services() -> tuple[str, ...]:
    return tuple(botocore.session.Session().get_available_services())
