"""Counts what API Gateway counts, into CloudWatch's namespace ``AWS/ApiGateway``.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

NAMESPACE = "AWS/ApiGateway"
#: The names of errors by status; REST and HTTP APIs write them differently.
REST, HTTP = ("4XXError", "5XXError"), ("4xx", "5xx")


def count(
    lambdas: LambdaService,
    place: tuple[str, str],
    api: tuple[str, str],
    stage: str,
    answer: Response,
    began: float,
    errors: tuple[str, str],
) -> None:
    """One request. ``place``: account and region; ``api``: the dimension's name and value.

    ``began`` is a time of ``time.perf_counter()``.
    """
    values = {
        "Count": 1.0,
        errors[0]: float(400 <= answer.status_code < 500),
        errors[1]: float(answer.status_code >= 500),
        "Latency": (time.perf_counter() - began) * 1000,
    }
    whole = dict([api])
    for dimensions in (whole, whole | {"Stage": stage}):
        lambdas.metrics.of_service(*place, NAMESPACE, dimensions, values)
