"""Nothing leaves by accident: requests to real AWS fail before they are sent.

Three locks on one door. botocore's own HTTP session is asked first, so that boto3 users read a
clear message. Below it, Python's audit events see every look-up of a host name and every
connection, whichever library asks; and what Python's own HTTP client is about to say to a proxy,
which would look the name up for us.

While an account is open, the door has a gap exactly as wide as that account's region: ``lock`` is
told which hosts those are, and lets a botocore request through only with the mark that the run's
own sessions put on it (see account/watch.py). Once locked, the door stays so for the life of the
process, with another sign on it when the cloud is closed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from helpers.cloud.errors import NothingAfterClose, RealAWSRefused

#: Domains of AWS's partitions. Source: botocore/data/partitions.json
_AWS_DOMAINS = (
    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu", "aws.dev", "on.aws", "c2s.ic.gov", "sc2s.sgov.gov",
    "cloud.adc-e.uk", "csp.hci.ic.gov",
)  # fmt: skip
#: The metadata services of instances and containers: a way to somebody's real credentials.
_METADATA_HOSTS = (
    "169.254.169.254", "fd00:ec2::254",  # instances
    "169.254.170.2", "169.254.170.23", "fd00:ec2::23",  # containers
)  # fmt: skip
#: Where an audit event's arguments hold the host, or an address that begins with it.
_HOST_AT = {
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.connect": 1,
    "socket.sendto": 1,
}
_ABSOLUTE = re.compile(rb"[A-Z]+ (?:https?://)([^/:\s]+|\[[^]\s]+\])")

_MARK = "_course_has_seen_it"

_locked = False
_installed = False
_allowed: Callable[[str], bool] | None = None
_refusal: Callable[[str], Exception] = RealAWSRefused
_real_send = URLLib3Session.send


def is_real_aws(host: str) -> bool:
    """Whether ``host`` belongs to AWS."""
    host = host.lower().rstrip(".").strip("[]")
    return host in _METADATA_HOSTS or any(
        host == domain or host.endswith(f".{domain}") for domain in _AWS_DOMAINS
    )


def lock(
    allowed: Callable[[str], bool] | None = None,
    refusal: Callable[[str], Exception] = RealAWSRefused,
) -> None:
    """From now on refuse requests to real AWS from this process, but those to ``allowed`` hosts.

    ``refusal`` makes the exception from the host's name.
    """
    global _locked, _installed, _allowed, _refusal
    _locked, _allowed, _refusal = True, allowed, refusal
    if not _installed:  # an audit hook stays for the life of the process; it looks at _locked
        URLLib3Session.send = _send
        sys.addaudithook(_audit)
        _installed = True


def after_close() -> None:
    """Refuse everything from now on, where anything was refused before.

    A cell that is run once more after ``aws.close()`` must not reach an account of the learner's
    own, with whatever keys lie on the machine.
    """
    if _locked:
        lock(None, NothingAfterClose)


def state() -> tuple[Any, ...]:
    """How it is now, for ``restore``."""
    return _locked, _allowed, _refusal


def restore(before: tuple[Any, ...]) -> None:
    """As it was, when a cloud could not be opened."""
    global _locked, _allowed, _refusal
    _locked, _allowed, _refusal = before


def mark(request: Any, **_: Any) -> None:
    """A handler of botocore's ``before-send``: this request came through a watched session."""
    setattr(request, _MARK, True)


def _send(self: URLLib3Session, request: Any) -> Any:
    if _locked:
        host = urlsplit(request.url).hostname
        _check(host)
        if host and is_real_aws(host) and not getattr(request, _MARK, False):
            raise _refusal(host)
    return _real_send(self, request)


def _audit(event: str, arguments: Any) -> None:
    if not _locked:
        return
    if event in _HOST_AT:
        asked = arguments[_HOST_AT[event]]
        _check(asked[0] if isinstance(asked, tuple) and asked else asked)
    elif event == "http.client.send":  # perhaps to a proxy
        connection, data = arguments
        _check(getattr(connection, "_tunnel_host", None))
        if isinstance(data, bytes) and (named := _ABSOLUTE.match(data)):
            _check(named[1])


def _check(host: Any) -> None:
    host = host.decode(errors="replace") if isinstance(host, bytes | bytearray) else host
    if isinstance(host, str) and is_real_aws(host) and not (_allowed and _allowed(host)):
        raise _refusal(host)
