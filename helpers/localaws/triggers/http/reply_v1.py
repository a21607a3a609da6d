"""What a handler must return in format 1.0, and the HTTP response that it becomes.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/
set-up-lambda-proxy-integrations.html (output format). That other members are malformed, and
which types are, was recorded from AWS: https://github.com/localstack/localstack/blob/main/tests/
aws/services/apigateway/test_apigateway_lambda.py (test_lambda_aws_proxy_response_format)
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from helpers.localaws.triggers.http import answers

_MEMBERS = {"isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"}
#: Response headers that API Gateway keeps for itself: a REST API renames the handler's. Source:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = {
    "authorization", "connection", "content-length", "date", "host", "server", "user-agent",
    "www-authenticate", "x-amzn-requestid",
}  # fmt: skip


class Malformed(Exception):
    """The handler's answer is not of the required form; the text says what is wrong."""


def read(payload: bytes) -> dict[str, Any]:
    """The handler's answer; raises Malformed."""
    try:
        answer = json.loads(payload)
    except ValueError:
        raise Malformed("Malformed Lambda proxy response") from None
    if not isinstance(answer, dict) or set(answer) - _MEMBERS:
        raise Malformed("Malformed Lambda proxy response")
    well_formed = (
        isinstance(answer.get("body"), str | None)
        and isinstance(answer.get("isBase64Encoded"), bool | None)
        and _is_headers(answer.get("headers"), list_of=False)
        and _is_headers(answer.get("multiValueHeaders"), list_of=True)
    )
    if not well_formed:
        raise Malformed("Malformed Lambda proxy response")
    status(answer)
    return answer


def status(answer: dict[str, Any]) -> int:
    """The status code, 200 where none is given; a number in text is one too."""
    given = answer.get("statusCode")
    if given is None:
        return 200
    try:
        code = int(given)
    except (TypeError, ValueError):
        raise Malformed("Malformed Lambda proxy response") from None
    if isinstance(given, bool) or not 200 <= code <= 599:
        raise Malformed("Malformed Lambda proxy response")
    return code


def headers(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Both kinds of headers in one list; a pair that stands in both counts once."""
    found = [
        (name, answers.as_header_text(value))
        for name, values in (answer.get("multiValueHeaders") or {}).items()
        for value in values
    ]
    several = {(name.lower(), value) for name, value in found}
    for name, value in (answer.get("headers") or {}).items():
        text = answers.as_header_text(value)
        if (name.lower(), text) not in several:
            found.append((name, text))
    return found


def remapped(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers as a REST API sends them."""
    return [
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value)
        for name, value in given
    ]


def decoded(answer: dict[str, Any]) -> bytes:
    """The body's bytes out of base64; raises Malformed."""
    try:
        return base64.b64decode(answer.get("body") or "", validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("Unable to base64 decode the body.") from None


def _is_headers(given: Any, *, list_of: bool) -> bool:
    """Texts and booleans by name; numbers are not taken."""
    if given is None:
        return True
    if not isinstance(given, dict) or not all(map(answers.is_header_name, given)):
        return False
    if list_of and not all(isinstance(values, list) for values in given.values()):
        return False
    every = [one for values in given.values() for one in values] if list_of else given.values()
    return all(isinstance(value, str | bool) for value in every)
