"""Desk 3: can they, by network. Every function reaches every service until VPCs are in place."""

from __future__ import annotations

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import Call


def reach(call: Call) -> Response | None:
    """Return a refusal, or None to let the request pass."""
    return None
