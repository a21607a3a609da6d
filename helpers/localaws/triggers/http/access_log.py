"""Access logs: one line for each request, in the format that the stage asks for.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import TYPE_CHECKING, Any

from helpers.localaws.telemetry.logs import LogEvent

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

_VARIABLE = re.compile(r"\$context\.([A-Za-z][A-Za-z.-]*[A-Za-z]|[A-Za-z])")


def write(lambdas: LambdaService, settings: dict[str, Any] | None, values: dict[str, Any]) -> None:
    """Write one line where the stage's accessLogSettings name a log group.

    ``values`` are what ``$context.NAME`` can ask for; a name it does not have becomes ``-``.
    """
    destination = (settings or {}).get("destinationArn") or ""
    found = re.match(r"arn:aws:logs:([^:]+):(\d{12}):log-group:([^:]+)", destination)
    if not found or not settings or not settings.get("format"):
        return
    region, account, group = found.groups()
    line = _VARIABLE.sub(lambda name: _text(_look_up(values, name[1])), settings["format"])
    put(lambdas, account, region, group, line)


def put(lambdas: LambdaService, account: str, region: str, group: str, line: str) -> None:
    """Write a line to a log group, into the stream that belongs to it."""
    stream = hashlib.md5(group.encode(), usedforsecurity=False).hexdigest()
    lambdas.logs.write(LogEvent(account, region, group, stream, int(time.time() * 1000), line))


def _look_up(values: dict[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    if value is None or value == "":
        return "-"
    # The format is often JSON, in which a quotation mark must not end a text.
    return json.dumps(str(value), ensure_ascii=False)[1:-1]
