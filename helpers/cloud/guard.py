"""Nothing leaves by accident: requests to real AWS fail before they are sent.

Two locks on one door. botocore's own HTTP session is asked first, so that boto3 users read a clear
message even where a proxy would have carried the request. Below it, Python's audit events see every
look-up of a host name, whichever library asks.
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from helpers.cloud.errors import RealAWSRefused

#: Domains of AWS's partitions. Source: botocore/data/partitions.json
_AWS_DOMAINS = (
    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu", "aws.dev", "on.aws", "c2s.ic.gov", "sc2s.sgov.gov",
    "cloud.adc-e.uk", "csp.hci.ic.gov",
)  # fmt: skip
#: The metadata services of instances and containers: a way to somebody's real credentials.
_METADATA_HOSTS = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254")

_locked = False
_installed = False
_real_send = URLLib3Session.send


def is_real_aws(host: str) -> bool:
    """Whether ``host`` belongs to AWS."""
    host = host.lower().rstrip(".").strip("[]")
    return host in _METADATA_HOSTS or any(
        host == domain or host.endswith(f".{domain}") for domain in _AWS_DOMAINS
    )


def lock() -> None:
    """From now on refuse requests to real AWS from this process."""
    global _locked, _installed
    _locked = True
    if not _installed:  # an audit hook stays for the life of the process; it looks at _locked
        URLLib3Session.send = _send
        sys.addaudithook(_audit)
        _installed = True


def unlock() -> None:
    """Let requests pass again."""
    global _locked
    _locked = False


def _send(self: URLLib3Session, request: Any) -> Any:
    host = urlsplit(request.url).hostname or ""
    if _locked and is_real_aws(host):
        raise RealAWSRefused(host)
    return _real_send(self, request)


def _audit(event: str, arguments: Any) -> None:
    if not _locked or event not in ("socket.getaddrinfo", "socket.connect"):
        return
    asked = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = asked[0] if isinstance(asked, tuple) and asked else asked
    host = host.decode(errors="replace") if isinstance(host, bytes) else host
    if isinstance(host, str) and is_real_aws(host):
        raise RealAWSRefused(host)
