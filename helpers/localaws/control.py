"""The control interface: what a cloud's owner may do and AWS has no call for.

``GET  /_localaws/health``                     no token; says that the server answers
``GET  /_localaws/clock``                      ``{"now": epoch seconds, "offset": seconds}``
``POST /_localaws/clock/advance?seconds=300``  moves the clock, answers the same
``GET  /_localaws/code/TICKET``                the archive that GetFunction's Location names
``POST /_localaws/reset``                      empties the cloud, puts the clock back

All but health and code want ``Authorization: Bearer TOKEN``. Handlers are never given the token,
so code under test cannot move its own clock or empty the cloud it is graded in.
"""

from __future__ import annotations

import hmac
import json
import math
import time
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from helpers.localaws import clock, moto_hooks
from helpers.localaws.compute.service import LambdaService
from helpers.localaws.quiet import Quiet
from helpers.localaws.settings import CONTROL_PREFIX

#: How far the clock goes: until the end of the century every date still fits everywhere.
MOST_SECONDS = 3e9


class Control:
    """Answers the requests below ``CONTROL_PREFIX``."""

    def __init__(self, token: str, compute: LambdaService) -> None:
        self._token = token
        self._compute = compute
        self.on_reset: list[Callable[[], None]] = []  #: what else forgets then
        self.quiet: Quiet | None = None  #: where submissions are judged one after the other

    def __call__(self, environ: dict[str, Any]) -> Response:
        request = Request(environ)
        action = f"{request.method} {request.path.removeprefix(CONTROL_PREFIX)}"
        if action == "GET health":
            return _json({"status": "ok"})
        if action.startswith("GET code/"):
            return self._download(action.removeprefix("GET code/"))
        if not hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), f"Bearer {self._token}".encode()
        ):
            return _refuse(403, "This needs the header 'Authorization: Bearer TOKEN'.")
        if action == "GET clock":
            return _json(_clock())
        if action == "POST clock/advance":
            return self._advance(request.args.get("seconds", ""))
        if action == "POST reset":
            self._compute.reset()
            is_quiet = self.quiet is None or self.quiet.wait(self._compute.reset)
            moto_hooks.reset_moto()
            clock.reset()
            for also in self.on_reset:
                also()
            if not is_quiet:
                return _refuse(503, "The cloud is empty, but something still works in it.")
            return _json({"status": "empty"})
        return _refuse(
            404, f"There is no '{action}'. There are: health, clock, clock/advance, reset."
        )

    def _download(self, ticket: str) -> Response:
        content = self._compute.download(ticket)
        if content is None:
            return _refuse(404, "No such archive. GetFunction gives a new URL each time.")
        return Response(content, content_type="application/zip")

    def _advance(self, given: str) -> Response:
        try:
            seconds = float(given)
        except ValueError:
            seconds = math.nan
        if not seconds >= 0:
            return _refuse(400, f"?seconds= takes a number of 0 or more, not '{given}'.")
        if not clock.offset() + seconds < MOST_SECONDS:
            return _refuse(
                400,
                "The clock goes at most 95 years ahead. Move it less far, or start again at the "
                "real time in an empty cloud with aws.reset()",
            )
        clock.advance(seconds)
        return _json(_clock())


def _clock() -> dict[str, float]:
    return {"now": time.time(), "offset": clock.offset()}


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _refuse(status: int, message: str) -> Response:
    return _json({"message": message}, status)
