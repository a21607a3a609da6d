"""A second door, for callers who are being judged: AWS's own calls, and nothing else.

The server listens here beside its port when it is given ``--door SOCKET``, a UNIX socket that can
be shown to a sandbox without a network. What is not AWS's (the control interface, moto's own admin
pages) is refused here, in the process that also serves: no second parser of HTTP stands before it
that could read a request differently.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.gateway.body import BrokenBody, TooLarge, hold, refuse
from helpers.localaws.settings import CONTROL_PREFIX

#: moto's pages about itself: they empty, change and reveal what no AWS call does.
MOTO_PREFIX = "moto-api"
#: What one visitor may send between two resets. Many times what any lab needs.
MOST_REQUESTS = 20_000
MOST_BYTES = 256 * 2**20
MOST_BYTES_AT_ONCE = 64 * 2**20
_PUBLIC = ("health", "code/")  #: of the control interface; both want no token anywhere

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def without_moto_pages(serve: Application) -> Application:
    """The application, but moto's own pages are refused, and who has hung up is not served.

    What a handler sent before it was ended may arrive seconds later, in another one's cloud.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].lstrip("/").startswith(MOTO_PREFIX):  # moto merges slashes
            return _refuse(403, "This is no part of AWS.")(environ, start_response)
        try:
            hold(environ)
        except (BrokenBody, TooLarge) as problem:
            return refuse(problem)(environ, start_response)
        if _has_hung_up(environ.get("werkzeug.socket")):
            return _refuse(400, "You have hung up.")(environ, start_response)
        return serve(environ, start_response)

    return answer


def _has_hung_up(connection: socket.socket | None) -> bool:
    if connection is None:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


class OuterDoor:
    """The WSGI application behind ``--door``."""

    def __init__(self, serve: Application) -> None:
        self._serve = without_moto_pages(serve)
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """The next visitor starts anew."""
        self._requests = self._bytes = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(CONTROL_PREFIX) and not path.removeprefix(CONTROL_PREFIX).startswith(
            _PUBLIC
        ):
            told = "The control interface is not reachable from a notebook that is being judged."
            return _refuse(403, told)(environ, start_response)
        try:
            size = len(hold(environ, MOST_BYTES_AT_ONCE))
        except BrokenBody as problem:
            return _refuse(400, str(problem))(environ, start_response)
        except TooLarge:
            size = MOST_BYTES + 1
        with self._lock:
            self._requests += 1
            self._bytes += size if size <= MOST_BYTES else 0
            too_much = self._requests > MOST_REQUESTS or self._bytes > MOST_BYTES
        if too_much or size > MOST_BYTES:
            told = f"More than {MOST_REQUESTS} requests or {MOST_BYTES >> 20} MB from one notebook."
            return _refuse(413, told)(environ, start_response)
        return self._serve(environ, start_response)


def _refuse(status: int, message: str) -> Response:
    body = json.dumps({"message": message})
    # The body that was announced is never read: this connection is of no more use.
    return Response(body, status, {"Connection": "close"}, content_type="application/json")
