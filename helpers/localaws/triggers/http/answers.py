"""Answers that API Gateway and Lambda's front door give themselves."""

from __future__ import annotations

import base64
import json
import os
import re
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response


def error(
    status: int,
    message: str | None,
    *,
    kind: str = "",
    member: str = "message",
    headers: dict[str, str] | None = None,
) -> Response:
    """``{"message": …}``, with AWS's name of the error in a header where there is one."""
    return document(status, {member: message}, kind=kind, headers=headers)


def document(
    status: int,
    content: dict[str, Any],
    *,
    kind: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """A JSON document, otherwise as ``error``."""
    given = dict(headers or {})
    if kind:
        given["x-amzn-ErrorType"] = kind
    body = json.dumps(content, separators=(",", ":"))
    return Response(body, status, given, content_type="application/json")


def not_here(what: str) -> Response:
    """The answer where AWS can do something that the local AWS cannot. It never comes from AWS."""
    return error(
        501,
        f"The local AWS does not do this: {what}. Run this step on a real account, or see notebook "
        "00 for what differs.",
        kind="NotImplemented",
    )


def short_id(size: int = 11) -> str:
    """An id as API Gateway makes them: ``JKJaXmPLvHcESHA=``."""
    return base64.b64encode(os.urandom(size)).decode().replace("/", "_").replace("+", "-")


def is_header_name(name: str) -> bool:
    """Whether HTTP takes this as the name of a header."""
    return re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is not None


def as_header_text(value: object) -> str:
    """A header's value as AWS writes it: booleans are lower-case words."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def response(status: int, headers: list[tuple[str, str]], body: bytes, default: str) -> Response:
    """A handler's answer; ``default`` is the Content-Type where it names none.

    Lengths and connections are the front door's business, whatever the handler said.
    """
    kept = Headers()
    for name, value in headers:
        if name.lower() not in ("content-length", "transfer-encoding", "connection"):
            kept.add(name, _one_line(value))
    kind = kept.pop("content-type", default)
    if status < 200 or status in (204, 304):  # these have no body, and then no type either
        answer = Response(b"", status, kept)
        answer.headers.pop("Content-Type", None)
        return answer
    answer = Response(body, status, kept)
    answer.headers["Content-Type"] = kind  # as it is: werkzeug would add a charset
    return answer


def _one_line(value: str) -> str:
    """A value that cannot break out of its line; what HTTP cannot carry is sent as UTF-8."""
    return " ".join(value.splitlines()).encode().decode("latin-1")
