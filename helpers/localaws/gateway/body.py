"""Reads a request's body: all that was announced, or nothing.

Whoever hangs up in the middle has sent no request. And werkzeug's own reader of bodies in chunks
must not be asked: of a chunk that is shorter than it says it returns what happens to lie behind it
in this process's memory, or the process crashes.
"""

from __future__ import annotations

import json
import string
from typing import Any, BinaryIO

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import BODY

#: Where the server puts the connection's own stream, in the WSGI environment.
STREAM = "localaws.stream"
#: What S3 takes in one request; no other service takes more.
MOST_BYTES = 5 << 30
#: Memory is taken for what has come, never for what was only announced.
_PIECE = 1 << 20
#: The line that begins a chunk, with its extensions, and all lines of a trailer.
_MOST_LINE, _MOST_TRAILERS = 4096, 100
_HEXADECIMAL = frozenset(string.hexdigits.encode())


class BrokenBody(Exception):
    """It ended early, or its length cannot be read."""


class TooLarge(Exception):
    """It has more bytes than were asked for; not all were read."""


def hold(environ: dict[str, Any], most: int = MOST_BYTES) -> bytes:
    """The body, read once for all who look at it. Raises BrokenBody, TooLarge."""
    if BODY not in environ:
        environ[BODY] = _read(environ, most)
    body: bytes = environ[BODY]
    if len(body) > most:
        raise TooLarge
    return body


def refuse(problem: Exception) -> Response:
    """The answer to a body that cannot be had; who sent it is not known yet."""
    status, said = (413, "Too large.") if isinstance(problem, TooLarge) else (400, str(problem))
    return Response(json.dumps({"message": said}), status, content_type="application/json")


def _read(environ: dict[str, Any], most: int) -> bytes:
    stream = environ.get(STREAM)
    if environ.get("wsgi.input_terminated"):
        if stream is None:  # not our server: its input ends where the body ends
            return bytes(environ["wsgi.input"].read(most + 1))
        if environ.pop("CONTENT_LENGTH", ""):
            raise BrokenBody("It has a length, and is in chunks.")
        return _chunks(stream, most)
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise BrokenBody(f"Its length is {length[:20]!r}.")
    if len(length) > 15 or int(length) > most:
        raise TooLarge
    return _exactly(stream or environ["wsgi.input"], int(length))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = stream.read(min(_PIECE, size - len(found)))
        if not piece:
            raise BrokenBody(f"It ended after {len(found)} of {size} bytes.")
        found += piece
    return bytes(found)


def _chunks(stream: BinaryIO, most: int) -> bytes:
    """Source: https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding"""
    found = bytearray()
    while True:
        size = _size(_line(stream))
        if size == 0:
            break
        if len(found) + size > most:
            raise TooLarge
        found += _exactly(stream, size)
        if _line(stream):
            raise BrokenBody("A chunk is longer than it says.")
    for _ in range(_MOST_TRAILERS):
        if not _line(stream):
            return bytes(found)
    raise BrokenBody("Its trailer does not end.")


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip(b" \t")
    if not digits or len(digits) > 12 or not _HEXADECIMAL.issuperset(digits):
        raise BrokenBody("A chunk does not say how long it is.")
    return int(digits, 16)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_MOST_LINE)
    if not line.endswith(b"\n"):
        raise BrokenBody("It ended within a line.")
    return line.rstrip(b"\r\n")
