"""MOCK integrations: an answer made by the API itself, as for CORS' OPTIONS requests.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http import answers, mapping
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import RestError, integration_failed

_JSON = "application/json"


def respond(
    method: dict[str, Any],
    request: HttpRequest,
    path_parameters: dict[str, str],
    values: dict[str, Any],
) -> Response:
    """Run a method whose integration is MOCK. Raises RestError, mapping.NotHere."""
    integration = method["methodIntegration"]
    code = _status_code(integration, request, path_parameters, values)
    chosen = _integration_response(integration, code)
    status = str(chosen["statusCode"])
    declared = (method.get("methodResponses") or {}).get(status)
    if declared is None:
        raise integration_failed(
            "Execution failed due to configuration error: Output mapping refers to an invalid "
            f"method response: {status}"
        )
    headers = []
    for target, expression in (chosen.get("responseParameters") or {}).items():
        value = mapping.parameter(expression, values)
        if value is not None and target.startswith("method.response.header."):
            headers.append((target.removeprefix("method.response.header."), value))
    templates = chosen.get("responseTemplates") or {}
    wanted = (request.header("accept") or "").partition(",")[0].partition(";")[0].strip().lower()
    found = mapping.choose(templates, wanted) or next(
        ((name, text or "") for name, text in templates.items()), (_JSON, "")
    )
    body = mapping.render(found[1], request, path_parameters, values)
    return answers.response(int(status), headers, body.encode(), found[0])


def _status_code(
    integration: dict[str, Any],
    request: HttpRequest,
    path_parameters: dict[str, str],
    values: dict[str, Any],
) -> int:
    """What the request template says: ``{"statusCode": 200}``."""
    templates = integration.get("requestTemplates")
    found = mapping.choose(templates, request.media_type or _JSON)
    behaviour = integration.get("passthroughBehavior") or "WHEN_NO_MATCH"
    if found is None and (behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates)):
        raise RestError(
            "UNSUPPORTED_MEDIA_TYPE",
            415,
            "Unsupported Media Type",
            "BadRequestException",
        )
    if found is None:
        text = request.body.decode(errors="replace")
    else:
        text = mapping.render(found[1], request, path_parameters, values)
    try:
        code = json.loads(text)["statusCode"]
        return int(code)
    except (ValueError, KeyError, TypeError):
        raise integration_failed(
            "Execution failed due to configuration error: Unable to parse statusCode. It should be "
            "an integer that is defined in the request template."
        ) from None


def _integration_response(integration: dict[str, Any], code: int) -> dict[str, Any]:
    """The response whose pattern fits the status code, else the one without a pattern."""
    default = None
    for one in (integration.get("integrationResponses") or {}).values():
        pattern = one.get("selectionPattern")
        if not pattern:
            default = default or one
        elif re.fullmatch(pattern, str(code)):
            return dict(one)
    if default is None:
        raise integration_failed(
            "Execution failed due to configuration error: No match for output mapping and no "
            "default output mapping configured."
        )
    return dict(default)
