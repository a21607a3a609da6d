"""Which requests are for an API or a function URL, and the URLs under which they are reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

PREFIX = "/_aws/"
EXECUTE_API, LAMBDA_URL = "execute-api", "lambda-url"
KINDS = (EXECUTE_API, LAMBDA_URL)


@dataclass(frozen=True)
class Front:
    """The API or the function URL that a request is for.

    ``path`` is what follows its URL, as it was sent (percent-encoded), and begins with a slash.
    """

    kind: str  #: EXECUTE_API or LAMBDA_URL
    id: str
    path: str


def recognise(environ: dict[str, Any]) -> Front | None:
    """Read path and host of a request; None: it is for an AWS service.

    A bucket is never taken for an API: no bucket's name begins with ``_aws``, and where a bucket is
    called ``pictures.execute-api``, its own host name stays its own.
    """
    raw = raw_path(environ)
    for kind in KINDS:
        start = f"{PREFIX}{kind}/"
        if raw.startswith(start):
            name, slash, rest = raw.removeprefix(start).partition("/")
            return Front(kind, name, slash + rest or "/") if name else None
    host = environ.get("HTTP_HOST", "").rpartition(":")[0] or environ.get("HTTP_HOST", "")
    name, _, rest = host.lower().partition(".")
    kind = rest.partition(".")[0]
    if kind in KINDS and name and not _is_bucket(f"{name}.{kind}"):
        return Front(kind, name, raw)
    return None


def raw_path(environ: dict[str, Any]) -> str:
    """The path of a request as it was sent, still percent-encoded."""
    sent = environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", ""), encoding="latin-1")
    if not sent.startswith("/"):  # a request for a proxy names the host too
        sent = urlsplit(sent).path
    return sent.partition("?")[0] or "/"


def url(endpoint: str, kind: str, name: str) -> str:
    """The URL under which an API or function URL is reached, without a slash at its end."""
    return f"{endpoint}{PREFIX}{kind}/{name}"


def domain(kind: str, name: str, region: str) -> str:
    """The host name that it would have on AWS, which its events carry."""
    zone = "amazonaws.com" if kind == EXECUTE_API else "on.aws"
    return f"{name}.{kind}.{region}.{zone}"


def _is_bucket(name: str) -> bool:
    from moto.s3.models import s3_backends

    return any(name in account["aws"].buckets for account in list(s3_backends.values()))
