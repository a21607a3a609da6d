"""The Lambda Runtime API: how an execution environment asks for events and hands in results.

Each environment has an address of its own, so that none can take another's events. One thread
accepts for all of them; each connection is served by a thread that mostly waits.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import threading
from typing import BinaryIO, Protocol

#: 6 MiB and 100 bytes: what Lambda takes as a response.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_RESPONSE_BYTES = 6_291_556

#: Connections one environment may hold; a runtime needs one.
MAX_CONNECTIONS = 32
MAX_HEADERS = 100

_PREFIX = "/2018-06-01/runtime/"
#: How long our own runtime worked for us alone (following the course clock), not for the handler.
_PREPARATION = "lambda-runtime-local-preparation-ms"


class Environment(Protocol):
    """What the Runtime API needs of an execution environment."""

    def next_event(self, preparation_ms: float) -> tuple[dict[str, str], bytes] | None:
        """Wait for an event: its headers and body; None when the environment ends."""

    def take_response(self, request_id: str, body: bytes, too_large: bool) -> bool:
        """Take a result; False where no such invocation is running."""

    def take_error(self, request_id: str, body: bytes, too_large: bool) -> bool:
        """Take the handler's error; False where no such invocation is running."""

    def take_init_error(self, body: bytes) -> None:
        """Take what went wrong before the handler was ready."""


class RuntimeApi:
    """Opens an address for each environment and serves what its runtime asks."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._selector.register(self._wake_in, selectors.EVENT_READ)
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def open(self, environment: Environment) -> socket.socket:
        """Start listening for ``environment``; its address is ``socket.getsockname()``."""
        listener = socket.create_server(("127.0.0.1", 0))
        with self._lock:
            places = threading.Semaphore(MAX_CONNECTIONS)
            self._selector.register(listener, selectors.EVENT_READ, (environment, places))
        self._wake_out.send(b".")
        return listener

    def close(self, listener: socket.socket) -> None:
        """Stop listening; connections that are open end with the environment's process."""
        with self._lock:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(listener)
            listener.close()
        self._wake_out.send(b".")

    def _accept(self) -> None:
        while True:
            ready = self._selector.select()
            for key, _ in ready:
                if key.fileobj is self._wake_in:
                    self._wake_in.recv(4096)
                    continue
                environment, places = key.data
                try:
                    connection, _ = key.fileobj.accept()  # type: ignore[union-attr]
                except OSError:
                    continue  # closed in the meantime
                if not places.acquire(blocking=False):
                    connection.close()
                    continue
                threading.Thread(
                    target=_serve,
                    args=(connection, environment, places),
                    name="runtime-call",
                    daemon=True,
                ).start()


def _serve(
    connection: socket.socket, environment: Environment, places: threading.Semaphore
) -> None:
    """Answer one runtime's requests until it goes away."""
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as stream:
            while (request := _read(stream)) is not None:
                method, path, headers = request
                _answer(connection, stream, environment, method, path, headers)
    except (OSError, ValueError, EOFError):
        pass  # the process ended, or does not speak HTTP: nobody is left to tell
    finally:
        places.release()


def _read(stream: BinaryIO) -> tuple[str, str, dict[str, str]] | None:
    line = stream.readline(8192)
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
        if len(headers) > MAX_HEADERS:
            raise ValueError("too many headers")
    return method, path, headers


def _answer(
    connection: socket.socket,
    stream: BinaryIO,
    environment: Environment,
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    body, too_large = _read_body(connection, stream, headers)
    action = path.removeprefix(_PREFIX)
    if method == "GET" and action == "invocation/next":
        event = environment.next_event(float(headers.get(_PREPARATION, 0)))
        if event is None:
            raise EOFError
        _send(connection, 200, event[1], event[0])
        return
    if method == "POST" and action == "init/error":
        environment.take_init_error(body)
        _send_status(connection, 202, "OK")
        return
    if method == "POST" and action.startswith("invocation/"):
        _, request_id, what = [*action.split("/"), "", ""][:3]
        if what == "response":
            taken = environment.take_response(request_id, body, too_large)
        elif what == "error":
            taken = environment.take_error(request_id, body, too_large)
        else:
            _send_status(connection, 404, "Not Found")
            return
        if not taken:
            _send_error(connection, 400, "InvalidRequestID", "Invalid request ID")
        elif too_large:
            _send_error(connection, 413, "RequestEntityTooLarge", "Exceeded maximum allowed size")
        else:
            _send_status(connection, 202, "OK")
        return
    _send_status(connection, 404, "Not Found")


def _read_body(
    connection: socket.socket, stream: BinaryIO, headers: dict[str, str]
) -> tuple[bytes, bool]:
    """The body and whether it was larger than Lambda takes (then only its beginning is kept)."""
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        sizes = iter(lambda: int(stream.readline(1024).split(b";")[0], 16), 0)
        kept = bytearray()
        too_large = False
        for size in sizes:
            too_large |= len(kept) + size > MAX_RESPONSE_BYTES
            kept += _read_at_most(stream, size, MAX_RESPONSE_BYTES - len(kept))
            stream.readline(16)
        while stream.readline(8192) not in (b"\r\n", b"\n", b""):
            pass  # trailers
        return bytes(kept), too_large
    size = int(headers.get("content-length", "0"))
    return _read_at_most(stream, size, MAX_RESPONSE_BYTES), size > MAX_RESPONSE_BYTES


def _read_at_most(stream: BinaryIO, size: int, keep: int) -> bytes:
    """Read ``size`` bytes, keep the first ``keep``: a handler cannot fill the server's memory."""
    kept = stream.read(min(size, keep))
    rest = size - len(kept)
    while rest > 0 and (dropped := stream.read(min(rest, 1 << 20))):
        rest -= len(dropped)
    if rest > 0:
        raise EOFError
    return kept


_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 413: "Too Large"}


def _send(
    connection: socket.socket, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    head = [f"HTTP/1.1 {status} {_REASONS[status]}"]
    head += [f"{name}: {value}" for name, value in (headers or {}).items()]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
    connection.sendall("\r\n".join(head).encode("latin-1", "replace") + body)


def _send_status(connection: socket.socket, status: int, text: str) -> None:
    _send(connection, status, json.dumps({"status": text}).encode())


def _send_error(connection: socket.socket, status: int, kind: str, text: str) -> None:
    _send(connection, status, json.dumps({"errorType": kind, "errorMessage": text}).encode())
