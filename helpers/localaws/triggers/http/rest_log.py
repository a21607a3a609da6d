"""Execution logs of a REST API's stage: where API Gateway says why it answered 500.

Written where the stage's method settings have a loggingLevel of ERROR or INFO.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http import access_log
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import RestError

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


class RestLog:
    """The logs of one request. ``api`` and ``stage`` are moto's."""

    def __init__(self, lambdas: LambdaService, api: Any, stage: Any, request: HttpRequest) -> None:
        self._lambdas, self._api, self._stage, self._request = lambdas, api, stage, request
        self._problem: RestError | None = None

    def failed(self, problem: RestError) -> None:
        """Note why API Gateway gave an answer of its own."""
        self._problem = problem
        settings = (self._stage.method_settings or {}).get("*/*") or {}
        if settings.get("loggingLevel") not in ("ERROR", "INFO"):
            return
        for line in (problem.reason, f"Method completed with status: {problem.status}"):
            if line:
                self._put(f"({self._request.id}) {line}")

    def access(self, context: dict[str, Any], resource: Any, answer: Response) -> None:
        """The request's line in the access log."""
        problem = self._problem
        values = context | {
            "status": answer.status_code,
            "responseLength": len(answer.get_data()),
            "resourcePath": resource.path if resource else None,
            "error": {
                "message": problem.message if problem else None,
                "responseType": problem.type if problem else None,
            },
            "integrationErrorMessage": problem.reason if problem else None,
        }
        access_log.write(self._lambdas, self._stage.access_log_settings, values)

    def _put(self, line: str) -> None:
        group = f"API-Gateway-Execution-Logs_{self._api.id}/{self._stage.name}"
        access_log.put(self._lambdas, self._api.account_id, self._api.region_name, group, line)
