"""What a handler may return in format 2.0, and the HTTP response that it becomes.

Without a statusCode the whole result is the body, as JSON.
Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/
http-api-develop-integrations-lambda.html (format of the response) and
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http import answers
from helpers.localaws.triggers.http.reply_v1 import Malformed, status

JSON = "application/json"


def respond(payload: bytes, *, default_type: str, objects: bool) -> Response:
    """The response; ``default_type`` is the type of an answer with a statusCode and without one.

    ``objects``: a body that is no text is sent as JSON, as function URLs do. Raises Malformed.
    """
    try:
        result = json.loads(payload)
    except ValueError:
        raise Malformed("The handler's result is not JSON") from None
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else _compact(result)
        return answers.response(200, [], text.encode(errors="replace"), JSON)
    given = result.get("headers") or {}
    well_formed = isinstance(given, dict) and all(map(answers.is_header_name, given))
    if not well_formed or any(isinstance(one, dict | list) for one in given.values()):
        raise Malformed("headers must be an object of texts")
    headers = [(name, answers.as_header_text(value)) for name, value in given.items()]
    headers += [("Set-Cookie", cookie) for cookie in _cookies(result)]
    return answers.response(status(result), headers, _body(result, objects), default_type)


def _cookies(result: dict[str, Any]) -> list[str]:
    cookies = result.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(one, str) for one in cookies):
        raise Malformed("cookies must be a list of texts")
    return cookies


def _body(result: dict[str, Any], objects: bool) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        if not objects:
            raise Malformed("body must be a text")
        body = _compact(body)
    if result.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("Unable to base64 decode the body.") from None
    return body.encode(errors="replace")


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
