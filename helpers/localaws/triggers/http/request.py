"""One HTTP request as its client sent it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from helpers.localaws.triggers.http.front import as_text, raw_path

#: Where the server keeps the headers as they came, in the WSGI environment: WSGI itself joins
#: repeated ones and forgets how they were spelled.
HEADERS = "localaws.headers"


@dataclass
class HttpRequest:
    """A request to an API or a function URL."""

    method: str
    path: str  #: what follows the API's URL, percent-encoded as it was sent
    query: str  #: as it was sent, without the question mark
    headers: list[tuple[str, str]]  #: in the client's order and spelling
    body: bytes
    domain: str  #: the host name on AWS, which stands in the event
    source_ip: str
    called_path: str  #: the path with the API's own part in it, which is what a client signs
    called_host: str
    protocol: str = "HTTP/1.1"
    id: str = field(default_factory=lambda: str(uuid4()))
    time: float = field(default_factory=time.time)  #: on the course clock

    @classmethod
    def read(cls, environ: dict[str, Any], path: str, body: bytes, domain: str) -> HttpRequest:
        """Take a WSGI request apart."""
        given = environ.get(HEADERS)
        return cls(
            environ["REQUEST_METHOD"],
            path,
            as_text(environ.get("QUERY_STRING", "")),
            [(name, as_text(value)) for name, value in given] if given else _headers(environ),
            body,
            domain,
            environ.get("REMOTE_ADDR", "127.0.0.1"),
            raw_path(environ),
            environ.get("HTTP_HOST", ""),
            environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        )

    def header(self, name: str) -> str | None:
        """A header's value; of several the last; None where it was not sent."""
        values = self.values(name)
        return values[-1] if values else None

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        name = name.lower()
        return [value for given, value in self.headers if given.lower() == name]

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @cached_property
    def trace_id(self) -> str:
        """The trace that the client belongs to, or a new one."""
        return self.header("x-amzn-trace-id") or f"Root=1-{int(self.time):08x}-{uuid4().hex[:24]}"

    @property
    def media_type(self) -> str:
        """The body's type without parameters: ``application/json``."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def clock_time(self) -> str:
        """``23/Nov/2026:08:16:23 +0000``"""
        return datetime.fromtimestamp(self.time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")

    @property
    def epoch_milliseconds(self) -> int:
        return int(self.time * 1000)

    def forwarded_headers(self) -> list[tuple[str, str]]:
        """What AWS's front door puts on a request that came over HTTPS."""
        before = self.header("x-forwarded-for")
        return [
            ("X-Amzn-Trace-Id", self.trace_id),
            ("X-Forwarded-For", f"{before}, {self.source_ip}" if before else self.source_ip),
            ("X-Forwarded-Port", "443"),
            ("X-Forwarded-Proto", "https"),
        ]


def _headers(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers of a WSGI environment that does not have them as they came."""
    found = [
        (key[5:].replace("_", "-").title(), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            found.append((key.replace("_", "-").title(), str(environ[key])))
    return found
