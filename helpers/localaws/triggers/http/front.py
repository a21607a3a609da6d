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

    A bucket is never taken for an API: no bucket's name begins with ``_aws``, and where the host
    begins with a bucket's name (``pictures.execute-api.localhost``), it is that bucket's.
    """
    host = environ.get("HTTP_HOST", "").lower()
    labels = host.partition(":")[0].split(".")
    raw = raw_path(environ)
    found = _in_path(raw) or _in_host(labels, raw)
    return None if found is None or _is_bucket(labels) else found


def _in_path(raw: str) -> Front | None:
    for kind in KINDS:
        start = f"{PREFIX}{kind}/"
        if raw.startswith(start):
            name, slash, rest = raw.removeprefix(start).partition("/")
            return Front(kind, name, slash + rest or "/") if name else None
    return None


def _in_host(labels: list[str], raw: str) -> Front | None:
    if len(labels) > 2 and labels[1] in KINDS and labels[0]:
        return Front(labels[1], labels[0], raw)
    return None


def raw_path(environ: dict[str, Any]) -> str:
    """The path of a request as it was sent, still percent-encoded."""
    sent = environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", ""), encoding="latin-1")
    if not sent.startswith("/"):  # a request for a proxy names the host too
        sent = urlsplit(sent).path
    return as_text(sent.partition("?")[0]) or "/"


def as_text(value: str) -> str:
    """What Python's HTTP server read as Latin-1, and clients of today send as UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value


def url(endpoint: str, kind: str, name: str) -> str:
    """The URL under which an API or function URL is reached, without a slash at its end."""
    return f"{endpoint}{PREFIX}{kind}/{name}"


def domain(kind: str, name: str, region: str) -> str:
    """The host name that it would have on AWS, which its events carry."""
    zone = "amazonaws.com" if kind == EXECUTE_API else "on.aws"
    return f"{name}.{kind}.{region}.{zone}"


def _is_bucket(labels: list[str]) -> bool:
    """Whether a host name begins with the name of a bucket."""
    if len(labels) == 1:
        return False
    from moto.s3.models import s3_backends

    names = {".".join(labels[:many]) for many in range(1, len(labels))}
    return any(not names.isdisjoint(one["aws"].buckets) for one in list(s3_backends.values()))
