"""Cross-origin requests, answered by an HTTP API or a function URL in the handler's place.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html (CORS settings)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from helpers.localaws.triggers.http.request import HttpRequest


@dataclass(frozen=True)
class Cors:
    """What a CORS configuration allows."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    credentials: bool
    max_age: int | None

    @classmethod
    def read(cls, given: dict[str, Any] | None) -> Cors | None:
        """Take a CorsConfiguration (HTTP API) or Cors (function URL); None: there is none."""
        if not given:
            return None
        found = {name[0].lower() + name[1:]: value for name, value in given.items()}
        return cls(
            tuple(found.get("allowOrigins") or ()),
            tuple(found.get("allowMethods") or ()),
            tuple(found.get("allowHeaders") or ()),
            tuple(found.get("exposeHeaders") or ()),
            bool(found.get("allowCredentials")),
            found.get("maxAge"),
        )

    def preflight(self, request: HttpRequest, status: int) -> Response:
        """The answer to an OPTIONS request with which a browser asks first."""
        answer = Response(status=status)
        answer.headers.pop("Content-Type", None)
        origin = self._origin(request)
        if origin is None:
            return answer
        self._put_origin(answer, origin)
        for name, allowed in (("Methods", self.methods), ("Headers", self.headers)):
            if allowed:
                answer.headers[f"Access-Control-Allow-{name}"] = ",".join(allowed)
        if self.max_age is not None:
            answer.headers["Access-Control-Max-Age"] = str(self.max_age)
        return answer

    def add_to(self, answer: Response, request: HttpRequest) -> None:
        """Put the configured headers on an answer; the handler's own are thrown away."""
        for name in [name for name, _ in answer.headers if name.lower().startswith(_PREFIX)]:
            answer.headers.remove(name)
        origin = self._origin(request)
        if origin is None:
            return
        self._put_origin(answer, origin)
        if self.exposed:
            answer.headers["Access-Control-Expose-Headers"] = ",".join(self.exposed)

    def _put_origin(self, answer: Response, origin: str) -> None:
        answer.headers["Access-Control-Allow-Origin"] = origin
        if origin != "*":
            answer.headers.add("Vary", "Origin")
        if self.credentials:
            answer.headers["Access-Control-Allow-Credentials"] = "true"

    def _origin(self, request: HttpRequest) -> str | None:
        """What to allow this request's origin; None: the request has none, or a wrong one."""
        origin = request.header("origin")
        if origin is None:
            return None
        for allowed in self.origins:
            if allowed == "*":
                return "*"
            scheme = allowed.removesuffix("*") if allowed.endswith("://*") else None
            if allowed == origin or (scheme and origin.startswith(scheme)):
                return origin
        return None


_PREFIX = "access-control-"


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks first."""
    return (
        request.method == "OPTIONS"
        and request.header("origin") is not None
        and request.header("access-control-request-method") is not None
    )
