"""What an installer printed, told as what to do next."""

from __future__ import annotations

import pytest

import start

SAID = [
    ("OSError: [Errno 28] No space left on device", "The disk is full"),
    (
        "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError'",
        "cannot be reached",
    ),
    ("Failed to resolve: Temporary failure in name resolution", "cannot be reached"),
    ("ProxyError('Cannot connect to proxy.', OSError('Tunnel failed: 407'))", "HTTPS_PROXY"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "PIP_CERT"),
    ("error: [Errno 13] Permission denied: '/course/.venv'", "No permission"),
    ("error: failed building wheel for something", "the lines above say why"),
]


@pytest.mark.parametrize(("printed", "told"), SAID)
def test_the_likely_reason_is_named(printed: str, told: str) -> None:
    with pytest.raises(start.Stop, match=told) as stopped:
        start.explain(printed)
    assert "run this again" in str(stopped.value)


def test_a_missing_uv_alone_is_no_reason_to_stop() -> None:
    start.explain("ERROR: No matching distribution found for uv", or_go_on=True)
